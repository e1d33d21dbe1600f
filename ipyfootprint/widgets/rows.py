"""What other rooms hand to the views."""

from __future__ import annotations

from dataclasses import dataclass

from ipyfootprint.widgets.charts import Part


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
