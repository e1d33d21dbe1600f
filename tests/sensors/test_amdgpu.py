from types import SimpleNamespace

import pytest

from ipyfootprint.model import Absence
from ipyfootprint.sensors.amdgpu import AmdGpuSensor, find


def card(number: int, vendor: str = "0x1002", **files: str) -> dict[str, str]:
    device = f"/sys/class/drm/card{number}/device"
    monitor = {f"{device}/hwmon/hwmon{number}/{name}": body for name, body in files.items()}
    return {f"{device}/vendor": vendor, f"/sys/class/drm/card{number}-DP-1/edid": "", **monitor}


def refusing(**functions) -> SimpleNamespace:
    def init() -> None:
        raise RuntimeError("AMDSMI_STATUS_DRIVER_NOT_LOADED")

    return SimpleNamespace(amdsmi_init=init, **functions)


def test_cards_are_numbered_after_those_of_other_makers(tree, clock) -> None:
    root = tree({**card(1, energy1_input="1"), **card(10, energy1_input="1"),
                 **card(2, energy1_input="1"), **card(0, "0x10de", energy1_input="1")})  # fmt: skip
    sensor = find(root, clock, 2)
    assert isinstance(sensor, AmdGpuSensor)
    assert [c.name for c in sensor.channels] == ["gpu2", "gpu3", "gpu4"]


def test_power_is_integrated_where_nothing_counts(tree, clock) -> None:
    root = tree(card(0, power1_average="50000000"))
    sensor = find(root, clock, 0, refusing())
    clock.advance(2)
    assert sensor.read() == (pytest.approx(100),)
    assert sensor.channels[0].method == "integrated"


def test_a_gpu_inside_a_processor_is_not_added_to_it(tree, clock) -> None:
    root = tree(card(0, power1_average="15000000", in1_label="vddnb"))
    absence = find(root, clock)
    assert isinstance(absence, Absence)
    assert "part of the processor" in absence.reason


def test_a_card_that_shows_nothing_names_the_library(tree, clock) -> None:
    absence = find(tree(card(0, name="amdgpu")), clock, 0, refusing())
    assert isinstance(absence, Absence)
    assert "amdsmi" in absence.remedy


def test_a_machine_without_amd_is_an_absence(tree, clock) -> None:
    absence = find(tree(card(0, "0x10de", energy1_input="1")), clock)
    assert isinstance(absence, Absence)
    assert "no AMD GPU" in absence.reason
