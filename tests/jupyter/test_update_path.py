"""Live updates over hours: what they cost the kernel's memory, also when nobody takes them."""

import ast
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from ipyfootprint.jupyter.panel import SLOWER_BY
from ipyfootprint.relay import PROGRESS_EVERY_S

MADE_UP = str(Path(__file__).parents[1] / "widgets")
HOUR = 3600
# An hour of updates as fast as they can be made: the badge of one cell, and the open panel.
DRIVE = f"""
import sys; sys.path.insert(0, {MADE_UP!r})
import gc, psutil
from made_up import made_run, made_summary
from ipyfootprint.widgets.cell import CellBadge
from ipyfootprint.widgets.curve import Curve
from ipyfootprint.widgets.payload import badge_payload
from ipyfootprint.widgets.session import SessionPanel
curve, me = Curve(), psutil.Process()
badge, panel = CellBadge(badge_payload(made_run(1))), SessionPanel(made_summary(60))
summaries = [made_summary(60 + n) for n in range(3)]
def drive(first, last, each_s={PROGRESS_EVERY_S}):
    for step in range(first, last):
        run = made_run(2, 90.0 * step + 1, status="started", duration_s=each_s * step)
        curve.add(run)
        badge.update(badge_payload(run, None, curve.trace(), power_w=curve.power_w))
        if step % 10 == 0:
            panel.show(summaries[step % 3])
    gc.collect()
    return me.memory_info().rss / 1e6
warm = drive(0, 2000)
grown = drive(2000, 8000) - warm
"""


def spoken(kernel, code, expression, timeout=240):
    """Run code while nobody reads what the kernel publishes; the value of an expression then."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    content |= {"user_expressions": {"said": expression}, "stop_on_error": True}
    message = kernel.client.session.msg("execute_request", content)
    kernel.client.shell_channel.send(message)
    reply = kernel.client.get_shell_msg(timeout=timeout)["content"]
    assert reply["status"] == "ok", reply
    return ast.literal_eval(reply["user_expressions"]["said"]["data"]["text/plain"])


def updates(seconds):
    """How many updates a badge sends in a cell of that length."""
    at, count = 0.0, 0
    while at < seconds:
        at, count = at + max(PROGRESS_EVERY_S, at / SLOWER_BY), count + 1
    return count


def test_a_longer_cell_sends_ever_fewer_updates():
    assert updates(60) == pytest.approx(60 / PROGRESS_EVERY_S, rel=0.02)
    assert updates(10 * HOUR) < 7000
    assert updates(100 * HOUR) - updates(10 * HOUR) < updates(10 * HOUR) - updates(HOUR / 10)


@pytest.mark.kernel
def test_an_hour_of_updates_that_nobody_takes_leaves_the_kernel_as_it_was(new_kernel):
    kernel = new_kernel(JPY_SESSION_NAME="demo.ipynb")
    kernel.run("%load_ext ipyfootprint")
    grown_mb = spoken(kernel, DRIVE, "grown")
    # 6000 badges of 2 kB and 600 panels of 30 kB were sent: kept, they would be 30 MB.
    assert grown_mb < 10, f"{grown_mb:.1f} MB"


@pytest.mark.soak
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("page", ["read", "gone"])
def test_half_an_hour_of_a_live_cell_and_panel_costs_no_memory(new_kernel, page, tmp_path):
    minutes = float(os.environ.get("SOAK_MINUTES", "30"))
    kernel = new_kernel(JPY_SESSION_NAME="demo.ipynb")
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\n1")
    kernel.run("%footprint")
    cell = f"%%footprint\nimport time\ntime.sleep({60 * minutes})"
    kernel.client.execute(cell)
    process, seen, taken = psutil.Process(kernel.pid), [], 0
    end = time.monotonic() + 60 * minutes - 5
    while time.monotonic() < end:
        if page == "read":
            try:
                kernel.client.get_iopub_msg(timeout=1)
                taken += 1
            except Exception:
                continue
        else:
            time.sleep(1)
        seen.append(process.memory_info().rss / 1e6)
    tenth, middle, last = seen[len(seen) // 10], seen[len(seen) // 2], seen[-1]
    told = f"{page}: {tenth:.1f} MB, {middle:.1f} MB, {last:.1f} MB; {taken} messages"
    print(told, file=sys.stderr)
    # Where nobody reads, the kernel's socket keeps its thousand newest messages and no more.
    assert (last - tenth < 5) if page == "read" else (last - middle < 3 and last - tenth < 12)
    if page == "read":
        assert taken > 60 * minutes
