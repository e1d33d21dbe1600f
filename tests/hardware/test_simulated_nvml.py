"""The real binding on a driver library that a compiler made: no GPU needed."""

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from simulator.nvml import SimulatedNvml, simulated_nvml

from ipyfootprint.testing import Trace, constant, square, training

pytestmark = pytest.mark.hardware
ROOT = Path(__file__).parents[2]
# What a fresh interpreter sees: it polls for a while and prints its first and last reading.
PROBE = """
import json, sys, time
from ipyfootprint.sensors.nvml import find
seconds, every = float(sys.argv[1]), float(sys.argv[2])
sensor = find()
if not hasattr(sensor, "read"):
    print(json.dumps({"reason": sensor.reason})); sys.exit()
def reading():
    at = time.monotonic_ns(); return at, sensor.read()
first = reading(); rows = [first]; slowest = 0
while time.monotonic_ns() - first[0] < seconds * 1e9:
    time.sleep(every); rows.append(reading())
me = frozenset({int(p) for p in sys.argv[3:]})
print(json.dumps({"rows": rows, "faults": sensor.faults(), "doubt": sensor.doubt(),
    "methods": [c.method for c in sensor.channels], "notes": [c.note for c in sensor.channels],
    "labels": [c.label for c in sensor.channels], "own": sensor.own(me),
    "shared": sensor.shared(me)}))
"""


def probed(sim: SimulatedNvml, seconds: float = 1.0, every: float = 0.02, *pids: int) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(seconds), str(every), *map(str, pids)],
        env={**os.environ, **sim.env, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def energy(seen: dict, gpu: int = 0) -> tuple[float, int, int]:
    """Joules between the first and last reading, and their times."""
    (from_ns, first), (to_ns, last) = seen["rows"][0], seen["rows"][-1]
    return last[gpu] - first[gpu], from_ns, to_ns


@pytest.mark.parametrize(
    "trace", [constant(250), square(1, 60, 300), square(7, 60, 300), training()],
    ids=["constant", "1 Hz", "7 Hz", "training"],
)  # fmt: skip
def test_the_counter_gives_the_integral_to_one_step(trace: Trace) -> None:
    with simulated_nvml(trace, period_s=0.02) as sim:
        joules, from_ns, to_ns = energy(probed(sim))
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), abs=0.022 * 300 + 0.002)


def test_four_gpus_are_four_counters() -> None:
    with simulated_nvml([constant(100 * n) for n in (1, 2, 3, 4)], period_s=0) as sim:
        seen = probed(sim, 0.5)
        for gpu in range(4):
            joules, from_ns, to_ns = energy(seen, gpu)
            assert joules == pytest.approx(sim.exact_j(from_ns, to_ns, gpu), rel=0.02)


def test_power_alone_is_integrated_to_a_per_cent() -> None:
    with simulated_nvml(square(1, 100, 300), has_energy=False, power_period_s=0.001) as sim:
        seen = probed(sim, 2.0, 0.01)
        joules, from_ns, to_ns = energy(seen)
        assert seen["methods"] == ["integrated"]
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.02)


def test_an_averaging_gauge_is_passed_over_for_the_power_of_the_moment() -> None:
    step = Trace([(1e6, 200, 200)])
    with simulated_nvml(step, has_energy=False, has_instant=True, window_s=1.0) as sim:
        seen = probed(sim, 0.3)
        joules, from_ns, to_ns = energy(seen)
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.02)


def test_a_counter_that_starts_again_never_goes_back() -> None:
    with simulated_nvml(constant(200), period_s=0.01, reset_at_s=1.5) as sim:
        seen = probed(sim, 3.0)
        totals = [values[0] for _, values in seen["rows"]]
        assert totals == sorted(totals)
        joules, from_ns, to_ns = energy(seen)
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.03)


def test_a_lost_gpu_leaves_the_other_and_comes_back() -> None:
    gpus = [{"error": 15, "error_from_s": 1.0, "error_to_s": 1.6}, {}]
    with simulated_nvml([constant(100), constant(100)], gpus, period_s=0.01) as sim:
        seen = probed(sim, 2.5)
        lost = [values[0] for _, values in seen["rows"]]
        assert None in lost
        assert None not in [values[1] for _, values in seen["rows"]]
        joules, from_ns, to_ns = energy(seen)
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns, 0), rel=0.03)


def test_a_frozen_counter_goes_on_as_integrated_power() -> None:
    with simulated_nvml(constant(200), period_s=0.01, frozen_at_s=0.2) as sim:
        seen = probed(sim, 7.0, 0.1)
        assert seen["methods"] == ["integrated"]
        joules, from_ns, to_ns = energy(seen)
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.1)


def test_a_hanging_call_delays_the_reading_and_loses_nothing() -> None:
    with simulated_nvml(constant(200), period_s=0.01, hang_s=0.7, hang_from_s=1.0,
                        hang_to_s=1.2) as sim:  # fmt: skip
        seen = probed(sim, 2.5)
        times = [at for at, _ in seen["rows"]]
        assert max(b - a for a, b in pairwise(times)) > 0.6e9
        joules, from_ns, to_ns = energy(seen)
        assert joules == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.02)


def test_a_refused_driver_says_so() -> None:
    with simulated_nvml(constant(1), init_error=4) as sim:
        assert "refuses this user" in probed(sim)["reason"]


def test_mig_is_noted() -> None:
    with simulated_nvml(constant(1), is_mig=True) as sim:
        seen = probed(sim, 0.1)
        assert "MIG" in seen["notes"][0]
        assert seen["shared"] == [True]


def test_processes_share_a_gpu_by_their_utilisation() -> None:
    with simulated_nvml(constant(1)) as sim:
        sim.run_processes(0, {os.getpid(): 30, os.getppid(): 10})
        seen = probed(sim, 0.05, 0.02, os.getpid())
        assert seen["own"] == [0.75]
        assert seen["shared"] == [True]


def test_the_simulation_updates_at_its_period_and_phase() -> None:
    with simulated_nvml(constant(100), period_s=0.1, phase_s=0.03) as sim:
        rows = probed(sim, 1.0, 0.002)["rows"]
        steps = [b[0] for a, b in pairwise(rows) if b[1] != a[1]]
        phases = [((at - sim.epoch_ns) / 1e9 - 0.03) % 0.1 for at in steps]
        assert 8 <= len(steps) <= 12
        assert sorted(phases)[len(phases) // 2] < 0.02


def test_a_duty_cycle_hides_what_falls_between_its_glimpses() -> None:
    pulses = Trace([(0.075, 300, 300), (0.025, 50, 50)])
    with simulated_nvml(pulses, has_energy=False, power_period_s=0.1, duty=0.25) as sim:
        joules, from_ns, to_ns = energy(probed(sim, 1.0))
        # a busy machine delays a glimpse or two: the point is that most of the energy is missed
        assert 49 * (to_ns - from_ns) / 1e9 < joules < sim.exact_j(from_ns, to_ns) / 3


def test_the_clock_of_the_simulation_is_this_machines() -> None:
    with simulated_nvml(constant(100)) as sim:
        start_ns = time.monotonic_ns()
        assert sim.exact_j(start_ns, start_ns + 2_000_000_000) == pytest.approx(200)
