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
