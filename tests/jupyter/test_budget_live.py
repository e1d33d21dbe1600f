"""Budgets in a real kernel: spoken of near the limit, asked about, and never in the way."""

import json
import time

import pytest

pytestmark = pytest.mark.kernel

WORK = "%%footprint -l work\nimport time; time.sleep(0.2)"  # 200 J at 1000 W


@pytest.fixture
def powered(new_kernel, tmp_path):
    recording = tmp_path / "power.json"
    recording.write_text(json.dumps({"dt_s": 1.0, "watts": {"gpu0": [1000.0] * 600}}))
    kernel = new_kernel(IPYFOOTPRINT_REPLAY=str(recording))
    kernel.run("%load_ext ipyfootprint")
    return kernel


def texts(reply):
    return [data["text/plain"] for data in reply.shown]


def answered(kernel, code, answer):
    """Execute code, typing an answer to the one question it asks; the reply and the question."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
    content |= {"user_expressions": {}, "stop_on_error": True}
    message = kernel.client.session.msg("execute_request", content)
    kernel.client.shell_channel.send(message)
    asked = kernel.client.get_stdin_msg(timeout=30)["content"]["prompt"]
    kernel.client.input(answer)
    return kernel.wait(message["header"]["msg_id"]), asked


def used_up(kernel, budget):
    """A session that has run one cell of 200 J and has too little left for another."""
    kernel.run(WORK)
    time.sleep(1.2)  # until the run's counters have settled and its row is closed
    assert "Budget:" in kernel.run(f"%footprint budget {budget}").text


def test_a_cell_is_not_run_where_the_person_says_no(powered):
    used_up(powered, "300 J --action confirm")
    reply, asked = answered(powered, WORK + "\nran = True", "n")
    assert "likely to use 2" in asked and "Run it? [y/N]" in asked
    assert reply.status == "error" and reply.error["ename"] == "CellNotRun"
    assert reply.error["traceback"] == [f"Not run: {asked.removesuffix(' Run it? [y/N] ')}"]
    assert powered.value("'ran' in globals()") is False
    assert powered.value("len(__import__('ipyfootprint').runs())") == 1
    assert powered.run("6 * 7").result == "42", "the next cell runs as ever"
    assert powered.value("get_ipython().ast_transformers") == []


def test_a_cell_runs_where_the_person_says_yes(powered):
    used_up(powered, "300 J --action confirm")
    reply, _ = answered(powered, WORK + "\n6 * 7", "y")
    assert (reply.status, reply.result) == ("ok", "42")
    line, used = texts(reply)
    assert line.startswith("Cell 2 (work) done") and "Budget passed: 4" in used


def test_where_nobody_can_be_asked_the_cell_runs_and_it_is_said(powered):
    used_up(powered, "300 J --action confirm")
    reply = powered.run(WORK + "\n6 * 7")
    assert (reply.status, reply.result) == ("ok", "42")
    assert "Nobody can be asked here: it runs." in texts(reply)[0]


def test_a_budget_that_only_warns_asks_nothing(powered):
    used_up(powered, "300 J")
    reply = powered.run(WORK, allow_stdin=True)
    assert reply.status == "ok" and "likely to use" in texts(reply)[0]


def test_a_daily_budget_holds_in_the_next_session_and_none_takes_it_back(powered, new_kernel):
    assert "config.json" in powered.run("%footprint budget 5 kWh per day").text
    other = new_kernel()
    other.run("%load_ext ipyfootprint")
    assert "of 5.00 kWh per day" in other.run("%footprint budget").text
    other.run("%footprint budget none")
    assert "No budget is set." in other.run("%footprint budget").text
    again = new_kernel()
    again.run("%load_ext ipyfootprint")
    assert "No budget is set." in again.run("%footprint budget").text


@pytest.mark.parametrize(
    "line",
    ["budget 5 parsecs", "budget 5 Wh per month", "compare lunch dinner", "compare 1-2",
     "plan runs=-1", "plan runs=nan", "plan", "breakeven --old a --new b", "breakeven",
     "breakeven --cost 5L --old 1J --new 2J", "breakeven --cost 5kWh --old a --new b",
     "breakeven --cost 5kWh --old 2Wh --new 1Wh --uses-per-day nan", "rebound perhaps",
     "rebound snooze", "lifecycle now"],
)  # fmt: skip
def test_what_cannot_be_done_is_a_usage_error_in_three_parts(kernel, line):
    reply = kernel.run(f"%footprint {line}")
    plain = "\n".join(reply.error["traceback"]) if reply.error else reply.text
    assert "UsageError" in plain, plain
    assert "; nothing was" in plain or "; nothing is" in plain


def test_a_badge_tells_what_the_cell_will_have_used(new_kernel, tmp_path):
    recording = tmp_path / "power.json"
    recording.write_text(json.dumps({"dt_s": 1.0, "watts": {"gpu0": [1000.0] * 600}}))
    kernel = new_kernel(IPYFOOTPRINT_REPLAY=str(recording), JPY_SESSION_NAME="demo.ipynb")
    kernel.run("%load_ext ipyfootprint\nfrom tqdm import tqdm\nimport time")
    kernel.run(
        "from ipyfootprint.widgets.cell import CellBadge\n"
        "told = []\n"
        "update = CellBadge.update\n"
        "CellBadge.update = lambda badge, payload, twin=None: told.append(payload['predicted'])"
    )
    kernel.run("%%footprint\nfor _ in tqdm(range(20)):\n    time.sleep(0.1)")
    said = [text for text in kernel.value("told") if text]
    assert said and all(text.startswith("about ") and text.endswith(" left") for text in said)


def test_a_metric_that_is_no_number_is_said_once_and_the_run_is_kept(kernel):
    reply = kernel.run("%%footprint -l nan --metric loss\nloss = float('nan')")
    assert reply.status == "ok"
    assert any("--metric loss: that variable holds no finite number" in t for t in texts(reply))
    reply = kernel.run("%%footprint\nimport ipyfootprint; ipyfootprint.metric('acc', float('nan'))")
    assert any('Type e.g. metric("acc", 0.93).' in t for t in texts(reply)), texts(reply)
    assert not any(".." in t for t in texts(reply))
