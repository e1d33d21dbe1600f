"""Advice only where its inputs are known, each with what it would have saved."""

from dataclasses import replace

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


def bounds(amount):
    return amount.mid, amount.low, amount.high


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


def test_early_stopping_is_told_in_one_sentence_with_bounds():
    # two runs of 4000 J used half of it beyond 20 epochs; bounds are a tenth, grid 360 g/kWh
    found = early_stop(lengths())
    assert found.kind == "early-stopping"
    assert found.text == (
        "Early stopping: 2 runs went beyond 20 epochs and ended no better"
        " (acc 0.93 was reached there)"
    )
    assert bounds(found.saves_j) == pytest.approx((4000, 3600, 4400))
    assert bounds(found.saves_g) == pytest.approx((0.4, 0.36, 0.44))


def losses(*ends, name="val_loss", kind="epochs"):
    return [
        row(n, 100.0 * e, work_units=e, work_kind=kind, metric=m, metric_name=name)
        for n, (e, m) in enumerate(ends, 1)
    ]


def test_within_a_hundredth_of_the_best_is_as_good():
    # .202 is within 1 % of .2, .203 is not: there the shortest as good is 20 epochs long
    close = early_stop(losses((10, 0.2019), (20, 0.2), (40, 0.2), (40, 0.2)))
    assert close.saves_j.mid == pytest.approx(100 * (10 + 30 + 30))
    assert early_stop(losses((10, 0.203), (20, 0.2), (40, 0.2), (40, 0.2))).saves_j.mid == 4000


def test_a_twentieth_more_work_is_no_longer_run():
    assert early_stop(losses((100, 0.2), (105, 0.2), (105, 0.2), (100, 0.2))) is None
    found = early_stop(losses((100, 0.2), (110, 0.2), (105, 0.2), (100, 0.2)))
    assert found.saves_j.mid == pytest.approx(1000) and "1 run went" in found.text


def test_early_stopping_needs_one_unit_and_one_metric_and_four_good_runs():
    ends = (10, 0.2), (20, 0.2), (40, 0.2), (40, 0.2)
    runs = losses(*ends)
    assert early_stop(runs)
    assert early_stop([*runs[:3], replace(runs[3], work_kind="steps")]) is None
    assert early_stop([*runs[:3], replace(runs[3], metric_name="acc")]) is None
    assert early_stop([*runs[:3], replace(runs[3], status="error")]) is None
    assert early_stop([*runs[:3], replace(runs[3], work_units=0.0)]) is None
    assert early_stop([replace(run, metric_name=None) for run in runs]) is None


def test_energy_that_is_not_known_is_not_saved():
    runs = losses((10, 0.2), (20, 0.2), (40, 0.2), (40, 0.2))
    found = early_stop([*runs[:3], replace(runs[3], energy_j=None)])
    assert found.saves_j.mid == pytest.approx(1000 + 3000)
    nowhere = [replace(run, energy_j=None) for run in runs]
    assert early_stop(nowhere) is None
    unpriced = early_stop([replace(run, operational_g=None) for run in runs])
    assert unpriced.saves_j.mid == pytest.approx(7000) and unpriced.saves_g is None


def test_a_unit_without_a_name_is_a_unit():
    found = early_stop(losses((10, 0.2), (20, 0.2), (40, 0.2), (40, 0.2), kind=None))
    assert "beyond 10 units and" in found.text


@pytest.mark.parametrize("name", ["val_loss", "RMSE", "test_err", "perplexity", "WER"])
def test_less_of_a_loss_is_better(name):
    falling = losses((10, 0.1), (20, 0.5), (40, 0.5), (40, 0.5), name=name)
    assert "beyond 10 epochs" in early_stop(falling).text


@pytest.mark.parametrize("name", ["acc", "ROC_AUC", "f1", "r2", "BLEU", "mAP"])
def test_more_of_a_score_is_better(name):
    rising = losses((10, 0.1), (20, 0.5), (40, 0.5), (40, 0.5), name=name)
    assert "beyond 20 epochs" in early_stop(rising).text


def searched(n, energy_j=1000.0, epochs=30.0, **fields):
    return [
        row(i, energy_j, config_hash=f"c{i}", work_units=epochs, work_kind="epochs", **fields)
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("configs", "mid", "least", "most"),
    [
        # (s + 1)/eta^s of the search for eta 3, and the least and most saved of eta 2, 3, 4
        (4, 1 / 3, 1 / 4, 1 / 2),
        (9, 2 / 3, 1 / 2, 2 / 3),
        (16, 2 / 3, 2 / 3, 13 / 16),
        (27, 23 / 27, 11 / 16, 23 / 27),
    ],
)
def test_successive_halving_saves_what_its_rungs_leave_out(configs, mid, least, most):
    found = halving(searched(configs))
    whole = 1000.0 * configs
    assert found.kind == "halving"
    assert found.saves_j.mid == pytest.approx(whole * mid)
    assert found.saves_j.low == pytest.approx(0.9 * whole * least)
    assert found.saves_j.high == pytest.approx(1.1 * whole * most)
    assert found.saves_g.mid == pytest.approx(found.saves_j.mid / 1e4)  # 360 g/kWh


def test_successive_halving_is_told_in_one_sentence():
    assert halving(searched(9)).text == (
        "Successive halving: 9 configurations ran for 30 epochs each; dropping the worse two"
        " thirds at each rung needs 33 % of that"
    )
    batches = [replace(run, work_kind="batches") for run in searched(4)]
    assert "ran for 30 batches each" in halving(batches).text
    assert "ran for 30 units each" in halving([replace(r, work_kind=None) for r in batches]).text


def test_the_newest_run_of_a_configuration_counts():
    again = [*searched(9, 5000.0), *searched(9)]
    assert halving(again).saves_j.mid == pytest.approx(6000)


def test_a_search_whose_runs_differ_in_length_is_halved_already():
    runs = searched(9)
    assert halving([replace(runs[0], work_units=15.0), *runs[1:]])
    assert halving([replace(runs[0], work_units=14.9), *runs[1:]]) is None
    assert halving(searched(9, epochs=1.0)) is None, "a single unit cannot be cut short"
    assert halving(searched(9, epochs=2.0))
    assert halving([replace(run, status="error") for run in runs]) is None
    assert halving([replace(run, config_hash=None) for run in runs]) is None
    assert halving([replace(run, energy_j=None) for run in runs]) is None


def test_reuse_is_told_in_one_sentence():
    one, two, three = trained(10, 0.9), trained(10, 0.9), trained(10, 0.9)
    rest = "code and settings that had run before; keep the result in a variable, a file or a cache"
    assert reuse([one, two]).text == f"Reuse: 1 run repeats {rest}"
    assert reuse([one, two, three]).text == f"Reuse: 2 runs repeat {rest}"
    assert reuse([one, two]).kind == "reuse"
    assert bounds(reuse([one, two]).saves_j) == pytest.approx((1000, 900, 1100))
    assert reuse([one, two]).saves_g.mid == pytest.approx(0.1)


@pytest.mark.parametrize(
    "other",
    [
        {"status": "error"},
        {"code_hash": "other"},
        {"code_hash": None},
        {"config_hash": "other"},
        {"config_hash": None},
        {"work_units": 20.0},
        {"metric": None},
        {"metric": 0.91},
    ],
)
def test_a_run_that_differs_is_no_repeat(other):
    one = trained(10, 0.9)
    assert reuse([one, replace(one, **other)]) is None
    assert reuse([replace(one, **other), one]) is None
    assert reuse([one, replace(one, **other), replace(one)]).saves_j.mid == 1000, (
        "others do not hide one"
    )


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        ("training", True),
        ("tuning", True),
        ("evaluation", True),
        ("data", True),
        ("exploration", False),
        ("inference", False),
        (None, False),
    ],
)
def test_without_a_metric_only_work_that_is_not_looking_around_repeats(phase, told):
    found = reuse([row(1, phase=phase), row(2, phase=phase)])
    assert (found is not None) is told
    if found:
        assert bounds(found.saves_j) == pytest.approx((1000, 0, 1100))


@pytest.mark.parametrize("hashed", ["code_hash", "config_hash"])
def test_runs_that_are_not_hashed_repeat_nothing(hashed):
    runs = [replace(trained(10, 0.9), **{hashed: None}) for _ in range(3)]
    assert reuse(runs) is None


def test_looking_around_does_not_hide_a_repeat():
    looked = [row(n, phase="exploration") for n in (1, 2)]
    found = reuse([*looked, *(row(n, phase="training", work_units=1.0) for n in (3, 4))])
    assert found.saves_j.mid == 1000


def test_one_repeat_without_a_metric_leaves_all_in_doubt():
    known, unknown = trained(10, 0.9), row(3, phase="training")
    assert reuse([known, replace(known), unknown, replace(unknown)]).saves_j.low == 0


def test_a_smaller_subset_is_told_in_one_sentence():
    runs = [row(1, 500, status="error"), row(2, 500, status="lost"), row(3)]
    found = small_first(runs)
    assert found.kind == "subset"
    assert found.text == (
        "A smaller subset first: 2 runs failed or were stopped; a try on a tenth of the data"
        " meets most errors for a tenth of the energy"
    )
    assert bounds(found.saves_j) == pytest.approx((900, 0, 1100))
    assert found.saves_g.mid == pytest.approx(0.09)
    assert small_first([row(1, None, status="error"), row(2, None, status="error")]) is None


def test_a_cleaner_hour_is_told_in_one_sentence():
    found = cleaner_hour([row(1, 2e6), row(2, 1e6), row(3, None)], 0.9, "13:00")
    assert found.kind == "cleaner-hour" and found.saves_j is None
    assert found.text == "A cleaner hour: a run like the last at 13:00 would emit 90 % less"
    assert bounds(found.saves_g) == pytest.approx((90, 90, 90))
    assert cleaner_hour([row(1, None)], 0.31, "13:00") is None
    assert cleaner_hour([row(1)], 0.05, "13:00") and not cleaner_hour([row(1)], 0.049, "13:00")


def test_carbon_saved_is_at_the_mean_intensity_of_the_runs_it_is_of():
    # 1 kWh at 100 g and 3 kWh at 300 g: 250 g/kWh on the whole
    lost = [
        row(1, 3.6e6, status="error", operational_g=100.0),
        row(2, 10.8e6, status="error", operational_g=900.0),
    ]
    assert small_first(lost).saves_g.mid == pytest.approx(0.9 * 4 * 250)


def test_a_saving_below_a_fiftieth_of_the_energy_is_not_worth_a_word():
    lost = [row(1, 500, status="error"), row(2, 500, status="error")]  # saves 900 J
    assert [one.kind for one in advise([*lost, row(3, 44_000)])] == ["subset"]
    assert advise([*lost, row(3, 44_001)]) == ()
    assert advise(lost, least_j=900.0) and not advise(lost, least_j=900.1)


def test_what_still_runs_or_has_no_energy_is_not_advised_upon():
    lost = [row(1, 500, status="error"), row(2, 500, status="error")]
    running = row(3, 1e9, status="started")
    assert [one.kind for one in advise([*lost, running, row(4, None)])] == ["subset"]


def test_lineages_are_not_mixed():
    one, other = trained(10, 0.9), trained(10, 0.9, lineage="other")
    assert advise([one, other]) == ()
    assert [s.kind for s in advise([one, other, replace(other)])] == ["reuse"]
    assert [s.kind for s in advise([replace(r, lineage=None) for r in (one, other)])] == ["reuse"]
