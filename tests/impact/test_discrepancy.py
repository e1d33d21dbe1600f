from dataclasses import replace

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
    assert pair.parting.run.label == "loading" and pair.parting.distance == 4
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


def test_equal_values_share_the_mean_of_their_places():
    assert ranks([5.0, 9.0, 5.0, 1.0]) == [2.5, 1.0, 2.5, 4.0]
    assert ranks([]) == []


def test_a_correlation_takes_three_figures_that_are_not_all_the_same():
    assert correlation([1, 2], [1, 2]) is None
    assert correlation([1, 2, 3], [2, 2, 2]) is None
    assert correlation([1, 2, 3], [6, 4, 2]) == pytest.approx(-1)
    assert correlation([1, 2, 3], [1, 3, 2]) == pytest.approx(0.5)
    assert correlation([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]) == pytest.approx(-1)


def test_every_pair_is_told_once():
    runs = [made_up_run(n, kwh=n) for n in range(1, 4)]
    assert list(by_pair(runs)) == [("time", "energy"), ("time", "carbon"), ("energy", "carbon")]
    runs[0] = replace(runs[0], flops=1.0, parameters=2.0)
    assert list(by_pair(runs))[-1] == ("FLOPs", "parameters") and len(by_pair(runs)) == 10


def test_a_run_without_a_figure_enters_neither_ranking_nor_what_is_left_out():
    runs = [made_up_run(n, kwh=n) for n in range(1, 5)]
    runs.append(made_up_run(5, energy_j=None))
    runs.append(made_up_run(6, duration_s=None))
    pair = by_pair(runs)["time", "energy"]
    assert (pair.runs, pair.left_out) == (4, 0)


@pytest.mark.parametrize(
    ("method", "enters"),
    [("counter", 3), ("integrated", 3), ("modelled", 0), ("unavailable", 0)],
)
def test_only_measured_energy_enters_against_time_or_work(method, enters):
    runs = [made_up_run(n, kwh=n, method=method, flops=float(n)) for n in range(1, 4)]
    pairs = by_pair(runs)
    for pair in (("time", "energy"), ("time", "carbon"), ("energy", "FLOPs"), ("carbon", "FLOPs")):
        assert pairs[pair].runs == enters
    for pair in (("energy", "carbon"), ("time", "FLOPs")):
        assert pairs[pair].runs == 3


def test_the_run_that_parts_most_is_named_and_none_where_all_agree():
    runs = [made_up_run(n, kwh=n, seconds=s) for n, s in enumerate((5000, 1000, 3000, 4000), 1)]
    # Ranks by time 1 4 3 2, by energy 4 3 2 1: apart by 3, 1, 1, 1.
    pair = by_pair(runs)["time", "energy"]
    assert (pair.parting.run.number, pair.parting.distance) == (1, 3)
    assert (pair.parting.rank_a, pair.parting.rank_b) == (1, 4)
    assert pair.spearman == pytest.approx(-0.2)
    assert discrepancy_text([pair]) == (
        "time and energy rank 4 runs with a correlation of -0.20; they part most at run 1:"
        " number 1 by time, number 4 by energy"
    )
    agreed = by_pair([made_up_run(n, kwh=n, seconds=n) for n in range(1, 4)])["time", "energy"]
    assert agreed.parting is None
    assert discrepancy_text([agreed]) == "time and energy rank 3 runs with a correlation of 1.00"


def test_what_cannot_be_told_is_said_with_the_reason():
    one = [made_up_run(1, method="modelled")]
    pair = by_pair(one)["time", "energy"]
    assert discrepancy_text([pair, by_pair(one)["energy", "carbon"]]) == (
        "time and energy: cannot be told; the energy of 1 run is modelled from CPU time and"
        " agrees with it by construction\n"
        "energy and carbon: cannot be told from 1 run"
    )
    mixed = [made_up_run(n) for n in range(3)] + [made_up_run(4, method="modelled")]
    pair = by_pair(mixed)["time", "energy"]
    assert (pair.runs, pair.left_out) == (3, 1)
    assert discrepancy_text([pair]) == "time and energy: cannot be told from 3 runs"
