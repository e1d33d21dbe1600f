"""The assumptions ledger: every input of a total, and the total under other inputs.

A ledger is a tuple of `Assumption`, one a name. `total` computes from nothing else, so two
ledgers that differ in one input show what that input does. The names it computes with:

    energy_kwh                metered energy, or power_w x hours x count in its place
    pue                       facility energy / metered energy
    intensity_g_per_kwh       the grid
    wue_l_per_kwh             cooling water on site
    water_l_per_kwh           water of generating
    device_kg                 kgCO2e of making what was in use (this user's share of it)
    hours                     how long it was in use
    lifetime_years, utilisation
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.embodied import HOURS_PER_YEAR

Impact = Literal["facility_kwh", "operational_g", "embodied_g", "water_l", "total_g"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One input: its value, and who says so.

    Args:
        name: what it is called everywhere.
        value: the figure used, in the unit that `unit` names.
        unit: its unit, "" for a ratio.
        source: where the figure comes from.
        year: of the source.
        set_by: "default", "recognised", "measured", "you", or the setting's origin.
        low: lowest plausible value, in the same unit; None where it is taken as given.
        high: highest plausible value, in the same unit.

    Raises:
        ConfigError: a value below 0 or not finite.
    """

    name: str
    value: float
    unit: str = ""
    source: str = ""
    year: int | None = None
    set_by: str = "default"
    low: float | None = None
    high: float | None = None

    @property
    def sourced(self) -> str:
        """The source with its year, once; "" where there is none."""
        year = str(self.year) if self.year and str(self.year) not in self.source else ""
        return ", ".join(filter(None, (self.source, year)))

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or self.value < 0:
            raise ConfigError(
                f"{self.name} = {self.value:g} cannot be", "nothing was changed", "Give 0 or more."
            )


Ledger = tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a ledger's inputs add up to; None where an input is missing."""

    energy_kwh: float | None
    facility_kwh: float | None
    operational_g: float | None
    embodied_g: float | None
    water_l: float | None

    @property
    def total_g(self) -> float | None:
        """Operational and embodied carbon; None where either is unknown."""
        if self.operational_g is None or self.embodied_g is None:
            return None
        return self.operational_g + self.embodied_g


@dataclass(frozen=True, slots=True)
class Factor:
    """An input that differs between two ledgers, and by what it multiplies the result.

    Attributes:
        name: of the input.
        before, after: its values, in the input's own unit.
        factor: the result over what it was before, a ratio.
    """

    name: str
    before: float
    after: float
    factor: float


def ledger(set_by: str = "you", **values: float) -> Ledger:
    """A ledger of bare figures, e.g. of a paper: `ledger("Strubell 2019", pue=1.58, ...)`."""
    return tuple(Assumption(name, value, set_by=set_by) for name, value in values.items())


def total(assumptions: Iterable[Assumption]) -> Totals:
    """What these inputs give: METHOD's formulas and nothing else."""
    of = {each.name: each.value for each in assumptions}
    energy = _product(of.get("power_w"), of.get("hours"), of.get("count", 1.0), 1e-3)
    energy = of.get("energy_kwh", energy)
    pue = of.get("pue", 1.0)
    facility = _product(energy, pue)
    offsite = _product(facility, of.get("water_l_per_kwh"))
    onsite = _product(energy, of.get("wue_l_per_kwh", 0.0))
    return Totals(
        energy,
        facility,
        _product(facility, of.get("intensity_g_per_kwh")),
        _embodied(of),
        None if offsite is None or onsite is None else offsite + onsite,
    )


def changed(assumptions: Ledger, *, set_by: str = "you", **values: float) -> Ledger:
    """The ledger with other values for some inputs.

    Raises:
        ConfigError: an input that the ledger does not have, or an impossible value.
    """
    names = [each.name for each in assumptions]
    for name, value in values.items():
        if name not in names:
            raise ConfigError(
                f"{name!r} is not an input of this total",
                "nothing was changed",
                f"Inputs: {', '.join(names)}.",
            )
        _check_range(name, value)
    return tuple(
        replace(each, value=values[each.name], set_by=set_by, source="", year=None)
        if each.name in values
        else each
        for each in assumptions
    )


def tornado(before: Ledger, after: Ledger, of: Impact = "total_g") -> Sequence[Factor]:
    """Each changed input alone: by what it multiplies the result, widest first."""
    was, now = _values(before), _values(after)
    base = _result(before, of)
    factors = []
    for name in was:
        if was[name] == now.get(name, was[name]):
            continue
        alone = _result(_with(before, {name: now[name]}), of)
        factors.append(Factor(name, was[name], now[name], _ratio(alone, base)))
    return sorted(factors, key=lambda each: -abs(math.log(each.factor or 1e-300)))


def spread(assumptions: Ledger, of: Impact = "total_g") -> Sequence[tuple[str, float, float]]:
    """Each input alone at its low and its high: the result then, widest first.

    An input that does not move the result is left out.
    """
    swings = []
    for each in assumptions:
        if each.low is None or each.high is None:
            continue
        ends = [_result(_with(assumptions, {each.name: at}), of) for at in (each.low, each.high)]
        if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            continue
        swings.append((each.name, min(ends[0], ends[1]), max(ends[0], ends[1])))
    return sorted(swings, key=lambda swing: swing[1] - swing[2])


def factors(before: Ledger, after: Ledger, of: Impact = "operational_g") -> Sequence[Factor]:
    """The inputs that differ, one changed after the other: the factors multiply to the ratio.

    For operational carbon, a pure product, each factor is the ratio of the two values and
    the order does not matter. Both ledgers must name the same inputs.

    Raises:
        ConfigError: the ledgers name different inputs, or one gives no result.
    """
    was, now = _values(before), _values(after)
    if was.keys() != now.keys():
        raise ConfigError(
            f"the two do not share the inputs {', '.join(sorted(was.keys() ^ now.keys()))}",
            "nothing was compared",
            "Give both the same inputs; count=1 stands for one device.",
        )
    steps, current, last = [], before, _result(before, of)
    for name in was:
        if was[name] == now[name]:
            continue
        current = _with(current, {name: now[name]})
        result = _result(current, of)
        steps.append(Factor(name, was[name], now[name], _ratio(result, last)))
        last = result
    return steps


def _values(assumptions: Ledger) -> dict[str, float]:
    return {each.name: each.value for each in assumptions}


def _with(assumptions: Ledger, values: Mapping[str, float]) -> Ledger:
    return tuple(
        replace(each, value=values[each.name]) if each.name in values else each
        for each in assumptions
    )


def _result(assumptions: Ledger, of: Impact) -> float | None:
    value: float | None = getattr(total(assumptions), of)
    return value


def _ratio(after: float | None, before: float | None) -> float:
    if after is None or not before:
        raise ConfigError(
            "there is no result to compare with",
            "nothing was compared",
            "It takes energy, a PUE and an intensity, and a device with its life for the total.",
        )
    return after / before


def _product(*values: float | None) -> float | None:
    result = 1.0
    for value in values:
        if value is None:
            return None
        result *= value
    return result


def _embodied(of: Mapping[str, float]) -> float | None:
    made, hours, life = of.get("device_kg"), of.get("hours"), of.get("lifetime_years")
    if made is None or hours is None or not life:
        return None
    used = of.get("utilisation", 1.0)
    return made * 1000.0 * hours * of.get("share", 1.0) / (life * HOURS_PER_YEAR * used)


def _check_range(name: str, value: float) -> None:
    ranges = {
        "pue": (1.0, 10.0),
        "intensity_g_per_kwh": (0.0, 2000.0),
        "lifetime_years": (0.1, 100.0),
        "utilisation": (0.001, 1.0),
        "share": (0.0, 1.0),
        "wue_l_per_kwh": (0.0, 100.0),
        "water_l_per_kwh": (0.0, 100.0),
    }
    low, high = ranges.get(name, (0.0, math.inf))
    if not low <= value <= high:
        raise ConfigError(
            f"{name} = {value:g} cannot be",
            "nothing was changed",
            f"Give {low:g} to {high:g}." if math.isfinite(high) else "Give 0 or more.",
        )
