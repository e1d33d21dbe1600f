"""A session's summary from the record and from what other rooms make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.discrepancy import agreements
from ipyfootprint.impact.session import session_ledger
from ipyfootprint.model import Finding, Gap, Run, Session
from ipyfootprint.rebound.decompose import Decomposition, Period, decompose
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.widgets.charts import Part
from ipyfootprint.widgets.rows import AssumptionRow, Budget, Change
from ipyfootprint.widgets.summary import Summary, summarise
from ipyfootprint.widgets.words import WORDS

LONGEST_PAUSE_S = 600.0  # of a pause that counts as active time


def session_summary(
    session: Session,
    rows: Iterable[Run],
    gap: Gap | None,
    *,
    now: datetime,
    findings: Sequence[Finding] = (),
    rebounds: Sequence[Rebound] = (),
    assumptions: Iterable[Assumption] = (),
    zones: Mapping[str, float] | None = None,
    lifetime_y: float | None = None,
    budget: Budget | None = None,
) -> Summary:
    """The summary with everything that can be said of a session.

    Args:
        session: its row.
        rows: its runs, oldest first.
        gap: the time between them.
        now: its end, or the present moment.
        findings: rebound findings, oldest first.
        rebounds: every lineage with a gain, and what became of it.
        assumptions: inputs of the impacts with their sources.
        zones: grid intensities in g/kWh by name.
        lifetime_y: device lifetime in years.
        budget: the budget in force.
    """
    runs = tuple(rows)
    told = {(each.a, each.b): each.spearman for each in agreements(runs)}
    return summarise(
        session,
        runs,
        gap,
        now=now,
        findings=findings,
        budget=budget,
        change=change_of(runs, rebounds) if findings else None,
        assumptions=assumption_rows(session_ledger(runs, assumptions)),
        correlations=(told.get(("time", "energy")), told.get(("energy", "carbon"))),
        zones=zones,
        lifetime_y=lifetime_y,
    )


def change_of(runs: Sequence[Run], rebounds: Sequence[Rebound]) -> Change | None:
    """What changed carbon per active hour where most was wasted, before and since its gain."""
    if not rebounds:
        return None
    worst = max(rebounds, key=lambda rebound: rebound.wasted_j)
    mine = [run for run in runs if run.lineage == worst.lineage and run.energy_j is not None]
    before = [run for run in mine if run.number - 1 < worst.since]
    after = [run for run in mine if run.number - 1 >= worst.since]
    if not before or not after:
        return None
    return change(decompose(_period(before), _period(after)))


def change(found: Decomposition) -> Change:
    """A decomposition as the views show it."""
    parts = tuple(Part(factor.name, factor.part) for factor in found.factors)
    return Change(found.unit, found.before, found.after, parts)


def assumption_rows(lines: Iterable[Assumption]) -> tuple[AssumptionRow, ...]:
    """Every input in words: name, value with bounds and unit, and who says so."""
    return tuple(
        AssumptionRow(
            WORDS.get(f"input_{line.name}", line.name.replace("_", " ")),
            _value(line),
            ", ".join(filter(None, [line.source, str(line.year or ""), line.set_by])),
        )
        for line in lines
    )


def _value(line: Assumption) -> str:
    bounds = "" if line.low is None or line.high is None else f" ({line.low:.3g}-{line.high:.3g})"
    return f"{line.value:.3g} {line.unit}".rstrip() + bounds


def _period(runs: Sequence[Run]) -> Period:
    pauses = [
        (later.started_at - run.started_at).total_seconds() - (run.duration_s or 0.0)
        for run, later in pairwise(runs)
    ]
    active_s = sum(run.duration_s or 0.0 for run in runs)
    active_s += sum(min(LONGEST_PAUSE_S, max(0.0, pause)) for pause in pauses)
    kinds = {run.work_kind for run in runs}
    counted = len(kinds) == 1 and all(run.work_units for run in runs)
    priced = all(run.operational_g is not None for run in runs)
    return Period(
        hours=active_s / 3600,
        configs=len({run.config_hash for run in runs}),
        runs=len(runs),
        work=sum(run.work_units or 0.0 for run in runs) if counted else None,
        energy_j=sum(run.energy_j or 0.0 for run in runs),
        carbon_g=sum(run.operational_g or 0.0 for run in runs) if priced else None,
    )
