"""What a run will have used: from those before it, and from how far it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import row

from ipyfootprint.model import Estimate
from ipyfootprint.rebound.forecast import Progress, from_history, from_progress, like, thinned


def test_runs_of_the_same_configuration_come_first_and_failed_ones_say_nothing():
    runs = [row(1, 10), row(2, 20, config_hash="other"), row(3, 5, status="error"), row(4, None)]
    assert [run.number for run in like(runs, "k")] == [1]
    assert [run.number for run in like(runs, "new")] == [1, 2]
    assert like(runs[2:], "k") == []


def test_the_middle_of_the_last_runs_within_the_range_of_them_all():
    amounts = [Estimate(x, x * 0.9, x * 1.1) for x in (100, 120, 400)]
    found = from_history(amounts)
    assert (found.mid, found.low, found.high) == pytest.approx((120, 90, 440))
    assert from_history([]) is None


def course(rates, total_energy_scale=1.0):
    """Progress after each unit of work that cost so many J and as many seconds."""
    seen, joules = [], 0.0
    for done, rate in enumerate(rates, 1):
        joules += rate
        seen.append(Progress(joules, Estimate(joules, joules * 0.95, joules * 1.05), done))
    return seen


def test_even_work_is_told_exactly():
    total, left_s = from_progress(course([10.0] * 4), 16)
    assert total.mid == pytest.approx(160) and left_s == pytest.approx(120)
    assert total.low < 160 < total.high


@pytest.mark.parametrize("slow_start", [30.0, 2.0])
def test_bounds_hold_the_truth_where_the_start_was_different(slow_start):
    total, _ = from_progress(course([slow_start] + [10.0] * 7), 20)
    assert total.low <= slow_start + 19 * 10 <= total.high


def test_work_that_became_dearer_early_on_is_within_the_bounds():
    total, _ = from_progress(course([1.0, 10.0, 10.0]), 20)
    assert total.low <= 1 + 19 * 10 <= total.high


def test_nothing_is_told_before_enough_is_done_or_beyond_the_end():
    assert from_progress(course([10.0]), 100) is None
    assert from_progress(course([10.0] * 5), 4) is None
    assert from_progress([], 4) is None
    assert from_progress([Progress(1.0, Estimate.exact(0.0), 2)], 4) is None


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=40), st.integers(1, 80))
def test_a_prediction_is_never_below_what_is_used_already(rates, total):
    found = from_progress(course(rates), total)
    if found is not None:
        used = sum(rates)
        assert found[0].mid >= used * (1 - 1e-9) and found[1] >= 0
        assert found[0].low <= found[0].mid <= found[0].high


def test_a_long_run_keeps_few_moments_and_the_last():
    seen = []
    for moment in course([1.0] * 1000):
        seen = thinned([*seen, moment])
    assert len(seen) <= 64 and seen[-1].done == 1000
