"""The dashboard as text and as HTML without scripts: for terminals, exports and saved pages."""

from __future__ import annotations

from ipyfootprint.team.aggregates import Aggregates
from ipyfootprint.team.blocks import Block, blocks
from ipyfootprint.team.filters import Measure
from ipyfootprint.widgets.drawing import image
from ipyfootprint.widgets.markup import Markup, element, joined
from ipyfootprint.widgets.static_view import View, table_html, table_text

TITLE = "Footprint of the team"


def dashboard_view(found: Aggregates, measure: Measure = "carbon") -> View:
    """All five blocks: sentences, pictures and tables."""
    made = blocks(found, measure)
    text = "\n\n".join([TITLE, *(block_text(block) for block in made)])
    html = element("div", element("b", TITLE), *(block_html(block) for block in made))
    return View(text, html)


def block_text(block: Block) -> str:
    """A block as plain text."""
    tables = [table_text(table) for table in block.tables if table.rows or table.notes]
    return "\n\n".join([f"{block.title}: {block.sentence}", *tables])


def block_html(block: Block) -> Markup:
    """A block as HTML, with its picture."""
    picture = element("div", image(block.drawing)) if block.drawing is not None else Markup("")
    return joined(head_html(block), picture, tables_html(block))


def head_html(block: Block) -> Markup:
    """A block's title and sentence."""
    title = element("div", element("b", block.title), style="margin-top:16px;font-size:1.15em")
    return joined(title, element("div", block.sentence))


def tables_html(block: Block) -> Markup:
    """A block's tables."""
    return joined(*(table_html(table) for table in block.tables if table.rows or table.notes))
