"""The inputs of a total as static views: where each comes from, and what each one moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ipyfootprint.impact.assumptions import Assumption, Impact, Ledger, spread, total
from ipyfootprint.impact.session import Comparison
from ipyfootprint.model import Estimate
from ipyfootprint.units import SUM_DIGITS, carbon_text, duration_text, energy_text, water_text
from ipyfootprint.widgets.drawing import Drawing, Role, Shape, bar, n
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.static_view import View, tables_view
from ipyfootprint.widgets.tables import Table
from ipyfootprint.words import WORDS, named, say

KWH_J = 3.6e6


class Swing(NamedTuple):
    """One input, and the total in grams at its one and its other value."""

    name: str
    low: float
    high: float


def inputs_view(lines: Ledger, place: str) -> View:
    """Every input: value with bounds and unit, source with year, who set it."""
    return tables_view(WORDS["inputs_title"], [inputs_table(lines, (say("place", place=place),))])


def inputs_table(lines: Sequence[Assumption], notes: tuple[str, ...] = ()) -> Table:
    """Inputs as rows of text."""
    head = tuple(WORDS[w] for w in ("input", "value", "set_by", "source"))
    rows = tuple(
        (line.name, value_words(line), named("set_by", line.set_by), _source(line))
        for line in lines
    )
    return Table("inputs", WORDS["inputs"], head, rows, notes)


def value_words(line: Assumption) -> str:
    """A value with its unit and bounds: "1.54 (1.07-1.67)", "383 g/kWh (123-528)"."""
    if line.unit == "kWh":
        low = line.value if line.low is None else line.low
        high = line.value if line.high is None else line.high
        return energy_text(Estimate(line.value, low, high) * KWH_J, SUM_DIGITS)
    if line.unit == "h":
        return duration_text(line.value * 3600)
    bounds = ""
    if line.low is not None and line.high is not None and line.low < line.high:
        bounds = f" ({line.low:.4g}-{line.high:.4g})"
    return f"{line.value:.4g} {named('unit', line.unit)}".rstrip() + bounds


def comparison_view(compared: Comparison) -> View:
    """A session's totals beside those under other assumptions, and what moved them."""
    was, now = compared.was, compared.now
    rows = (
        (WORDS["energy_facility"], _energy(was.facility_kwh), _energy(now.facility_kwh)),
        (WORDS["operational"], carbon_text(was.operational_g), carbon_text(now.operational_g)),
        (WORDS["embodied"], carbon_text(was.embodied_g), carbon_text(now.embodied_g)),
        (WORDS["carbon_whole"], carbon_text(was.total_g), carbon_text(now.total_g)),
        (WORDS["water"], water_text(was.water_l), water_text(now.water_l)),
    )
    head = ("", WORDS["recorded"], WORDS["assumed"])
    tables = [Table("compared", WORDS["compared"], head, rows, compared.notes)]
    base = was.total_g if was.total_g else was.operational_g
    if compared.moved and base:
        swings = [Swing(each.name, base, base * each.factor) for each in compared.moved]
        moves = tuple(
            (each.name, f"{each.before:.4g}", f"{each.after:.4g}", f"x{each.factor:.3g}")
            for each in compared.moved
        )
        names = tuple(WORDS[w] for w in ("input", "recorded", "assumed", "alone"))
        drawing = tornado(swings, base, WORDS["moved"])
        tables.append(Table("moved", WORDS["moved"], names, moves, (), drawing))
    return tables_view(WORDS["compared_title"], tables)


def doubt_view(lines: Ledger, place: str) -> View:
    """Every input, and by how much the doubt in each one alone moves the total."""
    tables = [inputs_table(lines, (say("place", place=place),))]
    whole = total(lines)
    base = whole.total_g or whole.operational_g
    of: Impact = "total_g" if whole.total_g else "operational_g"
    swings = [Swing(*each) for each in spread(lines, of)]
    if base and swings:
        rows = tuple((s.name, carbon_text(s.low), carbon_text(s.high)) for s in swings)
        head = tuple(WORDS[w] for w in ("input", "at_low", "at_high"))
        drawing = tornado(swings, base, WORDS["doubt"])
        notes = (say("doubt_note", amount=carbon_text(base)),)
        tables.append(Table("doubt", WORDS["doubt"], head, rows, notes, drawing))
    return tables_view(WORDS["inputs_title"], tables)


def tornado(swings: Sequence[Swing], base: float, title: str, width: int = 600) -> Drawing:
    """Bars around a total, one an input, widest first: less to the left, more to the right."""
    low = min([base, *(min(s.low, s.high) for s in swings)])
    high = max([base, *(max(s.low, s.high) for s in swings)])
    left, step = 170, 22
    scale = (width - left - 110) / ((high - low) or 1.0)
    middle, bottom = left + (base - low) * scale, len(swings) * step + 4
    shapes = [Shape("path", stroke="muted", d=f"M{n(middle)} 0V{bottom}", width=1)]
    for index, swing in enumerate(swings):
        ends, y = sorted((swing.low, swing.high)), index * step + 3
        parts: list[tuple[float, float, Role]] = [
            (ends[0], min(base, ends[1]), "down"),
            (max(base, ends[0]), ends[1], "up"),
        ]
        shapes.append(
            Shape(
                "text", fill="text", x=left - 8, y=y + 12, anchor="end", text=plain(swing.name, 26)
            )
        )
        for start, end, role in parts:
            if end > start:
                x = left + (start - low) * scale
                shapes.append(Shape("path", fill=role, d=bar(x, y, (end - start) * scale, 15)))
        shown = carbon_text(ends[1] if ends[1] > base else ends[0])
        x = left + (max(ends[1], base) - low) * scale + 6
        shapes.append(Shape("text", fill="text", x=x, y=y + 12, text=shown))
    return Drawing(width, bottom, title, tuple(shapes))


def _source(line: Assumption) -> str:
    return line.sourced or WORDS["as_set"]


def _energy(facility_kwh: float | None) -> str:
    return energy_text(None if facility_kwh is None else facility_kwh * KWH_J)
