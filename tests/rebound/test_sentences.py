"""The sentences of a finding, word for word as a person reads them."""

from datetime import UTC, timedelta, timezone

import pytest
from gains import AT, made_up_gain, window

from ipyfootprint.rebound.creep import Creep
from ipyfootprint.rebound.sentences import creep_sentence, rebound_sentence
from ipyfootprint.units import singular

HEAD = (
    "Since 14:10 each epoch costs 52 % less energy, but you do 1.95x as much work per hour of work"
)
TAIL = ": 88 % (60-125 %) of the saving is used up, 21.0 Wh (6.00 g CO2e) so far."


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("scale-up", " (1.50x per run)"),
        ("breadth", " (on more configurations)"),
        ("intensification", " (runs repeated more often)"),
    ],
)
def test_a_rebound_is_one_sentence_with_the_way_it_came_about(kind, how):
    assert rebound_sentence(made_up_gain(kind=kind), UTC) == HEAD + how + TAIL


def test_backfire_says_that_more_than_the_saving_is_gone():
    found = made_up_gain(kind="backfire", shown=1.3, low=1.01, high=1.6)
    assert rebound_sentence(found, UTC) == (
        f"{HEAD}: more than the whole saving is used up (130 %, 101-160 %),"
        " 21.0 Wh (6.00 g CO2e) so far."
    )


def test_without_counted_work_a_run_is_the_unit():
    found = made_up_gain(work_kind=None, kind="intensification", wasted_g=None)
    assert rebound_sentence(found, UTC) == (
        "Since 14:10 each run costs 52 % less energy, but you run it 1.95x as often per hour of"
        " work (runs repeated more often): 88 % (60-125 %) of the saving is used up,"
        " 21.0 Wh so far."
    )


@pytest.mark.parametrize(
    ("low", "high", "interval"),
    [
        (0.0, 0.82, "(0-82 %)"),
        (-0.05, 0.82, "(-5 to 82 %)"),
        (-50.0, 50.0, "(-999 to 999 %)"),
    ],
)
def test_an_interval_reads_well_below_zero_and_far_out(low, high, interval):
    assert f"88 % {interval} of the" in rebound_sentence(made_up_gain(low=low, high=high), UTC)


def test_times_are_told_where_the_person_is():
    east = timezone(timedelta(hours=2))
    assert rebound_sentence(made_up_gain(), east).startswith("Since 16:10 ")
    own = AT.astimezone().strftime("%H:%M")
    assert rebound_sentence(made_up_gain(), None).startswith(f"Since {own} ")


def creep(**fields):
    known = {
        "lineage": "train",
        "since": 3,
        "since_t": AT.timestamp(),
        "growth": 1.5,
        "metric_before": 0.83,
        "metric_after": 0.83125,
        "wasted_j": 75_600.0,
        "wasted_g": 6.0,
        "before": window(),
        "after": window(),
    }
    return Creep(**{**known, **fields})


def test_creep_is_one_sentence_with_the_metric_that_stood_still():
    start = "Since 14:10 an hour of work uses 1.50x the energy it did before, while "
    assert creep_sentence(creep(), UTC, "val_acc") == (
        f"{start}val_acc went from 0.83 to 0.8313: 21.0 Wh (6.00 g CO2e) more so far."
    )
    assert creep_sentence(creep(wasted_g=None), UTC) == (
        f"{start}the metric went from 0.83 to 0.8313: 21.0 Wh more so far."
    )


def test_creep_is_told_where_the_person_is():
    east = timezone(timedelta(hours=2))
    assert creep_sentence(creep(), east).startswith("Since 16:10 ")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("epochs", "epoch"),
        ("steps", "step"),
        ("batches", "batch"),
        ("pushes", "push"),
        ("passes", "pass"),
        ("boxes", "box"),
        ("images", "image"),
        ("epoch", "epoch"),
        ("its", "it"),
        ("ms", "ms"),
        ("", "run"),
        (None, "run"),
    ],
)
def test_one_unit_of_work_is_a_word(kind, word):
    assert singular(kind) == word
