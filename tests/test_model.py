from datetime import datetime, timedelta, timezone

import pytest

from ipyfootprint.errors import FootprintError, NoPermission
from ipyfootprint.model import CarbonIntensity, Estimate, Measurement, Run, weakest


def test_the_weakest_input_names_the_method_of_a_sum():
    assert weakest(["counter", "modelled", "integrated"]) == "modelled"
    assert weakest([]) == "unavailable"


def test_an_estimate_adds_and_multiplies_with_its_bounds():
    total = (Estimate(2, 1, 3) + Estimate.exact(1)) * Estimate(2, 1, 4)
    assert (total.mid, total.low, total.high) == (6, 2, 16)


@pytest.mark.parametrize("bad", [(1, 2, 3), (float("nan"), 0, 1), (2, 1, float("inf"))])
def test_bounds_out_of_order_or_not_finite_are_refused(bad):
    with pytest.raises(ValueError):
        Estimate(*bad)


def test_a_measurement_is_never_negative():
    with pytest.raises(ValueError):
        Measurement(-1, -2, 1, "counter")


def test_an_intensity_keeps_its_value_inside_its_bounds():
    with pytest.raises(ValueError):
        CarbonIntensity(500, 600, 700, zone="DE")


def test_a_run_starts_at_an_aware_utc_time():
    with pytest.raises(ValueError):
        Run(run_id="r", session_id="s", user_id="u", number=1, started_at=datetime(2026, 1, 1))
    plus_two = timezone(timedelta(hours=2))
    with pytest.raises(ValueError):
        Run(
            run_id="r",
            session_id="s",
            user_id="u",
            number=1,
            started_at=datetime(2026, 1, 1, tzinfo=plus_two),
        )


def test_an_error_says_what_happened_what_was_done_and_what_to_type():
    error = NoPermission("CPU counters are root-only", "modelling the CPU", "%footprint why")
    assert str(error) == "CPU counters are root-only; modelling the CPU. %footprint why"
    assert isinstance(error, FootprintError)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((1, 2, 3), "bounds out of order: 2 <= 1 <= 3"),
        ((4, 2, 3), "bounds out of order: 2 <= 4 <= 3"),
        ((float("nan"), 0, 1), "not finite: 0, nan, 1"),
        ((1, -float("inf"), 2), "not finite: -inf, 1, 2"),
        ((1, 1, float("inf")), "not finite: 1, 1, inf"),
    ],
)
def test_bounds_that_cannot_be_are_told_in_their_order(bounds, said):
    with pytest.raises(ValueError) as refused:
        Estimate(*bounds)
    assert str(refused.value) == said


def test_an_estimate_may_be_negative_exact_and_scaled_by_a_bare_factor():
    assert Estimate(-1, -2, 0).low == -2
    assert Estimate.exact(3) == Estimate(3, 3, 3)
    assert Estimate(2, 1, 3) * 2 == Estimate(4, 2, 6)
    assert Estimate(2, 1, 4) + Estimate(20, 10, 40) == Estimate(22, 11, 44)


@pytest.mark.parametrize(
    "bounds", [(1, 2, 3), (4, 1, 3), (-1, -1, 1), (1, 0, float("inf")), (float("nan"), 0, 1)]
)
def test_a_measurement_and_an_intensity_keep_their_value_between_finite_bounds_from_zero(bounds):
    mid, low, high = bounds
    with pytest.raises(ValueError) as refused:
        Measurement(mid, low, high, "counter")
    assert str(refused.value) == f"bounds: 0 <= {low} <= {mid} <= {high}"
    with pytest.raises(ValueError) as refused:
        CarbonIntensity(mid, low, high, zone="DE")
    assert str(refused.value) == f"intensity bounds: 0 <= {low} <= {mid} <= {high} g/kWh"


def test_nothing_measured_and_a_grid_without_carbon_are_figures():
    assert Measurement(0, 0, 0, "counter").energy_j == 0
    assert CarbonIntensity(0, 0, 0, zone="IS").g_per_kwh == 0


def test_a_time_without_its_zone_is_shown_in_the_refusal():
    with pytest.raises(ValueError) as refused:
        Run(run_id="r", session_id="s", user_id="u", number=1, started_at=datetime(2026, 1, 1))
    assert str(refused.value) == (
        "started_at must be aware UTC: datetime.datetime(2026, 1, 1, 0, 0)"
    )
