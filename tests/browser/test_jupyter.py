"""What a person sees in JupyterLab and Notebook 7, in a real browser."""

import time
from pathlib import Path

import hosts
import pytest

TWIN = {"text/plain", "text/html"}
HERE = Path(__file__).parent
BUSY = "%%footprint --label busy\n" + hosts.BUSY.format(seconds=4)
OFF = "get_ipython()._ipyfootprint.recording.change('live', 'off')"
QUICK = "%%footprint\n" + hosts.BUSY.format(seconds=0.3)
STORY = f"import sys; sys.path.insert(0, {str(HERE)!r})\nimport story\n"
STORY += "story.told(get_ipython()._ipyfootprint, small={small})"
HOSTILE = f"""
import sys; sys.path.insert(0, {str(HERE.parent / "widgets")!r})
from hostile import CORPUS
import ipyfootprint
from dataclasses import replace
live = get_ipython()._ipyfootprint
for text in CORPUS:
    text = text.replace(chr(0xd800), "")
    with ipyfootprint.track(text): sum(range(100_000))
story.told(live)
found = live.recording.watch.findings[-1]
for text in CORPUS:
    evil = replace(found, finding_id=str(hash(text)), message=text)
    live.show.banners.show(evil, page="over")
"""


def test_a_badge_lives_while_its_cell_is_busy_then_freezes_and_outlives_all(open_book):
    book = open_book(BUSY)
    page = book.page
    book.start(1)
    page.locator(".ipf-cell").wait_for()
    seen = hosts.sampled(page, ".ipf-cell .ipf-energy", 3)
    assert len(set(seen)) >= 5, seen
    assert page.locator(".ipf-cell svg.ipf-svg path").count() == 2, "a curve a device"
    book.wait(1)
    page.locator(".ipf-cell").wait_for(state="detached")
    shown = book.output(1).inner_text()
    assert "Cell 1 (busy)" in shown and "at GPU + CPU" in shown
    time.sleep(1.2)  # until it has settled: the file must hold the last state

    saved = book.save()
    (output,) = saved.cells[1].outputs
    assert set(output.data) == TWIN
    assert "widgets" not in saved.metadata, "no widget state is left"
    book.restart()
    assert "Cell 1 (busy)" in book.output(1).inner_text()
    book.open()
    assert "Cell 1 (busy)" in book.output(1).inner_text()
    assert "GPU + CPU" in book.output(1).inner_text()


def test_two_views_of_the_panel_follow_reload_and_restart(open_book):
    book = open_book(QUICK, "%footprint", "%footprint", QUICK)
    page = book.page
    for index in (1, 2, 3):
        book.run(index)
    views = page.locator(".ipf-session")
    views.nth(1).get_by_text("1 cell in").wait_for()
    assert views.count() == 2
    book.run(4)
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("2 cells in").wait_for()
    saved = book.save()
    assert all(set(cell.outputs[0].data) == TWIN for cell in saved.cells[2:4])
    book.open()
    views.nth(1).get_by_text("2 cells in").wait_for()
    book.run(4)
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("3 cells in").wait_for()
    book.restart()
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("the kernel has ended").wait_for()
    book.open()
    for index in (2, 3):
        assert "Footprint of this session" in book.output(index).inner_text()
    assert views.count() == 0


def test_a_badge_whose_kernel_is_gone_says_so(open_book):
    book = open_book("%%footprint\n" + hosts.BUSY.format(seconds=300))
    page = book.page
    book.start(1)
    page.locator(".ipf-cell svg").wait_for()
    book.restart()
    page.locator('.ipf-cell[data-state="lost"]').get_by_text("the kernel has ended").wait_for()
    before = page.locator(".ipf-cell .ipf-time").inner_text()
    page.wait_for_timeout(1200)
    assert page.locator(".ipf-cell .ipf-time").inner_text() == before, "nothing runs any more"


def test_a_long_summary_is_not_put_into_a_box_that_scrolls(open_book):
    book = open_book(STORY.format(small=0), "%footprint")
    for index in (1, 2):
        book.run(index)
    book.page.locator(".ipf-session").wait_for()
    assert book.page.locator(".jp-mod-outputsScrolled").count() == 0


def test_a_session_of_a_thousand_cells_opens_and_scrolls(open_book):
    book = open_book(STORY.format(small=1000), "%footprint")
    page = book.page
    book.run(1, 60)
    book.run(2)
    page.locator(".ipf-all summary").click()
    rows = page.locator(".ipf-list .ipf-row")
    rows.nth(2).wait_for()
    assert rows.count() < 60, "only what is in sight is drawn"
    page.locator(".ipf-list").focus()
    page.keyboard.press("End")
    page.locator(".ipf-list").get_by_text("Cell 1029", exact=True).wait_for()


def test_a_banner_is_answered_by_keyboard_and_the_answer_is_kept(open_book):
    book = open_book(
        STORY.format(small=0),
        "print([f.answer for f in get_ipython()._ipyfootprint.recording.watch.findings][-1:])",
    )
    page = book.page
    book.run(1)
    banner = page.locator(".ipf-rebound")
    banner.wait_for()
    assert banner.get_by_role("alert").count() == 1
    banner.locator(".ipf-fold").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Snooze"
    page.keyboard.press("Enter")
    banner.last.wait_for(state="detached")
    assert "Your answer: Snooze." in book.output(1).inner_text()
    book.run(2)
    assert "snooze" in book.output(2).inner_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_serious_barrier_in_either_theme(open_book, dark):
    book = open_book(STORY.format(small=0), "%footprint", BUSY)
    page = book.page
    book.theme("JupyterLab Dark" if dark else "JupyterLab Light")
    book.run(1)
    book.run(2)
    page.locator(".ipf-session").wait_for()
    page.evaluate("() => document.querySelectorAll('.ipf details').forEach(d => d.open = true)")
    book.start(3)
    page.locator(".ipf-cell svg").wait_for()
    for view in (".ipf-cell", ".ipf-session", ".ipf-rebound"):
        assert hosts.barriers(page, view) == []
    light = page.evaluate(
        "() => getComputedStyle(document.querySelector('.ipf-session')).color"
    ).startswith(("rgb(2", "rgba(2"))
    assert light == dark, "the text takes the theme's colour"


def test_a_static_view_has_no_serious_barrier_either(open_book):
    book = open_book(OFF, STORY.format(small=0), "%footprint")
    for index in (1, 2, 3):
        book.run(index)
    assert "Footprint of this session" in book.output(3).inner_text()
    assert hosts.barriers(book.page, ".jp-RenderedHTML") == []


@pytest.mark.parametrize("host", ["lab", "notebook"])
def test_without_a_widget_manager_the_static_views_are_shown(page, without_manager, host):
    cells = ("%load_ext ipyfootprint", QUICK, "%footprint", STORY.format(small=0))
    name = without_manager.write(f"{host}.ipynb", *cells)
    book = hosts.Book(page, without_manager, host, name)
    for index in range(4):
        book.run(index)
    assert page.locator(".ipf").count() == 0
    assert "Cell 1" in book.output(1).inner_text()
    assert "Footprint of this session" in book.output(2).inner_text()
    assert "of the saving is used up" in book.output(3).inner_text()


def test_foreign_text_stays_text_in_every_view(open_book):
    badge = "%%footprint --label \"<img src=x onerror='window.pwned=1'>\"\n"
    badge += hosts.BUSY.format(seconds=1.5)
    book = open_book(STORY.format(small=0) + HOSTILE, "%footprint", badge)
    page = book.page
    book.run(1, 60)
    book.run(2)
    page.locator(".ipf-session").wait_for()
    page.evaluate("() => document.querySelectorAll('.ipf details').forEach(d => d.open = true)")
    book.start(3)
    page.locator(".ipf-cell").get_by_text("<img src=x").wait_for()
    assert page.locator(".ipf img, .ipf script, .ipf iframe, .ipf math").count() == 0
    book.wait(3)
    assert page.locator(".jp-OutputArea img[src=x]").count() == 0
    assert page.evaluate("() => window.pwned") is None


def test_a_cell_that_holds_the_interpreter_says_that_there_is_no_news(open_book):
    held = "ctypes.PyDLL(None).usleep(10_000_000)"
    book = open_book(f"%%footprint\nimport ctypes, time\ntime.sleep(0.5)\nx = {held}")
    page = book.page
    book.start(1)
    page.locator(".ipf-quiet", has_text="no news").wait_for()
    before = page.locator(".ipf-cell .ipf-time").inner_text()
    page.wait_for_timeout(1200)
    assert page.locator(".ipf-cell .ipf-time").inner_text() != before, "time goes on"
    book.wait(1, 60)
