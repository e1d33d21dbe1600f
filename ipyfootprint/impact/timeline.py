"""A run's energy hour by hour, and the one intensity that stands for several hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from ipyfootprint.model import CarbonIntensity, Estimate, PowerTrace


def split(
    energy: Estimate,
    duration_s: float,
    started_at: datetime,
    *,
    trace: PowerTrace | None = None,
) -> Iterator[tuple[Estimate, datetime]]:
    """A run's energy cut at the clock's hours: pairs of joules and a time inside that hour.

    The parts add up to the whole. Between edges the energy follows the trace; without one,
    or where it saw nothing, it is spread evenly.
    """
    edges = list(_hour_edges(started_at, duration_s))
    if not edges:
        yield energy, started_at
        return
    used = list(accumulate(_total_power(trace)))
    done, begin = 0.0, 0.0
    for end in [*edges, duration_s]:
        upto = 1.0 if end == duration_s else _used_before(end / duration_s, used)
        middle = started_at + timedelta(seconds=(begin + end) / 2)
        yield energy * max(0.0, upto - done), middle
        done, begin = upto, end


def blend(slices: list[tuple[Estimate, CarbonIntensity]]) -> CarbonIntensity:
    """The energy-weighted mean of intensities, tagged as the one with most energy.

    It is `estimated` if any part is, and names every source.
    """
    total = sum(joules.mid for joules, _ in slices)
    even = 1 / len(slices)
    weights = [joules.mid / total if total > 0 else even for joules, _ in slices]
    most = slices[weights.index(max(weights))][1]
    each = [intensity for _, intensity in slices]
    return replace(
        most,
        g_per_kwh=_mean(weights, [one.g_per_kwh for one in each]),
        low_g_per_kwh=_mean(weights, [one.low_g_per_kwh for one in each]),
        high_g_per_kwh=_mean(weights, [one.high_g_per_kwh for one in each]),
        source="; ".join(dict.fromkeys(one.source for one in each)),
        estimated=any(one.estimated for one in each),
    )


def _mean(weights: list[float], values: list[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _hour_edges(started_at: datetime, duration_s: float) -> Iterator[float]:
    into = started_at.minute * 60 + started_at.second + started_at.microsecond / 1e6
    edge = 3600.0 - into
    while edge < duration_s:
        yield edge
        edge += 3600.0


def _used_before(fraction: float, used: list[float]) -> float:
    """The part of a run's energy that was used in the first fraction of its time."""
    if not used or used[-1] <= 0:
        return fraction
    place = fraction * len(used)
    full = min(int(place), len(used) - 1)
    before = used[full - 1] if full else 0.0
    return min(1.0, (before + (used[full] - before) * (place - full)) / used[-1])


def _total_power(trace: PowerTrace | None) -> list[float]:
    """Watts of all devices per step; a device unseen in a step counts its own mean."""
    if trace is None or not trace.watts:
        return []
    length = max(map(len, trace.watts.values()))
    total = [0.0] * length
    for series in trace.watts.values():
        seen = [watts for watts in series if watts is not None]
        mean = sum(seen) / len(seen) if seen else 0.0
        for step in range(length):
            watts = series[step] if step < len(series) else None
            total[step] += mean if watts is None else watts
    return total
