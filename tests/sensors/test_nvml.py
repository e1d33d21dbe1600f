import os
import sys

import pynvml
import pytest
from fake_nvml import FakeGpu, FakeNvml

from ipyfootprint.errors import DeviceLost, NoPermission, SensorError, SensorTimeout
from ipyfootprint.model import Absence
from ipyfootprint.sensors.nvml import NvmlSensor, find
from ipyfootprint.sensors.nvml_errors import ERRORS, explained

LOST = 15
CODES = {
    name: value
    for name, value in vars(pynvml).items()
    if name.startswith("NVML_ERROR_") and isinstance(value, int)
}


def opened(clock, *gpus: FakeGpu) -> NvmlSensor:
    sensor = find("/", clock, FakeNvml(*gpus))
    assert isinstance(sensor, NvmlSensor)
    return sensor


@pytest.mark.parametrize("name", CODES)
def test_every_code_of_the_binding_has_an_error_of_ours(name: str) -> None:
    kind, what, _remedy = ERRORS[CODES[name]]
    assert issubclass(kind, SensorError)
    assert what


def test_the_table_names_lost_denied_and_late_as_what_they_are() -> None:
    assert isinstance(explained(pynvml.NVML_ERROR_GPU_IS_LOST), DeviceLost)
    assert isinstance(explained(pynvml.NVML_ERROR_NO_PERMISSION), NoPermission)
    assert isinstance(explained(pynvml.NVML_ERROR_TIMEOUT), SensorTimeout)
    assert "4711" in str(explained(4711))


def test_the_counter_is_read_in_joules_since_opening(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    clock.advance(1)
    gpu.energy_mj += 250_000
    assert sensor.read() == (pytest.approx(250),)
    assert sensor.channels[0].method == "counter"
    assert sensor.channels[0].label == "NVIDIA Fake A100"


def test_gpus_are_counted_one_by_one(clock) -> None:
    gpus = [FakeGpu() for _ in range(4)]
    sensor = opened(clock, *gpus)
    clock.advance(1)
    for index, gpu in enumerate(gpus):
        gpu.energy_mj += 1000 * (index + 1)
    assert sensor.read() == tuple(map(pytest.approx, (1, 2, 3, 4)))
    assert [c.name for c in sensor.channels] == ["gpu0", "gpu1", "gpu2", "gpu3"]


def test_power_is_integrated_where_there_is_no_counter(clock) -> None:
    gpu = FakeGpu()
    gpu.energy_mj = None
    sensor = opened(clock, gpu)
    for power_mw in (100_000, 200_000, 200_000):
        clock.advance(1)
        gpu.power_mw = power_mw
        sensor.read()
    assert sensor.read() == (pytest.approx(100 + 150 + 200),)
    assert sensor.channels[0].method == "integrated"
    assert "no energy counter" in sensor.channels[0].note


def test_the_power_of_the_moment_is_preferred_to_the_average(clock) -> None:
    gpu = FakeGpu()
    gpu.energy_mj, gpu.power_mw, gpu.instant_mw = None, 100_000, 300_000
    sensor = opened(clock, gpu)
    clock.advance(2)
    assert sensor.read() == (pytest.approx(600),)


def test_a_gap_of_an_integrated_gpu_is_doubted(clock) -> None:
    gpu = FakeGpu()
    gpu.energy_mj = None
    sensor = opened(clock, gpu)
    clock.advance(10)
    assert sensor.read() == (pytest.approx(1000),)
    assert sensor.doubt() == (pytest.approx(1000),)


def test_a_lost_gpu_is_named_and_its_total_returns_with_it(clock) -> None:
    lost, there = FakeGpu(), FakeGpu()
    sensor = opened(clock, lost, there)
    clock.advance(1)
    lost.energy_mj += 100_000
    there.energy_mj += 50_000
    sensor.read()
    lost.code = LOST
    assert sensor.read()[0] is None
    assert sensor.read()[1] == pytest.approx(50)
    assert "fallen off the bus" in (sensor.faults()[0] or "")
    lost.code = 0
    assert sensor.read()[0] == pytest.approx(100)
    assert sensor.faults() == (None, None)


def test_a_gpu_that_is_lost_at_the_start_does_not_hide_the_others(clock) -> None:
    lost, there = FakeGpu(), FakeGpu("NVIDIA Other")
    lost.code = LOST
    sensor = opened(clock, lost, there)
    # the driver's library takes no GPU that was never opened: it may end the process
    assert sensor.own(frozenset({1}))[0] is None and not sensor.shared(frozenset())[0]
    assert sensor.read() == (None, 0)
    assert [c.name for c in sensor.channels] == ["gpu0", "gpu1"]
    lost.code = 0
    assert sensor.read() == (0, 0)
    assert sensor.channels[0].label == "NVIDIA Fake A100"


def test_a_counter_that_starts_again_never_goes_back_and_is_doubted(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    for _ in range(3):
        clock.advance(1)
        gpu.energy_mj += 100_000
        sensor.read()
    clock.advance(1)
    gpu.energy_mj = 30_000
    assert sensor.read() == (pytest.approx(330),)
    assert sensor.doubt() == (pytest.approx(70),)


def test_a_frozen_counter_is_demoted_to_its_power(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    for _ in range(10):
        clock.advance(1)
        sensor.read()
    assert sensor.channels[0].method == "integrated"
    assert "frozen" in sensor.channels[0].note
    assert sensor.read() == (pytest.approx(1000),)
    assert sensor.doubt()[0] > 0


def test_a_counter_that_stands_still_says_nothing_until_it_moves_or_is_replaced(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    clock.advance(0.1)
    gpu.energy_mj += 10_000
    assert sensor.read() == (pytest.approx(10),)
    clock.advance(0.3)
    assert sensor.read() == (pytest.approx(10),)  # a slow counter rests so long
    clock.advance(0.1)
    assert sensor.read() == (None,)
    assert "stands still" in (sensor.faults()[0] or "")
    gpu.energy_mj += 40_000
    assert sensor.read() == (pytest.approx(50),)  # it was late, and has lost nothing
    assert sensor.faults() == (None,)
    assert sensor.channels[0].method == "counter"


def test_a_counter_without_a_gauge_that_stands_still_is_absent(clock) -> None:
    gpu = FakeGpu()
    gpu.power_mw = None
    sensor = opened(clock, gpu)
    for _ in range(5):
        clock.advance(1)
        assert sensor.read() == (None,)
    assert "stands still" in (sensor.faults()[0] or "")


def test_a_gpu_that_draws_nothing_is_not_called_frozen(clock) -> None:
    gpu = FakeGpu()
    gpu.power_mw = 0
    sensor = opened(clock, gpu)
    for _ in range(10):
        clock.advance(1)
        sensor.read()
    assert sensor.channels[0].method == "counter"


def test_a_counter_that_disagrees_with_power_is_doubted(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    for _ in range(40):
        clock.advance(1)
        gpu.energy_mj += 10_000
        sensor.read()
    assert sensor.read() == (pytest.approx(400),)
    assert sensor.doubt()[0] == pytest.approx(30 * 90)


def test_a_counter_that_agrees_with_power_is_not_doubted(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    for _ in range(100):
        clock.advance(1)
        gpu.energy_mj += 110_000
        sensor.read()
    assert sensor.doubt() == (0,)


def test_own_is_this_process_trees_part_of_the_activity(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    me = frozenset({os.getpid()})
    assert sensor.own(me) == (None,)
    gpu.sm_percent = {os.getpid(): 60, os.getppid(): 20}
    assert sensor.own(me) == (pytest.approx(0.75),)
    assert sensor.shared(me) == (True,)
    gpu.sm_percent = {os.getpid(): 60}
    assert sensor.own(me) == (1,)
    assert sensor.shared(me) == (False,)


def test_processes_that_are_not_in_our_table_make_the_share_unknown(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    gpu.sm_percent = {os.getpid(): 60, 2**30: 20}
    assert sensor.own(frozenset({os.getpid()})) == (None,)


def test_mig_is_the_whole_gpu_and_shared(clock) -> None:
    gpu = FakeGpu()
    gpu.is_mig = 1
    sensor = opened(clock, gpu)
    assert "MIG: the whole GPU" in sensor.channels[0].note
    assert sensor.shared(frozenset()) == (True,)


def test_grace_hopper_covers_the_cpu(clock) -> None:
    gpu = FakeGpu("NVIDIA GH200 480GB")
    sensor = opened(clock, gpu)
    assert sensor.covers_cpu
    assert "CPU included" in sensor.channels[0].note
    assert not opened(clock, FakeGpu()).covers_cpu


@pytest.mark.parametrize(
    ("code", "reason"), [(4, "refuses this user"), (9, "not loaded"), (18, "differ in version")]
)
def test_a_driver_that_does_not_start_is_an_absence(clock, code: int, reason: str) -> None:
    absence = find("/", clock, FakeNvml(FakeGpu(), init_code=code))
    assert isinstance(absence, Absence)
    assert reason in absence.reason
    assert absence.remedy


def test_gpus_that_are_all_refused_are_an_absence_and_the_driver_is_let_go(clock) -> None:
    gpu = FakeGpu()
    gpu.code = 4
    nvml = FakeNvml(gpu)
    absence = find("/", clock, nvml)
    assert isinstance(absence, Absence)
    assert "refuses this user" in absence.reason
    assert nvml.open == 0


def test_no_gpu_is_an_absence(clock) -> None:
    absence = find("/", clock, FakeNvml())
    assert isinstance(absence, Absence)
    assert "no GPU" in absence.reason


def test_closing_twice_lets_the_driver_go_once(clock) -> None:
    nvml = FakeNvml(FakeGpu())
    sensor = find("/", clock, nvml)
    sensor.close()
    sensor.close()
    assert nvml.open == 0
    assert sensor.read() == (None,)


def test_what_befell_a_gpu_stays_named(clock) -> None:
    gpu = FakeGpu()
    sensor = opened(clock, gpu)
    sensor.read()
    gpu.code = LOST
    for _ in range(3):
        clock.advance(0.5)
        sensor.read()
    assert sensor.channels[0].note == ""  # while it lasts it is a fault
    assert sensor.faults() != (None,)
    gpu.code = 0
    gpu.energy_mj += 200_000
    clock.advance(0.5)
    sensor.read()
    assert sensor.channels[0].note == "no reading for 1.5 s in all"
    gpu.energy_mj = 1_000
    clock.advance(0.5)
    sensor.read()
    assert sensor.channels[0].note.endswith("; its counter started again at 0 (1 x)")


def test_a_driver_that_fails_while_it_is_asked_is_let_go(clock) -> None:
    nvml = FakeNvml(FakeGpu())

    def lost() -> int:
        raise nvml.NVMLError(LOST)

    nvml.nvmlDeviceGetCount = lost
    absence = find("/", clock, nvml)
    assert isinstance(absence, Absence)
    assert nvml.open == 0


def test_a_driver_that_is_gone_already_is_closed_in_peace(clock) -> None:
    nvml = FakeNvml(FakeGpu())
    sensor = find("/", clock, nvml)
    nvml.nvmlShutdown()
    sensor.close()


def test_without_the_driver_its_library_is_not_even_imported(clock, monkeypatch) -> None:
    monkeypatch.setattr("ipyfootprint.sensors.nvml.LIBRARY", "libnvidia-there-is-none.so")
    absence = find("/", clock)
    assert isinstance(absence, Absence)
    assert (absence.reason, absence.remedy) == ("no NVIDIA driver is installed here", "")


def test_a_driver_without_its_binding_names_what_to_install(clock, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")  # whose driver is asked by the binding alone
    monkeypatch.setitem(sys.modules, "pynvml", None)
    absence = find("/", clock)
    assert isinstance(absence, Absence)
    assert absence.remedy == "pip install nvidia-ml-py"


def test_the_binding_is_used_where_the_driver_is(clock, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(FakeGpu("NVIDIA Own")))
    sensor = find("/", clock)
    assert isinstance(sensor, NvmlSensor) and sensor.channels[0].label == "NVIDIA Own"


@pytest.mark.parametrize(("code", "counts"), [(3, "integrated"), (13, "integrated")])
def test_a_counter_that_the_driver_does_not_know_is_integrated(clock, code, counts) -> None:
    nvml = FakeNvml(FakeGpu())

    def unknown(_handle) -> int:
        raise nvml.NVMLError(code)

    nvml.nvmlDeviceGetTotalEnergyConsumption = unknown
    sensor = find("/", clock, nvml)
    assert sensor.channels[0].method == counts


def test_questions_that_an_old_driver_does_not_know_are_left_out(clock) -> None:
    nvml = FakeNvml(FakeGpu())
    for name in ("nvmlDeviceGetFieldValues", "nvmlDeviceGetMigMode"):

        def missing(*_):
            raise AttributeError

        setattr(nvml, name, missing)
    sensor = find("/", clock, nvml)
    assert sensor.channels[0].method == "counter" and sensor.channels[0].note == ""


def test_a_gauge_that_hangs_makes_no_count_late(clock) -> None:
    class HungGauge(FakeNvml):
        def nvmlDeviceGetPowerUsage(self, gpu: FakeGpu) -> int:
            clock.advance(0.7)
            gpu.energy_mj += 70_000
            return gpu.power_mw

    gpu = FakeGpu()
    sensor = find("/", clock, HungGauge(gpu))
    (before_j,) = sensor.read()
    clock.advance(1.0)
    gpu.energy_mj += 100_000
    (after_j,) = sensor.read()
    # The reading's time is its end, so that what the call outlasted must be in it.
    assert after_j - before_j == pytest.approx(170)
