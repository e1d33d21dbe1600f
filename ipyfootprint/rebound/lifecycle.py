"""The model life cycle: what each phase used, failures included, and when a gain pays back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

from ipyfootprint.amounts import carbon_of, energy_of, total_of
from ipyfootprint.model import PHASES, Estimate, Method, Phase, Run, weakest
from ipyfootprint.rebound.sums import abandoned, failed

Z80 = 1.2816  # the normal deviate of an 80 % interval


@dataclass(frozen=True, slots=True)
class PhaseTotal:
    """The runs of one phase: energy in J, operational carbon in g.

    `lost` is the part of `energy` that failed and abandoned runs used; it is inside the total.
    `replayed` says that a recording is in it.
    """

    phase: Phase | None
    runs: int
    failed: int
    abandoned: int
    duration_s: float
    energy: Estimate | None
    lost: Estimate | None
    operational: Estimate | None
    method: Method
    replayed: bool = False


def by_phase(runs: Sequence[Run]) -> tuple[PhaseTotal, ...]:
    """Totals of each phase that has runs, in the order of the life cycle; no phase comes last."""
    totals = []
    for phase in (*PHASES, None):
        rows = [run for run in runs if run.phase == phase]
        if not rows:
            continue
        lost = [run for run in rows if failed(run) or abandoned(run)]
        totals.append(
            PhaseTotal(
                phase=phase,
                runs=len(rows),
                failed=sum(map(failed, rows)),
                abandoned=sum(map(abandoned, rows)),
                duration_s=sum(run.duration_s or 0.0 for run in rows),
                energy=total_of(map(energy_of, rows)),
                lost=total_of(map(energy_of, lost)),
                operational=total_of(map(carbon_of, rows)),
                method=weakest(run.method for run in rows if run.energy_j is not None),
                replayed=any(run.is_replay for run in rows),
            )
        )
    return tuple(totals)


@dataclass(frozen=True, slots=True)
class Use:
    """What one use costs, in the unit of the cost: J or g.

    Args:
        per_use: with bounds from the scatter between runs (80 %).
        what: what a use is: "run", or one unit of work as "sample".
        runs: how many runs it rests on; 0 where it was typed.
    """

    per_use: Estimate
    what: str
    runs: int = 0


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When efficiency work has paid for itself.

    uses* = cost / (old - new); over N uses the largest growth in use that still saves is
    (old - cost/N) / new. Bounds are None where the saving may be none.

    Args:
        cost: of the work or the new hardware, in J or g.
        old: one use before; `new` one use after.
        uses: how many uses until the cost is saved, or None where it never is.
        uses_low, uses_high: bounds of that number (80 %).
        days: the same in days at `uses_per_day`, or None where that was not told.
        horizon_days: over which `growth` and `saved` are counted.
        growth: the largest factor by which use may grow and still save; below 1 where even
            today's use does not pay back.
        saved: net saving over the horizon at today's use, in the unit of the cost.
        carbon: the unit is g CO2e, not J.
    """

    cost: Estimate
    old: Use
    new: Use
    uses: float | None
    uses_low: float | None
    uses_high: float | None
    days: float | None
    horizon_days: float
    growth: float | None
    saved: float | None
    carbon: bool = False


def per_use(runs: Sequence[Run], carbon: bool = False) -> Use | None:
    """What one use costs by these runs, failed ones included in the cost of those that worked.

    A use is a unit of work where every run that worked counted it in one unit, else a run.
    The scatter is between runs; an error that all share cancels in a break-even.

    Args:
        runs: of one label.
        carbon: in g of operational carbon instead of J.
    """
    of = carbon_of if carbon else energy_of
    amounts = [(run, amount.mid) for run in runs if (amount := of(run)) is not None]
    good = [(run, amount) for run, amount in amounts if run.status == "ok"]
    if not good:
        return None
    kinds = {run.work_kind if run.work_units else None for run, _ in good}
    kind = kinds.pop() if len(kinds) == 1 else None
    units = [(run.work_units or 1.0) if kind else 1.0 for run, _ in good]
    lost = sum(amount for run, amount in amounts if run.status != "ok")
    mid = (sum(amount for _, amount in good) + lost) / sum(units)
    each = [amount / n for (_, amount), n in zip(good, units, strict=True)]
    half = Z80 * stdev(each) / math.sqrt(len(each)) if len(each) > 1 else 0.0
    # One run says nothing of the scatter: half as much or twice as much is all that it bears.
    spread = (mid / 2, mid * 2) if len(each) == 1 else (max(0.0, mid - half), mid + half)
    return Use(Estimate(mid, *spread), kind or "run", len(amounts))


def break_even(
    cost: Estimate,
    old: Use,
    new: Use,
    uses_per_day: float | None = None,
    horizon_days: float = 365.0,
    *,
    carbon: bool = False,
) -> BreakEven:
    """When a cost is saved by cheaper uses, and by how much use may grow meanwhile.

    Args:
        cost: in the unit of the uses (J, or g with embodied carbon for new hardware).
        old: one use as it was.
        new: one use as it is.
        uses_per_day: declared use; without it only the number of uses is told.
        horizon_days: over which growth is judged.
        carbon: everything is in g CO2e instead of J.

    Raises:
        ValueError: a negative or non-finite figure, or uses that are not of one thing.
    """
    if old.what != new.what:
        raise ValueError(f"a use was one {old.what} and is one {new.what}")
    for name, value in (("uses per day", uses_per_day), ("days", horizon_days)):
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"{name} must be above 0: {value}")
    saving = old.per_use.mid - new.per_use.mid
    below = math.hypot(old.per_use.mid - old.per_use.low, new.per_use.high - new.per_use.mid)
    above = math.hypot(old.per_use.high - old.per_use.mid, new.per_use.mid - new.per_use.low)
    uses = cost.mid / saving if saving > 0 else None
    high = cost.high / (saving - below) if saving > below else None
    low = cost.low / (saving + above) if saving + above > 0 else None
    growth = saved = days = None
    if uses_per_day is not None:
        planned = uses_per_day * horizon_days
        days = uses / uses_per_day if uses is not None else None
        if new.per_use.mid > 0:
            growth = max(0.0, (old.per_use.mid - cost.mid / planned) / new.per_use.mid)
        saved = planned * saving - cost.mid
    return BreakEven(cost, old, new, uses, low, high, days, horizon_days, growth, saved, carbon)
