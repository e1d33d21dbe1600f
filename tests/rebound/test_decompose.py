"""The decomposition is exact, reversible and defined at zero."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.rebound.decompose import Period, decompose, lmdi, logarithmic_mean

positive = st.floats(1e-6, 1e6)
factor = st.one_of(st.just(0.0), positive)


@given(st.lists(st.tuples(factor, factor), min_size=1, max_size=5))
def test_parts_add_up_to_the_change_and_change_sign_when_swapped(pairs):
    x0, x1 = zip(*pairs, strict=True)
    c0, c1 = math.prod(x0), math.prod(x1)
    parts = lmdi(x0, x1)
    scale = max(c0, c1)
    assert sum(parts) == pytest.approx(c1 - c0, rel=1e-9, abs=1e-9 * scale)
    assert lmdi(x1, x0) == pytest.approx([-p for p in parts], rel=1e-9, abs=1e-9 * scale)


@given(positive, positive)
def test_the_logarithmic_mean_lies_between_geometric_and_arithmetic(a, b):
    mean = logarithmic_mean(a, b)
    assert math.sqrt(a * b) * (1 - 1e-12) <= mean <= (a + b) / 2 * (1 + 1e-12)
    assert mean == pytest.approx(logarithmic_mean(b, a))


def test_a_factor_that_alone_changes_carries_everything():
    assert lmdi([2, 3, 5], [2, 6, 5]) == pytest.approx([0, 30, 0])


def test_both_products_zero_leave_no_part():
    assert lmdi([0, 3], [5, 0]) == [0, 0]
    assert lmdi([0, 3], [0, 9]) == [0, 0]


def test_from_zero_only_the_factors_that_left_zero_share_the_change():
    assert lmdi([0, 3, 0], [2, 5, 7]) == [35, 0, 35]


def test_a_ratio_of_nothing_to_nothing_counts_as_unchanged():
    assert lmdi([0, None, 2], [4, 3, 5]) == [60, 0, 0]


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_a_factor_that_is_no_amount_is_refused(bad):
    with pytest.raises(ValueError, match="not negative"):
        lmdi([1.0, 2.0], [1.0, bad])


def test_factors_of_different_number_are_refused():
    with pytest.raises(ValueError, match="2 factors before, 1 after"):
        lmdi([1, 2], [1])


def period(hours=2.0, configs=4, runs=8, work=80.0, energy_j=7.2e6, carbon_g=600.0):
    return Period(hours, configs, runs, work, energy_j, carbon_g)


def test_twice_the_work_per_run_is_named_with_its_grams():
    change = decompose(period(), period(work=160.0, energy_j=14.4e6, carbon_g=1200.0))
    parts = {f.name: f.part for f in change.factors}
    assert (change.before, change.after) == pytest.approx((300, 600))
    assert parts.pop("work per run") == pytest.approx(300)
    assert list(parts.values()) == pytest.approx([0, 0, 0, 0])


def test_without_work_counts_energy_per_run_is_one_factor():
    change = decompose(period(), period(work=None, energy_j=14.4e6, carbon_g=1200.0))
    assert [f.name for f in change.factors] == [
        "configurations",
        "runs per configuration",
        "energy per run",
        "grid",
    ]
    assert change.factors[2].part == pytest.approx(300)


def test_without_carbon_the_total_is_energy():
    change = decompose(period(carbon_g=None), period(energy_j=3.6e6))
    assert change.unit == "kWh/h"
    assert change.change == pytest.approx(-0.5)


def test_a_period_without_runs_gives_the_whole_change_to_configurations():
    empty = Period(0.0, 0, 0, 0.0, 0.0, 0.0)
    change = decompose(empty, period())
    assert change.before == 0
    assert change.factors[0].part == pytest.approx(change.after) == pytest.approx(300)
    assert sum(f.part for f in decompose(period(), empty).factors) == pytest.approx(-300)
    assert sum(f.part for f in decompose(empty, empty).factors) == 0


amounts = st.builds(
    Period,
    hours=st.floats(0.1, 100),
    configs=st.integers(1, 50),
    runs=st.integers(1, 500),
    work=st.one_of(st.none(), st.just(0.0), st.floats(1e-3, 1e6)),
    energy_j=st.one_of(st.just(0.0), st.floats(1, 1e9)),
    carbon_g=st.one_of(st.none(), st.just(0.0), st.floats(1e-3, 1e6)),
)


@given(amounts, amounts)
def test_any_two_periods_decompose_without_a_rest(one, two):
    change = decompose(one, two)
    total = sum(f.part for f in change.factors)
    scale = max(change.before, change.after)
    assert total == pytest.approx(change.change, rel=1e-8, abs=1e-9 * scale + 1e-300)


def factors(change):
    return [(f.name, f.unit, f.before, f.after) for f in change.factors]


def test_the_factors_of_the_identity_by_hand():
    """2 configurations an hour, each run twice, 10 units a run, 25 Wh a unit, 300 g/kWh."""
    change = decompose(period(), period(2.0, 4, 16, 160.0, 7.2e6, 300.0))
    assert change.unit == "g/h"
    assert factors(change) == [
        ("configurations", "1/h", 2, 2),
        ("runs per configuration", "runs", 2, 4),
        ("work per run", "units", 10, 10),
        ("energy per work", "kWh/unit", 0.025, 0.0125),
        ("grid", "g/kWh", 300, 150),
    ]
    # from 300 to 150 g/h: twice the runs, half the energy a unit, half the grid; L = 150/ln 2
    assert [f.part for f in change.factors] == pytest.approx([0, 150, 0, -150, -150])


def test_without_work_and_carbon_three_factors_are_left():
    change = decompose(period(work=None, carbon_g=None), period(work=None, carbon_g=None))
    assert change.unit == "kWh/h" and change.before == 1
    assert factors(change) == [
        ("configurations", "1/h", 2, 2),
        ("runs per configuration", "runs", 2, 2),
        ("energy per run", "kWh", 0.25, 0.25),
    ]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"work": 0.5}, {"work per run", "grid"}),
        ({"work": 0.0, "energy_j": 0.0, "carbon_g": 0.0}, {"work per run", "grid"}),
        ({"work": 0.0, "energy_j": 1.0}, {"energy per run", "grid"}),
        ({"energy_j": 0.0}, {"work per run"}),
        ({"energy_j": 0.5}, {"work per run", "grid"}),
        ({"carbon_g": 0.0}, {"work per run", "grid"}),
        ({"carbon_g": None}, {"work per run"}),
    ],
)
def test_energy_without_work_and_carbon_without_energy_are_no_counts(fields, names):
    for change in (
        decompose(period(), period(**fields)),
        decompose(period(**fields), period()),
    ):
        told = {f.name for f in change.factors}
        assert told & {"work per run", "energy per run", "grid"} == names


@pytest.mark.parametrize(("a", "b", "mean"), [(4, 4, 4), (2, 1, 1.442695), (1, 3, 1.820478)])
def test_the_logarithmic_mean_of_round_numbers(a, b, mean):
    assert logarithmic_mean(a, b) == pytest.approx(mean, abs=1e-6)


def test_the_logarithmic_mean_of_numbers_that_hardly_differ():
    assert logarithmic_mean(1 + 1e-12, 1.0) == pytest.approx(1 + 5e-13, abs=1e-16)


def test_what_left_zero_or_came_to_it_carries_the_change_in_equal_shares():
    assert lmdi([2, 5, 7], [0, 3, 0]) == [-35, 0, -35]
    assert lmdi([0, 0, 2], [3, 0, 2]) == [0, 0, 0]
    assert lmdi([0.0], [5.0]) == [5.0] and lmdi([], []) == []
    assert lmdi([None, 2], [0, 3]) == [0, 0], "0/0 counts as unchanged, and 0 times 3 is nothing"
