"""Totals by phase with what was lost in them, and when efficiency work pays back."""

import pytest
from rows import row

from ipyfootprint.model import Estimate
from ipyfootprint.rebound.lifecycle import Use, break_even, by_phase, per_use


def exact(value, what="use"):
    return Use(Estimate.exact(value), what)


def test_failed_and_abandoned_runs_are_inside_their_phase():
    runs = [
        row(1, 100, phase="training"),
        row(2, 50, phase="training", status="error"),
        row(3, 30, phase="training", status="interrupted"),
        row(4, 20, phase="training", status="lost"),
        row(5, 7, phase="data"),
        row(6, None),
    ]
    data, training, none = by_phase(runs)
    assert [t.phase for t in (data, training, none)] == ["data", "training", None]
    assert (training.runs, training.failed, training.abandoned) == (4, 1, 2)
    assert (training.energy.mid, training.lost.mid) == (200, 100)
    assert data.lost is None and none.energy is None and none.method == "unavailable"


def test_the_worked_example_of_the_method():
    found = break_even(
        Estimate.exact(420 * 3600), exact(3.1 * 3.6), exact(2.3 * 3.6), uses_per_day=1_000_000 / 365
    )
    assert found.uses == pytest.approx(525_000)
    assert found.days == pytest.approx(525_000 / (1_000_000 / 365))
    assert found.growth == pytest.approx(1.165, abs=5e-4)
    assert found.saved == pytest.approx((1_000_000 - 525_000) * 0.8 * 3.6)


def test_at_the_largest_growth_nothing_is_saved():
    cost, old, new, uses = 100.0, 5.0, 3.0, 365.0
    found = break_even(Estimate.exact(cost), exact(old), exact(new), 1.0)
    assert cost + found.growth * uses * new == pytest.approx(uses * old)


def test_what_is_not_cheaper_never_pays_back():
    found = break_even(Estimate.exact(10), exact(2), exact(2), 100)
    assert found.uses is None and found.days is None and found.growth < 1 and found.saved == -10


def test_an_uncertain_saving_may_never_pay_back():
    old, new = Use(Estimate(3, 2.5, 3.5), "run"), Use(Estimate(2.8, 2.4, 3.2), "run")
    found = break_even(Estimate.exact(10), old, new)
    assert found.uses == pytest.approx(50) and found.uses_high is None and found.uses_low < 50


@pytest.mark.parametrize(("uses", "days"), [(0, 365), (-1, 365), (1, 0), (float("nan"), 365)])
def test_senseless_use_is_refused(uses, days):
    with pytest.raises(ValueError, match="above 0"):
        break_even(Estimate.exact(1), exact(2), exact(1), uses, days)


def test_uses_of_two_things_are_not_compared():
    with pytest.raises(ValueError, match="was one sample and is one run"):
        break_even(Estimate.exact(1), exact(2, "sample"), exact(1, "run"))


def test_a_use_is_a_unit_of_work_where_all_runs_count_one_else_a_run():
    counted = [row(n, 100.0 * n, work_units=10.0 * n, work_kind="samples") for n in (1, 2, 3)]
    use = per_use(counted)
    assert (use.what, use.runs) == ("samples", 3)
    assert use.per_use.mid == pytest.approx(10) and use.per_use.low == pytest.approx(10)
    mixed = per_use([*counted, row(4, 40)])
    assert mixed.what == "run" and mixed.per_use.mid == pytest.approx(160)
    assert mixed.per_use.low < 160 < mixed.per_use.high
    assert per_use([row(1, None)]) is None


def test_what_failed_runs_cost_is_borne_by_those_that_worked():
    use = per_use([row(1, 100), row(2, 100), row(3, 50, status="error")])
    assert use.per_use.mid == pytest.approx(125)
    assert per_use([row(1, 100)], carbon=True).per_use.mid == pytest.approx(0.01)


def bounds(estimate):
    return pytest.approx((estimate.low, estimate.mid, estimate.high))


def test_a_phase_has_its_time_carbon_and_weakest_method():
    runs = [
        row(1, 1000.0, phase="data", seconds=10.0),
        row(2, 3000.0, phase="data", seconds=None, method="modelled"),
        row(3, None, phase="data", seconds=2.0),
    ]
    (data,) = by_phase(runs)
    assert (data.runs, data.duration_s, data.method) == (3, 12.0, "modelled")
    assert (data.energy.low, data.energy.mid, data.energy.high) == pytest.approx((3600, 4000, 4400))
    assert (data.operational.low, data.operational.high) == pytest.approx((0.32, 0.48))
    assert by_phase([]) == ()


def test_one_run_bears_half_and_twice():
    use = per_use([row(1, 100)])
    assert bounds(use.per_use) == (50, 100, 200)
    assert (use.what, use.runs) == ("run", 1)


def test_the_scatter_between_runs_is_an_80_per_cent_interval():
    # 100 and 140: standard deviation 20 sqrt 2, so 20 of their mean
    assert bounds(per_use([row(1, 100), row(2, 140)]).per_use) == (
        120 - 1.2816 * 20,
        120,
        120 + 1.2816 * 20,
    )
    wide = per_use([row(1, 1), row(2, 1000)]).per_use
    assert wide.low == 0 and wide.mid == 500.5
    tight = per_use([row(1, 0.5), row(2, 0.5)]).per_use
    assert bounds(tight) == (0.5, 0.5, 0.5)


def test_work_that_one_run_did_not_count_is_no_unit():
    runs = [row(n, 100, work_units=10.0, work_kind="samples") for n in (1, 2)]
    assert per_use(runs).what == "samples"
    assert per_use([*runs, row(3, 100, work_kind="samples")]).what == "run"
    other = row(3, 100, work_units=10.0, work_kind="steps")
    assert per_use([*runs, other]).what == "run"


def test_bounds_of_a_break_even_are_in_quadrature():
    # a saving of 20 - 10, less by the hypotenuse of 3 and 4, or more by that of 12 and 5
    old, new = Use(Estimate(20, 17, 32), "run"), Use(Estimate(10, 5, 14), "run")
    found = break_even(Estimate(100, 80, 130), old, new)
    assert (found.uses, found.uses_high) == pytest.approx((10, 130 / (10 - 5)))
    assert found.uses_low == pytest.approx(80 / (10 + 13))
    assert (found.days, found.growth, found.saved, found.carbon) == (None, None, None, False)
    assert (found.cost.mid, found.old, found.new, found.horizon_days) == (100, old, new, 365.0)


def test_a_break_even_over_a_horizon_by_hand():
    found = break_even(Estimate.exact(100), exact(5), exact(4), 2.0, 100.0, carbon=True)
    # 200 uses save 200 and cost 100; (5 - 100/200)/4 as many would save nothing
    assert (found.uses, found.days, found.saved) == (100, 50, 100)
    assert found.growth == pytest.approx(1.125)
    assert found.carbon and found.horizon_days == 100
    assert (found.uses_low, found.uses_high) == (100, 100)


def test_a_use_that_costs_nothing_may_grow_without_end():
    assert break_even(Estimate.exact(1), exact(5), exact(0), 1.0).growth is None
    assert break_even(Estimate.exact(1e9), exact(5), exact(4), 1.0).growth == 0


def test_what_became_dearer_never_pays_back():
    found = break_even(Estimate.exact(10), exact(2), exact(3))
    assert (found.uses, found.uses_low, found.uses_high) == (None, None, None)


@pytest.mark.parametrize(
    ("uses", "days", "says"),
    [
        (0, 365, "uses per day must be above 0: 0"),
        (float("inf"), 365, "uses per day must be above 0: inf"),
        (1, -2, "days must be above 0: -2"),
        (None, float("inf"), "days must be above 0: inf"),
    ],
)
def test_a_refusal_names_the_figure(uses, days, says):
    with pytest.raises(ValueError) as refused:
        break_even(Estimate.exact(1), exact(2), exact(1), uses, days)
    assert str(refused.value) == says
