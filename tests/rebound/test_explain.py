"""What stands beside a finding: all of it about one gain."""

from gains import made_up_gain, window
from rows import START, row

from ipyfootprint.rebound.explain import explain
from ipyfootprint.rebound.loop import causal_loop, feedback
from ipyfootprint.rebound.periods import around


def session():
    """Six runs before the gain and six since, on a grid that became dirtier; then another."""
    runs = [row(n, 2000.0, phase="training", metric=float(n)) for n in range(1, 7)]
    runs += [row(n, 1000.0, phase="training", metric=float(n)) for n in range(7, 10)]
    dirty = {"operational_g": 0.2, "operational_low_g": 0.1, "operational_high_g": 0.3}
    runs += [row(n, 1000.0, phase="training", metric=float(n), **dirty) for n in range(10, 13)]
    return [*runs, *(row(n, 5000.0, lineage="other", phase="training") for n in range(13, 17))]


TRAIN = made_up_gain(wasted_j=5000.0, since=6, after=window(runs=3, energy_j=300.0))
OTHER = made_up_gain(wasted_j=100.0, lineage="other", since=13, after=window(runs=0))


def test_the_gain_that_wasted_most_is_explained():
    runs, set_at = session(), START.replace(minute=7)
    found = explain(runs, [OTHER, TRAIN, OTHER], budget_set_at=set_at)
    assert found.comparison == around(TRAIN, runs)
    assert [run.number for run in found.comparison.after.runs] == [7, 8, 9, 10, 11, 12]
    grid = found.comparison.grid
    assert grid[1] > grid[0]
    assert found.loop == causal_loop(TRAIN, grid=grid, limited=feedback(runs, set_at))
    assert "the grid itself went from 360 to" in found.loop[3].how
    assert len(found.loop) == 6, "a budget closes the loop"
    assert found.runs_left == 7  # (1000 J - 300 J) at 100 J a run
    assert [one.saves_j.mid for one in found.advice] == [15_000]


def test_a_lineage_is_explained_by_its_own_gain():
    runs = session()
    found = explain(runs, [OTHER, TRAIN], "other")
    assert [run.number for run in found.comparison.before.runs] == [13]
    assert found.runs_left is None and len(found.loop) == 4
    assert explain(runs, [OTHER, TRAIN], "train").advice == ()
    assert explain(runs, [TRAIN], "other").comparison is None


def test_a_gain_whose_runs_are_not_here_has_a_loop_and_no_comparison():
    found = explain([], [TRAIN])
    assert found.comparison is None and found.loop == causal_loop(TRAIN) and found.runs_left == 7


def test_savings_below_what_is_asked_are_left_out():
    runs = [row(1, 60.0, status="error"), row(2, 60.0, status="error")]  # saves 108 J
    assert explain(runs, []).advice and not explain(runs, [], least_j=108.1).advice
    assert not explain([row(n, 55.0, status="error") for n in (1, 2)], []).advice
