"""Metering without magics, as a script does it."""

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ipyfootprint
from ipyfootprint import api
from ipyfootprint.errors import ConfigError


@pytest.fixture(autouse=True)
def session(monkeypatch):
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", ":memory:")
    yield
    if api._active is not None:
        api._active.close()


def told():
    return [(run.label, run.status) for run in ipyfootprint.runs()]


def test_a_block_is_a_run_that_reads_like_one_afterwards():
    with ipyfootprint.track("train", phase="training", planned=3) as block:
        with pytest.raises(AttributeError, match="not ended"):
            _ = block.energy_j
        sum(range(10_000))
    (run,) = ipyfootprint.runs()
    assert (run.label, run.phase, run.planned, run.status) == ("train", "training", 3, "ok")
    assert block.run_id == run.run_id and block.duration_s == run.duration_s > 0
    assert run.lineage == "train"


def test_an_error_passes_and_the_run_says_so():
    with pytest.raises(ZeroDivisionError), ipyfootprint.track("breaks"):
        _ = 1 / 0
    assert told() == [("breaks", "error")]


def test_a_decorated_function_is_metered_at_every_call():
    @ipyfootprint.track
    def double(x):
        """Twice."""
        return 2 * x

    @ipyfootprint.track("named", phase="evaluation")
    def half(x):
        return x / 2

    assert (double(2), double(x=3), half(4)) == (4, 6, 2)
    assert double.__doc__ == "Twice." and double.__name__ == "double"
    assert [label for label, _ in told()] == [double.__qualname__] * 2 + ["named"]
    assert ipyfootprint.runs()[-1].phase == "evaluation"


def test_a_coroutine_function_is_metered_while_it_is_awaited():
    @ipyfootprint.track("waits")
    async def wait():
        await asyncio.sleep(0.05)
        return 1

    # In a thread of its own: a browser of other tests keeps a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, wait()).result() == 1
    assert told() == [("waits", "ok")] and ipyfootprint.runs()[0].duration_s >= 0.05


def test_a_block_within_a_block_is_part_of_it():
    with ipyfootprint.track("outer") as outer, ipyfootprint.track("inner") as inner:
        sum(range(10_000))
    with ipyfootprint.track("next"):
        pass
    assert told() == [("outer", "ok"), ("next", "ok")]
    assert [run.number for run in ipyfootprint.runs()] == [1, 2]
    assert inner.duration_s <= outer.duration_s


def test_work_and_outcome_told_inside_are_kept():
    with ipyfootprint.track("train"):
        ipyfootprint.work(3, "epochs")
        ipyfootprint.metric("loss", 0.25)
    (run,) = ipyfootprint.runs()
    assert (run.work_units, run.work_kind) == (3, "epochs")
    assert (run.metric_name, run.metric) == ("loss", 0.25)


def test_a_phase_that_is_none_is_refused_before_anything_runs():
    with pytest.raises(ConfigError, match="is not a phase"):
        ipyfootprint.track("x", phase="lunch")
    assert told() == []


def test_the_session_sums_its_runs():
    for label in ("a", "b"):
        with ipyfootprint.track(label):
            sum(range(10_000))
    summary = ipyfootprint.session()
    assert "2 cells" in str(summary) and "<table" in summary._repr_mimebundle_()["text/html"]
    assert [run.label for run in summary.runs] == ["a", "b"]
    assert {run.run_id for run in ipyfootprint.runs(all=True)} == {
        run.run_id for run in summary.runs
    }


def test_what_is_shown_is_made_of_plain_strings():
    with ipyfootprint.track("train") as run:
        assert "not ended" in run._repr_mimebundle_()["text/plain"]
    shown = [*run._repr_mimebundle_().values(), *ipyfootprint.session()._mime_()]
    assert "Cell 1 (train)" in shown[0] and "1 cell in" in shown[-1]
    # marimo's encoder sends a kind of str as an object
    assert {type(text) for text in shown} == {str}


def test_a_forked_child_leaves_its_parents_session_alone():
    with ipyfootprint.track("parent"):
        child = os.fork()
        if child == 0:
            os._exit(0 if api._active.tracker.close() is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert told() == [("parent", "ok")]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_work_that_left_its_parent_counts_as_this_sessions():
    burn = "from time import *; t = process_time; e = t() + .5\nwhile t() < e: pass\nsleep(60)"
    with ipyfootprint.track("daemon") as block:
        shell = f"({shlex.quote(sys.executable)} -c {shlex.quote(burn)} >/dev/null 2>&1 & echo $!)"
        pid = int(subprocess.run(shell, shell=True, capture_output=True, text=True).stdout)
        deadline = time.monotonic() + 30
        while cpu_s(pid) < 0.5 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.2)  # what is below others is looked for once a second
    os.kill(pid, signal.SIGKILL)
    time.sleep(1.2)
    assert ipyfootprint.runs()[-1].cpu_time_s >= 0.4, block
    api._active.close()
    assert "IPYFOOTPRINT_SESSION" not in os.environ


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
