"""Whether a counter moves. One that stands still says nothing, and is not believed again.

A frozen register would be read as "this cell used 0 J, measured". So: until a counter has
moved its sensor is not chosen (`moves`), a count that rests for longer than its hardware ever
does is no answer (`Rest.is_suspect`), and one that goes on resting is replaced for good by
what else the sensor has (`Rest.is_frozen`): a GPU's power gauge, or the model (`StandIn`).
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipyfootprint.model import Channel, Kind
    from ipyfootprint.sensors.base import Sensor

FROZEN_S = 0.6
FROZEN_READS = 3
# RAPL moves every millisecond, whatever the load: forty without a step are no accident.
PROOF_POLLS = 40
PROOF_EVERY_S = 0.001


class Rest:
    """How long a counter has shown the same count.

    Args:
        suspect_s: it never rests so long while it works.
        now_ns: when it is first looked at.
    """

    __slots__ = ("_raw", "_reads", "moved_ns", "suspect_s")

    def __init__(self, suspect_s: float, now_ns: int) -> None:
        self.suspect_s = suspect_s
        self.moved_ns = now_ns
        self._raw: float | None = None
        self._reads = 0

    def see(self, raw: float, now_ns: int) -> None:
        """Take its count at a time."""
        if raw != self._raw:
            self._raw, self.moved_ns, self._reads = raw, now_ns, 0
        elif self.is_suspect(now_ns):
            self._reads += 1

    def excuse(self, now_ns: int) -> None:
        """It had nothing to count until now."""
        self.moved_ns, self._reads = now_ns, 0

    def is_suspect(self, now_ns: int) -> bool:
        """Whether its count may no longer be believed."""
        return now_ns - self.moved_ns >= self.suspect_s * 1e9

    def is_frozen(self, now_ns: int) -> bool:
        """Whether it will not be believed again."""
        return now_ns - self.moved_ns >= FROZEN_S * 1e9 and self._reads >= FROZEN_READS


class StandIn:
    """The model's joules for the counters of one sensor that stand still.

    Args:
        model: a sensor of CPU and memory; this one's from now on.
        channels: the sensor's channels, among which the model's joules are divided.

    Attributes:
        spread: the model's bounds are value / spread and value x spread.
    """

    def __init__(self, model: Sensor, channels: Sequence[Channel]) -> None:
        self._model = model
        self._kinds = [channel.kind for channel in channels]
        self.spread = max(channel.spread for channel in model.channels)

    def energy_j(self, kind: Kind) -> float | None:
        """Joules of one of the channels of that kind since the model was opened."""
        found = [
            joules
            for channel, joules in zip(self._model.channels, self._model.read(), strict=True)
            if kind in (channel.kind, "other")  # the platform is CPU and memory together
        ]
        if not found or None in found:
            return None
        return sum(joules or 0.0 for joules in found) / self._kinds.count(kind)

    def close(self) -> None:
        """Let the model go."""
        self._model.close()


def moves(sensor: Sensor, pause: Callable[[float], None] = time.sleep) -> bool:
    """Whether any of a sensor's counters moves within forty milliseconds.

    Only the sampler asks: no cell waits for the answer.
    """
    first = sensor.read()
    for _ in range(PROOF_POLLS):
        pause(PROOF_EVERY_S)
        now = sensor.read()
        if any(b is not None and b != a for a, b in zip(first, now, strict=True)):
            return True
    return False
