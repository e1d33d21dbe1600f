"""When a counter steps: its period and phase, found from polls and narrowed with each step.

A poll that shows a new value brackets the step between itself and the poll before. Brackets
carried forward by whole periods are intersected, so that polls at a quarter of the period
soon know the moment of every step far better than that.
"""

from __future__ import annotations

from itertools import pairwise

NEEDED = 4  # steps before a period is believed
CONTINUOUS = 8  # changes in a row with no poll between that showed none
PROBE_S = 0.6  # how long a counter is watched at first, and how often
PROBE_EVERY_S = 0.002
BLIND_EVERY_S = 0.005  # polls around an edge while the period is not known
FASTEST_S = 0.002
BURST_PERIODS = 3.5


class StepClock:
    """The steps of one counter.

    Attributes:
        period_ns: time between two steps; 0 while unknown, or where there are none to be seen.
        is_continuous: the counter moves at every poll.
    """

    __slots__ = (
        "_base",
        "_brackets",
        "_high",
        "_low",
        "_misses",
        "_periods",
        "_quick",
        "_slack_ns",
        "is_continuous",
        "period_ns",
    )

    def __init__(self) -> None:
        self.period_ns = 0
        self.is_continuous = False
        self._brackets: list[tuple[int, int]] = []
        self._quick = 0
        self._low = self._high = 0
        self._base = (0, 0)
        self._periods = 0
        self._slack_ns = 0.0
        self._misses = 0

    @property
    def anchor_ns(self) -> int:
        """When one of the steps was, as well as known."""
        return (self._low + self._high) // 2

    @property
    def doubt_ns(self) -> int:
        """How far off `anchor_ns` may be."""
        return (self._high - self._low) // 2

    def see(self, before_ns: int, at_ns: int, changed: bool) -> None:
        """Take two polls that followed each other, and whether the counter moved between."""
        if not changed:
            self._quick = 0
            return
        if self.period_ns == 0:
            self._learn(before_ns, at_ns)
        elif at_ns - before_ns < self.period_ns * 0.6:
            self._narrow(before_ns, at_ns)

    def _learn(self, before_ns: int, at_ns: int) -> None:
        self._quick += 1
        if self._quick >= CONTINUOUS:
            self.is_continuous = True
            self._brackets.clear()
            return
        brackets = self._brackets
        if brackets and at_ns - brackets[-1][1] > 1_000_000_000:
            brackets.clear()  # too long ago to count the steps between
        brackets.append((before_ns, at_ns))
        if len(brackets) < NEEDED:
            return
        middles = [(low + high) / 2 for low, high in brackets]
        spans = sorted(b - a for a, b in pairwise(middles))
        typical = spans[len(spans) // 2]
        widest = max(high - low for low, high in brackets)
        steps = [round(span / typical) for span in spans]
        if widest * 1.5 > typical or min(steps) < 1 or max(steps) > 3:
            del brackets[0]
            return
        total = sum(steps)
        self.period_ns = round((middles[-1] - middles[0]) / total)
        self.is_continuous = False
        self._base, self._periods = brackets[0], 0
        self._low, self._high = brackets[0]
        self._slack_ns = widest / total
        for bracket in brackets:
            self._narrow(*bracket)
        brackets.clear()

    def _narrow(self, before_ns: int, at_ns: int) -> None:
        period, middle = self.period_ns, self.anchor_ns
        steps = round(((before_ns + at_ns) / 2 - middle) / period)
        slack = round(steps * self._slack_ns)
        if slack > period // 3:  # too long since the last step for its phase to hold
            self._base, self._periods = (before_ns, at_ns), 0
            self._low, self._high = before_ns, at_ns
            return
        low = max(before_ns, self._low + steps * period - slack)
        high = min(at_ns, self._high + steps * period + slack)
        if low <= high:
            self._low, self._high = low, high
            self._misses = max(0, self._misses - 1)
        else:  # it does not keep its period that exactly
            self._low, self._high = before_ns, at_ns
            self._misses += 2
            if self._misses > 12:
                self.period_ns, self._misses = 0, 0
                return
        self._periods += steps
        self._lengthen()

    def _lengthen(self) -> None:
        """The period from the first step to the last, once that says more than is known."""
        if self._periods < NEEDED:
            return
        low, high = self._base
        slack = ((high - low) + (self._high - self._low)) / 2 / self._periods
        if slack < self._slack_ns:
            middle = (low + high) / 2
            # The anchor stays: only what lies ahead is counted in the new period.
            self.period_ns = round((self.anchor_ns - middle) / self._periods)
            self._slack_ns = max(slack, 1.0)


def poll_s(clocks: list[StepClock]) -> float:
    """Seconds between polls around an edge: a quarter of the fastest counter's period."""
    known = [clock.period_ns for clock in clocks if clock.period_ns]
    if known:
        return max(FASTEST_S, min(known) / 4e9)
    return BLIND_EVERY_S


def burst_s(clocks: list[StepClock]) -> float:
    """How long to poll so after an edge: some periods of the slowest counter."""
    known = [clock.period_ns for clock in clocks if clock.period_ns]
    if known:
        return max(known) * BURST_PERIODS / 1e9
    return 0.015 if all(clock.is_continuous for clock in clocks) else 0.35
