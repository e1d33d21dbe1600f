"""What drove a change in carbon per active hour: an exact additive decomposition.

The identity (Kaya form) is

    g/h = configurations/h x runs/configuration x work/run x energy/work x g/kWh

and each factor's part is D_k = L(C1, C0) ln(x1_k / x0_k) with the logarithmic mean
L(a, b) = (a - b) / ln(a / b): LMDI-I (Ang, Energy Policy 33, 2005). Zeros follow the
analytical limits of Ang and Liu (Energy Policy 35, 2007). The parts add up to the change
without a rest and change sign when the periods are swapped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

KWH_J = 3.6e6


@dataclass(frozen=True, slots=True)
class Period:
    """The sums of a stretch of runs; whole and 0 where there was no run.

    Args:
        hours: active time, with pauses between runs counted up to ten minutes each.
        configs: distinct configurations.
        runs: how often a cell ran, failed runs included.
        work: units of work done, or None where not every run was counted in one unit.
        energy_j: metered energy of the runs.
        carbon_g: operational carbon of the runs, or None where it is not known.
    """

    hours: float
    configs: int
    runs: int
    work: float | None
    energy_j: float
    carbon_g: float | None


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of the identity: its value in both periods and its part of the change.

    `before` and `after` are None where the factor is 0/0; `part` is in the unit of the
    decomposition's total.
    """

    name: str
    unit: str
    before: float | None
    after: float | None
    part: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change of `unit` per active hour from `before` to `after`, split over `factors`."""

    unit: str
    before: float
    after: float
    factors: tuple[Factor, ...]

    @property
    def change(self) -> float:
        """The change that the parts add up to, in `unit`."""
        return self.after - self.before


def logarithmic_mean(a: float, b: float) -> float:
    """L(a, b) of two positive numbers, in their unit; between their geometric and mean."""
    if a == b:
        return a
    d = (a - b) / b
    # log1p keeps what a plain logarithm of a ratio near 1 would lose
    return (a - b) / (math.log1p(d) if abs(d) < 0.5 else math.log(a / b))


def lmdi(before: Sequence[float | None], after: Sequence[float | None]) -> list[float]:
    """Each factor's part of the change of the product from `before` to `after`.

    Args:
        before: the factors x0_k, all >= 0; None where a factor is 0/0, which counts as
            unchanged.
        after: the factors x1_k in the same order.

    Returns:
        The parts in the product's unit, in the factors' order; they sum to the change.

    Raises:
        ValueError: the two have different lengths, or a factor is negative or not finite.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} factors before, {len(after)} after")
    for x in (*before, *after):
        if x is not None and not 0 <= x < math.inf:
            raise ValueError(f"a factor must be finite and not negative: {x}")
    pairs = [
        (1.0, 1.0) if x0 is None or x1 is None else (x0, x1)
        for x0, x1 in zip(before, after, strict=True)
    ]
    c0 = _product(before)
    c1 = _product(after)
    if c0 > 0 and c1 > 0:
        mean = logarithmic_mean(c1, c0)
        return [mean * (math.log(x1) - math.log(x0)) for x0, x1 in pairs]
    # The limits: what is zero on exactly one side carries the whole change, in equal shares.
    changed = [(x0 == 0) != (x1 == 0) for x0, x1 in pairs]
    share = (c1 - c0) / sum(changed) if any(changed) else 0.0
    return [share if moved else 0.0 for moved in changed]


def decompose(before: Period, after: Period) -> Decomposition:
    """What made the second period's carbon per active hour differ from the first's.

    Where work was not counted in both periods, work/run and energy/work are one factor,
    energy/run; where carbon is not known in both, the total is kWh per hour. Energy without work
    (or carbon without energy) is no count of it.
    """
    both = (before, after)
    counted = all(p.work is not None and (p.work > 0 or p.energy_j == 0) for p in both)
    priced = all(p.carbon_g is not None and (p.energy_j > 0 or p.carbon_g == 0) for p in both)
    names = [("configurations", "1/h"), ("runs per configuration", "runs")]
    if counted:
        names += [("work per run", "units"), ("energy per work", "kWh/unit")]
    else:
        names += [("energy per run", "kWh")]
    if priced:
        names += [("grid", "g/kWh")]
    x0 = _factors(before, counted, priced)
    x1 = _factors(after, counted, priced)
    parts = lmdi(x0, x1)
    return Decomposition(
        "g/h" if priced else "kWh/h",
        _product(x0),
        _product(x1),
        tuple(
            Factor(name, unit, b, a, part)
            for (name, unit), b, a, part in zip(names, x0, x1, parts, strict=True)
        ),
    )


def _product(factors: Sequence[float | None]) -> float:
    """The product, 0 where a factor is 0 whatever the others are (0/0 included)."""
    return 0.0 if 0 in factors else math.prod(x for x in factors if x is not None)


def _ratio(a: float, b: float) -> float | None:
    if b > 0:
        return a / b
    return None if a == 0 else math.inf


def _factors(period: Period, counted: bool, priced: bool) -> list[float | None]:
    kwh = period.energy_j / KWH_J
    # No active time means that nothing ran: zero an hour, and not 0/0.
    factors = [_ratio(period.configs, period.hours) or 0.0, _ratio(period.runs, period.configs)]
    if counted:
        work = period.work or 0.0
        factors += [_ratio(work, period.runs), _ratio(kwh, work)]
    else:
        factors += [_ratio(kwh, period.runs)]
    if priced:
        factors += [_ratio(period.carbon_g or 0.0, kwh)]
    return factors
