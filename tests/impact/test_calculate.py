"""Totals from figures alone, against sums done by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.calculate import Used, calculate
from ipyfootprint.impact.embodied import Device
from ipyfootprint.impact.embodied import device as named
from ipyfootprint.impact.resources import Electricity
from ipyfootprint.model import Estimate

GRID = Estimate(400, 300, 500)  # g/kWh
POWER = Electricity(Estimate(2, 1, 3), 1e-7, 10.0, own_water=True, own_resources=True)
CARD = Device("card", "gpu", Estimate(100, 50, 200), adpe_kgsbeq=0.01, pe_mj=1000, mass_kg=2)
BARE = Device("bare", "gpu", Estimate(40, 40, 40))
YEAR_H = 8760.0


def bounds(value):
    return (value.low, value.mid, value.high)


def test_energy_alone_gives_carbon_water_and_minerals_and_no_embodied_share():
    of = calculate(10, GRID, POWER, pue=1.5, wue=0.2)
    assert (of.energy_kwh, of.facility_kwh) == (10, 15)
    assert bounds(of.operational) == pytest.approx((4500, 6000, 7500))
    assert bounds(of.water) == pytest.approx((17, 32, 47))  # 10 x (0.2 + 1.5 x (1, 2, 3))
    assert of.adpe_kgsbeq == pytest.approx(15e-7)
    assert of.primary_energy_mj == pytest.approx(150)
    assert of.embodied is of.total is of.ewaste_kg is None


def test_without_being_told_there_is_no_overhead_and_no_cooling_water():
    of = calculate(10, GRID, POWER)
    assert of.facility_kwh == 10
    assert bounds(of.water) == pytest.approx((10, 20, 30))


def test_devices_add_half_their_making_when_half_of_their_life_was_used():
    # 2 cards, half of each, a year of a life of 4 years at 50 %: 2 x 0.5 x 1 / (4 x 0.5) = 0.5.
    of = calculate(
        10,
        GRID,
        POWER,
        pue=1.5,
        hours=YEAR_H,
        devices=[Used(CARD, 2)],
        lifetime_years=4,
        utilisation=0.5,
        share=0.5,
    )
    assert bounds(of.embodied) == pytest.approx((25_000, 50_000, 100_000))
    assert bounds(of.total) == pytest.approx((29_500, 56_000, 107_500))
    assert of.adpe_kgsbeq == pytest.approx(15e-7 + 0.5 * 0.01)
    assert of.primary_energy_mj == pytest.approx(150 + 0.5 * 1000)
    assert of.ewaste_kg == pytest.approx(0.5 * 2)


def test_several_devices_add_up_and_what_is_not_known_of_one_adds_nothing():
    life = {"lifetime_years": 1, "utilisation": 1, "hours": YEAR_H}
    both = calculate(0, GRID, POWER, devices=[Used(CARD), Used(BARE), Used(CARD, 0.5)], **life)
    assert both.embodied.mid == pytest.approx(100_000 + 40_000 + 50_000)
    assert both.adpe_kgsbeq == pytest.approx(0.015)
    assert both.primary_energy_mj == pytest.approx(1500)
    assert both.ewaste_kg == pytest.approx(3)
    bare = calculate(0, GRID, POWER, devices=[Used(BARE)], **life)
    assert (bare.adpe_kgsbeq, bare.primary_energy_mj, bare.ewaste_kg) == (0, 0, None)


@pytest.mark.parametrize("name", ["laptop", "desktop", "workstation"])
def test_a_person_s_own_machine_serves_four_years_at_a_tenth_to_a_half(name):
    own = named(name)
    made = calculate(0, GRID, POWER, hours=YEAR_H, devices=[Used(own)]).embodied
    kg = own.made_kg
    assert made.mid == pytest.approx(kg.mid * 1000 / (4 * 0.2))
    assert made.low == pytest.approx(kg.low * 1000 / (4 * 0.5))
    assert made.high == pytest.approx(kg.high * 1000 / (4 * 0.1))


@pytest.mark.parametrize("name", ["server", "NVIDIA A100", "150kg"])
def test_any_other_device_serves_six_years_at_eighty_five_percent(name):
    other = named(name)
    made = calculate(0, GRID, POWER, hours=YEAR_H, devices=[Used(other)]).embodied
    factor = 1000 / (6 * 0.85)
    kg = other.made_kg
    assert bounds(made) == pytest.approx((kg.low * factor, kg.mid * factor, kg.high * factor))


def test_a_life_that_was_given_stands_for_every_device():
    laptop = named("laptop")
    made = calculate(0, GRID, POWER, hours=YEAR_H, devices=[Used(laptop)], lifetime_years=8)
    assert made.embodied.mid == pytest.approx(laptop.made_kg.mid * 1000 / (8 * 0.2))
    made = calculate(0, GRID, POWER, hours=YEAR_H, devices=[Used(laptop)], utilisation=0.4)
    assert bounds(made.embodied) == pytest.approx(
        tuple(kg * 1000 / (4 * 0.4) for kg in bounds(laptop.made_kg))
    )


@given(kwh=st.floats(0, 1e6), scale=st.floats(0, 100))
def test_every_total_of_energy_is_proportional_to_it(kwh, scale):
    one = calculate(kwh, GRID, POWER, pue=1.2, wue=0.3)
    more = calculate(kwh * scale, GRID, POWER, pue=1.2, wue=0.3)
    assert bounds(more.operational) == pytest.approx([v * scale for v in bounds(one.operational)])
    assert bounds(more.water) == pytest.approx([v * scale for v in bounds(one.water)])
    assert more.primary_energy_mj == pytest.approx(one.primary_energy_mj * scale)


def test_no_energy_and_no_time_are_figures_too():
    of = calculate(0, GRID, POWER, hours=0, devices=[Used(CARD)])
    assert of.operational.mid == of.embodied.mid == of.total.mid == of.ewaste_kg == 0
    assert calculate(1e12, GRID, POWER).energy_kwh == 1e12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((-1.0,), "-1 kWh cannot be; nothing was computed. Give 0 kWh or more."),
        ((1.1e12,), "1.1e+12 kWh cannot be; nothing was computed. Give 0 kWh or more."),
        ((float("nan"),), "nan kWh cannot be; nothing was computed. Give 0 kWh or more."),
    ],
)
def test_an_energy_that_cannot_be_is_refused(arguments, said):
    with pytest.raises(ConfigError) as refused:
        calculate(*arguments, GRID, POWER)
    assert str(refused.value) == said


def test_devices_without_a_time_are_refused_with_the_option_to_add():
    with pytest.raises(ConfigError) as refused:
        calculate(1, GRID, POWER, devices=[Used(CARD)])
    assert str(refused.value) == (
        "a device is named, and not for how long it was used; nothing was computed. Add --hours."
    )
