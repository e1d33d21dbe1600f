"""Pages that may not load a widget show the static line; each is told by what it leaves behind."""

import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

from ipyfootprint.jupyter.host import page

VIEW = "application/vnd.jupyter.widget-view+json"
TWIN = {"text/plain", "text/html"}
COLAB = """
import sys
from types import ModuleType
for name in ("google", "google.colab", "google.colab.output", "google.colab.output._widgets"):
    sys.modules[name] = ModuleType(name)
output, switch = (sys.modules[f"google.colab.output{x}"] for x in ("", "._widgets"))
switch._installed_url = None
output._widgets = switch
def enable():
    switch._installed_url = "https://ssl.gstatic.com/manager.js"
output.enable_custom_widget_manager = enable
"""
FOUND = """
from datetime import datetime, UTC
from ipyfootprint.model import Finding
_live = get_ipython()._ipyfootprint
_finding = Finding(
    finding_id="f1", session_id=_live.tracker.session.session_id, lineage="train", run=1,
    at=datetime.now(UTC), level="warn", kind="scale-up", message="88 % is used up.",
)
_live.recording.watch.detector._findings["f1"] = _finding
_live.show.banners.show(_finding, page=_live.show.live)
"""
BUSY = "%%footprint -l busy\nimport time\nend = time.time() + 2.5\n"
BUSY += "while time.time() < end: sum(range(9999))"


def shell(kernel=True, cell_id=None, **names):
    parent = {"metadata": {"cellId": cell_id} if cell_id else {}}
    of = SimpleNamespace(get_parent=lambda channel: parent) if kernel else None
    return SimpleNamespace(user_ns=names, kernel=of)


@pytest.fixture
def bare(monkeypatch):
    """The environment of no host."""
    for name in ("JPY_SESSION_NAME", "VSCODE_PID", "SERVER_SOFTWARE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_terminal_and_a_program_have_no_page(bare):
    assert page(shell(kernel=False)) == ""
    assert page(shell()) == ""


def test_a_notebook_server_is_told_by_its_session_or_cell_ids(bare):
    assert page(shell(cell_id="abc")) == "over"
    bare.setenv("JPY_SESSION_NAME", "a.ipynb")
    assert page(shell()) == "over"


def test_voila_is_told_by_its_server(bare):
    bare.setenv("SERVER_SOFTWARE", "voila/0.5")
    assert page(shell()) == "app"


def test_vs_code_is_told_by_its_variable_or_process(bare):
    assert page(shell(__vsc_ipynb_file__="a.ipynb")) == "try"
    bare.setenv("VSCODE_PID", "1")
    assert page(shell()) == "try"


def test_a_server_started_in_vs_codes_terminal_is_no_vs_code(bare):
    bare.setenv("VSCODE_PID", "1")
    bare.setenv("JPY_SESSION_NAME", "a.ipynb")
    assert page(shell()) == "over"


def test_colab_is_told_by_its_modules_and_asked_for_its_switch(bare):
    bare.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert page(shell()) == "text"
    switch = ModuleType("google.colab.output._widgets")
    bare.setitem(sys.modules, switch.__name__, switch)
    switch._installed_url = None
    assert page(shell()) == "text"
    switch._installed_url = "https://ssl.gstatic.com/manager.js"
    assert page(shell()) == "view"


@pytest.fixture(params=["colab", "vscode"])
def held_back(request, new_kernel):
    """A kernel whose page may not load widgets."""
    kernel = new_kernel(**({"VSCODE_PID": "1"} if request.param == "vscode" else {}))
    if request.param == "colab":
        kernel.run(COLAB)
    kernel.run("%load_ext ipyfootprint")
    kernel.host = request.param
    return kernel


def followed(kernel, code):
    """Run code; every state of its displays, as the page sees them."""
    message_id, seen = kernel.client.execute(code), []
    while True:
        message = kernel.client.get_iopub_msg(timeout=30)
        if message["msg_type"] in ("display_data", "update_display_data"):
            seen.append(message["content"]["data"])
        ours = message["parent_header"].get("msg_id") == message_id
        if ours and message["content"].get("execution_state") == "idle":
            return seen


@pytest.mark.kernel
def test_the_static_line_is_shown_and_followed_without_any_widget(held_back):
    seen = followed(held_back, BUSY)
    assert all(set(data) == TWIN for data in seen)
    lines = [data["text/plain"] for data in seen]
    assert lines[0].startswith("Cell 1 (busy) running") and "done" in lines[-1]
    assert len({line for line in lines if " running " in line and " J " in line}) >= 1, lines
    assert held_back.value("'anywidget' in __import__('sys').modules") is False


@pytest.mark.kernel
def test_a_finding_is_its_static_twin_that_magics_can_answer(held_back):
    held_back.run("%%footprint\n1")
    (shown,) = held_back.run(FOUND).shown
    assert set(shown) == TWIN and "88 % is used up" in shown["text/plain"]
    assert held_back.run("%footprint rebound snooze").text == "Kept: snooze, for train.\n"


@pytest.mark.kernel
def test_a_summary_is_static_in_colab_and_tried_beside_it_in_vs_code(held_back):
    held_back.run("%%footprint\nsum(range(300_000))")
    static, *tried = held_back.run("%footprint").shown
    assert set(static) == TWIN and "Footprint of this session" in static["text/plain"]
    assert [set(data) for data in tried] == ([{*TWIN, VIEW}] if held_back.host == "vscode" else [])
    left = followed(held_back, "%unload_ext ipyfootprint")
    assert all(VIEW not in data for data in left), "no widget is left in the notebook"
    if held_back.host == "vscode":
        texts = [data["text/plain"] for data in left]
        assert sum("Footprint of this session" in text for text in texts) == 1
        assert texts.count("") == 1, "and the summary stands there once"


@pytest.mark.kernel
def test_vs_code_shows_widgets_once_it_has_drawn_one(new_kernel):
    kernel = new_kernel(VSCODE_PID="1")
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\nsum(range(300_000))")
    _, live = kernel.run("%footprint").shown
    content = {"intent": "drawn", "value": None}
    message = {"comm_id": live[VIEW]["model_id"], "data": {"method": "custom", "content": content}}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_msg", message))
    gone, deadline = None, time.monotonic() + 10
    while gone is None and time.monotonic() < deadline:
        update = kernel.client.get_iopub_msg(timeout=10)
        if update["msg_type"] == "update_display_data":
            gone = update["content"]["data"]
    assert gone == {"text/plain": "", "text/html": ""}, "the static twin has made room"
    (badge, *_) = followed(kernel, BUSY)
    assert VIEW in badge
    (shown,) = kernel.run("%footprint").shown
    assert VIEW in shown


@pytest.mark.kernel
def test_colab_shows_widgets_from_the_moment_of_its_switch(new_kernel):
    kernel = new_kernel()
    kernel.run(COLAB)
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\nsum(range(300_000))")
    assert VIEW not in kernel.run("%footprint").shown[0]
    assert kernel.value("switch._installed_url") is None, "nobody but the person turns it on"
    kernel.run("output.enable_custom_widget_manager()")
    assert VIEW in kernel.run("%footprint").shown[0]
