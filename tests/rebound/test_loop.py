"""The causal loop: strengths that follow from what was measured, and doubt that is said."""

import math
from datetime import timedelta

import pytest
from rows import START, row
from scripted import scale_up

from ipyfootprint.rebound.explain import explain
from ipyfootprint.rebound.loop import (
    BUDGET,
    GAIN,
    WORK,
    Feedback,
    Strength,
    causal_loop,
    feedback,
    loop_text,
    runs_left,
)


@pytest.fixture
def gain():
    detector, _ = scale_up().played()
    (found,) = detector.rebounds()
    return found


def link(loop, source, target):
    return next(one for one in loop if (one.source, one.target) == (source, target))


def test_the_strength_of_the_gain_is_the_elasticity_of_work(gain):
    found = link(causal_loop(gain), GAIN, WORK)
    omega = 1 + gain.shown * (1 - gain.ratio) / gain.ratio
    assert found.value == pytest.approx(math.log(omega) / math.log(1 / gain.ratio))
    assert found.low < found.value < found.high and found.known
    assert (found.value > 1) == (gain.shown > 1)


def test_the_sentences_name_what_is_measured_and_what_is_by_definition(gain):
    lines = loop_text(causal_loop(gain, grid=(300.0, 400.0)))
    assert any("x the work per hour" in line for line in lines)
    assert any("from 300 to 400 g/kWh" in line for line in lines)
    assert lines[-1].startswith("The gain ")


@pytest.mark.parametrize(
    ("interval", "says"),
    [((1.1, 1.4), "more than the whole"), ((0.9, 1.1), "About the whole"), ((0.3, 0.6), "partly")],
)
def test_what_the_interval_leaves_open_is_said_to_be_open(interval, says):
    low, high = interval
    assert says in loop_text([Strength(GAIN, WORK, (low + high) / 2, low, high)])[-1]
    assert len(loop_text([Strength(GAIN, WORK, 0.1, -0.2, 0.4)])) == 1


def test_a_budget_is_measured_by_the_pace_since_it_was_set():
    runs = [row(n, 6000) for n in range(1, 6)] + [row(n, 3000) for n in range(6, 11)]
    limited = feedback(runs, START + timedelta(minutes=5, seconds=30))
    assert (len(limited.before), len(limited.after)) == (5, 5)
    found = link(causal_loop(None, limited=limited), BUDGET, WORK)
    assert found.value < 0 and found.known


def test_what_was_not_measured_yet_is_not_a_number():
    found = link(causal_loop(None, limited=Feedback((1.0,), ())), BUDGET, WORK)
    assert found.value is None and not found.known
    assert "not measured yet" in "\n".join(loop_text([found]))
    assert causal_loop(None) == ()


def test_runs_left_until_the_saving_on_the_work_before_is_gone(gain):
    per_run = gain.after.energy_j / gain.after.runs
    left = runs_left(gain)
    assert left == max(0, math.ceil((gain.before.energy_j - gain.after.energy_j) / per_run))


def test_an_explanation_holds_the_lineage_alone():
    runs = [row(n, phase="training") for n in range(1, 9)] + [row(9, 1e6, lineage="other")]
    found = explain(runs, [], "train")
    assert found.comparison is None and found.loop == () and found.runs_left is None
    assert [one.kind for one in found.advice] == ["reuse"]
