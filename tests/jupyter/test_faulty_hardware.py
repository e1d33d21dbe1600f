"""Real kernels on simulated hardware that fails: cells run as if nothing were wrong."""

import time
from contextlib import ExitStack

import pytest
from simulator.nvml import simulated_nvml
from simulator.powercap import simulated_powercap

from ipyfootprint.testing import constant

pytestmark = [pytest.mark.kernel, pytest.mark.hardware]
CELL = "%%footprint\nimport time\ntime.sleep(0.25)\n6 * 7"
ROWS = """
import ipyfootprint
rows = [(r.status, r.energy_j, r.energy_low_j, r.energy_high_j, r.node_energy_j, r.method,
         {n: d.energy_j for n, d in r.devices.items()}) for r in ipyfootprint.runs()]
"""
FAULT_AT_S = 8.0
# name: (options of each GPU or None, whether powercap may be read, what `why` says)
FAULTS = {
    "lost": ([{"error": 15, "error_from_s": 3.0}, {}], True, "fallen off the bus"),
    "hang": ([{"hang_s": 0.7, "hang_from_s": FAULT_AT_S}], True, "gpu0"),
    "reset": ([{"reset_at_s": FAULT_AT_S}], True, "its counter started again at 0"),
    "frozen": ([{"frozen_at_s": 0.001}], True, "frozen"),
    "denied": ([{"error": 4}], True, "refuses this user"),
    "mig": ([{"is_mig": True}], True, "MIG: the whole GPU"),
    "no gpu": (None, True, "no NVIDIA driver"),
    "no rapl": ([{}], False, "powercap:"),
}


def on(kernel, powercap):
    """Let the session of this kernel read the simulated powercap tree."""
    if powercap is not None:
        kernel.run(
            "import functools, ipyfootprint.api as api\n"
            f"api.Meter = functools.partial(api.Meter, root={powercap.root!r})"
        )
    assert kernel.run("%load_ext ipyfootprint").outputs == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_hardware_costs_no_cell_and_no_known_joule(new_kernel, fault):
    gpus, has_rapl, said = FAULTS[fault]
    with ExitStack() as stack:
        env, powercap = {}, None
        if has_rapl:
            powercap = stack.enter_context(simulated_powercap({"package-0": constant(40)}))
        if gpus is not None:
            traces = [constant(100)] * len(gpus)
            sim = stack.enter_context(simulated_nvml(traces, gpus))
            env = sim.env
        kernel = new_kernel(**env)
        on(kernel, powercap)
        kernel.wait_for_the_sampler()
        if fault in ("hang", "reset"):
            time.sleep(max(0.0, FAULT_AT_S - sim.now_s()))
        for _ in range(4):
            reply = kernel.run(CELL)
            assert (reply.status, reply.result, reply.text) == ("ok", "42", "")
            time.sleep(0.6)
        kernel.run(ROWS, store_history=False)
        rows = kernel.value("rows")
        assert [row[0] for row in rows] == ["ok"] * 4
        for _, energy_j, low_j, high_j, node_j, method, devices in rows:
            assert method != "unavailable" and devices
            assert 0 <= low_j <= energy_j <= high_j
            assert node_j > 0
            assert all(joules is None or joules >= 0 for joules in devices.values())
            if has_rapl:
                assert devices["cpu0"] == pytest.approx(40 * 0.25, rel=0.5)
        if fault == "lost":
            assert rows[-1][-1]["gpu1"] > 10
        why = kernel.run("%footprint why")
        assert why.status == "ok"
        assert said in why.text + kernel.run("%footprint doctor").text


def test_a_driver_that_is_slow_to_start_delays_no_other_sensor(new_kernel):
    slow_s = 15.0
    with (
        simulated_powercap({"package-0": constant(40)}) as powercap,
        simulated_nvml(constant(100), init_hang_s=slow_s) as sim,
    ):
        kernel = new_kernel(**sim.env)
        on(kernel, powercap)
        kernel.wait_for_the_sampler()
        kernel.run(CELL)
        time.sleep(1.2)
        assert sim.now_s() < slow_s, "too slow a machine for this test"
        assert "its driver has not answered yet" in kernel.run("%footprint why").text
        kernel.run(ROWS, store_history=False)
        assert kernel.value("list(rows[0][-1])") == ["cpu0"]
        names = "[c.name for c in ipyfootprint.api.recording().tracker.meter.channels()]"
        while "gpu0" not in kernel.value(names) and sim.now_s() < 4 * slow_s:
            time.sleep(0.2)
        time.sleep(0.5)
        kernel.run("%%footprint\nimport time\ntime.sleep(1.0)")
        time.sleep(1.2)
        kernel.run(ROWS, store_history=False)
        devices = kernel.value("rows[-1][-1]")
        assert devices["gpu0"] == pytest.approx(100, rel=0.2)
        assert devices["cpu0"] == pytest.approx(40, rel=0.2)
        assert "has not answered" not in kernel.run("%footprint why").text


def test_a_cell_that_holds_the_gil_is_sampled_all_the_same(new_kernel):
    with simulated_nvml(constant(250), period_s=0.02) as sim:
        kernel = new_kernel(**sim.env)
        on(kernel, None)
        kernel.wait_for_the_sampler()
        kernel.run("%%footprint -o held\nimport ctypes\n_ = ctypes.PyDLL(None).usleep(3_000_000)")
        time.sleep(1.2)
        kernel.run(
            "import ipyfootprint\n"
            "tracker = ipyfootprint.api.recording().tracker\n"
            "run = ipyfootprint.runs()[-1]\n"
            "(track, _), *_ = tracker.meter._reader.tracks()\n"
            "order = tracker.meter._board.order()\n"
            "edges = [order.start_ns, order.end_ns]\n"
            "times = [s.t_ns for s in track.between(*edges)]\n"
            "gaps = [b - a for a, b in zip(times, times[1:])]",
            store_history=False,
        )
        assert kernel.value("len(times)") >= 0.8 * 30
        assert kernel.value("max(gaps)") < 1e9
        edges = kernel.value("edges")
        assert (edges[1] - edges[0]) / 1e9 == pytest.approx(3.0, rel=0.1)
        gpu_j = kernel.value("run.devices['gpu0'].energy_j")
        # within a step of the counter at each end: a busy machine may read it that late
        assert gpu_j == pytest.approx(sim.exact_j(*edges), abs=2 * 250 * 0.02)


def test_runs_and_the_time_between_add_up_to_the_counters(new_kernel):
    zones = {"package-0": constant(40), "dram0": constant(4)}
    with simulated_nvml(constant(100)) as sim, simulated_powercap(zones) as powercap:
        kernel = new_kernel(**sim.env)
        on(kernel, powercap)
        kernel.wait_for_the_sampler()
        for seconds in (0.02, 0.3, 0.1, 0.6):
            kernel.run(f"%%footprint\nimport time; time.sleep({seconds})")
        time.sleep(1.2)
        kernel.run(
            "import ipyfootprint\n"
            "tracker = ipyfootprint.api.recording().tracker\n"
            "runs, gap = ipyfootprint.runs(), tracker.gap()\n"
            "parts = sum(r.node_energy_j for r in runs) + gap.node_energy_j\n"
            "seconds = sum(r.duration_s for r in runs) + gap.duration_s",
            store_history=False,
        )
        parts, seconds = kernel.value("parts"), kernel.value("seconds")
        assert parts == pytest.approx(144 * seconds, rel=0.02)
        for row in range(4):
            kernel.run(f"r = runs[{row}]", store_history=False)
            assert kernel.value("r.settled and r.method") == "counter"
            total = kernel.value("sum(d.energy_j * d.share for d in r.devices.values())")
            assert total == pytest.approx(kernel.value("r.energy_j"), abs=2e-6)
            assert kernel.value("sum(d.energy_j for d in r.devices.values())") == pytest.approx(
                kernel.value("r.node_energy_j"), abs=4e-6
            )
