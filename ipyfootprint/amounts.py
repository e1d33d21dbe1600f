"""A run's amounts with their bounds, and the sum of many: what every room adds up alike."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

from ipyfootprint.model import Estimate, Gap, Run

SENSOR_ERROR = 0.05
MODEL_SPREAD = 2.0


def estimate(mid: float | None, low: float | None, high: float | None) -> Estimate | None:
    """A figure with its bounds; without both bounds it is taken as given; None stays None.

    Bounds of a foreign row that leave the figure out are widened to it.
    """
    if mid is None:
        return None
    if low is None or high is None:
        return Estimate.exact(mid)
    return Estimate(mid, min(low, mid), max(high, mid))


def energy_of(run: Run) -> Estimate | None:
    """A run's energy in J with its bounds, or None."""
    return estimate(run.energy_j, run.energy_low_j, run.energy_high_j)


def carbon_of(run: Run) -> Estimate | None:
    """A run's operational carbon in g CO2e with its bounds, or None."""
    return estimate(run.operational_g, run.operational_low_g, run.operational_high_g)


def embodied_of(run: Run) -> Estimate | None:
    """A run's share of making the machine, in g CO2e with its bounds, or None."""
    return estimate(run.embodied_g, run.embodied_low_g, run.embodied_high_g)


def water_of(run: Run) -> Estimate | None:
    """A run's water in L with its bounds, or None."""
    return estimate(run.water_l, run.water_low_l, run.water_high_l)


def gap_energy_of(gap: Gap | None) -> Estimate | None:
    """A gap's energy in J; its row keeps no bounds, so they follow from its method."""
    if gap is None or gap.energy_j is None:
        return None
    spread = MODEL_SPREAD if gap.method == "modelled" else 1 + SENSOR_ERROR
    return Estimate(gap.energy_j, gap.energy_j / spread, gap.energy_j * spread)


def total_of(parts: Iterable[Estimate | None]) -> Estimate | None:
    """The sum of what is known, bounds added to bounds; None where nothing is."""
    mids, lows, highs = [], [], []
    for part in parts:
        if part is not None:
            mids.append(part.mid)
            lows.append(part.low)
            highs.append(part.high)
    # Each sum is rounded once, so that thousands of small parts leave the bounds in order.
    return Estimate(fsum(mids), fsum(lows), fsum(highs)) if mids else None
