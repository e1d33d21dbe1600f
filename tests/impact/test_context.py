"""What holds for a session: defaults by kind of machine, what replaces them, who says so."""

import pytest
from session_rows import grid

from ipyfootprint import impact
from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.embodied import gpu, host
from ipyfootprint.model import Estimate

YEAR_S = 8760 * 3600.0
H100 = "NVIDIA H100 80GB HBM3"
SERVER = impact.Hardware(platform="server", gpus=(("gpu0", H100),))
DESK = impact.Hardware(platform="desktop")
LUCCIONI = "Luccioni et al. for data centres; own machines by choice"


def made(hardware=SERVER, **given):
    return impact.context(lambda when: grid(), hardware, **given)


def lines(context):
    return {line.name: line for line in context.assumptions}


@pytest.mark.parametrize("platform", ["server", "cloud"])
def test_a_data_centre_has_overhead_cooling_water_and_long_busy_lives(platform):
    of = made(impact.Hardware(platform=platform))
    assert of.pue == Estimate(1.54, 1.07, 1.67)
    assert of.wue == Estimate(0.18, 0.0, 2.75)
    assert of.lifetime_years == Estimate.exact(6)
    assert of.utilisation == Estimate.exact(0.85)


@pytest.mark.parametrize("platform", ["desktop", "laptop", "workstation"])
def test_a_person_s_own_machine_has_neither_and_stands_idle_most_of_its_life(platform):
    of = made(impact.Hardware(platform=platform))
    assert (of.pue, of.wue) == (Estimate.exact(1), Estimate.exact(0))
    assert of.lifetime_years == Estimate.exact(4)
    assert of.utilisation == Estimate(0.2, 0.1, 0.5)


def test_what_is_given_replaces_the_default_exactly_or_with_bounds():
    of = made(
        pue=1.2,
        wue=Estimate(0.5, 0.4, 0.6),
        lifetime_years=3,
        utilisation=0.7,
        host_kg=1000,
        gpu_kg=90,
        share_of_host=0.25,
    )
    assert of.pue == Estimate.exact(1.2) and of.wue == Estimate(0.5, 0.4, 0.6)
    assert of.lifetime_years == Estimate.exact(3) and of.utilisation == Estimate.exact(0.7)
    assert of.devices["host"].made_kg == Estimate.exact(1000)
    assert of.devices["gpu0"].made_kg == Estimate.exact(90)
    assert of.devices["host"].adpe_kgsbeq == host(SERVER).adpe_kgsbeq
    assert of.share_of_host == 0.25
    assert made().share_of_host == 1.0


def test_a_device_takes_its_making_by_the_second_of_its_working_life():
    of = made(lifetime_years=2, utilisation=0.5)
    card = gpu(H100)
    working_s = 2 * YEAR_S * 0.5
    rates = of.gpus["gpu0"]
    assert rates.embodied_g.mid == pytest.approx(card.made_kg.mid * 1000 / working_s)
    assert rates.embodied_g.low == pytest.approx(card.made_kg.low * 1000 / working_s)
    assert rates.embodied_g.high == pytest.approx(card.made_kg.high * 1000 / working_s)
    assert rates.adpe_kgsbeq == pytest.approx(card.adpe_kgsbeq / working_s)
    assert rates.primary_mj == pytest.approx(card.pe_mj / working_s)
    assert rates.ewaste_kg == pytest.approx(card.mass_kg / working_s)
    assert of.host.embodied_g.mid == pytest.approx(1_913_000 / working_s)
    assert of.host.adpe_kgsbeq == pytest.approx(0.0378 / working_s)
    assert of.host.primary_mj is of.host.ewaste_kg is None
    unknown = made(impact.Hardware(platform="server", gpus=(("gpu0", "NVIDIA B200"),)))
    assert unknown.gpus["gpu0"].adpe_kgsbeq is None


def test_a_laptop_s_own_card_is_part_of_the_laptop_and_no_other_is():
    own, other = "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA GeForce RTX 4090"
    laptop = impact.Hardware(platform="laptop", gpus=(("gpu0", own), ("gpu1", other)))
    assert set(made(laptop).gpus) == {"gpu1"}
    assert set(made(laptop).devices) == {"host", "gpu1"}
    desk = impact.Hardware(platform="desktop", gpus=(("gpu0", own),))
    assert set(made(desk).gpus) == {"gpu0"}


def test_every_input_of_a_server_is_listed_with_its_bounds_unit_and_source():
    assert made(country="FRA").assumptions == (
        Assumption(
            "pue", 1.54, "", "Uptime Institute survey, global average", 2025, "default", 1.07, 1.67
        ),
        Assumption(
            "wue_l_per_kwh",
            0.18,
            "L/kWh",
            "median of the bundled AWS regions",
            2024,
            "default",
            0.0,
            2.75,
        ),
        Assumption("water_l_per_kwh", 3.6737, "L/kWh", "WRI, FRA", 2020, "default"),
        Assumption("adpe_kgsbeq_per_kwh", 4.858e-08, "kg Sb eq/kWh", "ADEME, FRA"),
        Assumption("pe_mj_per_kwh", 9.3135, "MJ/kWh", "ADEME, FRA"),
        Assumption("lifetime_years", 6, "years", LUCCIONI, 2023),
        Assumption("utilisation", 0.85, "", LUCCIONI, 2023),
        Assumption("share_of_host", 1.0, "", "cores granted / all cores", None, "recognised"),
        Assumption(
            "host_kg",
            1913,
            "kg CO2e",
            "server: Cloud Carbon Footprint's base (1000) to ADEME's generic server (3660),"
            " geometric mean between",
            2023,
            "recognised",
            1000,
            3660,
        ),
        Assumption(
            "gpu0_kg",
            307,
            "kg CO2e",
            "NVIDIA H100: maker's footprint (164) to die-area formula (575), geometric mean"
            " between",
            2025,
            "recognised",
            164,
            575,
        ),
    )


def test_a_desk_says_that_no_data_centre_is_around_it():
    of = lines(made(DESK))
    assert of["pue"] == Assumption("pue", 1.0, "", "no data centre around it", 2025)
    assert of["wue_l_per_kwh"] == Assumption(
        "wue_l_per_kwh", 0.0, "L/kWh", "no data centre around it", 2024
    )
    assert (of["utilisation"].low, of["utilisation"].high) == (0.1, 0.5)


def test_a_person_s_figure_carries_no_source_but_the_person():
    who = {
        name: f"{name} was typed"
        for name in ("pue", "wue", "lifetime", "utilisation", "host_kg", "gpu_kg")
    }
    of = lines(
        made(
            pue=1.2,
            wue=0.3,
            lifetime_years=5,
            utilisation=0.6,
            host_kg=1500,
            gpu_kg=100,
            origin=who,
        )
    )
    assert of["pue"] == Assumption("pue", 1.2, set_by="pue was typed")
    assert of["wue_l_per_kwh"] == Assumption("wue_l_per_kwh", 0.3, "L/kWh", set_by="wue was typed")
    assert of["lifetime_years"] == Assumption(
        "lifetime_years", 5, "years", set_by="lifetime was typed"
    )
    assert of["utilisation"] == Assumption("utilisation", 0.6, set_by="utilisation was typed")
    assert of["host_kg"] == Assumption("host_kg", 1500, "kg CO2e", set_by="host_kg was typed")
    assert of["gpu0_kg"] == Assumption("gpu0_kg", 100, "kg CO2e", set_by="gpu_kg was typed")


def test_a_place_that_was_recognised_is_named_unless_a_person_said_otherwise():
    place = {"pue": "the provider, 2024", "wue": "the provider's water, 2024"}
    of = lines(made(pue=1.1, wue=0.2, recognised=place))
    assert of["pue"] == Assumption("pue", 1.1, "", "the provider, 2024", None, "recognised")
    assert of["wue_l_per_kwh"] == Assumption(
        "wue_l_per_kwh", 0.2, "L/kWh", "the provider's water, 2024", None, "recognised"
    )
    wide = Estimate(1.2, 1.1, 1.3)
    for who in ({"recognised": place}, {"origin": {"pue": "you"}}):
        line = lines(made(pue=wide, **who))["pue"]
        assert (line.low, line.high) == (1.1, 1.3)
    said = lines(made(pue=1.3, recognised=place, origin={"pue": "you"}))
    assert said["pue"] == Assumption("pue", 1.3, set_by="you")


def test_a_wall_meter_s_factor_is_part_of_the_overhead_and_is_named_there():
    of = made(wall_factor=1.25)
    assert of.pue.mid == pytest.approx(1.54 * 1.25)
    line = lines(of)["pue"]
    assert line.source == "Uptime Institute survey, global average, x 1.25 at the wall"
    assert line.set_by == "default"
    both = lines(
        made(pue=1.2, wall_factor=1.25, origin={"pue": "you", "wall_factor": "your meter"})
    )["pue"]
    assert both.value == pytest.approx(1.5)
    assert (both.source, both.set_by) == ("PUE as set, x 1.25 at the wall", "your meter")


def test_a_country_without_figures_of_its_own_is_said_to_have_none():
    of = lines(made(country="ABW"))
    assert of["water_l_per_kwh"].source == "WRI, world's average for ABW"
    assert (of["water_l_per_kwh"].low, of["water_l_per_kwh"].high) == (1.85, 9.78)
    assert of["pe_mj_per_kwh"].source == "ADEME, median country for ABW"
    of = lines(made())
    assert of["water_l_per_kwh"].source == "WRI, world's average for unknown place"
    assert of["adpe_kgsbeq_per_kwh"].source == "ADEME, median country for unknown place"


def test_the_grid_is_asked_for_the_time_that_is_wanted():
    asked = []
    of = impact.context(lambda when: asked.append(when) or grid(), DESK)
    of.intensity_at("noon")
    assert asked == ["noon"]


@pytest.mark.parametrize(
    "bad",
    [
        {"pue": 0.9},
        {"pue": 11},
        {"pue": 5, "wall_factor": 3},
        {"lifetime_years": 0},
        {"utilisation": 1.2},
    ],
)
def test_a_figure_outside_its_range_is_refused(bad):
    with pytest.raises(ConfigError):
        made(**bad)
