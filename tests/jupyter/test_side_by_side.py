"""Cells that run other cells, and cells in a subshell beside a busy one."""

import time

import pytest

pytestmark = pytest.mark.kernel
RUNS = "[(r.label, r.status) for r in __import__('ipyfootprint').runs()]"


def test_a_cell_that_runs_cells_is_one_run_and_ends_as_it_began(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    reply = kernel.run(
        "%%footprint -l outer\n"
        "_ = get_ipython().run_cell('%%footprint -l inner\\ninner = 1', store_history=True)\n"
        "outer = 1"
    )
    assert reply.status == "ok" and kernel.value("(inner, outer)") == (1, 1)
    assert kernel.value(RUNS) == [("outer", "ok")]
    kernel.run("%footprint on")
    kernel.run("_ = get_ipython().run_cell('2', store_history=True)")
    assert kernel.value(f"len({RUNS})") == 2


def test_a_cell_in_a_subshell_leaves_the_busy_one_its_run(new_kernel):
    kernel = new_kernel()
    kernel.client.control_channel.start()
    if "kernel subshells" not in kernel.client.kernel_info(reply=True, timeout=30)["content"].get(
        "supported_features", []
    ):
        return  # this ipykernel has none: there is nothing that could go wrong
    kernel.run("%load_ext ipyfootprint")
    subshell = kernel.ask("create_subshell_request")["subshell_id"]
    busy = kernel.client.execute("%%footprint -l busy\nimport time; time.sleep(2)")
    time.sleep(0.5)
    message = kernel.client.session.msg(
        "execute_request",
        {"code": "%%footprint -l beside\nx = 7", "silent": False, "store_history": True,
         "user_expressions": {}, "allow_stdin": False, "stop_on_error": True},
    )  # fmt: skip
    message["header"]["subshell_id"] = subshell
    kernel.client.shell_channel.send(message)
    assert kernel.wait(busy).status == "ok"
    deadline = time.monotonic() + 10
    while kernel.value("globals().get('x')") != 7 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernel.value(RUNS) == [("busy", "ok")]
    assert kernel.run("%%footprint -l after\n1").result == "1"
    assert kernel.value(RUNS)[-1] == ("after", "ok")
