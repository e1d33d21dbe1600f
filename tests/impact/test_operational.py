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
