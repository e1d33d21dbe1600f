"""A real sampler on simulated hardware that fails: nothing negative, nothing made up."""

import os
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise

import pytest
from simulator.nvml import simulated_nvml
from simulator.powercap import simulated_powercap

from ipyfootprint.meter import Meter
from ipyfootprint.testing import constant, square

pytestmark = pytest.mark.hardware
NEVER = 0.001  # "frozen at", for a counter that never moves


@contextmanager
def metered(gpu=None, gpus=None, zones=None, **options):
    """A meter on simulated GPUs and processors: (meter, nvml, powercap)."""
    with ExitStack() as stack:
        env = dict(os.environ)
        nvml = powercap = None
        if gpu is not None:
            nvml = stack.enter_context(simulated_nvml(gpu, gpus, **options))
            env |= nvml.env
        if zones is not None:
            powercap = stack.enter_context(simulated_powercap(zones))
        meter = Meter(None, env=env, root=powercap.root if powercap else "/")
        stack.callback(meter.close)
        yield meter, nvml, powercap


def settled(meter, start, end, within_s=8.0):
    deadline = time.monotonic() + within_s
    while not (window := meter.window(start, end)).settled:
        assert time.monotonic() < deadline, window
        time.sleep(0.02)
    return window


def a_run(meter, seconds, name="run"):
    start = meter.begin(name)
    time.sleep(seconds)
    return start, meter.end("ok")


def wait_for(condition, within_s=8.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_gpu_counter_that_never_moves_gives_the_first_cell_its_power():
    with metered(constant(200), frozen_at_s=NEVER) as (meter, _, _):
        window = settled(meter, *a_run(meter, 0.2))
        gpu = window.devices["gpu0"]
        assert gpu.method == "integrated"
        assert gpu.energy_j == pytest.approx(200 * window.duration_s, rel=0.15)
        assert "frozen" in meter.channels()[0].note


def test_a_gpu_counter_that_freezes_later_goes_on_as_power_and_adds_up():
    with metered(constant(200), period_s=0.02, frozen_at_s=2.0) as (meter, nvml, _):
        edges = [*a_run(meter, 0.3)]
        assert settled(meter, *edges).devices["gpu0"].method == "counter"
        time.sleep(max(0.0, 2.1 - nvml.now_s()))
        edges += [*a_run(meter, 0.3), *a_run(meter, 0.6)]
        wait_for(lambda: meter.channels()[0].method == "integrated")
        edges.append(meter.begin("next"))
        windows = [settled(meter, a, b) for a, b in pairwise(edges)]
        for window in windows[4:]:  # what stood still before anybody could know is in the next
            gpu = window.devices["gpu0"]
            assert gpu.energy_j == pytest.approx(200 * window.duration_s, rel=0.15, abs=90)
        whole = settled(meter, edges[0], edges[-1]).devices["gpu0"].energy_j
        assert sum(w.devices["gpu0"].energy_j for w in windows) == pytest.approx(whole, rel=1e-9)
        assert whole == pytest.approx(nvml.exact_j(edges[0].t_ns, edges[-1].t_ns), rel=0.1)


def test_a_cpu_counter_that_never_moves_is_absent_and_the_cpu_is_modelled():
    with metered(zones={"package-0": constant(0.0)}) as (meter, _, _):
        window = settled(meter, *a_run(meter, 0.2))
        assert window.devices["cpu0"].method == "modelled"
        assert window.devices["cpu0"].energy_j > 0
        (absence,) = [a for a in meter.absences() if a.sensor == "powercap"]
        assert "stand still" in absence.reason


def test_a_cpu_counter_that_freezes_later_is_modelled_from_then_on():
    with metered(zones={"package-0": constant(50), "dram0": constant(5)}) as (meter, _, powercap):
        first = settled(meter, *a_run(meter, 0.3))
        assert first.devices["cpu0"].method == "counter"
        powercap.freeze()
        start, end = a_run(meter, 0.8)
        wait_for(lambda: meter.channels()[0].method == "modelled")
        window = settled(meter, start, end)
        assert {name: d.method for name, d in window.devices.items()} == {
            "cpu0": "modelled",
            "dram0": "modelled",
        }
        assert all(device.energy_j > 0 for device in window.devices.values())
        after = settled(meter, *a_run(meter, 0.3))
        assert 0.1 < after.devices["cpu0"].energy_j / after.duration_s < 500


def test_a_lost_gpu_keeps_what_is_known_and_is_named():
    gpus = [{"error": 15, "error_from_s": 2.4, "error_to_s": 4.0}, {}]
    with metered([constant(100), constant(100)], gpus) as (meter, nvml, _):
        wait_for(lambda: nvml.now_s() > 1.2)
        start, end = a_run(meter, 1.8)  # it is lost in the middle of this cell
        wait_for(lambda: any("fallen off the bus" in fault for fault in meter.faults()))
        window = settled(meter, start, end)
        assert window.devices["gpu1"].energy_j == pytest.approx(100 * window.duration_s, rel=0.03)
        assert 0 <= window.devices["gpu0"].energy_j <= 101 * window.duration_s
        assert window.devices["gpu0"].energy_j > 15
        wait_for(lambda: nvml.now_s() > 4.2)
        after = settled(meter, *a_run(meter, 0.3))
        assert after.devices["gpu0"].energy_j == pytest.approx(100 * after.duration_s, rel=0.1)


def test_a_driver_that_hangs_delays_no_edge_and_loses_nothing():
    hang = {"hang_s": 0.7, "hang_from_s": 1.2, "hang_to_s": 1.3}
    with metered(constant(200), **hang) as (meter, nvml, _):
        wait_for(lambda: nvml.now_s() > 0.9)
        edges, slowest_s = [meter.mark()], 0.0
        while nvml.now_s() < 2.2:
            for act in (lambda: meter.begin("run"), meter.end):
                before = time.perf_counter()
                edges.append(act())
                slowest_s = max(slowest_s, time.perf_counter() - before)
                time.sleep(0.05)
        assert slowest_s < 0.1  # a busy machine takes its turns; the driver hangs for 0.7 s
        wait_for(lambda: nvml.now_s() > 2.6)
        edges.append(meter.begin("next"))
        window = settled(meter, edges[0], edges[-1])
        exact_j = nvml.exact_j(edges[0].t_ns, edges[-1].t_ns)
        assert window.devices["gpu0"].energy_j == pytest.approx(exact_j, rel=0.02)


def test_a_gpu_that_starts_again_never_gives_energy_back():
    with metered(constant(200), period_s=0.01, reset_at_s=1.5) as (meter, nvml, _):
        wait_for(lambda: nvml.now_s() > 1.2)
        start = meter.begin("run")
        wait_for(lambda: nvml.now_s() > 2.2)
        end = meter.end("ok")
        window = settled(meter, start, end)
        exact_j = nvml.exact_j(start.t_ns, end.t_ns)
        assert window.devices["gpu0"].energy_j == pytest.approx(exact_j, rel=0.1)
        assert window.devices["gpu0"].low_j <= exact_j <= window.devices["gpu0"].high_j


def test_all_devices_of_a_busy_session_add_up_to_their_counters():
    zones = {"package-0": square(7, 20, 120), "dram0": constant(10)}
    gpus = [square(7, 60, 300), constant(100)]
    with metered(gpus, zones=zones, period_s=0.02) as (meter, nvml, powercap):
        wait_for(lambda: len(meter.channels()) == 4)
        edges = [meter.mark()]
        for seconds in (0.02, 0.3, 0.05, 0.11, 0.02, 0.4):
            edges += a_run(meter, seconds)
            time.sleep(0.03)
        edges.append(meter.begin("next"))
        windows = [settled(meter, a, b) for a, b in pairwise(edges)]
        whole = settled(meter, edges[0], edges[-1])
        for name, device in whole.devices.items():
            parts = sum(window.devices[name].energy_j for window in windows)
            assert parts == pytest.approx(device.energy_j, rel=1e-9)
        times = edges[0].t_ns, edges[-1].t_ns
        assert whole.devices["gpu1"].energy_j == pytest.approx(nvml.exact_j(*times, 1), rel=0.01)
        assert whole.devices["dram0"].energy_j == pytest.approx(
            powercap.exact_j(*times, "dram0"), rel=0.02
        )
