"""What a person sees in an app that Voila makes of a notebook, in a real browser."""

import hosts
import pytest
from test_jupyter import BUSY, QUICK, STORY

LOAD = "%load_ext ipyfootprint"
# In one output: Voila loses one of two outputs with the same widget now and then.
TWICE = """
import ipyfootprint
from ipywidgets import VBox
panel = get_ipython()._ipyfootprint.show._panel.widget(ipyfootprint.runs())
VBox([panel, panel])
"""


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory):
    server = hosts.voila(tmp_path_factory.mktemp("voila"))
    yield server
    server.close()


@pytest.fixture
def open_app(request, page, server):
    """Opens an app of these cells; it runs them all."""

    def start(*cells, theme="light"):
        name = f"n{abs(hash(request.node.name)):x}.ipynb"
        server.write(name, LOAD, *cells)
        page.goto(server.url(f"/voila/render/{name}?theme={theme}"), timeout=60_000)
        return page

    return start


def test_a_panel_lives_while_a_later_cell_is_busy_and_a_reload_runs_anew(open_app):
    # Voila shows what a cell displays once that cell has ended; what earlier ones show is live.
    page = open_app(QUICK, "%footprint", BUSY.replace("4", "9"))
    for _ in range(2):
        page.locator(".ipf-session").wait_for(timeout=60_000)
        seen = hosts.sampled(page, ".ipf-session .ipf-of-totals summary", 6)
        assert len(set(seen)) >= 5, seen
        line = page.locator('.ipf-cell[data-state="ok"]', has_text="Cell 2 (busy)")
        line.wait_for(timeout=60_000)
        assert "settling" not in page.locator("body").inner_text()
        page.reload(timeout=60_000)


def test_a_banner_is_answered_in_an_app(open_app):
    page = open_app(STORY.format(small=0))
    banner = page.locator(".ipf-rebound")
    banner.get_by_role("button", name="Snooze").click(timeout=60_000)
    banner.get_by_text("Snoozed for an hour of work.", exact=True).wait_for()
    assert banner.get_by_role("button", name="Planned").count() == 0


def test_two_views_of_the_session_follow_what_comes_after_them(open_app):
    page = open_app(QUICK, TWICE, QUICK)
    views = page.locator(".ipf-session")
    for view in (views.nth(0), views.nth(1)):
        view.get_by_text("2 cells in").wait_for(timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_session_of_a_thousand_cells_scrolls_without_a_barrier_in_either_theme(open_app, theme):
    page = open_app(STORY.format(small=1000), "%footprint", theme=theme)
    panel = page.locator(".ipf-session")
    panel.wait_for(timeout=60_000)
    panel.evaluate("n => n.querySelectorAll('details').forEach(d => d.open = true)")
    rows = panel.locator(".ipf-list .ipf-row")
    rows.nth(2).wait_for()
    assert rows.count() < 60, "only what is in sight is drawn"
    panel.locator(".ipf-list").focus()
    page.keyboard.press("End")
    panel.locator(".ipf-list").get_by_text("Cell 1029", exact=True).wait_for()
    colour = panel.evaluate("n => getComputedStyle(n).color")
    assert colour.startswith(("rgb(2", "rgba(2")) == (theme == "dark"), colour
    for view in (".ipf-session", ".ipf-rebound"):
        assert hosts.barriers(page, view) == []
