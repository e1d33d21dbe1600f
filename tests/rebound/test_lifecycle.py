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
