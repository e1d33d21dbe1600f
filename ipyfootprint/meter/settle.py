"""The energy that a stepping counter had reached at a cell's edge, with its doubt. Pure.

A counter that updates in steps shows, after each step, the true energy at that step: a knot.
Between knots the energy is only bracketed; `energy_at` is one function of the edge and of the
knots around it, so that windows which share an edge add up exactly.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Knot = tuple[int, float]  # time in ns, J

# An edge is settled when this has gone by, whatever the counter did: a driver that hangs for
# 0.7 s has answered, and a run is closed a second after its end.
PATIENCE_NS = 900_000_000
# Power before the first knot, and after the last, is taken from this stretch of time.
NEAR_NS = 300_000_000
# Readings closer than this bracket a step well enough to take their middle for it.
DENSE_NS = 25_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """Energy at an edge, in J since the sensor was opened.

    Args:
        energy_j: best estimate.
        doubt_j: standard uncertainty that comes from the edge's place between two knots.
        low_j: what it was at least.
        high_j: what it was at most; infinite where that is not known.
        settled: False while later knots may still change it.
        seen: False where the channel did not answer near the edge.
    """

    energy_j: float
    doubt_j: float
    low_j: float
    high_j: float
    settled: bool
    seen: bool = True


def knots_of(
    samples: Sequence[tuple[int, float]], period_ns: int, anchor_ns: int, doubt_ns: int
) -> list[Knot]:
    """Energy at the counter's steps, from polls.

    Args:
        samples: (time of the poll in ns, J), in order; unreadable ones left out.
        period_ns: time between two steps; 0: the counter shows the energy of the moment.
        anchor_ns: time of one of its steps.
        doubt_ns: how far off the times of steps may be.
    """
    if not period_ns:
        return _moves(samples)
    knots: list[Knot] = []
    before_ns, before_j = -(1 << 62), math.nan
    for at_ns, energy_j in samples:
        step_ns = anchor_ns + (at_ns - anchor_ns) // period_ns * period_ns
        moved = energy_j != before_j
        is_dense = at_ns - before_ns < period_ns * 0.6
        if is_dense and moved:
            # The step was between these two polls, wherever it was expected.
            step_ns = step_ns if step_ns > before_ns else at_ns
            known = True
        elif is_dense:
            # It stands still: a knot only when a step has certainly gone by.
            known = bool(knots) and step_ns - knots[-1][0] > 1.5 * period_ns
        else:
            into_ns = at_ns - step_ns
            known = doubt_ns < into_ns < period_ns - doubt_ns or doubt_ns * 4 > period_ns
        before_ns, before_j = at_ns, energy_j
        if known and (not knots or step_ns > knots[-1][0]):
            knots.append((step_ns, energy_j))
    if knots and before_ns - knots[-1][0] > 2 * period_ns and before_j > knots[-1][1]:
        # A call that hung: its step is not known, and yet it says how much was used by then.
        knots.append((before_ns - period_ns // 2, before_j))
    return knots


def _moves(samples: Sequence[Knot]) -> list[Knot]:
    """Knots of a counter whose period is not known (yet).

    One that stands still between two readings steps, and what it shows may be a whole step old:
    its knots are the moments at which it moved. Of any other every reading is one.
    """
    if all(a[1] != b[1] for a, b in pairwise(samples)):
        return list(samples)
    knots = []
    for (before_ns, before_j), (at_ns, energy_j) in pairwise(samples):
        if energy_j != before_j:
            is_dense = at_ns - before_ns < DENSE_NS
            knots.append(((before_ns + at_ns) // 2 if is_dense else at_ns, energy_j))
    if knots and samples[-1][0] - knots[-1][0] > NEAR_NS:
        knots.append(samples[-1])  # it rests: a step of any period would have come by
    return knots or list(samples)


def energy_at(t_ns: int, knots: Sequence[Knot], period_ns: int, now_ns: int) -> Point | None:
    """The energy at a time, from the knots around it; None while there are not two knots.

    Args:
        t_ns: the edge.
        knots: (ns, J) in order, with at least two on each side where there are so many.
        period_ns: the counter's period, 0 for one that does not step.
        now_ns: the time at which this is asked.
    """
    is_late = now_ns - t_ns >= PATIENCE_NS
    if not knots or (len(knots) < 2 and not is_late):
        return None  # one energy says nothing of a power yet: unknown, which is not 0
    place = bisect_right(knots, t_ns, key=lambda knot: knot[0])
    if place == 0:
        return _before_first(t_ns, knots, now_ns)
    if place == len(knots):
        return _after_last(t_ns, knots, is_late)
    (left_ns, left_j), (right_ns, right_j) = knots[place - 1], knots[place]
    part = (t_ns - left_ns) / (right_ns - left_ns)
    energy_j = left_j + part * (right_j - left_j)
    doubt_j = _doubt(knots, place)
    settled = is_late or not period_ns or place + 1 < len(knots)
    return Point(energy_j, doubt_j, left_j, right_j, settled)


def _power_w(left: Knot, right: Knot) -> float:
    return max(0.0, right[1] - left[1]) * 1e9 / max(1, right[0] - left[0])


def _doubt(knots: Sequence[Knot], place: int) -> float:
    """T |dP| / sqrt(12) with the largest change of power near the edge (uniform in the step)."""
    near = range(max(1, place - 2), min(len(knots), place + 3))
    powers = [_power_w(knots[i - 1], knots[i]) for i in near]
    span_s = (knots[place][0] - knots[place - 1][0]) / 1e9
    change_w = max(powers) - min(powers) if len(powers) > 1 else powers[0]
    return span_s * change_w / math.sqrt(12)


def _before_first(t_ns: int, knots: Sequence[Knot], now_ns: int) -> Point:
    """Power of the first moments carried back to an edge before anything was read."""
    first_ns, first_j = knots[0]
    last = max(1, bisect_right(knots, first_ns + NEAR_NS, key=lambda knot: knot[0]) - 1)
    power_w = _power_w(knots[0], knots[last]) if last < len(knots) else 0.0
    missing_j = power_w * (first_ns - t_ns) / 1e9
    settled = knots[-1][0] >= first_ns + NEAR_NS
    settled = settled or now_ns - first_ns >= PATIENCE_NS
    # What was used before may have been nothing or twice as much: uniform between the two.
    return Point(
        first_j - missing_j,
        missing_j / math.sqrt(3),
        first_j - 2 * missing_j,
        first_j,
        settled,
    )


def _after_last(t_ns: int, knots: Sequence[Knot], is_late: bool) -> Point:
    """The newest power carried on to an edge that no knot follows yet.

    When none follows in time, the device is taken as lost: what it was known to have used is
    kept, and nothing is added.
    """
    last_ns, last_j = knots[-1]
    before = max(0, bisect_right(knots, last_ns - NEAR_NS, key=lambda knot: knot[0]) - 1)
    power_w = _power_w(knots[before], knots[-1]) if before < len(knots) - 1 else 0.0
    missing_j = power_w * (t_ns - last_ns) / 1e9
    if is_late:
        return Point(last_j, 0.0, last_j, last_j + 2 * missing_j, True, seen=False)
    return Point(
        last_j + missing_j, missing_j / math.sqrt(3), last_j, last_j + 2 * missing_j, False
    )
