from fake_machines import BARE_METAL, VIRTUAL, rapl_zone
from fake_nvml import FakeGpu, FakeNvml

from ipyfootprint.sensors import NAMES, discover


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
    found = discover(root, {}, clock)
    assert on_cpu(found) == ["powercap"]
    assert every_name(found) == sorted(NAMES)


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
    names = [c.name for s in discover(root, {}, clock).sensors for c in s.channels]
    assert names == ["gpu0", "gpu1", "gpu2", "cpu0"]
