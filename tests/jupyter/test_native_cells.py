"""A cell under %%footprint behaves exactly as without it, in a real kernel."""

import json
import signal
import time

import pytest

pytestmark = pytest.mark.kernel

LAST = "[r for r in __import__('ipyfootprint').runs()][-1]"


def runs_of(kernel):
    code = "[(r.number, r.status, r.label) for r in __import__('ipyfootprint').runs()]"
    return kernel.value(code)


def test_the_last_value_is_shown_and_kept(kernel):
    reply = kernel.run("%%footprint\n6 * 7")
    assert (reply.result, reply.status) == ("42", "ok")
    assert kernel.run("_").result == "42"
    assert kernel.run(f"Out[{reply.count}]").result == "42"


def test_one_line_of_text_and_html_appears_under_the_output(kernel):
    (shown,) = kernel.run("%%footprint\nsum(range(300_000))").shown
    assert set(shown) == {"text/plain", "text/html"}, "no widget is left in the cell"
    assert "J" in shown["text/plain"] and "CO2e" in shown["text/plain"]
    assert "<script" not in shown["text/html"] and "<style" not in shown["text/html"]


def test_top_level_await_works(kernel):
    reply = kernel.run("%%footprint\nimport asyncio\nawait asyncio.sleep(0, 'woke')")
    assert reply.result == "'woke'"


def test_traceback_line_numbers_are_right(kernel):
    reply = kernel.run("%%footprint -l broken\nx = 1\n\n1/0")
    plain = "\n".join(reply.error["traceback"])
    assert reply.status == "error" and reply.error["ename"] == "ZeroDivisionError"
    assert "line 4" in plain or "----> 4" in plain or "4 \x1b" in plain
    assert runs_of(kernel)[-1][1:] == ("error", "broken")


def test_one_execution_count_and_one_history_entry(kernel):
    before = kernel.run("1").count
    reply = kernel.run("%%footprint\n2")
    assert reply.count == before + 1
    assert kernel.run("3").count == before + 2
    assert kernel.value(f"In[{reply.count}]") == "\n2"
    raw = kernel.value("list(get_ipython().history_manager.get_range(raw=True))[-3:]")
    assert [row[2] for row in raw][1] == "%%footprint\n2"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%%footprint\n%%time\nprint('hi')", "hi"),
        ("%%time\n%%footprint\nprint('hi')", "hi"),
        ("%%footprint\n%%bash\necho hi", "hi"),
        ("%%bash\n%%footprint\necho hi", "hi"),
    ],
)
def test_other_cell_magics_work_above_and_below(kernel, cell, expected):
    count = len(runs_of(kernel))
    assert expected in kernel.run(cell).text
    assert len(runs_of(kernel)) == count + 1


def test_capture_catches_what_the_cell_prints_and_not_our_line(kernel):
    reply = kernel.run("%%footprint\n%%capture caught\nprint('inside')")
    assert reply.text == ""
    assert kernel.value("caught.stdout") == "inside\n"


def test_a_bad_option_refuses_the_cell(kernel):
    count = len(runs_of(kernel))
    reply = kernel.run("%%footprint --phase lunch\nshould_not_exist = 1")
    assert reply.status == "error" and "UsageError" in reply.text + str(reply.error)
    assert kernel.value("'should_not_exist' in globals()") is False
    assert len(runs_of(kernel)) == count


def test_an_interrupt_ends_the_cell_and_the_run_says_so(kernel):
    message = kernel.client.execute("%%footprint\nimport time\ntime.sleep(30)")
    time.sleep(1.0)
    kernel.manager.interrupt_kernel()
    reply = kernel.wait(message)
    assert reply.error["ename"] == "KeyboardInterrupt"
    assert runs_of(kernel)[-1][1] == "interrupted"


def test_stop_on_error_still_aborts_the_cells_that_follow(kernel):
    first = kernel.client.execute("%%footprint\nimport time; time.sleep(.3); 1/0")
    second = kernel.client.execute("ran_after_error = 1")
    assert kernel.wait(first).status == "error"
    answer = kernel.client.get_shell_msg(timeout=10)
    assert answer["parent_header"]["msg_id"] == second
    assert answer["content"]["status"] in ("aborted", "error")
    assert kernel.value("'ran_after_error' in globals()") is False


def test_the_cell_id_of_the_front_end_is_kept(kernel):
    kernel.run("%%footprint\n1", metadata={"cellId": "abc-123"})
    assert kernel.value(f"{LAST}.cell_id") == "abc-123"


def test_the_run_can_be_asked_for_by_name(kernel):
    kernel.run("%%footprint -o mine --label named\n1")
    assert kernel.value("(mine.label, mine.status)") == ("named", "ok")


def test_quiet_records_and_shows_nothing(kernel):
    count = len(runs_of(kernel))
    assert kernel.run("%%footprint --quiet\n1").shown == []
    assert len(runs_of(kernel)) == count + 1


def test_declared_work_and_metric_are_kept(kernel):
    kernel.run("%%footprint --work 10 epochs --metric acc\nacc = 0.75")
    fields = ("work_units", "work_kind", "metric_name", "metric")
    got = kernel.value(f"[getattr({LAST}, n) for n in {fields}]")
    assert got == [10.0, "epochs", "acc", 0.75]


def test_silent_and_unstored_executions_are_not_metered(kernel):
    kernel.run("%footprint on")
    count = len(runs_of(kernel))
    kernel.run("1", store_history=False)
    kernel.run("1", silent=True)
    assert len(runs_of(kernel)) == count
    kernel.run("%footprint off")


def test_auto_mode_meters_every_cell_and_off_ends_it(kernel):
    kernel.run("%footprint on")
    count = len(runs_of(kernel))
    kernel.run("a = 1")
    assert len(runs_of(kernel)) == count + 1
    kernel.run("%footprint off")
    now = len(runs_of(kernel))
    kernel.run("a = 2")
    assert len(runs_of(kernel)) == now


def test_energy_and_carbon_are_there_with_bounds_and_method(kernel):
    kernel.run("%%footprint -o r\nsum(i * i for i in range(2_000_000))")
    kernel.run("import time; time.sleep(1.5)")
    row = json.loads(
        kernel.run(
            f"from ipyfootprint.export import to_json_lines\nprint(to_json_lines([{LAST}]), end='')"
        ).text
    )
    assert 0 < row["energy_low_j"] <= row["energy_j"] <= row["energy_high_j"]
    assert row["node_energy_j"] >= row["energy_j"]
    assert 0 < row["operational_low_g"] <= row["operational_g"] <= row["operational_high_g"]
    assert row["method"] in ("counter", "integrated", "modelled") and row["settled"]
    assert row["intensity"]["zone"] == "WOR" and row["cpu_time_s"] > 0
    total = sum(d["energy_j"] * d["share"] for d in row["devices"].values())
    assert total == pytest.approx(row["energy_j"], rel=1e-6)


def test_an_unknown_sub_command_offers_the_nearest(kernel):
    reply = kernel.run("%footprint summry")
    assert "Did you mean %footprint summary?" in reply.text + str(reply.error)


def test_the_kernel_survives_a_sigint_between_cells(kernel):
    kernel.manager.signal_kernel(signal.SIGINT)
    assert kernel.run("%%footprint\n'alive'").result == "'alive'"


def test_work_is_counted_without_a_declaration(kernel):
    kernel.run("%%footprint\nfrom tqdm import tqdm\nfor _ in tqdm(range(17)): pass")
    assert kernel.value(f"({LAST}.work_units, {LAST}.work_kind)") == (17.0, "loop iterations")


def test_declared_outcomes_from_code_are_kept(kernel):
    kernel.run(
        "%%footprint\nimport ipyfootprint\n"
        "ipyfootprint.work(3, 'epochs'); ipyfootprint.metric('loss', 0.5)"
    )
    got = kernel.value(f"({LAST}.work_units, {LAST}.work_kind, {LAST}.metric_name, {LAST}.metric)")
    assert got == (3, "epochs", "loss", 0.5)
