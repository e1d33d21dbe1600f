"""What other rooms hand to the views, and the amounts of a run with their bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ipyfootprint.model import Estimate, Gap, Run
from ipyfootprint.widgets.charts import Part

SENSOR_ERROR = 0.05
MODEL_SPREAD = 2.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a budget is used; `used` and `limit` are in J, g or L as `kind` says."""

    used: float
    limit: float
    kind: str
    period: str


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """One input of a total in words: its name, value with unit, and where it comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would help, and what it would save ("21 Wh"), or ""."""

    text: str
    saves: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A decomposition of carbon (or energy) per active hour between two periods.

    `before`, `after` and the parts are in `unit`: "g/h" or "kWh/h".
    """

    unit: str
    before: float
    after: float
    parts: tuple[Part, ...]


def estimate(mid: float | None, low: float | None, high: float | None) -> Estimate | None:
    """A figure with its bounds; without both bounds it is taken as given; None stays None."""
    if mid is None:
        return None
    return Estimate.exact(mid) if low is None or high is None else Estimate(mid, low, high)


def run_energy(run: Run) -> Estimate | None:
    """A run's energy in J."""
    return estimate(run.energy_j, run.energy_low_j, run.energy_high_j)


def run_operational(run: Run) -> Estimate | None:
    """A run's operational carbon in g."""
    return estimate(run.operational_g, run.operational_low_g, run.operational_high_g)


def run_embodied(run: Run) -> Estimate | None:
    """A run's embodied carbon in g."""
    return estimate(run.embodied_g, run.embodied_low_g, run.embodied_high_g)


def run_water(run: Run) -> Estimate | None:
    """A run's water in L."""
    return estimate(run.water_l, run.water_low_l, run.water_high_l)


def gap_energy(gap: Gap | None) -> Estimate | None:
    """A gap's energy in J; its row keeps no bounds, so they follow from its method."""
    if gap is None or gap.energy_j is None:
        return None
    spread = MODEL_SPREAD if gap.method == "modelled" else 1 + SENSOR_ERROR
    return Estimate(gap.energy_j, gap.energy_j / spread, gap.energy_j * spread)


def total_of(parts: Iterable[Estimate | None]) -> Estimate | None:
    """The sum of what is known; None where nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known[1:], known[0]) if known else None
