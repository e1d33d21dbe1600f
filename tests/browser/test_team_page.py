"""The team dashboard in a notebook, in a real browser."""

from pathlib import Path

import nbformat

EXAMPLE = Path(__file__).parents[2] / "examples/04_team.ipynb"


def test_every_figure_of_the_dashboard_is_as_high_as_it_was_drawn(open_book):
    cells = [cell.source for cell in nbformat.read(EXAMPLE, 4).cells if cell.cell_type == "code"]
    last = next(index for index, source in enumerate(cells) if "TeamDashboard(" in source)
    book = open_book(*cells[: last + 1])
    for index in range(last + 1):
        book.run(index + 1, 120)
    plots = book.page.locator(".ipf-team .js-plotly-plot")
    plots.nth(3).wait_for(state="attached")
    book.page.wait_for_function(_HIGH, arg=".ipf-team .js-plotly-plot")


_HIGH = """selector => [...document.querySelectorAll(selector)].every(
  plot => plot.clientHeight
    >= Number(plot.querySelector('.main-svg')?.getAttribute('height') ?? 1e9)
)"""
