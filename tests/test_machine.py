"""The machine and its place, as the impacts of a session see them."""

from datetime import UTC, datetime

import pytest

from ipyfootprint.attribution import Cores
from ipyfootprint.config import Settings
from ipyfootprint.grid import Place
from ipyfootprint.impact import Hardware
from ipyfootprint.machine import context_of, grid_of, hardware_of, hardware_text

NOON_OF_JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVENING_OF_DECEMBER = datetime(2026, 12, 1, 18, tzinfo=UTC)
FRANKFURT = Place(
    zone="DE", country="DEU", pue=1.35, wue_l_per_kwh=0.01, provider="aws", region="eu-central-1"
)
VIRTUAL = Hardware(platform="cloud", logical_cpus=4)


def context(place=FRANKFURT, hardware=VIRTUAL, **settings):
    chosen = Settings(**settings)
    return context_of(chosen, hardware, Cores(2, 4), place, grid_of(chosen, place))


def inputs(**given):
    return {line.name: line for line in context(**given).assumptions}


def test_a_known_cloud_region_brings_its_overhead_its_water_and_where_they_come_from():
    of = inputs()
    assert (of["pue"].value, of["wue_l_per_kwh"].value) == (1.35, 0.01)
    assert of["pue"].set_by == "recognised" and "aws, eu-central-1" in of["pue"].source


def test_what_a_person_set_goes_before_what_was_recognised():
    of = inputs(pue=1.1, origin={"pue": "IPYFOOTPRINT_PUE"})
    assert of["pue"].value == 1.1 and of["pue"].set_by == "IPYFOOTPRINT_PUE"
    assert of["wue_l_per_kwh"].value == 0.01


def test_a_region_s_overhead_does_not_concern_a_machine_at_home():
    of = inputs(hardware=Hardware(platform="laptop"))
    assert of["pue"].value == 1.0 and of["pue"].set_by == "default"


def test_an_hour_of_the_year_is_told_from_another_where_a_shape_is_known():
    at = context().intensity_at
    assert at(NOON_OF_JUNE).g_per_kwh < 0.9 * at(EVENING_OF_DECEMBER).g_per_kwh
    assert at(NOON_OF_JUNE).resolution == "month-hour"


def test_an_unknown_place_is_never_cleaner_than_the_world_s_low_end():
    unknown = context(place=Place()).intensity_at(NOON_OF_JUNE)
    assert unknown.g_per_kwh >= 400 and unknown.low_g_per_kwh >= 86 and unknown.estimated


def test_a_figure_of_one_s_own_wins_over_every_table():
    found = context(intensity=56.0).intensity_at(NOON_OF_JUNE)
    assert found.g_per_kwh == found.low_g_per_kwh == 56 and found.source == "set by you"


def test_the_making_of_a_machine_can_be_given():
    card = Hardware(platform="server", gpus=(("gpu0", "NVIDIA H100 80GB HBM3"),))
    of = inputs(hardware=card, host_kg=900.0, gpu_kg=164.0, origin={"gpu_kg": "this session"})
    assert of["host_kg"].value == 900 and of["gpu0_kg"].value == 164
    assert of["gpu0_kg"].set_by == "this session" and of["gpu0_kg"].low is None


def test_what_a_wall_meter_sees_counts_for_carbon_with_its_setter():
    home = Hardware(platform="laptop")
    of = inputs(hardware=home, wall_factor=1.3, origin={"wall_factor": "this session"})
    assert of["pue"].value == pytest.approx(1.3) and of["pue"].set_by == "this session"
    assert "x 1.3 at the wall" in of["pue"].source
    assert context(hardware=home, wall_factor=1.3).pue.mid == pytest.approx(1.3)


def test_no_service_is_a_source_unless_the_network_was_turned_on(monkeypatch):
    monkeypatch.setenv("IPYFOOTPRINT_ELECTRICITY_MAPS_KEY", "never-shown")
    off = [source.name for source in grid_of(Settings(), FRANKFURT).sources]
    on = grid_of(Settings(network=True), FRANKFURT)
    assert off == ["month-by-hour shape", "yearly average"]
    assert [source.name for source in on.sources][:2] == ["Electricity Maps", "Energy-Charts"]
    assert "never-shown" not in repr([vars(source) for source in on.sources])


def test_a_configured_platform_goes_before_what_the_firmware_says():
    assert hardware_of(Settings(platform="laptop"), []).platform == "laptop"


def test_a_machine_is_named_once_for_all_its_equal_cards():
    cards = tuple((f"gpu{n}", "NVIDIA A100") for n in range(8))
    text = hardware_text(Hardware(cpu="EPYC 7763", logical_cpus=128, gpus=cards))
    assert text == "EPYC 7763 (128 logical CPUs), 8 x NVIDIA A100"


@pytest.mark.parametrize("zone", ["XX", "Atlantis"])
def test_a_zone_that_is_none_is_refused_when_it_is_set(zone):
    from ipyfootprint.config import load

    settings, (problem,) = load({"IPYFOOTPRINT_ZONE": zone})
    assert settings.zone is None and zone in str(problem) and "Did you mean" in str(problem)
