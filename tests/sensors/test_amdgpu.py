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


def smi(power, count=None) -> SimpleNamespace:
    """The library, for one GPU that shows this power and this energy."""

    def energy(_gpu):
        if count is None:
            raise RuntimeError("AMDSMI_STATUS_NOT_SUPPORTED")
        return count

    return SimpleNamespace(
        amdsmi_init=lambda: None,
        amdsmi_shut_down=lambda: None,
        amdsmi_get_processor_handles=lambda: ["gpu"],
        amdsmi_get_gpu_asic_info=lambda gpu: {"market_name": "AMD Instinct"},
        amdsmi_get_energy_count=energy,
        amdsmi_get_power_info=lambda gpu: power,
    )


@pytest.mark.parametrize("name", ["current_socket_power", "average_socket_power", "socket_power"])
def test_power_is_read_by_any_of_its_names(tree, clock, name) -> None:
    sensor = find(tree(card(0, name="amdgpu")), clock, 0, smi({"x": "N/A", name: 200}))
    clock.advance(2)
    assert sensor.read() == (pytest.approx(400),)
    assert sensor.channels[0].method == "integrated"


def test_a_gpu_that_shows_no_power_says_so(tree, clock) -> None:
    sensor = find(tree(card(0, name="amdgpu")), clock, 0, smi({"socket_power": "N/A"}))
    clock.advance(2)
    assert sensor.read() == (None,)
    assert "it shows no power" in sensor.faults()[0]


def test_an_accumulator_at_rest_is_no_counter(tree, clock) -> None:
    still = {"energy_accumulator": 0, "counter_resolution": 15.3}
    sensor = find(tree(card(0, name="amdgpu")), clock, 0, smi({"socket_power": 100}, still))
    assert sensor.channels[0].method == "integrated"
    moving = {"energy_accumulator": 10**9, "counter_resolution": 15.3}
    sensor = find(tree(card(0, name="amdgpu")), clock, 0, smi({"socket_power": 100}, moving))
    assert sensor.channels[0].method == "counter"
