"""Creep by hand: energy an hour that grows while the metric stands still."""

import pytest
from test_history import add, observed

from ipyfootprint.rebound.creep import find
from ipyfootprint.rebound.history import History

RISING = [0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85]


def course(before, after, *, power=2.0, carbon_g=1.0, counted=True):
    """Runs of 10 kJ in 100 s, and then of `power` times as much in the same time."""
    history = History("epochs" if counted else None, counted)
    for i, metric in enumerate([*before, *after]):
        energy_j = 10_000.0 * (power if i >= len(before) else 1.0)
        work = energy_j / 1000 if counted else None
        run = observed(i, energy_j, work, metric=metric)
        add(history, run, carbon_g=carbon_g and energy_j / 1e4, active_s=100.0)
    return history


def found(history, first=0, session_j=0.0, waste_j=3600.0, bar=0.0):
    return find(history, first, "train", session_j, waste_j, bar)


STEP = [0.5] * 4 + [0.7] * 4  # improved by .2 with no noise: 15 % of it is .03


def test_twice_the_energy_an_hour_for_the_same_metric():
    creep = found(course(RISING, [0.80] * 8))
    # 8 runs of 100 W whose later half had a median metric of .775, then 8 runs of 200 W
    assert (creep.lineage, creep.since, creep.since_t) == ("train", 8, 800.0)
    assert creep.growth == pytest.approx(2.0)
    assert (creep.metric_before, creep.metric_after) == pytest.approx((0.775, 0.80))
    assert creep.wasted_j == pytest.approx(8 * 10_000)
    assert creep.wasted_g == pytest.approx(8.0)
    assert (creep.before.runs, creep.after.runs) == (8, 8)


@pytest.mark.parametrize(
    ("before", "lately", "creeps"),
    [
        (STEP, 0.729, True),
        (STEP, 0.731, False),
        (STEP, 0.2, True),
        (STEP[::-1], 0.471, True),
        (STEP[::-1], 0.469, False),
        # a step of .05 a run is noise of .05/.954 = .0524 about the later half's .775
        (RISING, 0.827, True),
        (RISING, 0.828, False),
    ],
)
def test_progress_is_a_part_of_the_one_before_and_more_than_noise(before, lately, creeps):
    assert (found(course(before, [lately] * 8)) is not None) is creeps


def test_only_the_later_half_of_the_metrics_since_counts():
    assert found(course(STEP, [0.7] * 4 + [0.8] * 4)) is None
    assert found(course(STEP, [0.8] * 4 + [0.7] * 4)) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([None] * 5 + STEP[:3], [0.7] * 8),
        (STEP, [None] * 5 + [0.7] * 3),
        ([None] * 8, [None] * 8),
    ],
)
def test_three_metrics_on_a_side_tell_nothing(before, after):
    assert found(course(before, after)) is None


def test_four_metrics_on_each_side_are_enough():
    assert found(course([None] * 4 + [0.5, 0.5, 0.7, 0.7], [None] * 4 + [0.7] * 4)) is not None


def test_growth_below_three_tenths_is_none():
    assert found(course(STEP, [0.7] * 8, power=1.35)) is not None
    assert found(course(STEP, [0.7] * 8, power=1.29)) is None


def test_waste_must_be_worth_a_word():
    history = course(STEP, [0.7] * 8)  # wastes 80 kJ
    assert found(history, waste_j=80_000.0) and not found(history, waste_j=80_001.0)
    assert found(history, session_j=2.6e6) and not found(history, session_j=2.7e6)


def test_a_raised_bar_asks_for_more_evidence():
    history = course(STEP, [0.7] * 8)
    assert found(history, bar=1.0) and not found(history, bar=100.0)


def test_five_runs_before_are_needed_and_those_before_the_baseline_are_not_seen():
    history = course(STEP, [0.7] * 8)
    assert found(history, first=3).before.runs == 5
    assert found(history, first=4) is None


def test_the_stretch_with_the_most_waste_is_told():
    creep = found(course(STEP, [0.7] * 14))
    assert creep.since == 8 and creep.after.runs == 14
    assert creep.wasted_j == pytest.approx(14 * 10_000)


def test_no_more_than_forty_runs_are_the_baseline():
    creep = found(course([0.1] * 30 + [0.7] * 16, [0.7] * 8))
    assert creep.before.runs == 40


def test_carbon_that_is_not_known_is_not_told():
    assert found(course(STEP, [0.7] * 8, carbon_g=None)).wasted_g is None


def test_runs_without_counted_work_creep_by_their_energy():
    assert found(course(STEP, [0.7] * 8, counted=False)) is not None


def test_without_active_time_nothing_grows():
    history = History("epochs", True)
    for i in range(16):
        add(history, observed(i, 10_000.0, 10.0, metric=0.5), active_s=0.0)
    assert found(history) is None
