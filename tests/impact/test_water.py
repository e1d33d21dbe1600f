"""Water, minerals and primary energy behind a kWh."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.resources import Electricity, electricity, water
from ipyfootprint.model import Estimate

KWH = 3.6e6
ENERGY = Estimate(2 * KWH, KWH, 4 * KWH)


def test_cooling_and_generating_add_with_the_bounds_of_each():
    used = water(ENERGY, Estimate(0.5, 0.25, 1), Estimate(1.5, 1, 2), Estimate(2, 1, 4))
    assert used.mid == pytest.approx(2 * (0.5 + 1.5 * 2))
    assert used.low == pytest.approx(1 * (0.25 + 1 * 1))
    assert used.high == pytest.approx(4 * (1 + 2 * 4))


@given(st.floats(0, 1e12), st.floats(0, 100), st.floats(1, 3), st.floats(0, 100))
def test_bare_figures_give_the_published_formula(joules, wue, pue, ewif):
    used = water(Estimate.exact(joules), wue, pue, ewif)
    assert used.mid == pytest.approx(joules / KWH * (wue + pue * ewif))
    assert used.low == used.mid == used.high


def test_a_hundred_litres_a_kwh_is_the_most_and_none_the_least():
    assert water(Estimate.exact(KWH), 100, 1, 0).mid == pytest.approx(100)
    assert water(Estimate.exact(KWH), 0, 1, 100).mid == pytest.approx(100)


@pytest.mark.parametrize(
    ("wue", "ewif", "said"),
    [
        (100.5, 1, "100.5 L/kWh is no WUE; nothing was computed. Give 0 to 100 L/kWh."),
        (-0.5, 1, "-0.5 L/kWh is no WUE; nothing was computed. Give 0 to 100 L/kWh."),
        (1, 101, "101 L/kWh is no water per kWh; nothing was computed. Give 0 to 100 L/kWh."),
        (Estimate(50, -1, 60), 1, "50 L/kWh is no WUE; nothing was computed. Give 0 to 100 L/kWh."),
        (Estimate(50, 1, 160), 1, "50 L/kWh is no WUE; nothing was computed. Give 0 to 100 L/kWh."),
    ],
)
def test_water_that_cannot_be_is_refused_by_its_name(wue, ewif, said):
    with pytest.raises(ConfigError) as refused:
        water(ENERGY, wue, 1.0, ewif)
    assert str(refused.value) == said


def test_a_country_has_its_own_figures_or_a_labelled_stand_in():
    assert electricity("FRA") == Electricity(
        Estimate.exact(3.6737), 4.858e-08, 9.3135, own_water=True, own_resources=True
    )
    assert electricity("ALB") == Electricity(
        Estimate(3.908, 1.85, 9.78), 2.2956e-07, 0.2005, own_water=False, own_resources=True
    )
    world = Electricity(
        Estimate(3.908, 1.85, 9.78), 8.16e-8, 9.36, own_water=False, own_resources=False
    )
    assert electricity(None) == electricity("") == electricity("XXX") == world
