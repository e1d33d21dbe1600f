"""Power over a window in equal steps, for charts."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

from ipyfootprint.meter.settle import knots_of
from ipyfootprint.model import PowerTrace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipyfootprint.meter.ring import Track
    from ipyfootprint.model import Channel

MOST_STEPS = 240
LEAST_STEP_S = 0.1
SHORTEST_S = 0.2


def power_trace(
    tracks: Sequence[tuple[Track, tuple[Channel, ...]]], start_ns: int, end_ns: int
) -> PowerTrace | None:
    """Mean watts of each device in equal steps; None for a window under 0.2 s."""
    duration_s = (end_ns - start_ns) / 1e9
    if duration_s < SHORTEST_S:
        return None
    steps = min(MOST_STEPS, max(1, math.floor(duration_s / LEAST_STEP_S)))
    times = [start_ns + (end_ns - start_ns) * i // steps for i in range(steps + 1)]
    watts: dict[str, tuple[float | None, ...]] = {}
    for track, channels in tracks:
        samples = track.between(start_ns, end_ns)
        for index, channel in enumerate(channels):
            good = [
                (s.t_ns, s.values[4 * index])
                for s in samples
                if not math.isnan(s.values[4 * index])
            ]
            knots = knots_of(good, *track.steps(index))
            energies = [_interpolated(knots, t_ns) for t_ns in times]
            watts[channel.name] = tuple(
                None if a is None or b is None else max(0.0, b - a) * steps / duration_s
                for a, b in pairwise(energies)
            )
    return PowerTrace(duration_s / steps, watts)


def _interpolated(knots: Sequence[tuple[int, float]], t_ns: int) -> float | None:
    """Energy at a time, on the line between its neighbours; None where nothing is near."""
    if len(knots) < 2:
        return None
    place = bisect_right(knots, t_ns, key=lambda knot: knot[0])
    place = min(max(place, 1), len(knots) - 1)
    (left_ns, left_j), (right_ns, right_j) = knots[place - 1], knots[place]
    span_ns = right_ns - left_ns
    if not left_ns - span_ns <= t_ns <= right_ns + span_ns:
        return None
    return left_j + (right_j - left_j) * (t_ns - left_ns) / span_ns
