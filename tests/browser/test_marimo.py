"""What a person sees in marimo's editor, in a real browser."""

from pathlib import Path
from textwrap import indent

import hosts
import pytest

HERE = Path(__file__).parent
HEAD = "import ipyfootprint\nimport marimo as mo"
BUSY = "with ipyfootprint.track('busy') as run:\n" + indent(hosts.BUSY.format(seconds=4), "    ")
QUICK = "with ipyfootprint.track('quick'):\n    sum(range(3_000_000))"
TWICE = "panel = ipyfootprint.session()\nmo.vstack([panel, panel])"
STORY = f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport story\n"
STORY += "with ipyfootprint.track('begin'):\n    pass\nstory.told_in_marimo()"


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory):
    server = hosts.marimo(tmp_path_factory.mktemp("marimo"))
    yield server
    server.close()


@pytest.fixture
def open_cells(request, page, server):
    def start(*cells, theme="light"):
        name = f"n{abs(hash(request.node.name)):x}.py"
        return hosts.Reactive(page, server, name, HEAD, *cells, theme=theme)

    return start


def test_a_line_lives_while_its_cell_is_busy_then_ends_and_outlives_a_reload(open_cells):
    book = open_cells(BUSY)
    page = book.page
    book.run_all()
    page.locator(".ipf-cell").wait_for()
    seen = hosts.sampled(page, ".ipf-cell .ipf-energy", 3)
    assert len(set(seen)) >= 5, seen
    assert page.locator(".ipf-cell svg.ipf-svg path").count() == 2, "a curve a device"
    page.locator('.ipf-cell[data-state="ok"]').wait_for()
    book.open()
    page.locator('.ipf-cell[data-state="ok"]').get_by_text("Cell 1 (busy)", exact=True).wait_for()
    assert "ipf" not in book.save().replace("ipyfootprint", ""), "code alone is saved"
    book.run(1)
    page.locator(".ipf-cell").get_by_text("Cell 2 (busy)", exact=True).wait_for()
    page.locator('.ipf-cell[data-state="ok"]').locator(
        ".ipf-change", has_text="vs last run"
    ).wait_for()
    assert page.locator(".ipf-cell").count() == 1, "a cell that runs again has one line"


def test_after_a_restart_the_cells_begin_anew(open_cells):
    book = open_cells(QUICK)
    page = book.page
    book.run_all()
    page.locator(".ipf-cell").wait_for()
    book.restart()
    page.locator(".ipf-cell").wait_for(state="detached")
    book.run_all()
    page.locator('.ipf-cell[data-state="ok"]').get_by_text("Cell 1 (quick)", exact=True).wait_for()


def test_two_views_of_the_session_follow_what_other_cells_run(open_cells):
    book = open_cells(TWICE, QUICK)
    page = book.page
    book.run(0)
    book.run(1)
    views = page.locator(".ipf-session")
    views.nth(1).wait_for()
    book.run(2)
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("1 cell in").wait_for()
    book.run(2)
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("2 cells in").wait_for()


def test_a_loop_of_a_thousand_runs_shares_a_line_and_its_session_scrolls(open_cells):
    loop = "for _ in range(1000):\n    with ipyfootprint.track('step'):\n        pass\ndone = 1"
    book = open_cells(loop, "done\nipyfootprint.session()")
    page = book.page
    book.run_all()
    page.locator(".ipf-session").wait_for(timeout=60_000)
    page.locator('.ipf-cell[data-state="ok"]').get_by_text(
        "Cell 1000 (step)", exact=True
    ).wait_for()
    assert page.locator(".ipf-cell").count() == 1
    page.locator(".ipf-all summary").click()
    rows = page.locator(".ipf-list .ipf-row")
    rows.nth(2).wait_for()
    assert rows.count() < 60, "only what is in sight is drawn"
    page.locator(".ipf-list").focus()
    page.keyboard.press("End")
    page.locator(".ipf-list").get_by_text("Cell 1000", exact=True).wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_barrier_in_either_theme(open_cells, theme):
    book = open_cells(STORY, BUSY, "run\nipyfootprint.session()", theme=theme)
    page = book.page
    book.run_all()
    page.locator(".ipf-session").wait_for(timeout=60_000)
    for view in ("cell", "session", "rebound"):
        shown = page.locator(f".ipf-{view}").last
        shown.evaluate("n => n.querySelectorAll('details').forEach(d => d.open = true)")
        colour = shown.evaluate("n => getComputedStyle(n).color")
        assert colour.startswith("rgb(2") == (theme == "dark"), colour
    assert hosts.barriers(page, "marimo-anywidget") == []


def test_a_banner_is_answered_and_a_label_stays_text(open_cells):
    evil = "<img src=x onerror='window.pwned=1'>"
    book = open_cells(
        STORY,
        f"with ipyfootprint.track({evil!r}):\n    sum(range(300_000))",
        "print([f.answer for f in ipyfootprint.findings()][-1:])",
    )
    page = book.page
    book.run(0)
    book.run(1)
    banner = page.locator(".ipf-rebound")
    banner.get_by_role("button", name="Snooze").click()
    banner.get_by_text("Snoozed for an hour of work.", exact=True).wait_for()
    book.run(3)
    book.cell(3).get_by_text("'snooze'").wait_for()
    book.run(2)
    page.locator(".ipf-cell b", has_text=evil).wait_for()
    assert page.evaluate("() => window.pwned") is None
