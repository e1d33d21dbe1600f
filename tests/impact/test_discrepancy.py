import pytest
from scipy.stats import rankdata, spearmanr
from session_rows import made_up_run

from ipyfootprint.impact.discrepancy import agreements, correlation, discrepancy_text, ranks


def by_pair(runs):
    return {(each.a, each.b): each for each in agreements(runs)}


def test_ranks_and_correlation_agree_with_scipy_ties_included():
    a, b = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0], [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0]
    assert ranks(a) == list(rankdata([-value for value in a]))
    assert correlation(ranks(a), ranks(b)) == pytest.approx(spearmanr(a, b).statistic)


def test_a_long_light_run_and_a_short_heavy_one_part_time_from_energy():
    runs = [made_up_run(1, kwh=1, seconds=9000, label="loading")]
    runs += [made_up_run(n, kwh=n, seconds=1000 * n) for n in range(2, 6)]
    pair = by_pair(runs)["time", "energy"]
    assert pair.spearman == pytest.approx(0.0)
    assert pair.partings[0].run.label == "loading" and pair.partings[0].distance == 4
    assert "part most at loading: number 1 by time, number 5 by energy" in discrepancy_text([pair])


def test_modelled_energy_never_says_that_time_and_energy_part():
    runs = [made_up_run(n, kwh=6 - n, seconds=100 * n, method="modelled") for n in range(1, 6)]
    pairs = by_pair(runs)
    assert pairs["time", "energy"].spearman is None and pairs["time", "energy"].left_out == 5
    assert "modelled" in discrepancy_text([pairs["time", "energy"]])
    assert pairs["time", "carbon"].spearman is None
    assert pairs["energy", "carbon"].spearman == pytest.approx(1)


def test_work_counted_beside_joins_the_pairs_under_the_same_rule():
    runs = [made_up_run(n, kwh=n, flops=1e12 / n) for n in range(1, 5)]
    runs.append(made_up_run(5, kwh=9, flops=1e9, method="modelled"))
    pair = by_pair(runs)["energy", "FLOPs"]
    assert pair.runs == 4 and pair.left_out == 1 and pair.spearman == pytest.approx(-1)
    assert ("energy", "parameters") not in by_pair(runs)


def test_few_runs_and_equal_runs_cannot_be_told():
    assert by_pair([made_up_run(1), made_up_run(2)])["time", "energy"].spearman is None
    same = [made_up_run(n) for n in range(5)]
    assert by_pair(same)["time", "energy"].spearman is None
    assert "cannot be told" in discrepancy_text(agreements([]))
