"""Everyday equivalents of a total: only figures with a source, and only where they are asked for.

They are for a feel of size and enter no total.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from ipyfootprint.model import Estimate
from ipyfootprint.tables import rows

#: The unit in which an equivalent is counted: metres driven, litres heated.
Name = Literal["car", "kettle"]
UNITS: dict[Name, str] = {"car": "m", "kettle": "L"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one unit of an equivalent takes, in g CO2e or J as `of` says.

    Raises:
        ValueError: a figure without a source; it must not be shown.
    """

    name: Name
    of: Literal["carbon", "energy"]
    per_unit: Estimate
    source: str
    year: int
    licence: str

    def __post_init__(self) -> None:
        if not (self.source and self.licence):
            raise ValueError(f"the figure {self.name!r} names no source or licence")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """How many units of something a total is, with the bounds of both carried through."""

    figure: Figure
    amount: Estimate


@cache
def figures() -> tuple[Figure, ...]:
    """The figures that ship."""
    return tuple(
        Figure(name, of, Estimate(float(mid), float(low), float(high)), source, int(year), licence)  # type: ignore[arg-type]
        for name, of, low, mid, high, source, year, licence in rows("impact", "equivalents.csv")
    )


def equivalents(energy_j: Estimate | None, operational_g: Estimate | None) -> list[Equivalent]:
    """A total in other words; what is not known has none.

    Args:
        energy_j: in J.
        operational_g: operational carbon in g CO2e.
    """
    known = {"energy": energy_j, "carbon": operational_g}
    found = []
    for figure in figures():
        if (total := known[figure.of]) is not None:
            per = figure.per_unit
            amount = Estimate(total.mid / per.mid, total.low / per.high, total.high / per.low)
            found.append(Equivalent(figure, amount))
    return found
