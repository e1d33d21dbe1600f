import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.assumptions import (
    Assumption,
    changed,
    factors,
    ledger,
    spread,
    tornado,
    total,
)

FULL = ledger(
    energy_kwh=10,
    pue=1.5,
    intensity_g_per_kwh=400,
    wue_l_per_kwh=0.2,
    water_l_per_kwh=2,
    device_kg=300,
    hours=20,
    lifetime_years=4,
    utilisation=0.5,
)


def test_a_total_is_the_formulas_and_nothing_else():
    of = total(FULL)
    assert of.facility_kwh == 15
    assert of.operational_g == 6000
    assert of.water_l == pytest.approx(10 * (0.2 + 1.5 * 2))
    assert of.embodied_g == pytest.approx(300_000 * 20 / (4 * 8760 * 0.5))
    assert of.total_g == of.operational_g + of.embodied_g


def test_what_is_missing_stays_absent():
    of = total(ledger(energy_kwh=1))
    assert of.operational_g is of.embodied_g is of.water_l is of.total_g is None
    assert of.facility_kwh == 1
    assert total(()).energy_kwh is None


def test_a_change_is_marked_with_who_made_it():
    other = {line.name: line for line in changed(FULL, set_by="%footprint assume", pue=1.1)}
    assert other["pue"].value == 1.1 and other["pue"].set_by == "%footprint assume"
    assert other["hours"].set_by == "you"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pue", 0.9),
        ("intensity_g_per_kwh", 2001),
        ("intensity_g_per_kwh", -1),
        ("lifetime_years", 0),
        ("utilisation", 0),
        ("utilisation", 1.5),
        ("nonsense", 1),
        ("energy_kwh", float("nan")),
    ],
)
def test_an_impossible_change_is_refused(name, value):
    with pytest.raises(ConfigError) as caught:
        changed(FULL, **{name: value})
    assert caught.value.remedy


def test_the_input_that_moves_a_total_most_comes_first():
    other = changed(FULL, pue=1.45, intensity_g_per_kwh=50, lifetime_years=3)
    ranked = tornado(FULL, other)
    assert [each.name for each in ranked] == ["intensity_g_per_kwh", "pue", "lifetime_years"]
    assert ranked[0].factor < ranked[1].factor < 1 < ranked[2].factor


def test_an_input_that_takes_a_result_to_zero_comes_first():
    ranked = tornado(FULL, changed(FULL, intensity_g_per_kwh=0, pue=3), "operational_g")
    assert (ranked[0].name, ranked[0].factor) == ("intensity_g_per_kwh", 0)


def test_the_bounds_of_each_input_alone_are_ranked_by_width():
    doubtful = (
        *FULL[:1],
        Assumption("pue", 1.5, low=1.4, high=1.6),
        Assumption("intensity_g_per_kwh", 400, low=100, high=700),
        *FULL[3:],
    )
    swings = spread(doubtful, "operational_g")
    assert swings == [("intensity_g_per_kwh", 1500, 10500), ("pue", 5600, 6400)]


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4))
def test_factors_multiply_to_the_ratio_whatever_changes(scale):
    before = FULL
    other = changed(
        before,
        pue=min(10, max(1, 1.5 * scale[0])),
        intensity_g_per_kwh=40 * scale[1],
        device_kg=300 * scale[2],
        lifetime_years=4 * scale[3],
    )
    product = 1.0
    for step in factors(before, other, "total_g"):
        product *= step.factor
    assert product == pytest.approx(total(other).total_g / total(before).total_g)


def test_ledgers_with_different_inputs_cannot_be_compared():
    with pytest.raises(ConfigError, match="device_kg"):
        factors(FULL, ledger(energy_kwh=1))
