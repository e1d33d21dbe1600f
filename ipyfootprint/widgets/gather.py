"""A session's summary from the record and from what other rooms make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.discrepancy import agreements
from ipyfootprint.impact.session import session_ledger
from ipyfootprint.model import Finding, Gap, Run, Session
from ipyfootprint.rebound.advise import Suggestion
from ipyfootprint.rebound.budget import Usage
from ipyfootprint.rebound.decompose import Decomposition
from ipyfootprint.rebound.explain import Explanation, explain
from ipyfootprint.rebound.loop import Strength
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.units import carbon_text, energy_text
from ipyfootprint.widgets.charts import Link, Part
from ipyfootprint.widgets.inputs import value_words
from ipyfootprint.widgets.rows import Advice, AssumptionRow, Budget, Change
from ipyfootprint.widgets.static_view import finding_view
from ipyfootprint.widgets.summary import Summary, summarise
from ipyfootprint.words import WORDS, named

if TYPE_CHECKING:
    from ipyfootprint.widgets.live import OnIntent
    from ipyfootprint.widgets.rebound import ReboundBanner


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
    usage: Usage | None = None,
    budget_set_at: datetime | None = None,
    least_j: float = 100.0,
    equivalents: bool = False,
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
        usage: the budget in force and what of it is used.
        budget_set_at: when it was set.
        least_j: advice that saves less is left out, in J.
        equivalents: whether everyday equivalents are told.
    """
    runs = tuple(rows)
    why = explain(runs, rebounds, budget_set_at=budget_set_at, least_j=least_j)
    told = {(each.a, each.b): each.spearman for each in agreements(runs)}
    return summarise(
        session,
        runs,
        gap,
        now=now,
        findings=findings,
        budget=budget_row(usage),
        change=change(why.comparison.change) if findings and why.comparison else None,
        links=links(why.loop) if findings or usage else (),
        advice=advice_rows(why.advice),
        assumptions=assumption_rows(session_ledger(runs, assumptions)),
        correlations=(told.get(("time", "energy")), told.get(("energy", "carbon"))),
        zones=zones,
        lifetime_y=lifetime_y,
        equivalents=equivalents,
    )


def finding_banner(finding: Finding, why: Explanation, on_intent: OnIntent) -> ReboundBanner:
    """The banner of a finding, with what stands beside it."""
    # The widgets' library is heavy, and a page that takes no widgets needs none of it.
    from ipyfootprint.widgets.payload import banner_payload
    from ipyfootprint.widgets.rebound import ReboundBanner

    advice = advice_rows(why.advice)
    payload = banner_payload(
        finding,
        change=change(why.comparison.change) if why.comparison else None,
        links=links(why.loop),
        advice=advice,
        runs_left=why.runs_left,
    )
    return ReboundBanner(payload, finding_view(finding, advice), on_intent)


def change(found: Decomposition) -> Change:
    """A decomposition as the views show it."""
    parts = tuple(Part(named("factor", factor.name), factor.part) for factor in found.factors)
    return Change(found.unit, found.before, found.after, parts)


def links(loop: Iterable[Strength]) -> tuple[Link, ...]:
    """The causal loop as the views draw it."""
    return tuple(
        Link(named("node", s.source), named("node", s.target), s.value, s.low, s.high) for s in loop
    )


def advice_rows(found: Iterable[Suggestion]) -> tuple[Advice, ...]:
    """What would help in words, each with what it would have saved."""
    return tuple(
        Advice(
            one.text,
            energy_text(one.saves_j) if one.saves_j else carbon_text(one.saves_g),
        )
        for one in found
    )


def budget_row(usage: Usage | None) -> Budget | None:
    """A budget and its use as the views show it; the limits are of the same unit."""
    if usage is None:
        return None
    amount = usage.budget.amount
    used = usage.used.mid if usage.used else 0.0
    return Budget(used, amount.value, amount.kind, WORDS[f"per_{usage.budget.period}"])


def assumption_rows(lines: Iterable[Assumption]) -> tuple[AssumptionRow, ...]:
    """Every input in words: name, value with bounds and unit, and who says so."""
    return tuple(
        AssumptionRow(
            named("input", line.name).replace("_", " "),
            value_words(line),
            ", ".join(filter(None, [line.sourced, named("set_by", line.set_by)])),
        )
        for line in lines
    )
