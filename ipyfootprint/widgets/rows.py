"""What other rooms hand to the views."""

from __future__ import annotations

from dataclasses import dataclass

from ipyfootprint.model import Estimate, Gap
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


def gap_energy(gap: Gap | None) -> Estimate | None:
    """A gap's energy in J; its row keeps no bounds, so they follow from its method."""
    if gap is None or gap.energy_j is None:
        return None
    spread = MODEL_SPREAD if gap.method == "modelled" else 1 + SENSOR_ERROR
    return Estimate(gap.energy_j, gap.energy_j / spread, gap.energy_j * spread)
