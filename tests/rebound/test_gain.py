"""When a unit of work became cheaper: by how much, where, and what larger runs explain."""

import math

import pytest
from test_history import add, observed

from ipyfootprint.rebound.gain import find, measure, settle
from ipyfootprint.rebound.history import History


def course(*stretches, counted=True):
    """Stretches of equal runs: (runs, J an epoch, epochs a run, code)."""
    history = History("epochs" if counted else None, counted)
    for runs, cost_j, work, code in stretches:
        for _ in range(runs):
            run = observed(len(history), cost_j * work, work if counted else None, code=code)
            add(history, run)
            history.cheapest_j = min(history.cheapest_j, run.energy_j)
    return history


def test_half_the_energy_for_the_same_work_is_found_where_the_code_changed():
    gain = find(course((12, 200.0, 10.0, "a"), (4, 100.0, 10.0, "b")), 0)
    assert (gain.start, gain.split, gain.clear) == (0, 12, True)
    assert gain.ratio == pytest.approx(0.5)
    assert gain.log_e >= math.log(4)


def test_it_is_found_without_a_change_of_code_too():
    gain = find(course((12, 200.0, 10.0, "a"), (5, 100.0, 10.0, "a")), 0)
    assert gain.split == 12 and gain.ratio == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("ratio", "seen"), [(0.80, True), (0.89, False), (1.0, False), (2.0, False)]
)
def test_an_eighth_less_is_the_least_gain(ratio, seen):
    history = course((30, 200.0, 10.0, "a"), (20, 200.0 * ratio, 10.0, "b"))
    assert (find(history, 0) is not None) is seen


def test_one_run_after_is_no_gain_and_two_are():
    assert find(course((12, 200.0, 10.0, "a"), (1, 100.0, 10.0, "b")), 0) is None
    assert find(course((12, 200.0, 10.0, "a"), (2, 100.0, 10.0, "b")), 0) is not None


def test_four_runs_before_are_no_baseline_and_five_are():
    assert find(course((4, 200.0, 10.0, "a"), (6, 100.0, 10.0, "b")), 0) is None
    history = course((5, 200.0, 10.0, "a"), (6, 100.0, 10.0, "b"))
    assert find(history, 0).split == 5
    assert find(history, 1) is None, "what lies before the baseline's start is not seen"


def test_no_more_than_forty_runs_are_the_baseline():
    gain = find(course((60, 200.0, 10.0, "a"), (6, 100.0, 10.0, "b")), 0)
    assert (gain.start, gain.split) == (20, 60)


def test_a_fixed_cost_that_larger_runs_spread_is_no_clear_gain():
    """A tenth of a run's energy fixed: 1 kJ and 90 J an epoch; thirty times the work a run."""
    history = History("epochs", True)
    for i in range(24):
        work = 10.0 if i < 12 else 300.0
        add(history, observed(i, 100.0 + 90.0 * work / 10, work))
        history.cheapest_j = min(history.cheapest_j, 100.0 + 90.0 * work / 10)
    gain = measure(history, 0, 12, 24)
    assert gain.ratio == pytest.approx((100 + 2700) / 300 / (190 / 10))
    assert not gain.clear


def test_larger_runs_are_held_against_the_cheapest_run_seen():
    """Runs three times as large at 0.6: with at most 12 % fixed, they alone explain 1/1.24."""
    history = course((12, 200.0, 10.0, "a"), (6, 120.0, 30.0, "b"))
    gain = measure(history, 0, 12, 18)
    assert gain.ratio == pytest.approx(0.6) and gain.clear
    # the cheapest run seen, 2000 J, is more than 12 % of 3600 J
    assert not measure(course((12, 200.0, 10.0, "a"), (6, 145.0, 30.0, "b")), 0, 12, 18).clear
    history.cheapest_j = 1.0  # a run that cost next to nothing: there is no fixed cost
    clear = course((12, 200.0, 10.0, "a"), (6, 170.0, 30.0, "b"))
    assert not measure(clear, 0, 12, 18).clear
    clear.cheapest_j = 1.0
    assert measure(clear, 0, 12, 18).clear


def test_smaller_runs_explain_nothing():
    assert measure(course((12, 200.0, 10.0, "a"), (6, 170.0, 5.0, "b")), 0, 12, 18).clear


def test_without_work_counts_a_run_is_the_unit():
    gain = find(course((12, 200.0, 10.0, "a"), (6, 100.0, 10.0, "b"), counted=False), 0)
    assert gain.split == 12 and gain.ratio == pytest.approx(0.5)


def test_a_split_that_lies_beside_settles_where_the_costs_change():
    history = course((12, 200.0, 10.0, "a"), (8, 100.0, 10.0, "a"))
    beside = measure(history, 0, 14, 20)
    assert settle(history, beside, 0).split == 12
    assert settle(history, beside, 0, reach=1).split == 13
    early = measure(history, 0, 9, 20)
    assert settle(history, early, 0).split == 12


def test_where_the_code_changed_is_preferred_to_a_place_as_good():
    history = course((12, 200.0, 10.0, "a"), (1, 200.0, 10.0, "b"), (7, 100.0, 10.0, "b"))
    assert settle(history, measure(history, 0, 13, 20), 0).split in (12, 13)


def test_repeating_noise_is_less_evidence_than_independent_noise():
    def noisy(pattern):
        history = History("epochs", True)
        for i in range(40):
            cost = 200.0 if i < 30 else 150.0
            add(history, observed(i, cost * 10 * math.exp(0.1 * pattern(i)), 10.0))
        return measure(history, 0, 30, 40).log_e

    slow = noisy(lambda i: 1.0 if i // 5 % 2 else -1.0)
    fast = noisy(lambda i: 1.0 if i % 2 else -1.0)
    assert slow < fast


def test_runs_twice_as_large_explain_a_ninth():
    # with at most 12 % fixed, twice the work costs 1/1.12 a unit: .86 is no clear gain
    assert not measure(course((12, 200.0, 10.0, "a"), (6, 172.0, 20.0, "b")), 0, 12, 18).clear
    assert measure(course((12, 200.0, 10.0, "a"), (6, 172.0, 10.0, "b")), 0, 12, 18).clear


def test_what_larger_runs_explain_is_no_evidence():
    same = measure(course((12, 200.0, 10.0, "a"), (6, 120.0, 10.0, "b")), 0, 12, 18)
    larger = measure(course((12, 200.0, 10.0, "a"), (6, 120.0, 30.0, "b")), 0, 12, 18)
    assert larger.ratio == pytest.approx(same.ratio) and larger.log_e < same.log_e - 1
