"""Announced work: what counts towards it, and when it is used up."""

import pytest
from test_history import observed

from ipyfootprint.rebound.plans import Plan, use


def test_a_plan_of_runs_stands_until_a_fifth_more():
    plan = Plan(runs=10)
    assert [plan.use(observed(i)) for i in range(13)] == [True] * 12 + [False]
    assert (plan.used_runs, plan.used_j, plan.progress) == (13, 13_000.0, 1.3)


def test_a_plan_of_energy_stands_until_a_fifth_more():
    plan = Plan(energy_j=5000.0)
    assert [plan.use(observed(i)) for i in range(7)] == [True] * 6 + [False]


def test_the_nearer_limit_of_a_plan_counts():
    plan = Plan(runs=10, energy_j=2000.0)
    plan.use(observed())
    assert plan.progress == 0.5
    assert Plan(runs=2, energy_j=1e6, used_runs=1).progress == 0.5
    assert Plan(runs=2).progress == 0.0


def test_a_plan_for_one_experiment_counts_its_runs_only():
    plan = Plan(runs=10, lineage="other")
    assert not plan.use(observed()) and plan.used_runs == 0 and plan.used_j == 0.0
    assert Plan(runs=10, lineage="train").use(observed())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "a plan needs runs or energy"),
        ({"runs": 0}, "a plan's runs must be above 0: 0"),
        ({"runs": -1, "energy_j": 5.0}, "a plan's runs must be above 0: -1"),
        ({"energy_j": 0.0}, "a plan's energy_j must be above 0: 0.0"),
    ],
)
def test_a_plan_of_nothing_is_refused(options, reason):
    with pytest.raises(ValueError) as error:
        Plan(**options)
    assert str(error.value) == reason


def test_the_least_plan_is_a_run_or_a_joule():
    assert Plan(runs=1).use(observed())
    assert Plan(energy_j=1.0).matches(observed())


def test_a_run_counts_in_every_plan_that_is_for_it():
    one, other, mine = Plan(runs=1), Plan(runs=1, lineage="other"), Plan(runs=9, lineage="train")
    plans = [one, other, mine]
    assert use(plans, observed()) and use(plans, observed())
    assert [plan.used_runs for plan in plans] == [2, 0, 2]
    assert not use([Plan(runs=1, lineage="other")], observed())
    assert not use([], observed())


def test_a_run_that_says_it_is_planned_is_and_uses_nothing():
    plan = Plan(runs=1)
    assert use([plan], observed(planned=True)) and plan.used_runs == 0
    assert not use([], observed(planned=False))


def test_a_run_that_names_a_number_announces_them_once():
    plans = []
    assert all(use(plans, observed(i, planned=2)) for i in range(2))
    assert not use(plans, observed(planned=2))
    assert plans == [Plan(runs=2, lineage="train", used_runs=3, used_j=3000.0)]
    other = [Plan(runs=1, lineage="other")]
    assert use(other, observed(planned=2)) and len(other) == 2
