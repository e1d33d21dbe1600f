"""Aggregates in words: names of groups, amounts with their sign, sentences."""

from __future__ import annotations

from datetime import date

from ipyfootprint.model import Estimate
from ipyfootprint.team.aggregates import Aggregates, Sums
from ipyfootprint.team.filters import Dimension, Filters, Measure
from ipyfootprint.team.queries import OTHERS
from ipyfootprint.team.who import STARTED, VOLUME, Who
from ipyfootprint.units import carbon_text, change_text, energy_text, percent_text
from ipyfootprint.widgets.markup import plain

NAMELESS = {
    "project": "no project",
    "person": "no person",
    "hardware": "unknown machine",
    "phase": "no phase",
}


def name_of(found: Aggregates, value: str, dimension: Dimension | None = None) -> str:
    """What a group is called: a machine by its label, a pseudonym by its first characters."""
    dimension = dimension or found.filters.by
    if not value:
        return NAMELESS[dimension]
    if value == OTHERS:
        return OTHERS
    if dimension == "hardware":
        return plain(found.hardware.get(value, f"machine {value[:8]}"), 40)
    if dimension == "person" and len(value) >= 16:
        return f"person {plain(value[:8], 8)}"
    return plain(value, 40)


def day_text(day: date) -> str:
    """A day as "3 Mar 2026"."""
    return f"{day.day} {day:%b %Y}"


def period_text(filters: Filters) -> str:
    """The period and what it is compared with."""
    last = filters.until.fromordinal(filters.until.toordinal() - 1)
    days = "day" if filters.days == 1 else f"{filters.days} days"
    return (
        f"{day_text(filters.since)} to {day_text(last)} ({filters.zone}), against the {days} before"
    )


def weeks_text(filters: Filters) -> str:
    """The whole weeks that experiments are compared over."""
    before, now, end = filters.weeks
    count = (end - now).days // 7
    weeks = "week" if count == 1 else f"{count} weeks"
    return f"the {weeks} from {day_text(now)} against the {weeks} from {day_text(before)} (UTC)"


def amount(value: float | Estimate | None, measure: Measure) -> str:
    """Joules or grams for people."""
    return energy_text(value) if measure == "energy" else carbon_text(value)


def signed(value: float, measure: Measure) -> str:
    """A change, with its sign: "+21 Wh"."""
    if value == 0:
        return amount(0.0, measure)
    return f"{'+' if value > 0 else '-'}{amount(_three(abs(value)), measure)}"


def total(sums: Sums, measure: Measure) -> Estimate | None:
    """The sums' energy or operational carbon, with bounds."""
    return sums.energy if measure == "energy" else sums.carbon


def how_text(sums: Sums) -> str:
    """How an energy came about: "82 % measured, rest modelled"."""
    if sums.measured is None:
        return "not measured"
    if sums.measured > 0.995:
        return "measured"
    if sums.measured < 0.005:
        return "modelled"
    return f"{percent_text(sums.measured)} measured, rest modelled"


def headline(found: Aggregates, measure: Measure) -> str:
    """The total in a sentence, with its change."""
    now, before = total(found.now, measure), total(found.before, measure)
    if not found.now.n:
        return "No run was recorded in this period with these filters."
    noun = "energy" if measure == "energy" else "operational carbon"
    change = change_text(now.mid if now else None, before.mid if before else None)
    told = f", {change} against the period before" if change else ""
    if now is not None and before is not None and before.mid > 0 and change == "+0 %":
        told = ", as in the period before"
    return f"{amount(now, measure)} of {noun}{told}; energy {how_text(found.now)}."


def verdict(whole: Who, measure: Measure) -> str:
    """What became of cheaper work, in a sentence."""
    change = (
        f"The total went from {amount(whole.before, measure)} to {amount(whole.after, measure)}"
    )
    if whole.saving_j is None:
        return f"{change}. No work was counted in both stretches, so no saving can be told."
    if whole.rebound is None:
        return f"{change}. A unit of work costs about as much energy as before, or more."
    saving = energy_text(_three(whole.saving_j))
    if whole.rebound <= 0.05:
        return f"{change}. Work became cheaper by {saving}, and the saving was kept."
    grown = max(
        ((name, part) for name, part in whole.parts if name in VOLUME and part > 0),
        key=lambda item: item[1],
        default=("", 0.0),
    )[0]
    by = f", most of it by {_plural(grown)}" if grown else ""
    used = "more than all of it" if whole.rebound > 1 else percent_text(whole.rebound) + " of it"
    return (
        f"{change}. Cheaper work could have saved {saving}; {used} was used up by more work"
        f" (R = {percent_text(whole.rebound)}){by}."
    )


def _plural(factor: str) -> str:
    return factor if factor in (STARTED, "people") else f"more {factor}"


def _three(value: float) -> float:
    """Three significant digits: sums of weeks bear no more."""
    return float(f"{value:.3g}")
