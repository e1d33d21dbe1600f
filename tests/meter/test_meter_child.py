"""A real sampler in a process of its own, reading a recording whose energy is known."""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ipyfootprint.meter import Meter

ROOT = Path(__file__).parent.parent.parent
POWER_W = 120.0


@pytest.fixture
def env(tmp_path):
    path = tmp_path / "power.csv"
    path.write_text(f"time_s,gpu0,cpu0\n0,{POWER_W},40\n10,{POWER_W},40\n20,{POWER_W},40\n")
    return {**os.environ, "IPYFOOTPRINT_REPLAY": str(path)}


@pytest.fixture
def meter(env):
    meter = Meter(None, env=env)
    yield meter
    meter.close()


def settled(meter, start, end, within_s=5.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        window = meter.window(start, end)
        if window.settled:
            return window
        time.sleep(0.02)
    pytest.fail(f"not settled: {window}")


def descriptors():
    return {entry.name for entry in os.scandir("/proc/self/fd")}


def test_a_cell_before_the_first_reading_gets_its_energy_with_bounds(meter):
    start = meter.begin("first")
    time.sleep(0.3)
    window = settled(meter, start, meter.end("ok"))
    gpu = window.devices["gpu0"]
    assert gpu.energy_j == pytest.approx(POWER_W * window.duration_s, rel=0.02)
    assert gpu.low_j < POWER_W * window.duration_s < gpu.high_j


def test_windows_that_share_edges_add_up_exactly(meter):
    edges = [meter.mark()]
    for number in range(4):
        edges.append(meter.begin(str(number)))
        time.sleep(0.05)
        edges.append(meter.end("ok"))
    settled(meter, edges[0], edges[-1])
    parts = [settled(meter, a, b) for a, b in pairwise(edges)]
    whole = settled(meter, edges[0], edges[-1])
    for name, device in whole.devices.items():
        assert sum(p.devices[name].energy_j for p in parts) == pytest.approx(
            device.energy_j, rel=1e-12
        )


def test_closing_leaves_no_process_and_no_descriptor(env):
    before = descriptors()
    meter = Meter(None, env=env)
    pid = meter.sampler_pid
    settled(meter, meter.begin("a"), meter.end("ok"))
    meter.close()
    meter.close()
    assert meter.state == "closed"
    assert not Path(f"/proc/{pid}").exists()
    assert descriptors() == before


def test_the_sampler_goes_when_its_kernel_is_killed(env):
    code = (
        "import time; from ipyfootprint.meter import Meter; m = Meter(None);"
        "m.begin('a'); print(m.sampler_pid, flush=True); time.sleep(60)"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", code], env={**env, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )
    pid = int(kernel.stdout.readline())
    time.sleep(0.3)
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    kernel.stdout.close()
    deadline = time.monotonic() + 2.0
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
