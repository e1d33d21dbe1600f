"""Comparisons, life-cycle totals, the causal loop, advice and break-even as text and HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipyfootprint.model import Estimate
from ipyfootprint.rebound.advise import Suggestion
from ipyfootprint.rebound.lifecycle import BreakEven, PhaseTotal
from ipyfootprint.rebound.loop import Strength, loop_text
from ipyfootprint.rebound.periods import Comparison, Stretch
from ipyfootprint.rebound.words import singular
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
)
from ipyfootprint.widgets import charts, tables
from ipyfootprint.widgets.gather import advice_rows, change, links
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.static_view import View, advice_words, tables_view
from ipyfootprint.widgets.tables import Table
from ipyfootprint.widgets.words import WORDS


def compare_view(found: Comparison) -> View:
    """Two stretches side by side, and the waterfall of what made them differ."""
    before, after = found.before, found.after
    rows = [row for label, of in _ROWS if (row := _row(label, of, before, after)) is not None]
    unit = before.work_kind if before.work_kind == after.work_kind else None
    if unit:
        rows.insert(3, _work_row(unit, before, after))
        rows.insert(5, _per_unit_row(unit, before, after))
    head = ("", plain(before.name, 30), plain(after.name, 30), "change")
    notes = [
        "An hour of work counts runs and the pauses before them, each up to ten minutes; "
        "a calendar day counts everything."
    ]
    methods = {before.method, after.method}
    if "modelled" in methods:
        notes.append("Energy is modelled from processor time, so it follows time by construction.")
    side = Table("compare", "Side by side", head, tuple(rows), tuple(notes))
    shown = [side, tables.waterfall(change(found.change))]
    title = f"Comparison: {plain(before.name, 60)} and {plain(after.name, 60)}"
    return tables_view(title, [table for table in shown if table])


def lifecycle_view(totals: Sequence[PhaseTotal]) -> View:
    """Totals by phase with what failed and abandoned runs used."""
    head = ("phase", "runs", "failed", "stopped", "time", "energy", "of it lost", "carbon", "how")
    rows = tuple(
        (
            WORDS[total.phase] if total.phase else WORDS["no_phase"],
            str(total.runs),
            str(total.failed),
            str(total.abandoned),
            duration_text(total.duration_s),
            energy_text(total.energy),
            energy_text(total.lost) if total.lost else "",
            carbon_text(total.operational),
            WORDS["replay" if total.replayed else total.method],
        )
        for total in totals
    )
    notes = ("Failed and stopped runs are inside the totals.",)
    runs = sum(total.runs for total in totals)
    return tables_view(f"Life cycle: {runs} runs", [Table("phases", "Phases", head, rows, notes)])


def loop_view(loop: Sequence[Strength]) -> View:
    """The causal loop as a picture and in sentences."""
    lines = tuple(loop_text(loop))
    picture = charts.loop(links(loop), f"{WORDS['loop']}: {' '.join(lines)}")
    note = (
        "A strength is the per cent of change at the arrow's head for one per cent at its tail; "
        "in brackets its 80 % interval."
    )
    table = Table("loop", WORDS["loop"], (), (), (*lines, note), picture)
    return tables_view("Systems view of this session", [table])


def advice_view(found: Sequence[Suggestion]) -> View:
    """What would help, one line each."""
    lines = tuple(advice_words(row) for row in advice_rows(found))
    return tables_view(f"{WORDS['helps']}:", [Table("advice", "", (), (), lines)])


def breakeven_text(found: BreakEven) -> str:
    """When a cost has paid for itself, in two or three sentences."""
    text: Callable[[float | Estimate | None], str] = carbon_text if found.carbon else energy_text
    one, many = singular(found.new.what), _plural(found.new.what)
    lines = [
        f"It cost {text(found.cost)}; one {one} took {text(found.old.per_use)} and takes "
        f"{text(found.new.per_use)}."
    ]
    if found.uses is None:
        lines.append(f"One {one} does not take less now: the cost is never saved.")
        return " ".join(lines)
    bounds = ""
    if found.uses_low is not None and found.uses_low != found.uses_high:
        high = "never" if found.uses_high is None else f"{_count(found.uses_high)}"
        bounds = f" ({_count(found.uses_low)}-{high})"
    when = f", {found.days:.3g} days" if found.days is not None else ""
    lines.append(f"It is saved after {_count(found.uses)}{bounds} {many}{when}.")
    if found.growth is not None:
        horizon = f"{found.horizon_days:g} days"
        if found.growth < 1:
            lines.append(f"At the declared use it is not saved within {horizon}.")
        else:
            lines.append(
                f"Within {horizon} use may grow to {found.growth:.3g}x the declared before "
                "nothing is saved."
            )
    return " ".join(lines)


def _plural(what: str) -> str:
    return what if what.endswith("s") else f"{what}s"


def _count(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}".replace(",", " ") if rounded >= 10 else f"{rounded:g}"


def _row(
    label: str, of: Callable[[Stretch], tuple[str, float | None]], a: Stretch, b: Stretch
) -> tuple[str, ...] | None:
    (text_a, value_a), (text_b, value_b) = of(a), of(b)
    if not text_a and not text_b:
        return None
    return (label, text_a, text_b, change_text(value_b, value_a))


def _work_row(unit: str, a: Stretch, b: Stretch) -> tuple[str, ...]:
    x0, x1 = a.period.work or 0.0, b.period.work or 0.0
    return (f"work, {plain(unit, 24)}", f"{x0:,.6g}", f"{x1:,.6g}", change_text(x1, x0))


def _per_unit_row(unit: str, a: Stretch, b: Stretch) -> tuple[str, ...]:
    each = [
        side.energy * (1 / side.period.work) if side.energy and side.period.work else None
        for side in (a, b)
    ]
    mids = [one.mid if one else None for one in each]
    return (
        f"energy per {plain(singular(unit), 24)}",
        energy_text(each[0]),
        energy_text(each[1]),
        change_text(mids[1], mids[0]),
    )


def _hours(side: Stretch) -> tuple[str, float | None]:
    return duration_text(side.period.hours * 3600), side.period.hours


def _runs(side: Stretch) -> tuple[str, float | None]:
    return str(side.period.runs), float(side.period.runs)


def _configs(side: Stretch) -> tuple[str, float | None]:
    return str(side.period.configs), float(side.period.configs)


def _energy(side: Stretch) -> tuple[str, float | None]:
    return energy_text(side.energy), side.energy.mid if side.energy else None


def _per_hour(side: Stretch) -> tuple[str, float | None]:
    if side.energy is None or side.period.hours <= 0:
        return "unknown", None
    each = side.energy * (1 / side.period.hours)
    return energy_text(each), each.mid


def _per_day(side: Stretch) -> tuple[str, float | None]:
    each = side.energy_per_day
    days = f" over {side.days} days" if side.days > 1 else ""
    return energy_text(each) + days, each.mid if each else None


def _carbon(side: Stretch) -> tuple[str, float | None]:
    grams, hours = side.period.carbon_g, side.period.hours
    if grams is None or hours <= 0:
        return "unknown", None
    return carbon_text(grams / hours), grams / hours


_ROWS: tuple[tuple[str, Callable[[Stretch], tuple[str, float | None]]], ...] = (
    ("time at work", _hours),
    ("runs", _runs),
    ("configurations", _configs),
    ("energy", _energy),
    ("energy per hour of work", _per_hour),
    ("carbon per hour of work", _carbon),
    ("energy per calendar day", _per_day),
)
