import os
import subprocess
from pathlib import Path

import pytest
from fake_machines import BARE_METAL, VIRTUAL, rapl_zone

from ipyfootprint.model import Absence
from ipyfootprint.sensors import powercap
from ipyfootprint.sensors.powercap import PowercapSensor, find

CLIENT = {
    **rapl_zone("intel-rapl:0", "package-0", 1000),
    **rapl_zone("intel-rapl:0:0", "core", 1000),
    **rapl_zone("intel-rapl:0:1", "uncore", 1000),
    **rapl_zone("intel-rapl:0:2", "dram", 1000),
    **rapl_zone("intel-rapl:1", "psys", 1000),
    **rapl_zone("intel-rapl-mmio:0", "package-0", 1000),
}


def opened(root: str, clock) -> PowercapSensor:
    sensor = find(root, clock)
    assert isinstance(sensor, PowercapSensor)
    return sensor


def names(sensor: PowercapSensor) -> list[str]:
    return [channel.name for channel in sensor.channels]


def test_packages_and_dram_are_read_and_what_repeats_them_is_not(tree, clock) -> None:
    assert names(opened(tree(CLIENT), clock)) == ["cpu0", "dram0"]


def test_psys_is_read_where_there_is_no_package(tree, clock) -> None:
    sensor = opened(tree(rapl_zone("intel-rapl:0", "psys", 0)), clock)
    assert names(sensor) == ["psys0"]


def test_the_memory_mapped_twin_is_read_where_it_is_the_only_one(tree, clock) -> None:
    sensor = opened(tree(rapl_zone("intel-rapl-mmio:0", "package-0", 0)), clock)
    assert names(sensor) == ["cpu0"]


def test_sockets_are_in_order_with_their_own_dram(tree, clock) -> None:
    files = {}
    for number in (0, 2, 10):
        files |= rapl_zone(f"intel-rapl:{number}", f"package-{number}", 0)
        files |= rapl_zone(f"intel-rapl:{number}:0", "dram", 0)
    sensor = opened(tree(files), clock)
    assert names(sensor) == ["cpu0", "dram0", "cpu1", "dram1", "cpu2", "dram2"]
    assert sensor.channels[4].path.endswith("intel-rapl:10/energy_uj")


def test_a_channel_tells_the_file_and_where_it_wraps(tree, clock) -> None:
    channel = opened(tree(CLIENT), clock).channels[0]
    assert Path(channel.path).read_text() == "1000\n"
    assert channel.wrap_j == pytest.approx(262_143.328850)


def test_joules_go_on_over_a_wrap(tree, clock) -> None:
    root = tree(rapl_zone("intel-rapl:0", "package-0", 999_000_000, wrap_uj=1_000_000_000))
    sensor = opened(root, clock)
    clock.advance(0.1)
    tree({"/sys/class/powercap/intel-rapl:0/energy_uj": "9000000\n"})
    assert sensor.read() == (pytest.approx(10),)


def test_a_zone_that_answers_nonsense_is_none_with_a_reason_and_comes_back(tree, clock) -> None:
    root = tree(rapl_zone("intel-rapl:0", "package-0", 0))
    sensor = opened(root, clock)
    tree({"/sys/class/powercap/intel-rapl:0/energy_uj": "\n"})
    assert sensor.read() == (None,)
    assert "energy_uj" in (sensor.faults()[0] or "")
    clock.advance(1)
    tree({"/sys/class/powercap/intel-rapl:0/energy_uj": "50000000\n"})
    assert sensor.read() == (pytest.approx(50),)
    assert sensor.faults() == (None,)


def test_denied_counters_come_with_a_remedy_and_what_it_exposes(tree, clock, monkeypatch) -> None:
    root = tree(CLIENT)

    def refuse(path, *_arguments):
        if str(path).endswith("energy_uj"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *_arguments)

    real = os.open
    monkeypatch.setattr(powercap.os, "open", refuse)
    absence = find(root, clock)
    assert isinstance(absence, Absence)
    assert "only root may read them" in absence.reason
    assert "udev" in absence.remedy
    assert "CVE-2020-8694" in absence.exposes


def test_the_remedy_is_a_command_that_a_shell_can_read() -> None:
    command = powercap.REMEDY.partition(" (then")[0]
    subprocess.run(["sh", "-n", "-c", command], check=True)
    rule = command.split("echo '")[1].split("'")[0]
    assert rule.count('"') % 2 == 0


def test_a_virtual_machine_is_named_as_the_reason(tree, clock) -> None:
    absence = find(tree(VIRTUAL), clock)
    assert isinstance(absence, Absence)
    assert "virtual machine" in absence.reason


def test_a_bare_machine_without_zones_is_told_which_module_to_load(tree, clock) -> None:
    absence = find(tree(BARE_METAL), clock)
    assert isinstance(absence, Absence)
    assert "modprobe intel_rapl_msr" in absence.remedy


def test_closing_twice_is_harmless_and_leaves_no_open_file(tree, clock) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    sensor = opened(tree(CLIENT), clock)
    sensor.close()
    sensor.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert sensor.read() == (None, None)


def test_a_counter_that_freezes_is_modelled_from_its_last_step_on(tree, clock) -> None:
    counter = "/sys/class/powercap/intel-rapl:0/energy_uj"
    sensor = opened(tree({**VIRTUAL, **rapl_zone("intel-rapl:0", "package-0", 0)}), clock)
    for joules in range(1, 11):
        clock.advance(0.1)
        tree({counter: str(joules * 1_000_000)})
        assert sensor.read() == (joules,)
    readings = []
    for tick in range(1, 101):  # half of one logical CPU of four is busy
        clock.advance(0.1)
        tree({"/proc/stat": VIRTUAL["/proc/stat"].replace("100", f"{100 + 5 * tick}", 1).replace(
            "900", f"{900 + 35 * tick}", 1)})  # fmt: skip
        readings.append(sensor.read()[0])
    assert readings[0] is None
    replaced = [joules for joules in readings if joules is not None]
    assert len(replaced) >= 90
    watts = 4 * (0.7 + 3.1 / 8)
    assert replaced[-1] == pytest.approx(10 + 10 * watts, rel=0.03)
    (channel,) = sensor.channels
    assert (channel.method, channel.spread, channel.path) == ("modelled", 2.0, None)
    assert "frozen" in channel.note
    assert sensor.faults() == (None,)
