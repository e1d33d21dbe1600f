"""The five blocks as tables of finished texts; every figure has its unit, bounds or method."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipyfootprint.model import Estimate
from ipyfootprint.team.actions import Action
from ipyfootprint.team.aggregates import Aggregates, Sums
from ipyfootprint.team.filters import Measure
from ipyfootprint.team.queries import LARGEST_EXPERIMENTS, OTHERS
from ipyfootprint.team.texts import (
    amount,
    day_text,
    how_text,
    name_of,
    period_text,
    signed,
    total,
    weeks_text,
)
from ipyfootprint.team.who import Who
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    percent_text,
    singular,
    water_text,
)
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.tables import Table

SHOWN_GROUPS = 12
SHOWN_ACTIONS = 8
# name -> the energy of the sums that it is
WASTE = {
    "failed or stopped runs": "failed_j",
    "identical reruns of what had succeeded": "rerun_j",
    "idle power while cells ran": "idle_j",
    "idle between cells": "gap_j",
}


def headline_table(found: Aggregates) -> Table:
    """Totals of the period beside the one before, with how they came about."""
    now, before = found.now, found.before
    rows = [
        _pair("energy", energy_text, now.energy, before.energy, how_text(now)),
        _pair("operational carbon", carbon_text, now.carbon, before.carbon, _priced(now)),
        _pair("embodied carbon", carbon_text, _some(now.embodied_g), _some(before.embodied_g)),
        _pair("water", water_text, _some(now.water_l), _some(before.water_l)),
        _pair("running time", duration_text, _some(now.duration_s), _some(before.duration_s), ""),
        ("runs", str(now.n), str(before.n), change_text(now.n, before.n), ""),
    ]
    missing = now.n - now.n_energy
    notes = [period_text(found.filters)]
    if missing:
        notes.append(f"{missing} runs without energy are in no sum of energy.")
    head = ("", "this period", "before", "change", "how")
    return Table("headline", "Against the period before", head, tuple(rows), tuple(notes))


def groups_table(found: Aggregates, measure: Measure) -> Table:
    """The largest groups with their share of the period's total."""
    whole = total(found.now, measure)
    ran = [group for group in found.groups if group.now.n or group.before.n]
    rows = [
        (
            name_of(found, group.name),
            amount(total(group.now, measure), measure),
            _share(group.now, whole, measure),
            _change(group.now, group.before, measure),
            how_text(group.now),
            str(group.now.n),
        )
        for group in ran[:SHOWN_GROUPS]
    ]
    left = len(ran) - len(rows)
    notes = (f"{left} smaller ones are not listed.",) if left else ()
    what = "energy" if measure == "energy" else "operational carbon"
    head = (found.filters.by, what, "share", "change", "energy is", "runs")
    return Table("groups", f"By {found.filters.by}", head, tuple(rows), notes)


def who_table(
    found: Aggregates, title: str, rows: Sequence[Who], measure: Measure, *, project: bool
) -> Table:
    """What moved each project or experiment: its largest parts, and R."""
    head = ("project" if project else "experiment", "before", "after", "R", "moved by")
    texts = tuple(
        (
            name_of(found, who.project, "project") if project else plain(who.lineage or "", 40),
            amount(who.before, measure),
            amount(who.after, measure),
            "" if who.rebound is None else percent_text(who.rebound),
            _movers(who, measure),
        )
        for who in rows
    )
    return Table("projects" if project else "experiments", title, head, texts)


def parts_table(found: Aggregates, whole: Who, measure: Measure) -> Table:
    """Each factor's part of the change of the total; they add up to it."""
    rows = [(name, signed(part, measure)) for name, part in whole.parts]
    rows.append(("the total", signed(whole.after - whole.before, measure)))
    notes = [weeks_text(found.filters)]
    if any(one.lineage == OTHERS for one in found.experiments):
        notes.append(
            f"Beyond the {LARGEST_EXPERIMENTS} largest, a project's experiments are taken together;"
            " a person counts once an experiment there."
        )
    if whole.unpriced:
        notes.append(f"{whole.unpriced} experiments are left out: their carbon is not known.")
    return Table("parts", "Parts of the change", ("factor", "part"), tuple(rows), tuple(notes))


def waste_table(found: Aggregates) -> Table:
    """Energy that made no new result; the kinds overlap, so they have no sum."""
    rows = []
    for name, attribute in WASTE.items():
        joules = waste_j(found.now, attribute)
        before = waste_j(found.before, attribute)
        grams = None
        if joules is not None and found.now.intensity is not None:
            grams = joules * found.now.intensity
        rows.append(
            (
                name,
                energy_text(joules),
                carbon_text(grams),
                _part(joules, found.now.energy_j, attribute),
                change_text(joules, before),
            )
        )
    counts = (
        f"{found.now.n_failed} runs failed or were stopped, {found.now.n_rerun} repeated what had"
        " succeeded with the same code and configuration.",
        "Carbon at the period's average grid intensity. The kinds overlap.",
    )
    head = ("", "energy", "carbon", "of the runs' energy", "change")
    return Table("waste", "Waste", head, tuple(rows), counts)


def waste_j(sums: Sums, attribute: str) -> float | None:
    """One kind of waste in joules; None where it was not measured."""
    known = sums.n_gap if attribute == "gap_j" else sums.n_energy
    return float(getattr(sums, attribute)) if known else None


def actions_table(found: Sequence[Action]) -> Table:
    """Efficiency gains of the last half year, and how much of each saving is used up."""
    rows = tuple(
        (
            plain(action.lineage, 40),
            day_text(action.since),
            f"{(action.ratio - 1) * 100:+.0f} % energy per {plain(singular(action.unit), 20)}",
            energy_text(float(f"{action.before_j:.3g}")),
            energy_text(float(f"{action.after_j:.3g}")),
            f"{action.rebound * 100:.0f} % ({action.low * 100:.0f}-{action.high * 100:.0f})",
        )
        for action in found[:SHOWN_ACTIONS]
    )
    head = ("experiment", "since", "gain", "a week before", "a week now", "R (80 % interval)")
    notes = (
        "R: the part of the possible saving that more work used up; above 100 % more is used than"
        " before the gain.",
    )
    if not rows:
        return Table("actions", "Efficiency", (), (), ("No lasting gain was found.",))
    return Table("actions", "Efficiency", head, rows, notes)


def _pair(
    name: str,
    text: Callable[..., str],
    now: float | Estimate | None,
    before: float | Estimate | None,
    how: str = "modelled",
) -> tuple[str, ...]:
    change = change_text(*(v.mid if isinstance(v, Estimate) else v for v in (now, before)))
    return name, text(now), text(before), change, how if now is not None else ""


def _some(value: float) -> float | None:
    return value or None


def _priced(sums: Sums) -> str:
    missing = sums.n_energy - sums.n_carbon
    return f"{missing} runs without a known grid are not in it" if missing > 0 else "location-based"


def _share(sums: Sums, whole: Estimate | None, measure: Measure) -> str:
    own = total(sums, measure)
    return percent_text(own.mid / whole.mid) if own and whole and whole.mid > 0 else ""


def _change(now: Sums, before: Sums, measure: Measure) -> str:
    values = [total(sums, measure) for sums in (now, before)]
    if not before.n:
        return "new"
    return change_text(*(v.mid if v else None for v in values))


def _movers(who: Who, measure: Measure) -> str:
    largest = sorted(who.parts, key=lambda item: -abs(item[1]))[:3]
    return ", ".join(f"{name} {signed(part, measure)}" for name, part in largest if part)


def _part(joules: float | None, of: float, attribute: str) -> str:
    if joules is None or of <= 0:
        return ""
    note = " more" if attribute == "gap_j" else ""
    return f"{percent_text(joules / of)}{note}"
