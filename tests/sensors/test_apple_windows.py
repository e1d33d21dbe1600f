from types import SimpleNamespace

import pytest
from sensor_cases import Windows, emi_v2

from ipyfootprint.model import Absence
from ipyfootprint.sensors import apple, windows


def test_a_mac_without_the_library_is_told_its_name(clock, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zeus_apple_silicon", None)
    absence = apple.find("/", clock)
    assert isinstance(absence, Absence)
    assert absence.remedy == "pip install zeus-apple-silicon"


def test_a_report_that_does_not_open_is_an_absence(clock) -> None:
    def broken():
        raise RuntimeError("IOReport is unavailable")

    absence = apple.find("/", clock, SimpleNamespace(AppleEnergyMonitor=broken))
    assert isinstance(absence, Absence)
    assert "IOReport is unavailable" in absence.reason


def test_fields_that_a_chip_lacks_are_no_channels(clock) -> None:
    report = SimpleNamespace(cpu_total_mj=5.0, gpu_mj=7.0, dram_mj=None)
    monitor = SimpleNamespace(get_cumulative_energy=lambda: report)
    sensor = apple.find("/", clock, SimpleNamespace(AppleEnergyMonitor=lambda: monitor))
    assert [c.name for c in sensor.channels] == ["cpu0", "gpu0"]


def test_windows_takes_packages_and_dram_and_not_their_parts(clock, tmp_path) -> None:
    sensor = Windows(clock, tmp_path).sensor
    assert [c.name for c in sensor.channels] == ["cpu0", "dram0"]
    assert sensor.channels[0].label == "RAPL_Package0_PKG"


def test_windows_without_a_processor_meter_is_an_absence(clock) -> None:
    absence = windows.find("/", clock, lambda: [])
    assert isinstance(absence, Absence)
    assert "no energy meter" in absence.reason


class Meter:
    """A meter with the given description."""

    def __init__(self, version: int, described: bytes) -> None:
        self.version, self.described, self.closed = version, described, False

    def ask(self, code: int, size: int) -> bytes:
        answers = {
            windows.VERSION: self.version.to_bytes(2, "little"),
            windows.METADATA_SIZE: len(self.described).to_bytes(4, "little"),
            windows.METADATA: self.described,
            windows.MEASUREMENT: bytes(size),
        }
        return answers[code]

    def close(self) -> None:
        self.closed = True


def test_the_one_channel_of_a_version_1_meter_is_named() -> None:
    name = "CPU_CLUSTER_0".encode("utf-16-le")
    described = bytes(4 + 32 + 32 + 2) + len(name).to_bytes(2, "little") + name
    assert windows.channel_names(Meter(1, described)) == ["CPU_CLUSTER_0"]


def test_a_description_cut_short_is_passed_over_and_its_meter_closed(clock) -> None:
    meter = Meter(2, emi_v2("RAPL_Package0_PKG")[:-4])
    assert isinstance(windows.find("/", clock, lambda: [meter]), Absence)
    assert meter.closed


def test_two_sockets_are_numbered_over_their_meters(clock) -> None:
    meters = [Meter(2, emi_v2(f"RAPL_Package{n}_PKG", f"RAPL_Package{n}_DRAM")) for n in (0, 1)]
    sensor = windows.find("/", clock, lambda: meters)
    assert [c.name for c in sensor.channels] == ["cpu0", "dram0", "cpu1", "dram1"]
    sensor.close()
    assert all(meter.closed for meter in meters)


@pytest.mark.parametrize("body", [b"", b"short"])
def test_an_empty_measurement_has_no_energy(body: bytes) -> None:
    assert windows.energies(body) == []


def test_a_chip_whose_report_names_no_cpu_is_an_absence(clock) -> None:
    monitor = SimpleNamespace(get_cumulative_energy=lambda: SimpleNamespace(gpu_mj=7.0))
    absence = apple.find("/", clock, SimpleNamespace(AppleEnergyMonitor=lambda: monitor))
    assert isinstance(absence, Absence) and "names no CPU" in absence.reason


def test_the_library_is_imported_where_it_is(clock, monkeypatch) -> None:
    report = SimpleNamespace(cpu_total_mj=5.0)
    monitor = SimpleNamespace(get_cumulative_energy=lambda: report)
    library = SimpleNamespace(AppleEnergyMonitor=lambda: monitor)
    monkeypatch.setitem(__import__("sys").modules, "zeus_apple_silicon", library)
    assert [c.name for c in apple.find("/", clock).channels] == ["cpu0"]


def test_a_windows_meter_that_does_not_open_is_an_absence(clock) -> None:
    def refused():
        raise OSError("access is denied")

    absence = windows.find("/", clock, refused)
    assert absence.reason == "Windows' energy meter does not open (access is denied)"


def test_windows_own_meters_are_asked_where_nothing_else_is_named(clock, monkeypatch) -> None:
    monkeypatch.setattr("ipyfootprint.sensors.emi_device.meters", list)
    assert "no energy meter" in windows.find("/", clock).reason
