"""Power as a scripted function of time, with its exact integral."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Segment = tuple[float, float, float]


class Trace:
    """Watts over time in straight pieces, repeated for ever.

    Args:
        segments: pieces of (duration in s, watts at its start, watts at its end).

    Raises:
        ValueError: no piece, a duration that is not above 0, or a negative power.
    """

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments: tuple[Segment, ...] = tuple(segments)
        if not self.segments:
            raise ValueError("a power trace needs at least one piece")
        for seconds, start_w, end_w in self.segments:
            if not (0 < seconds < float("inf") and start_w >= 0 and end_w >= 0):
                raise ValueError(f"no piece of a power trace: {seconds} s, {start_w} to {end_w} W")
        self._ends = tuple(accumulate(s for s, _, _ in self.segments))
        self._energies = tuple(accumulate(s * (a + b) / 2 for s, a, b in self.segments))

    @property
    def duration_s(self) -> float:
        """Seconds until it repeats."""
        return self._ends[-1]

    def energy_j(self, seconds: float) -> float:
        """Exact joules from the start until then; before the start there are none."""
        if seconds <= 0:
            return 0.0
        rounds, rest = divmod(seconds, self.duration_s)
        index, into, energy_j = self._piece(rest)
        length, start_w, end_w = self.segments[index]
        slope = (end_w - start_w) / length
        return rounds * self._energies[-1] + energy_j + into * (start_w + slope * into / 2)

    def power_w(self, seconds: float) -> float:
        """Watts at that time."""
        index, into, _ = self._piece(max(0.0, seconds) % self.duration_s)
        length, start_w, end_w = self.segments[index]
        return start_w + (end_w - start_w) * into / length

    def _piece(self, rest: float) -> tuple[int, float, float]:
        index = min(bisect_right(self._ends, rest), len(self.segments) - 1)
        begun = self._ends[index - 1] if index else 0.0
        return index, rest - begun, self._energies[index - 1] if index else 0.0

    def to_text(self) -> str:
        """One line a piece, "duration_s start_w end_w": what the simulated hardware reads."""
        return "".join(f"{s!r} {float(a)!r} {float(b)!r}\n" for s, a, b in self.segments)


def constant(watts: float) -> Trace:
    """The same power for ever."""
    return Trace([(1.0, watts, watts)])


def square(frequency_hz: float, low_w: float, high_w: float, duty: float = 0.5) -> Trace:
    """A square wave that starts high and is high for the share `duty` of each period."""
    high_s = duty / frequency_hz
    return Trace([(high_s, high_w, high_w), (1 / frequency_hz - high_s, low_w, low_w)])


def training(idle_w: float = 60.0, busy_w: float = 300.0, step_s: float = 0.23) -> Trace:
    """Like training: loading, a warm-up ramp, steps with dips between them, an evaluation."""
    steps: Sequence[Segment] = [
        (step_s * 0.82, busy_w, busy_w * 0.97),
        (step_s * 0.18, idle_w + (busy_w - idle_w) * 0.4, idle_w + (busy_w - idle_w) * 0.4),
    ]
    return Trace(
        [
            (1.3, idle_w, idle_w),
            (2.1, idle_w, busy_w),
            *(steps[index % 2] for index in range(40)),
            (1.7, idle_w + (busy_w - idle_w) * 0.6, idle_w + (busy_w - idle_w) * 0.5),
        ]
    )
