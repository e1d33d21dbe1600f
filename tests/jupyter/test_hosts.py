"""The same cells in other hosts: a terminal, a console, papermill; and beside other tools."""

import os
import subprocess
import sys
import time

import nbformat
import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    return tmp_path


def python(*words, **options):
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_terminal_ipython_shows_the_line_as_text_once(home):
    import pexpect

    shell = pexpect.spawn(
        sys.executable, ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        encoding="utf-8", timeout=60, env=dict(os.environ), cwd=str(home),
    )  # fmt: skip
    shell.expect(r"In \[1\]: ")
    shell.sendline("%load_ext ipyfootprint")
    shell.expect(r"In \[2\]: ")
    shell.sendline(
        "get_ipython().run_cell('%%footprint -l term\\n6 * 7', store_history=True); None"
    )
    shell.expect(r"In \[\d+\]: ")
    shown = shell.before
    assert "42" in shown and shown.count("term") >= 1
    assert "<" not in shown.replace("<=", "")
    time.sleep(1.2)  # a settled run must not be printed again
    shell.sendline("%footprint cells")
    shell.expect(r"In \[\d+\]: ")
    assert "term" in shell.before and "Traceback" not in shell.before
    shell.sendline("exit()")
    shell.expect(pexpect.EOF)


def test_jupyter_console_runs_metered_cells(home):
    typed = "%load_ext ipyfootprint\n%footprint on\nprint(6 * 7)\n%footprint cells\nexit\n"
    shown = python("-m", "jupyter_console", "--simple-prompt", input=typed, cwd=home)
    assert "42" in shown and "Every cell is metered" in shown
    assert "Traceback" not in shown and " done" in shown


def test_papermill_runs_a_notebook_that_meters_itself(home):
    import papermill

    cells = [
        nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("%load_ext ipyfootprint"),
        nbformat.v4.new_code_cell("%%footprint -l paper\nn * 21"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), home / "a.ipynb")
    done = papermill.execute_notebook(
        str(home / "a.ipynb"), str(home / "b.ipynb"), {"n": 2}, kernel_name="python3",
        language="python", progress_bar=False,
    )  # fmt: skip
    outputs = done.cells[-1].outputs
    assert any(out.get("data", {}).get("text/plain") == "42" for out in outputs)
    assert any("paper" in str(out.get("data", {}).get("text/html")) for out in outputs)


def test_run_and_autoreload_work_in_a_metered_cell(new_kernel, tmp_path):
    kernel = new_kernel(PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(tmp_path))
    (tmp_path / "module_under_change.py").write_text("value = 1\n")
    (tmp_path / "script.py").write_text("import module_under_change\nseen = 6 * 7\n")
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%load_ext autoreload\n%autoreload 2")
    assert kernel.run(f"%%footprint\n%run {tmp_path / 'script.py'}\nseen").result == "42"
    kernel.run("import module_under_change")
    (tmp_path / "module_under_change.py").write_text("value = 22222\n")
    assert kernel.run("%%footprint\nmodule_under_change.value").result == "22222"
    assert kernel.value("[r.status for r in __import__('ipyfootprint').runs()]") == ["ok", "ok"]


def debug(kernel, command, sequence, **arguments):
    asked = {"type": "request", "seq": sequence, "command": command, "arguments": arguments}
    return kernel.ask("debug_request", **asked)


def test_a_breakpoint_in_a_metered_cell_is_hit_on_its_line(new_kernel):
    kernel = new_kernel()
    kernel.client.control_channel.start()
    about = kernel.client.kernel_info(reply=True, timeout=30)["content"]
    if not about.get("debugger") and "supported_features" not in about:
        return  # an ipykernel before 7, which offers no debugger here
    assert about.get("debugger") or "debugger" in about["supported_features"]
    kernel.run("%load_ext ipyfootprint")
    cell = "%%footprint\nx = 1\nx = x + 1\nx"
    assert debug(kernel, "initialize", 1, clientID="t", adapterID="t", pathFormat="path",
               linesStartAt1=True, columnsStartAt1=True)["success"]  # fmt: skip
    assert debug(kernel, "attach", 2)["success"]
    path = debug(kernel, "dumpCell", 3, code=cell)["body"]["sourcePath"]
    held = debug(kernel, "setBreakpoints", 4, source={"path": path}, breakpoints=[{"line": 3}],
               sourceModified=False)  # fmt: skip
    assert held["success"]
    debug(kernel, "configurationDone", 5)
    message = kernel.client.execute(cell)
    stopped, deadline = None, time.monotonic() + 30
    while stopped is None and time.monotonic() < deadline:
        found = kernel.client.get_iopub_msg(timeout=30)
        if found["msg_type"] == "debug_event" and found["content"]["event"] == "stopped":
            stopped = found["content"]["body"]
    frames = debug(kernel, "stackTrace", 6, threadId=stopped["threadId"])["body"]["stackFrames"]
    assert frames[0]["line"] == 3
    debug(kernel, "continue", 7, threadId=stopped["threadId"])
    assert kernel.wait(message).status == "ok"
    debug(kernel, "disconnect", 8, restart=False, terminateDebuggee=False)
    assert kernel.value("[r.status for r in __import__('ipyfootprint').runs()]") == ["ok"]


def test_a_line_that_settles_between_two_cells_is_told_again_within_the_next(new_kernel):
    """A program that runs a notebook hears only what belongs to the cell that it runs."""
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    for _ in range(8):
        (line,) = kernel.run("%%footprint -l early\nsum(range(9999))").shown
        if "still settling" in line["text/plain"] or "not read yet" in line["text/plain"]:
            break
    else:
        raise AssertionError("no cell ended before its counters had settled")
    time.sleep(1.5)
    message_id, told = kernel.client.execute("1"), []
    while True:
        message = kernel.client.get_iopub_msg(timeout=20)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == "update_display_data":
            told.append(message["content"]["data"]["text/plain"])
        if message["content"].get("execution_state") == "idle":
            break
    (again,) = told
    assert "(early) done" in again and "still settling" not in again
