"""Comparisons, life-cycle totals, the causal loop, advice and break-even as text and HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipyfootprint.model import Estimate
from ipyfootprint.rebound.advise import Suggestion
from ipyfootprint.rebound.lifecycle import BreakEven, PhaseTotal
from ipyfootprint.rebound.loop import Strength, loop_text
from ipyfootprint.rebound.periods import Comparison, Stretch
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    singular,
)
from ipyfootprint.widgets import charts, tables
from ipyfootprint.widgets.gather import advice_rows, change, links
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.static_view import View, advice_words, tables_view
from ipyfootprint.widgets.tables import Table
from ipyfootprint.words import WORDS, say


def compare_view(found: Comparison) -> View:
    """Two stretches side by side, and the waterfall of what made them differ."""
    before, after = found.before, found.after
    rows = [row for name, of in _ROWS if (row := _row(WORDS[name], of, before, after))]
    unit = before.work_kind if before.work_kind == after.work_kind else None
    if unit:
        rows.insert(3, _work_row(unit, before, after))
        rows.insert(5, _per_unit_row(unit, before, after))
    head = ("", plain(before.name, 30), plain(after.name, 30), WORDS["change_head"])
    notes = [WORDS["hour_of_work"]]
    if "modelled" in {before.method, after.method}:
        notes.append(WORDS["by_construction"])
    side = Table("compare", WORDS["side_by_side"], head, tuple(rows), tuple(notes))
    shown = [side, tables.waterfall(change(found.change))]
    title = say("compare_title", before=plain(before.name, 60), after=plain(after.name, 60))
    return tables_view(title, [table for table in shown if table])


def lifecycle_view(totals: Sequence[PhaseTotal]) -> View:
    """Totals by phase with what failed and abandoned runs used."""
    names = (
        "phase",
        "runs",
        "error",
        "interrupted",
        "time",
        "energy",
        "lost_part",
        "carbon",
        "how",
    )
    head = tuple(WORDS[name] for name in names)
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
    notes = (WORDS["inside_totals"],)
    runs = sum(total.runs for total in totals)
    table = Table("phases", WORDS["phases"], head, rows, notes)
    return tables_view(say("lifecycle_title", runs=runs), [table])


def loop_view(loop: Sequence[Strength]) -> View:
    """The causal loop as a picture and in sentences."""
    lines = tuple(loop_text(loop))
    picture = charts.loop(links(loop), f"{WORDS['loop']}: {' '.join(lines)}")
    notes = (*lines, WORDS["strength_note"])
    return tables_view(WORDS["loop_title"], [Table("loop", WORDS["loop"], (), (), notes, picture)])


def advice_view(found: Sequence[Suggestion]) -> View:
    """What would help, one line each."""
    lines = tuple(advice_words(row) for row in advice_rows(found))
    return tables_view(f"{WORDS['helps']}:", [Table("advice", "", (), (), lines)])


def breakeven_text(found: BreakEven) -> str:
    """When a cost has paid for itself, in two or three sentences."""
    text: Callable[[float | Estimate | None], str] = carbon_text if found.carbon else energy_text
    one, many = _one_and_many(found.new.what)
    lines = [
        say(
            "breakeven_cost",
            cost=text(found.cost),
            one=one,
            old=text(found.old.per_use),
            new=text(found.new.per_use),
        )
    ]
    if found.uses is None:
        return " ".join([*lines, say("breakeven_never", one=one)])
    uses = _count(found.uses)
    if found.uses_low is not None and found.uses_low != found.uses_high:
        high = WORDS["never"] if found.uses_high is None else _count(found.uses_high)
        uses += f" ({_count(found.uses_low)}-{high})"
    if found.days is None:
        lines.append(say("breakeven_after", uses=uses, many=many))
    else:
        days = f"{found.days:.3g}"
        lines.append(say("breakeven_after_days", uses=uses, many=many, days=days))
    if found.growth is not None:
        within = f"{found.horizon_days:g}"
        if found.growth < 1:
            lines.append(say("breakeven_not_within", days=within))
        else:
            lines.append(say("breakeven_growth", days=within, growth=f"{found.growth:.3g}"))
    return " ".join(lines)


# our own names of a use, one and many; any other is the unit in which work was counted
_USES = {"run": "runs", "use": "uses"}


def _one_and_many(what: str) -> tuple[str, str]:
    """What a use is called: our own word for it, or the unit of the work that was counted."""
    if what in _USES:
        return WORDS[what], WORDS[_USES[what]]
    return singular(what), what if what.endswith("s") else f"{what}s"


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
    return (say("work_of", unit=plain(unit, 24)), f"{x0:,.6g}", f"{x1:,.6g}", change_text(x1, x0))


def _per_unit_row(unit: str, a: Stretch, b: Stretch) -> tuple[str, ...]:
    each = [
        side.energy * (1 / side.period.work) if side.energy and side.period.work else None
        for side in (a, b)
    ]
    mids = [one.mid if one else None for one in each]
    return (
        say("energy_per", unit=plain(singular(unit), 24)),
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
        return WORDS["unknown"], None
    each = side.energy * (1 / side.period.hours)
    return energy_text(each), each.mid


def _per_day(side: Stretch) -> tuple[str, float | None]:
    each = side.energy_per_day
    text = energy_text(each)
    if side.days > 1:
        text = say("over_days", amount=text, days=side.days)
    return text, each.mid if each else None


def _carbon(side: Stretch) -> tuple[str, float | None]:
    if side.carbon is None or side.period.hours <= 0:
        return WORDS["unknown"], None
    each = side.carbon * (1 / side.period.hours)
    return carbon_text(each), each.mid


_ROWS: tuple[tuple[str, Callable[[Stretch], tuple[str, float | None]]], ...] = (
    ("time_at_work", _hours),
    ("runs", _runs),
    ("configurations", _configs),
    ("energy", _energy),
    ("energy_per_hour", _per_hour),
    ("carbon_per_hour", _carbon),
    ("energy_per_day", _per_day),
)
