import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact import operational, operational_over_time
from ipyfootprint.model import CarbonIntensity, Estimate

KWH = 3.6e6


def grid(grams: float, **tags: str) -> CarbonIntensity:
    return CarbonIntensity(grams, grams * 0.8, grams * 1.2, zone="DE", **tags)


def test_one_kilowatt_hour_through_an_overhead():
    carbon = operational(Estimate.exact(KWH), 1.5, grid(400))
    assert carbon.mid == pytest.approx(600)
    assert (carbon.low, carbon.high) == pytest.approx((480, 720))


def test_the_bounds_of_energy_and_intensity_multiply():
    carbon = operational(Estimate(KWH, KWH / 2, 2 * KWH), 1.0, grid(100))
    assert (carbon.low, carbon.mid, carbon.high) == pytest.approx((40, 100, 240))


@pytest.mark.parametrize("pue", [0.99, 0, -1, 11, float("inf")])
def test_an_impossible_overhead_is_refused(pue):
    with pytest.raises((ConfigError, ValueError)):
        operational(Estimate.exact(KWH), pue, grid(400))


@pytest.mark.parametrize("grams", [-1.0, 2001.0])
def test_an_impossible_intensity_is_refused(grams):
    with pytest.raises(ConfigError, match="no grid"):
        operational(Estimate.exact(KWH), 1.0, Estimate.exact(grams))


@pytest.mark.parametrize("tags", [{"accounting": "marginal"}, {"method": "market"}])
def test_what_is_not_average_and_location_based_enters_no_total(tags):
    with pytest.raises(ConfigError, match="average and location-based"):
        operational(Estimate.exact(KWH), 1.0, grid(400, **tags))


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1500)), min_size=1, max_size=30))
def test_carbon_over_time_is_the_sum_of_its_slices(parts):
    slices = [(Estimate.exact(joules), grid(grams)) for joules, grams in parts]
    expected = sum(joules * grams / KWH for joules, grams in parts)
    assert operational_over_time(slices, 1.0).mid == pytest.approx(expected, rel=1e-9)


def test_the_limits_themselves_are_possible():
    one = Estimate.exact(KWH)
    assert operational(one, 1, grid(400)).mid == pytest.approx(400)
    assert operational(one, 10, grid(400)).mid == pytest.approx(4000)
    assert operational(one, 1.0, Estimate.exact(2000)).mid == pytest.approx(2000)
    assert operational(one, 1.0, Estimate.exact(0)).mid == 0
    assert operational_over_time([], 1.2) == Estimate.exact(0)


def test_an_overhead_with_bounds_widens_the_carbon():
    carbon = operational(Estimate.exact(KWH), Estimate(1.5, 1.1, 2.0), Estimate(400, 300, 500))
    assert (carbon.low, carbon.mid, carbon.high) == pytest.approx((330, 600, 1000))
    for impossible in (Estimate(1.5, 0.9, 2), Estimate(1.5, 1.1, 10.5)):
        with pytest.raises(ConfigError, match=r"a PUE of 1\.5 is impossible"):
            operational(Estimate.exact(KWH), impossible, grid(400))


def test_what_is_refused_is_said_with_the_way_out():
    def said(pue, intensity):
        with pytest.raises(ConfigError) as refused:
            operational(Estimate.exact(KWH), pue, intensity)
        return str(refused.value)

    assert said(0.5, grid(400)) == (
        "a PUE of 0.5 is impossible: a building uses at least what its machines use; nothing was"
        " computed. Give a value from 1 to 10; 1 on a desk, about 1.1-1.6 in data centres."
    )
    assert said(1, Estimate.exact(2000.5)) == (
        "2000.5 g/kWh is no grid's carbon intensity; nothing was computed."
        " Give gCO2e per kWh from 0 to 2000; 0.43 kg/kWh is 430."
    )
    assert said(1, Estimate(900, 800, 2001)).startswith("900 g/kWh is no grid's")
    assert said(1, grid(400, accounting="marginal")) == (
        "the intensity of DE is marginal and location-based; totals are average and"
        " location-based; it was left out of the total."
        " Use it for advice on when to run: %footprint when."
    )
    assert "is average and market-based" in said(1, grid(400, method="market"))
