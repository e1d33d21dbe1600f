"""The sums of a lineage's real runs, and what is kept of each."""

import math

import pytest

from ipyfootprint.rebound.history import History, Window
from ipyfootprint.rebound.observation import Observation


def observed(index=0, energy_j=1000.0, work=10.0, **fields):
    return Observation(
        session="s",
        index=index,
        t_start=100.0 * index,
        duration_s=60.0,
        lineage="train",
        energy_j=energy_j,
        work=work,
        work_kind="epochs" if work else None,
        **fields,
    )


def add(history, run, *, energy_j=None, carbon_g=1.0, active_s=60.0, plan=False):
    history.append(run, energy_j or run.energy_j, carbon_g, active_s, plan)


def of(*runs, counted=True, **options):
    history = History("epochs" if counted else None, counted)
    for run in runs:
        add(history, run, **options)
    return history


def test_a_window_is_the_sum_of_its_runs():
    history = of()
    add(history, observed(0, 100.0, 1.0, config="a"), carbon_g=0.5, active_s=10.0)
    add(history, observed(1, 200.0, 2.0, config="b"), energy_j=250.0, carbon_g=0.25, active_s=20.0)
    add(history, observed(2, 400.0, 4.0, config="a"), carbon_g=2.0, active_s=40.0)
    assert len(history) == 3
    assert history.window(0, 3) == Window(3, 750.0, 70.0, 7.0, 2.75, 2)
    assert history.window(1, 3) == Window(2, 650.0, 60.0, 6.0, 2.25, 1)
    assert history.window(1, 2) == Window(1, 250.0, 20.0, 2.0, 0.25, 1)
    assert history.window(2, 2) == Window(0, 0.0, 0.0, 0.0, 0.0, 0)
    assert history.window(0, 3).power_w == 750 / 70
    assert history.window(2, 2).power_w == 0.0


def test_carbon_is_known_where_every_run_of_the_window_tells_it():
    history = of()
    for grams in (1.0, None, 2.0, 4.0):
        add(history, observed(), carbon_g=grams)
    assert [history.window(a, 4).carbon_g for a in range(4)] == [None, None, 6.0, 4.0]
    assert history.window(0, 1).carbon_g == 1.0


def test_planned_runs_tell_what_work_costs_and_nothing_else():
    history = of()
    add(history, observed(0, 1000.0, 10.0, config="a"))
    add(history, observed(1, 500.0, 10.0, config="b"), plan=True, carbon_g=None)
    assert history.window(0, 2) == Window(1, 1000.0, 60.0, 10.0, 1.0, 1)
    assert history.cost.sample(1, 2).mean == pytest.approx(math.log(50))
    assert history.size.sample(1, 2).n == 0 and history.pace.sample(1, 2).n == 0
    assert [run.planned for run in history.real] == [False, True]
    add(history, observed(2, config="b"))
    assert history.window(0, 3).fresh == 1, "its configuration is no new one afterwards"


def test_the_three_series_are_logarithms_of_cost_pace_and_size():
    history = of()
    # with the failed run before it, 1500 J in 30 s; it alone 1000 J for 10 epochs
    add(history, observed(0, 1000.0, 10.0), energy_j=1500.0, active_s=30.0)
    assert history.cost.sample(0, 1).mean == pytest.approx(math.log(100))
    assert history.pace.sample(0, 1).mean == pytest.approx(math.log(50))
    assert history.size.sample(0, 1).mean == pytest.approx(math.log(10))


def test_where_work_is_not_counted_a_run_is_one_unit():
    history = of(observed(0, 1000.0, None), observed(1, 3000.0, None), counted=False)
    assert history.window(0, 2).work == 2.0
    assert history.cost.sample(1, 2).mean == pytest.approx(math.log(3000))
    assert history.size.sample(0, 2).n == 0
    assert history.uncounted_in_a_row == 0


def test_no_active_time_at_all_is_a_millisecond():
    history = of(observed(0, 1.0), active_s=0.0)
    assert history.pace.sample(0, 1).mean == pytest.approx(math.log(1000))


def test_a_run_whose_work_was_not_counted_gets_it_from_its_energy():
    history = of(observed(0, 1000.0, 10.0), observed(1, 4000.0, 10.0))
    # the geometric mean of 100 and 400 J an epoch is 200
    add(history, observed(2, 1000.0, None))
    assert history.real[2].work == pytest.approx(5.0)
    assert history.window(2, 3).work == pytest.approx(5.0)
    assert history.cost.sample(2, 3).n == 0 and history.size.sample(2, 3).n == 0
    assert history.uncounted_in_a_row == 1
    add(history, observed(3, 1000.0, 0.0))
    assert history.uncounted_in_a_row == 2
    add(history, observed(4))
    assert history.uncounted_in_a_row == 0


def test_the_cost_of_uncounted_work_is_that_of_the_last_ten_runs():
    history = of(observed(0, 1e6, 1.0), *(observed(i, 100.0, 1.0) for i in range(1, 11)))
    add(history, observed(11, 500.0, None))
    assert history.real[-1].work == pytest.approx(5.0)


def test_where_the_code_changed_is_remembered_four_times():
    codes = ["a", "a", "b", None, "b", "a", "c", "d", "e"]
    history = of(*(observed(i, code=code) for i, code in enumerate(codes)))
    assert list(history.changes) == [5, 6, 7, 8]
    assert list(of(*(observed(code=c) for c in [None, "a", None, "a", "b"])).changes) == [4]


def test_a_run_without_a_configuration_is_not_fresh():
    history = of(*(observed(config=c) for c in [None, "a", None, "b", "a"]))
    assert history.window(0, 5).fresh == 2


def test_metrics_keep_the_place_of_their_run():
    history = of(observed(0, metric=0.5), observed(1), observed(2, metric=0.0))
    assert history.metrics == [(0, 0.5), (2, 0.0)]


def test_what_is_usual_is_the_median_of_the_last_nine():
    assert of().typical() == (0.0, 0.0)
    assert of(observed(0, 10.0, 3.0), observed(1, 30.0, 1.0)).typical() == (30.0, 3.0)
    runs = [observed(0, 1e9, 1e9)] * 5 + [observed(i, 10.0 * i, 1.0 * i) for i in range(1, 10)]
    assert of(*runs).typical() == (50.0, 5.0)


def test_each_run_keeps_its_own_figures():
    history = of(observed(7, 1000.0, 10.0, metric=0.5), energy_j=1500.0, active_s=30.0)
    (run,) = history.real
    assert (run.index, run.t_start, run.energy_j, run.active_s) == (7, 700.0, 1500.0, 30.0)
    assert (run.metric, run.work, run.planned) == (0.5, 10.0, False)
