"""What a browser is sent of a dashboard, as plain JSON."""

from __future__ import annotations

from ipyfootprint.team.aggregates import Aggregates
from ipyfootprint.team.blocks import Block, blocks
from ipyfootprint.team.filters import Measure
from ipyfootprint.team.static import head_html, tables_html

PLOTLY = "application/vnd.plotly.v1+json"


def figure_bundle(block: Block) -> dict[str, object]:
    """A block's figure as a display's data: plotly where it is drawn, else a sentence."""
    assert block.figure is not None
    figure = {**block.figure, "config": {"displaylogo": False, "responsive": True}}
    return {PLOTLY: figure, "text/plain": block.sentence}


def payload(found: Aggregates, measure: Measure) -> dict[str, object]:
    """The five blocks as they are sent: HTML and, where there is one, a figure."""
    return {
        block.name: {
            "html": str(head_html(block) + tables_html(block)),
            "figure": figure_bundle(block) if block.figure else None,
        }
        for block in blocks(found, measure)
    }
