"""A run's amounts and their sums: bounds kept, absence kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_runs import START

from ipyfootprint.amounts import (
    carbon_of,
    embodied_of,
    energy_of,
    gap_energy_of,
    total_of,
    water_of,
)
from ipyfootprint.model import Estimate, Gap, Run

RUN = Run(run_id="r", session_id="s", user_id="u", started_at=START, number=1)
PARTS = [
    (energy_of, "energy_j", "energy_low_j", "energy_high_j"),
    (carbon_of, "operational_g", "operational_low_g", "operational_high_g"),
    (embodied_of, "embodied_g", "embodied_low_g", "embodied_high_g"),
    (water_of, "water_l", "water_low_l", "water_high_l"),
]


@pytest.mark.parametrize(("of", "mid", "low", "high"), PARTS)
def test_an_amount_has_the_bounds_of_its_run_or_none(of, mid, low, high):
    assert of(replace(RUN, **{mid: 5.0, low: 4.0, high: 7.0})) == Estimate(5.0, 4.0, 7.0)
    assert of(replace(RUN, **{mid: 5.0, low: 4.0})) == Estimate.exact(5.0)
    assert of(replace(RUN, **{mid: 5.0, high: 7.0})) == Estimate.exact(5.0)
    assert of(replace(RUN, **{low: 4.0, high: 7.0})) is None
    assert of(replace(RUN, **{mid: 0.0, low: 0.0, high: 0.0})) == Estimate.exact(0.0)
    assert of(replace(RUN, **{mid: 1.0, low: 2.0, high: 3.0})) == Estimate(1.0, 1.0, 3.0)
    assert of(replace(RUN, **{mid: 4.0, low: 2.0, high: 3.0})) == Estimate(4.0, 2.0, 4.0)


def test_a_total_is_of_what_is_known_and_none_where_nothing_is():
    assert total_of([Estimate(1, 0, 2), None, Estimate(3, 3, 4), Estimate(5, 4, 9)]) == Estimate(
        9, 7, 15
    )
    assert total_of([None, None]) is None and total_of([]) is None
    assert total_of(iter([Estimate.exact(0.0)])) == Estimate.exact(0.0)


SMALL = st.floats(0, 1e9)


@given(st.lists(st.tuples(SMALL, SMALL, SMALL).map(sorted), max_size=50))
def test_a_sum_of_many_keeps_its_bounds_in_order(parts):
    found = total_of(Estimate(mid, low, high) for low, mid, high in parts)
    assert (found is None) == (not parts)
    if found:
        assert found.mid == pytest.approx(sum(mid for _, mid, _ in parts))


def test_ten_thousand_small_parts_lose_nothing():
    assert total_of([Estimate.exact(0.1)] * 10_000) == Estimate.exact(1000.0)


def test_a_gap_s_bounds_follow_from_its_method():
    def gap(method, energy_j=100.0):
        return Gap(
            session_id="s", duration_s=1, energy_j=energy_j, node_energy_j=None, method=method
        )

    assert gap_energy_of(gap("modelled")) == Estimate(100.0, 50.0, 200.0)
    assert gap_energy_of(gap("counter")) == Estimate(100.0, 100.0 / 1.05, 105.0)
    assert gap_energy_of(gap("counter", None)) is None
    assert gap_energy_of(None) is None
