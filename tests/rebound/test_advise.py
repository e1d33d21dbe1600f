"""Advice only where its inputs are known, each with what it would have saved."""

import pytest
from rows import row

from ipyfootprint.rebound.advise import (
    advise,
    cleaner_hour,
    early_stop,
    halving,
    reuse,
    small_first,
)


def trained(epochs, accuracy, number=1, **fields):
    return row(
        number,
        100.0 * epochs,
        work_units=float(epochs),
        work_kind="epochs",
        metric=accuracy,
        metric_name="acc",
        config_hash=f"c{number}",
        phase="training",
        **fields,
    )


def lengths():
    ends = [(10, 0.80), (20, 0.93), (40, 0.931), (40, 0.932)]
    return [trained(e, a, n) for n, (e, a) in enumerate(ends, 1)]


def test_early_stopping_saves_the_work_beyond_the_least_that_was_as_good():
    found = early_stop(lengths())
    assert found.saves_j.mid == pytest.approx(2 * 4000 * 0.5)
    assert found.saves_g.mid == pytest.approx(0.4)
    assert "2 runs went beyond 20 epochs" in found.text and "acc 0.93" in found.text


def test_early_stopping_knows_which_way_a_loss_is_better():
    runs = [
        row(n, 100.0 * e, work_units=e, work_kind="epochs", metric=m, metric_name="val_loss")
        for n, (e, m) in enumerate([(10, 0.5), (20, 0.2), (40, 0.2), (40, 0.201)], 1)
    ]
    assert early_stop(runs).saves_j.mid == pytest.approx(4000)


@pytest.mark.parametrize(
    "runs",
    [
        lengths()[:3],
        [trained(20, 0.9, n) for n in range(5)],
        [trained(e, e / 100, e) for e in (10, 20, 40, 60)],
        [
            row(n, work_units=n * 10, work_kind="epochs", metric=1, metric_name="x")
            for n in (1, 2, 3, 4)
        ],
        [row(n, metric=0.9, metric_name="acc") for n in range(5)],
    ],
    ids=["few", "one length", "still better", "unknown metric", "no work"],
)
def test_early_stopping_is_silent_where_an_input_is_missing(runs):
    assert early_stop(runs) is None


def test_successive_halving_of_nine_configurations_needs_a_third():
    found = halving([trained(30, None, n) for n in range(9)])
    assert found.saves_j.mid == pytest.approx(27_000 * (1 - 3 / 9))
    assert found.saves_j.low <= 27_000 * 0.9 * 0.5 + 1e-6
    assert "9 configurations" in found.text and "33 %" in found.text
    assert halving([trained(30, None, n) for n in range(3)]) is None
    assert halving([row(n, config_hash=f"{n}") for n in range(9)]) is None


def test_a_repeat_of_code_settings_and_outcome_is_reuse():
    twice = [trained(10, 0.9), trained(10, 0.9), trained(10, 0.9)]
    found = reuse(twice)
    assert found.saves_j.mid == 2000 and found.saves_j.low == pytest.approx(1800)
    assert "2 runs repeat" in found.text


def test_an_outcome_that_differs_shows_that_something_unseen_did():
    assert reuse([trained(10, 0.9), trained(10, 0.8)]) is None
    assert reuse([row(1), row(2)]) is None, "exploring again is no waste"
    unknown = reuse([row(1, phase="training"), row(2, phase="training")])
    assert unknown.saves_j.low == 0


def test_a_smaller_subset_first_for_what_failed_or_was_stopped():
    runs = [row(1, 500, status="error"), row(2, 500, status="interrupted"), row(3)]
    found = small_first(runs)
    assert found.saves_j.mid == pytest.approx(900) and found.saves_j.low == 0
    assert small_first(runs[1:]) is None


def test_a_cleaner_hour_needs_a_grid_that_changes():
    found = cleaner_hour([row(1, 1e6)], 0.31, "13:00")
    assert found.saves_g.mid == pytest.approx(31) and "at 13:00" in found.text
    assert cleaner_hour([row(1)], None, "") is None
    assert cleaner_hour([row(1)], 0.01, "13:00") is None


def test_the_largest_saving_comes_first_and_small_ones_are_left_out():
    runs = [*lengths(), row(8, 300, status="error"), row(9, 300, status="error")]
    kinds = [one.kind for one in advise(runs)]
    assert kinds == ["early-stopping", "subset"]
    assert advise(runs, least_j=1000)[-1].kind == "early-stopping"
    assert advise([]) == ()
