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


def test_no_more_than_the_last_nine_runs_tell():
    runs = [row(n, 10.0 * n) for n in range(1, 13)]
    assert [run.number for run in like(runs, "k")] == list(range(4, 13))
    assert [run.number for run in like(runs, None)] == list(range(4, 13))


def test_a_run_without_a_configuration_is_like_every_run():
    runs = [row(1, 10, config_hash=None), row(2, 20)]
    assert [run.number for run in like(runs, None)] == [1, 2]


def test_a_median_is_within_its_bounds_even_where_theirs_are_narrow():
    assert from_history([Estimate.exact(5.0)]) == Estimate.exact(5.0)


def moments(*points):
    return [Progress(s, Estimate(j, 0.9 * j, 1.2 * j), done) for s, j, done in points]


def test_a_prediction_and_its_bounds_by_hand():
    # 40 J for 4 of 10 units in 8 s; the newer half cost 15 J a unit
    total, left_s = from_progress(moments((3, 10, 2), (8, 40, 4)), 10)
    assert left_s == pytest.approx(6 * 2)
    assert total.mid == pytest.approx(40 + 6 * 10)
    assert total.low == pytest.approx(0.9 * (40 + 6 * 10 * 0.9))
    assert total.high == pytest.approx(1.2 * (40 + 6 * 15 * 1.1))


def test_a_start_that_was_dear_lowers_the_low_end():
    total, _ = from_progress(moments((3, 30, 2), (8, 40, 4)), 10)
    assert total.low == pytest.approx(0.9 * (40 + 6 * 5 * 0.9))
    assert total.high == pytest.approx(1.2 * (40 + 6 * 10 * 1.1))


def test_energy_that_ran_backwards_is_nothing():
    total, _ = from_progress(moments((3, 50, 2), (8, 40, 4)), 10)
    assert total.low == pytest.approx(0.9 * 40)


def test_one_moment_has_one_rate():
    total, left_s = from_progress(moments((8, 40, 4)), 10)
    assert (total.mid, left_s) == pytest.approx((100, 12))
    assert total.low == pytest.approx(0.9 * (40 + 60 * 0.9))


@pytest.mark.parametrize(("done", "told"), [(1.9, False), (2.0, True), (100, True), (101, False)])
def test_a_fiftieth_of_the_work_is_the_least(done, told):
    assert (from_progress(moments((8, 40, done)), 100) is not None) is told


def test_a_finished_run_is_what_it_used():
    total, left_s = from_progress(moments((4, 20, 5), (8, 40, 10)), 10)
    assert (total.low, total.mid, total.high, left_s) == pytest.approx((36, 40, 48, 0))


@pytest.mark.parametrize("total", [0, -1])
def test_no_work_at_all_is_no_prediction(total):
    assert from_progress(moments((8, 40, 0)), total) is None


def test_moments_are_thinned_only_beyond_the_most():
    seen = moments(*((n, n, n) for n in range(1, 66)))
    assert thinned(seen[:64]) == seen[:64]
    assert [m.done for m in thinned(seen)] == [*range(1, 65, 2), 65]
    assert [m.done for m in thinned(seen[:5], 4)] == [1, 3, 5]
