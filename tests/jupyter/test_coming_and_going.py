"""Loading, unloading, and what is left behind."""

import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

STATE = """
import gc, os, threading
from pathlib import Path
gc.collect(); ip = get_ipython()
state = (
    {k: len(v) for k, v in ip.events.callbacks.items()},
    len(ip.input_transformers_cleanup),
    sorted(t.name for t in threading.enumerate()),
    sorted(os.readlink(f'/proc/self/fd/{f}').split(':')[0] for f in os.listdir('/proc/self/fd')
           if os.path.exists(f'/proc/self/fd/{f}')),
    Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text().split(),
    'footprint' in ip.magics_manager.magics['line'],
)
"""


def state(kernel):
    kernel.run(STATE, store_history=False)
    return kernel.value("state")


def children(pid):
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def gone(pids, within=5.0):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def settled(look, wanted, within):
    deadline = time.monotonic() + within
    while (seen := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    return seen


def with_a_socket(state):
    return (*state[:3], sorted([*state[3], "anon_inode"]), *state[4:])


def shared_files():
    """Shared memory as Python names it; browsers beside this test have files of their own."""
    names = ("psm_*", "sem.*", "pym-*", "*ipyfootprint*")
    return {path for name in names for path in Path("/dev/shm").glob(name)}


def test_unloading_leaves_nothing_behind(new_kernel):
    kernel, shm = new_kernel(), shared_files()
    before = state(kernel)
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\nsum(range(10**6))")
    sampler = children(kernel.pid)
    assert len(sampler) == 1
    kernel.run("%unload_ext ipyfootprint")
    assert gone(sampler)
    # ipykernel itself drops the socket of a thread that has ended within ten seconds; before
    # its version 7 it keeps one for good
    older = kernel.value("__import__('ipykernel').version_info[0]") < 7
    wanted = with_a_socket(before) if older else before
    assert settled(lambda: state(kernel), wanted, within=15.0) in (before, wanted)
    assert shared_files() <= shm


def test_loading_twice_and_reloading_are_harmless(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run("__import__('ipyfootprint').load_ipython_extension(get_ipython())")
    kernel.run("%%footprint\n1")
    kernel.run("%reload_ext ipyfootprint")
    kernel.run("%%footprint\n2")
    assert len(children(kernel.pid)) == 1
    assert kernel.value("[r.status for r in __import__('ipyfootprint').runs()]") == ["ok"]
    assert kernel.value("len(__import__('ipyfootprint').runs(all=True))") == 2


def test_a_shutdown_and_a_kill_leave_no_process(new_kernel):
    for kill in (False, True):
        kernel = new_kernel()
        kernel.run("%load_ext ipyfootprint")
        kernel.run("%%footprint\n1")
        sampler = children(kernel.pid)
        assert len(sampler) == 1
        kernel.manager.shutdown_kernel(now=kill)
        assert gone(sampler)


def test_before_any_run_the_summary_says_what_to_type(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    assert "%%footprint" in kernel.run("%footprint").text


def test_a_ledger_that_cannot_be_used_costs_one_line_and_no_run(new_kernel, tmp_path):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is not a database" * 100)
    kernel = new_kernel(IPYFOOTPRINT_LEDGER=str(broken))
    kernel.run("%load_ext ipyfootprint")
    first = kernel.run("%%footprint\n1")
    assert first.result == "1" and len(first.shown) == 2
    assert len(kernel.run("%%footprint\n2").shown) == 1
    assert kernel.value("len(__import__('ipyfootprint').runs())") == 2
