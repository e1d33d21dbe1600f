import threading

import pytest
from fake_machines import BARE_METAL, VIRTUAL, rapl_zone
from fake_nvml import FakeGpu, FakeNvml

from ipyfootprint.sensors import NAMES, discover, late
from ipyfootprint.testing import FakeSensor, constant


class Moving:
    """Counters that have moved whenever somebody waited."""

    def __init__(self, tree, *zones: str) -> None:
        self.tree, self.zones, self.waits = tree, zones, 0

    def __call__(self, _seconds: float) -> None:
        self.waits += 1
        for zone in self.zones:
            self.tree({f"/sys/class/powercap/{zone}/energy_uj": str(self.waits)})


def on_cpu(found) -> list[str]:
    """The chosen sensors besides GPUs, which the machine under test may have."""
    return [s.name for s in found.sensors if s.name not in ("nvml", "amdgpu")]


def every_name(found) -> list[str]:
    return sorted([s.name for s in found.sensors] + [a.sensor for a in found.absences])


def test_every_sensor_is_either_chosen_or_absent_with_a_reason(tree, clock) -> None:
    found = discover(tree(VIRTUAL), {}, clock)
    assert every_name(found) == sorted(NAMES)
    assert all(absence.reason for absence in found.absences)
    assert on_cpu(found) == ["modelled"]


def test_a_counter_leaves_no_room_for_the_model(tree, clock) -> None:
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    pause = Moving(tree, "intel-rapl:0")
    found = discover(root, {}, clock, pause)
    assert on_cpu(found) == ["powercap"]
    assert every_name(found) == sorted(NAMES)
    assert pause.waits == 1


def test_a_counter_that_stands_still_is_an_absence_and_the_model_is_used(tree, clock) -> None:
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    pause = Moving(tree)
    found = discover(root, {}, clock, pause)
    assert on_cpu(found) == ["modelled"]
    assert every_name(found) == sorted(NAMES)
    (absence,) = [a for a in found.absences if a.sensor == "powercap"]
    assert "stand still" in absence.reason
    assert "model" in absence.reason
    assert pause.waits <= 100


def test_the_next_counter_that_moves_is_used(tree, clock, monkeypatch) -> None:
    from ipyfootprint.sensors import perf

    fake = FakeSensor({"cpu0": constant(50)}, clock, name="perf")
    monkeypatch.setattr(perf, "find", lambda *_: fake)
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    found = discover(root, {}, clock, clock.advance)
    assert on_cpu(found) == ["perf"]


def test_a_recording_is_the_only_sensor(tree, clock, tmp_path) -> None:
    path = tmp_path / "power.csv"
    path.write_text("time_s,gpu0\n0,100\n1,100\n")
    found = discover(tree(BARE_METAL), {"IPYFOOTPRINT_REPLAY": str(path)}, clock)
    assert [s.name for s in found.sensors] == ["replay"]
    assert {a.sensor for a in found.absences} == set(NAMES)


def test_a_recording_that_cannot_be_played_is_told_and_the_machine_is_measured(tree, clock) -> None:
    found = discover(tree(BARE_METAL), {"IPYFOOTPRINT_REPLAY": "/nowhere.csv"}, clock)
    assert on_cpu(found) == ["modelled"]
    assert any(a.sensor == "replay" and "/nowhere.csv" in a.reason for a in found.absences)


def test_a_sensor_that_fails_to_start_is_an_absence(tree, clock, monkeypatch) -> None:
    from ipyfootprint.sensors import powercap

    def broken(*_arguments):
        raise RuntimeError("surprise")

    monkeypatch.setattr(powercap, "find", broken)
    found = discover(tree(BARE_METAL), {}, clock)
    assert any(a.sensor == "powercap" and "surprise" in a.reason for a in found.absences)
    assert on_cpu(found) == ["modelled"]


def test_a_gpu_whose_counter_holds_the_cpu_leaves_no_cpu_sensor(tree, clock, monkeypatch) -> None:
    from ipyfootprint.sensors import nvml

    real = nvml.find
    fake = FakeNvml(FakeGpu("NVIDIA GH200 480GB"))
    monkeypatch.setattr(nvml, "find", lambda root, clock: real(root, clock, fake))
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    found = discover(root, {}, clock)
    assert [s.name for s in found.sensors] == ["nvml"]
    assert every_name(found) == sorted(NAMES)


def test_channels_of_all_sensors_have_names_of_their_own(tree, clock, monkeypatch) -> None:
    from ipyfootprint.sensors import nvml

    real = nvml.find
    fake = FakeNvml(FakeGpu(), FakeGpu())
    monkeypatch.setattr(nvml, "find", lambda root, clock: real(root, clock, fake))
    card = "/sys/class/drm/card0/device"
    amd = {f"{card}/vendor": "0x1002", f"{card}/hwmon/hwmon0/energy1_input": "5"}
    root = tree({**BARE_METAL, **amd, **rapl_zone("intel-rapl:0", "package-0", 0)})
    found = discover(root, {}, clock, Moving(tree, "intel-rapl:0"))
    names = [c.name for s in found.sensors for c in s.channels]
    assert names == ["gpu0", "gpu1", "gpu2", "cpu0"]


@pytest.fixture
def slow_driver(monkeypatch):
    """A driver that answers when it is let: with the GPU of that name."""
    from ipyfootprint.sensors import nvml

    real, asked = nvml.find, threading.Event()
    fake = FakeNvml(FakeGpu())

    def find(root, clock):
        assert asked.wait(30)
        return real(root, clock, fake)

    monkeypatch.setattr(nvml, "find", find)

    def answer(found, name: str = "NVIDIA Fake A100"):
        fake.gpus[0].name = name
        asked.set()
        assert found.search.found(30) is not None
        return late(found)

    yield answer
    asked.set()


def test_a_driver_that_does_not_answer_leaves_the_cpu_counted(tree, clock, slow_driver) -> None:
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    found = discover(root, {}, clock, Moving(tree, "intel-rapl:0"), patience_s=0.01)
    assert [s.name for s in found.sensors] == ["powercap"]
    assert every_name(found) == sorted(NAMES)
    assert late(found) is found
    (absence,) = [a for a in found.absences if a.sensor == "nvml"]
    assert "not answered yet" in absence.reason
    after = slow_driver(found)
    assert [s.name for s in after.sensors] == ["powercap", "nvml"]
    assert every_name(after) == sorted(NAMES)
    assert after.search is None


def test_a_late_gpu_that_counts_the_cpu_too_is_not_counted_twice(tree, clock, slow_driver) -> None:
    root = tree({**BARE_METAL, **rapl_zone("intel-rapl:0", "package-0", 0)})
    found = discover(root, {}, clock, Moving(tree, "intel-rapl:0"), patience_s=0.01)
    after = slow_driver(found, "NVIDIA GH200 480GB")
    assert [s.name for s in after.sensors] == ["powercap"]
    assert every_name(after) == sorted(NAMES)
    (absence,) = [a for a in after.absences if a.sensor == "nvml"]
    assert "counted twice" in absence.reason
