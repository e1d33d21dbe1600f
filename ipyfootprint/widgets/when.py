"""Advice on when and where to run, as a static view."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from ipyfootprint.impact.when import Advice, advice_text
from ipyfootprint.units import percent_text
from ipyfootprint.widgets.drawing import Drawing, Role, Shape, bar
from ipyfootprint.widgets.static_view import View, tables_view
from ipyfootprint.widgets.tables import Table
from ipyfootprint.words import WORDS, say

PLACES = 5


def advice_view(advice: Advice, zone: tzinfo) -> View:
    """The advice in words, the hours ahead as a picture, and other places as a table."""
    tables = []
    if (drawing := hours_drawing(advice, zone)) is not None:
        tables.append(Table("hours", WORDS["hours_ahead"], (), (), (drawing.title,), drawing))
    better = [(name, percent_text(saved)) for name, saved in advice.places if saved >= 0.01]
    if better:
        head = (WORDS["zone"], WORDS["less_carbon"])
        rows = tuple(better[:PLACES])
        tables.append(Table("places", WORDS["places"], head, rows, (WORDS["places_note"],)))
    return tables_view(advice_text(advice, zone=zone), tables)


def hours_drawing(advice: Advice, zone: tzinfo, width: int = 560) -> Drawing | None:
    """The intensity of each hour ahead, the best start marked; None where it is not known."""
    known = [grams for grams in advice.hours if grams is not None]
    if advice.now is None or advice.best is None or len(known) < 2:
        return None
    top, height, step = max(known), 90, width / len(advice.hours)
    start = advice.now.at
    best = int((advice.best.at - start).total_seconds() // 3600)
    shapes = []
    for index, grams in enumerate(advice.hours):
        if grams is None:
            continue
        tall = (height - 24) * grams / top
        role: Role = "down" if index == best else "line"
        shapes.append(Shape("path", fill=role, d=bar(index * step, height - 18, step - 2, -tall)))
        if index == best or (index % 6 == 0 and abs(index - best) > 1):
            at = advice.best.at if index == best else start + index * timedelta(hours=1)
            mark = f"{at.astimezone(zone):%H:%M}"
            x = max(16, min(width - 16, index * step + step / 2))
            shapes.append(Shape("text", fill="text", x=x, y=height - 4, anchor="middle", text=mark))
    title = say(
        "hours_title",
        low=f"{min(known):.0f}",
        high=f"{top:.0f}",
        best=f"{advice.best.at.astimezone(zone):%H:%M}",
    )
    return Drawing(width, height, title, tuple(shapes))
