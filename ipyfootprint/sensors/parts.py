"""A sensor made of parts: each a channel, a way to read it, and the joules it has come to."""

from __future__ import annotations

from ipyfootprint.model import Channel
from ipyfootprint.sensors.selfcheck import Rest, StandIn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipyfootprint.sensors.base import Sensor
    from ipyfootprint.sensors.integral import Gauge, Register


class Part:
    """One channel of a sensor.

    Args:
        channel: what it counts.
        read: the register's count or the gauge's watts; whatever it raises is the fault.
        total: turns these into joules that only grow.
        still_s: a counter that has not moved for so long does not count; None: it may rest.
    """

    __slots__ = ("_since", "_stand_in", "channel", "fault", "read", "rest", "still_s", "total")

    def __init__(
        self,
        channel: Channel,
        read: Callable[[], float],
        total: Register | Gauge,
        still_s: float | None = None,
    ) -> None:
        self.channel = channel
        self.read = read
        self.total = total
        self.still_s = still_s
        self.rest: Rest | None = None
        self.fault: str | None = None
        self._stand_in: StandIn | None = None
        self._since = (0, 0.0)

    def energy_j(self, clock: Callable[[], int]) -> float | None:
        """Joules since the first reading; None when it cannot be read now."""
        if self.channel.method == "modelled":
            return self._modelled()
        try:
            raw = self.read()
        except Exception as error:  # a reading never raises, whatever a driver's binding does
            what = self.channel.path or self.channel.name
            self.fault = f"{what} cannot be read ({error or type(error).__name__})"
            return None
        now_ns = clock()
        self.fault = None
        self.total.add(raw, now_ns)
        if self.still_s is not None:
            self.rest = self.rest or Rest(self.still_s, now_ns)
            self.rest.see(raw, now_ns)
            if self.rest.is_suspect(now_ns):
                self.fault = f"the energy counter of {self.channel.name} stands still"
                return None
            self._stand_in = None
        return self.total.energy_j

    def fall_back(self, stand_in: StandIn, now_ns: int) -> float | None:
        """Joules of a counter that stands still: none yet, or for good those of the model."""
        known_j = stand_in.energy_j(self.channel.kind)
        if known_j is None or self.rest is None:
            return None
        if self._stand_in is None:
            self._stand_in, self._since = stand_in, (now_ns, known_j)
        since_ns, since_j = self._since
        if not self.rest.is_frozen(now_ns) or now_ns == since_ns:
            return None
        # From its last step to the first doubt of it: the power that the model saw since.
        missing_s = max(0.0, (since_ns - self.rest.moved_ns) / 1e9)
        self.total.energy_j += (known_j - since_j) / ((now_ns - since_ns) / 1e9) * missing_s
        self.channel = _modelled(self.channel, stand_in.spread)
        return self._modelled()

    def _modelled(self) -> float | None:
        assert self._stand_in is not None
        known_j = self._stand_in.energy_j(self.channel.kind)
        self.fault = "the load of the CPU cannot be read" if known_j is None else None
        return None if known_j is None else self.total.energy_j + known_j - self._since[1]


def _modelled(channel: Channel, spread: float) -> Channel:
    """The channel after its counter was found frozen."""
    return Channel(
        name=channel.name,
        kind=channel.kind,
        method="modelled",
        sensor=channel.sensor,
        label=channel.label,
        error=0.0,
        spread=spread,
        note="its energy counter is frozen: modelled instead",
    )


class PartsSensor:
    """Reads its parts one by one, so that one that fails leaves the others.

    Args:
        parts: the channels, in the order of its answers.
        clock: nanoseconds that only grow.
        release: called once, by the first `close`.
        model: opens what stands in for a counter of CPU or memory that is found frozen.
    """

    name = "parts"
    verified = False

    def __init__(
        self,
        parts: Sequence[Part],
        clock: Callable[[], int],
        release: Callable[[], None] | None = None,
        model: Callable[[], Sensor] | None = None,
    ) -> None:
        self._parts = tuple(parts)
        self._clock = clock
        self._release = release
        self._model = model
        self._stand_in: StandIn | None = None
        self.channels = tuple(part.channel for part in parts)
        self.read()

    def read(self) -> tuple[float | None, ...]:
        """Joules per channel since it was opened."""
        energies = [part.energy_j(self._clock) for part in self._parts]
        if self._model is not None and None in energies:
            for index, part in enumerate(self._parts):
                if part.rest is not None and part.rest.is_suspect(self._clock()):
                    energies[index] = self._replaced(part, energies[index])
        return tuple(energies)

    def _replaced(self, part: Part, energy_j: float | None) -> float | None:
        if part.channel.method == "modelled" or self._model is None:
            return energy_j
        if self._stand_in is None:
            self._stand_in = StandIn(self._model(), self.channels)
        energy_j = part.fall_back(self._stand_in, self._clock())
        if energy_j is not None:
            self.channels = tuple(part.channel for part in self._parts)
        return energy_j

    def doubt(self) -> tuple[float, ...]:
        """Joules per channel that wraps, resets and gaps leave open."""
        return tuple(part.total.doubt_j for part in self._parts)

    def faults(self) -> tuple[str | None, ...]:
        """Why a channel cannot be read now."""
        return tuple(part.fault for part in self._parts)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """Unknown: these counters know nothing of processes."""
        return (None,) * len(self._parts)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Not said here: these counters know nothing of processes."""
        return (False,) * len(self._parts)

    def close(self) -> None:
        """Release what it holds; harmless when called twice."""
        release, self._release = self._release, None
        if self._stand_in is not None:
            self._stand_in.close()
        if release is not None:
            release()


def at_once(
    take: Callable[[], Sequence[float]], clock: Callable[[], int]
) -> Callable[[], Sequence[float]]:
    """One call for several channels: what came less than a millisecond ago is good enough."""
    kept: list[tuple[int, Sequence[float]]] = []

    def values() -> Sequence[float]:
        now_ns = clock()
        if not kept or now_ns - kept[0][0] >= 1_000_000:
            kept.clear()
            kept.append((now_ns, take()))
        return kept[0][1]

    return values
