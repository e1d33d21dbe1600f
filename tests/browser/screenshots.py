"""Pictures of every view in light and dark, for the README: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import hosts
import nbformat
from test_jupyter import STORY

CELL = "%%footprint --label train\nmodel.fit(images, labels, epochs=10)"
MODEL = """
import time
%load_ext ipyfootprint
class model:
    @staticmethod
    def fit(*_, epochs):
        end = time.time() + 6
        while time.time() < end: sum(range(20_000))
images = labels = None
"""
VIEWS = ("badge-live", "badge-frozen", "banner", "summary", "team")
TEAM = Path(__file__).parents[2] / "examples/04_team.ipynb"
TEAM_SIZE = {"width": 1060, "height": 2440}  # to where the fourth block ends
WIDTH = 860
PLAIN = """
.jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser { display: none !important; }
.jp-Notebook { padding: 0 !important; }
.jp-Cell-outputArea::after, .jp-mod-outputsScrolled::after { display: none !important; }
.jp-mod-outputsScrolled .jp-Cell-outputArea { box-shadow: none !important; }
.jp-Cell-outputArea { max-height: none !important; overflow: visible !important; }
"""
ALONE = ".jp-Notebook .jp-CodeCell:not(:has(.ipf-session)) { display: none !important; }"


def main(folder: str) -> None:
    """Write the pictures."""
    from playwright.sync_api import sync_playwright

    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play, tempfile.TemporaryDirectory() as home:
        browser, server = hosts.chromium(play), hosts.jupyter(Path(home))
        try:
            for theme in ("Light", "Dark"):
                _pictures(browser, server, theme, out)
                _team(browser, server, theme, out)
        finally:
            server.close()
            browser.close()
    _shrink(out)
    for path in sorted(out.glob("*.png")):
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


def _pictures(browser, server: hosts.Server, theme: str, out: Path) -> None:
    context = browser.new_context(viewport={"width": WIDTH, "height": 2600}, device_scale_factor=2)
    page = context.new_page()
    name = server.write(f"{theme}.ipynb", MODEL, CELL, STORY.format(small=0), "%footprint")
    book = hosts.Book(page, server, "notebook", name)
    book.theme(f"JupyterLab {theme}")
    page.add_style_tag(content=PLAIN)

    def picture(locator, view: str) -> None:
        locator.screenshot(path=out / f"{view}-{theme.lower()}.png", animations="disabled")

    book.run(0)
    book.start(1)
    page.wait_for_timeout(4500)
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    picture(cell, "badge-live")
    book.wait(1)
    page.wait_for_timeout(1500)
    picture(cell, "badge-frozen")
    book.run(2)
    book.run(3)
    page.locator(".ipf-session").wait_for()
    page.locator(".ipf-rebound details").evaluate("node => node.open = true")
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_timeout(400)
    picture(page.locator(".ipf-rebound"), "banner")
    page.add_style_tag(content=ALONE)
    page.wait_for_timeout(400)
    picture(page.locator(".ipf-session"), "summary")
    context.close()


def _team(browser, server: hosts.Server, theme: str, out: Path) -> None:
    """The dashboard of the example, down to where its first screens end."""
    context = browser.new_context(viewport=TEAM_SIZE)
    page = context.new_page()
    cells = [cell.source for cell in nbformat.read(TEAM, 4).cells if cell.cell_type == "code"]
    last = next(index for index, source in enumerate(cells) if "TeamDashboard(" in source)
    book = hosts.Book(page, server, "notebook", server.write(f"Team{theme}.ipynb", *cells))
    book.theme(f"JupyterLab {theme}")
    for index in range(last + 1):
        book.run(index, 120)
    board = page.locator(".ipf-team").first
    # Not PLAIN: figures take their height from the prompts beside them.
    page.add_style_tag(content=ALONE.replace("ipf-session", "ipf-team"))
    board.locator(".js-plotly-plot").nth(3).wait_for()
    page.wait_for_timeout(1500)
    box = board.bounding_box()
    box["height"] = min(box["height"], TEAM_SIZE["height"] - box["y"])
    page.screenshot(path=out / f"team-{theme.lower()}.png", animations="disabled", clip=box)
    context.close()


def _shrink(folder: Path) -> None:
    """Fewer colours, the same look: a screenshot of text needs no more than 64."""
    from PIL import Image

    for path in (path for view in VIEWS for path in folder.glob(f"{view}-*.png")):
        Image.open(path).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
