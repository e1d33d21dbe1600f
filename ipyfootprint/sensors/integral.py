"""Joules that only grow: from registers that wrap and reset, and from gauges of watts."""

from __future__ import annotations

# A gap is what exceeds three polls of the slowest pace, one a second while no cell runs.
GAP_S = 3.0
# No package, board or module of today draws more; a larger step is not energy.
MOST_W = 3000.0


class Register:
    """Joules from a hardware register that steps, wraps and may start again at 0.

    Args:
        unit_j: joules of one count.
        wrap: count at which the register starts again at 0, or None.
        most_w: more than the device can draw, to tell a wrap from a reset.

    Attributes:
        energy_j: joules since the first count.
        doubt_j: joules that resets, jumps and unseen wraps leave open.
        resets: how often it started again at 0.
    """

    __slots__ = (
        "_at_ns",
        "_mark",
        "_raw",
        "_watts",
        "doubt_j",
        "energy_j",
        "most_w",
        "resets",
        "unit_j",
        "wrap",
    )

    def __init__(self, unit_j: float, wrap: int | None = None, most_w: float = MOST_W) -> None:
        self.unit_j = unit_j
        self.wrap = wrap
        self.most_w = most_w
        self.energy_j = 0.0
        self.doubt_j = 0.0
        self.resets = 0
        self._raw: float | None = None
        self._at_ns = 0
        self._mark = (0, 0.0)
        self._watts = 0.0

    def add(self, raw: float, at_ns: int) -> None:
        """Take the register's count at a time of `time.monotonic_ns`."""
        if self._raw is None:
            self._mark = (at_ns, 0.0)
        else:
            seconds = max(0.0, (at_ns - self._at_ns) / 1e9)
            self.energy_j += self._step_j(raw, raw - self._raw, seconds)
        self._raw, self._at_ns = raw, at_ns
        self._learn(at_ns)

    def _step_j(self, raw: float, step: float, seconds: float) -> float:
        # A register that updates in steps may hand over up to a second's energy at once.
        most_j = self.most_w * (seconds + 1.0)
        fell = step < 0
        if self.wrap is not None:
            step += self.wrap if fell else 0
            if self.most_w * seconds > self.wrap * self.unit_j:
                self.doubt_j += self.wrap * self.unit_j  # it may have gone round unseen
        if 0 <= step * self.unit_j <= most_j:
            return step * self.unit_j
        # It started again at 0: what it counted since is known. Or it jumped: nothing is.
        likely_j = self._watts * seconds
        known_j = raw * self.unit_j
        if not fell or known_j > most_j:
            self.doubt_j += likely_j
            return likely_j
        self.resets += 1
        self.doubt_j += abs(likely_j - known_j)
        return known_j

    def _learn(self, at_ns: int) -> None:
        since_ns, energy_j = self._mark
        if at_ns - since_ns >= 1_000_000_000:
            self._watts = (self.energy_j - energy_j) * 1e9 / (at_ns - since_ns)
            self._mark = (at_ns, self.energy_j)


class Gauge:
    """Joules of a power gauge: the trapezoid rule over the times at which it was read.

    A gap longer than `gap_s` is bridged like any other, and the whole bridge is added to
    `doubt_j`: the power between may have been anything from nothing to twice as much.
    """

    __slots__ = ("_last", "doubt_j", "energy_j", "gap_s")

    def __init__(self, gap_s: float = GAP_S) -> None:
        self.gap_s = gap_s
        self.energy_j = 0.0
        self.doubt_j = 0.0
        self._last: tuple[float, int] | None = None

    def add(self, watts: float, at_ns: int) -> None:
        """Take a power at a time of `time.monotonic_ns`; a negative one counts as 0."""
        watts = max(0.0, watts)
        if self._last is not None:
            before_w, before_ns = self._last
            seconds = max(0.0, (at_ns - before_ns) / 1e9)
            bridge_j = (watts + before_w) / 2 * seconds
            self.energy_j += bridge_j
            if seconds > self.gap_s:
                self.doubt_j += bridge_j
        self._last = (watts, at_ns)
