"""The live panel and banners of a kernel that a page is looking at."""

import re
import time

import pytest

pytestmark = pytest.mark.kernel

PLACE = re.compile(r'class="(ipf-at-[0-9a-f]+)"')
TWIN = {"text/plain", "text/html"}
FOUND = """
from datetime import datetime, UTC
from ipyfootprint.model import Finding
_live = get_ipython()._ipyfootprint
def found(name):
    finding = Finding(
        finding_id=name, session_id=_live.tracker.session.session_id, lineage="train", run=1,
        at=datetime.now(UTC), level="warn", kind="scale-up", message="88 % is used up.",
    )
    _live.recording.watch.detector._findings[name] = finding
    _live.show.banners.show(finding, page=_live.show.live)
def model_of(name):
    return _live.show.banners._shown[name].banner.model_id
def answers():
    return {f.finding_id: f.answer for f in _live.recording.watch.findings}
"""


@pytest.fixture
def page(new_kernel):
    """A kernel whose output a page shows."""
    kernel = new_kernel(JPY_SESSION_NAME="demo.ipynb")
    assert kernel.run("%load_ext ipyfootprint").outputs == []
    kernel.run("%%footprint\nsum(range(300_000))")
    return kernel


def press(kernel, model_id, intent, value=None):
    content = {"intent": intent, "value": value}
    message = {"comm_id": model_id, "data": {"method": "custom", "content": content}}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_msg", message))


def frozen(kernel, timeout=10):
    """The next display that is replaced."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        message = kernel.client.get_iopub_msg(timeout=timeout)
        if message["msg_type"] == "update_display_data":
            return message["content"]["data"]
    raise AssertionError("nothing was replaced")


def test_every_summary_of_a_session_is_a_view_of_one_widget(page):
    (first,) = page.run("%footprint").shown
    (second,) = page.run("%footprint").shown
    assert set(first) == set(second) == TWIN, "what is saved needs no widget"
    assert PLACE.findall(first["text/html"]) == PLACE.findall(second["text/html"]) != []
    assert "Footprint of this session" in first["text/html"]
    assert "1 cell in" in first["text/plain"]


def test_the_open_panel_follows_the_session_and_freezes_when_it_ends(page):
    page.run("%footprint")
    page.run("%%footprint\nsum(range(300_000))")
    panel = "get_ipython()._ipyfootprint.show._panel._widget.payload['headline']"
    deadline = time.monotonic() + 10
    while "2 cells" not in page.value(panel):
        assert time.monotonic() < deadline, "the panel did not follow"
    (gone, *_) = [
        update
        for update in iter_updates(page, "%unload_ext ipyfootprint")
        if "Footprint of" in update["text/html"]
    ]
    assert "2 cells" in gone["text/plain"] and not PLACE.search(gone["text/html"])


def iter_updates(kernel, code):
    """Run code; the displays that it replaced."""
    message_id = kernel.client.execute(code)
    while True:
        message = kernel.client.get_iopub_msg(timeout=20)
        if message["msg_type"] == "update_display_data":
            yield message["content"]["data"]
        if (
            message["msg_type"] == "status"
            and message["content"]["execution_state"] == "idle"
            and message["parent_header"].get("msg_id") == message_id
        ):
            return


def test_a_program_that_runs_the_notebook_gets_the_static_views(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\nsum(range(300_000))")
    kernel.run(FOUND, store_history=False)
    (summary,) = kernel.run("%footprint").shown
    (finding,) = kernel.run("found('f1')").shown
    assert set(summary) == set(finding) == TWIN
    assert not PLACE.search(summary["text/html"] + finding["text/html"])
    assert kernel.value("'anywidget' in __import__('sys').modules") is False


def test_a_late_click_is_kept_and_freezes_its_banner(page):
    page.run(FOUND, store_history=False)
    page.run("found('f1'); found('f2')")
    model = page.value("model_of('f1')")
    busy = page.client.execute("import time; time.sleep(1)")
    press(page, model, "planned")
    press(page, model, "snooze")
    assert page.wait(busy).status == "ok"
    told = frozen(page)
    assert "Planned" in told["text/plain"] and not PLACE.search(told["text/html"])
    assert page.value("answers()") == {"f1": "planned", "f2": None}


def test_an_answer_by_magic_freezes_the_banner(page):
    page.run(FOUND, store_history=False)
    reply = page.run("found('f1')\nget_ipython().run_line_magic('footprint', 'rebound snooze')")
    assert reply.text == "Kept: snooze, for train.\n"
    assert "Snooze" in reply.shown[0]["text/plain"]
    assert not PLACE.search(reply.shown[0]["text/html"])


@pytest.mark.parametrize("content", [("planned", {}), ("rm -rf", None), ("budget", "9" * 9999)])
def test_a_click_that_makes_no_sense_changes_nothing(page, content):
    page.run(FOUND, store_history=False)
    page.run("found('f1')")
    press(page, page.value("model_of('f1')"), *content)
    page.run("1")
    assert page.value("answers()")["f1"] in (None, "budget")
