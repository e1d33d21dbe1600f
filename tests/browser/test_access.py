"""By keyboard alone, in forced colours, with reduced motion; and answers that come late."""

import hosts
import pytest
from test_jupyter import BUSY, STORY

ANSWERS = "print([f.answer for f in get_ipython()._ipyfootprint.recording.watch.findings][-1:])"
BUDGET = "print('set:', get_ipython()._ipyfootprint.recording.budgets.budget)"
HELD = "from pathlib import Path\nwhile not Path('go').exists():\n    sum(range(20_000))"
LAB = pytest.mark.parametrize("open_book", ["lab"], indirect=True)


def focused(page, *, tabs=0):
    """The text of what has the focus, after so many presses of Tab."""
    for _ in range(tabs):
        page.keyboard.press("Tab")
    return page.evaluate("() => document.activeElement.textContent")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@LAB
def test_no_serious_barrier_in_forced_colours(open_book, theme):
    book = open_book(STORY.format(small=0), "%footprint", BUSY)
    page = book.page
    page.emulate_media(forced_colors="active", color_scheme=theme.lower())
    book.theme(f"JupyterLab {theme}")
    book.run(1)
    book.run(2)
    page.locator(".ipf-session").wait_for()
    page.evaluate("() => document.querySelectorAll('.ipf details').forEach(d => d.open = true)")
    book.start(3)
    page.locator(".ipf-cell svg").wait_for()
    for view in (".ipf-cell", ".ipf-session", ".ipf-rebound"):
        assert hosts.barriers(page, view) == []
    text, ground, curve = page.evaluate(_COLOURS)
    assert len({text, ground}) == 2 and curve not in (ground, "none"), "drawings stay visible"


@LAB
def test_nothing_moves_for_a_person_who_wants_it_still(open_book):
    book = open_book(STORY.format(small=0), "%footprint")
    page = book.page
    page.emulate_media(reduced_motion="reduce")
    book.run(1)
    book.run(2)
    page.locator(".ipf-session").wait_for()
    assert page.evaluate(_MOVING) == []


@LAB
def test_the_panel_is_read_and_its_sliders_are_moved_by_keyboard(open_book):
    book = open_book(STORY.format(small=0), "%footprint")
    page = book.page
    book.run(1)
    book.run(2)
    panel = page.locator(".ipf-session")
    panel.wait_for()
    panel.locator("summary").first.focus()
    titles = [focused(page)]
    while not titles[-1].startswith("All cells"):
        titles.append(focused(page, tabs=1))
    assert len(titles) == panel.locator("details.ipf-block > summary:visible").count()
    page.keyboard.press("Enter")
    panel.locator(".ipf-list").get_by_text("Cell 1", exact=True).wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    panel.locator(".ipf-list").get_by_text("Cell 29", exact=True).wait_for()

    panel.locator(".ipf-whatif > summary").focus()
    page.keyboard.press("Enter")
    result = panel.locator(".ipf-whatif table")
    recorded = result.inner_text()
    page.keyboard.press("Tab")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert "→" in result.inner_text(), "the carbon under another PUE stands beside the recorded"
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert "→ 0" in result.inner_text(), "nothing is emitted on a grid of 0 g/kWh"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.value") != ""
    while focused(page, tabs=1) != "Reset":
        continue
    page.keyboard.press("Enter")
    assert result.inner_text() == recorded


@pytest.mark.parametrize("answer", ["Planned", "Not a rebound"])
@LAB
def test_each_answer_is_given_by_keyboard(open_book, answer):
    book = open_book(STORY.format(small=0), ANSWERS)
    page = book.page
    book.run(1)
    page.locator(".ipf-rebound .ipf-fold").focus()
    while focused(page, tabs=1) != answer:
        continue
    page.keyboard.press("Enter")
    page.locator(".ipf-rebound").last.wait_for(state="detached")
    assert f"Your answer: {answer}." in book.output(1).inner_text()
    book.run(2)
    assert answer.lower().replace("not a ", "not-") in book.output(2).inner_text()


def test_a_budget_is_set_by_keyboard_while_a_cell_is_busy(open_book):
    book = open_book(STORY.format(small=0), HELD, BUDGET)
    page = book.page
    go = book.server.folder / "go"
    go.unlink(missing_ok=True)
    book.run(1)
    banner = page.locator(".ipf-rebound")
    banner.wait_for()
    book.start(2)
    banner.locator(".ipf-fold").focus()
    while focused(page, tabs=1) != "Set budget":
        continue
    page.keyboard.press("Enter")
    page.keyboard.type("500")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from Wh to kWh
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = banner.get_by_role("status")
    assert "Budget set to 500 kWh." in said.inner_text(), "at once, though the kernel is busy"
    assert "when the running cell ends" in said.inner_text()
    go.touch()
    book.wait(2)
    banner.last.wait_for(state="detached")
    assert "Your answer: Budget." in book.output(1).inner_text()
    book.run(3)
    assert "set: 500 kWh" in book.output(3).inner_text()


@LAB
def test_an_answer_to_what_is_no_longer_there_changes_nothing(open_book):
    gone = "live = get_ipython()._ipyfootprint\nlive.show.banners._shown.clear()\n"
    gone += "live.recording.watch.detector._findings.clear()"
    book = open_book(STORY.format(small=0), gone, "1 + 1")
    page = book.page
    book.run(1)
    book.run(2)
    page.locator(".ipf-rebound").get_by_role("button", name="Snooze").click()
    book.run(3)
    assert book.output(3).inner_text().endswith("2")
    assert "Traceback" not in page.locator(".jp-Notebook").inner_text()


_COLOURS = """() => {
  const style = node => getComputedStyle(node);
  const panel = document.querySelector('.ipf-session');
  const path = panel.querySelector('.ipf-of-timeline svg path');
  return [style(panel).color, style(panel).backgroundColor, style(path).stroke];
}"""
_MOVING = """() => [...document.querySelectorAll('.ipf, .ipf *')].filter(node => {
  const style = getComputedStyle(node);
  return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0;
}).map(node => node.outerHTML.slice(0, 80))"""
