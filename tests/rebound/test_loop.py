"""The causal loop: strengths that follow from what was measured, and doubt that is said."""

import math
from datetime import timedelta

import pytest
from gains import made_up_gain, window
from rows import START, row
from scripted import scale_up

from ipyfootprint.rebound.explain import explain
from ipyfootprint.rebound.loop import (
    BUDGET,
    CARBON,
    ENERGY,
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


def test_the_whole_loop_by_hand():
    """At rho = 1/4, R = 1/3 is twice the work an hour, and 5 is sixteen times: ln x / ln 4."""
    found = made_up_gain(ratio=0.25, growth=2.05, shown=1 / 3, low=0.0, high=5.0)
    assert causal_loop(found, grid=(300.0, 304.0)) == (
        Strength(
            GAIN,
            WORK,
            pytest.approx(0.5),
            pytest.approx(0.0),
            pytest.approx(2.0),
            "a unit costs 75 % less, 2.05x the work per hour",
        ),
        Strength(GAIN, ENERGY, -1.0, -1.0, -1.0, "by definition, at the same work"),
        Strength(WORK, ENERGY, 1.0, 1.0, 1.0, "by definition, at the same energy per unit"),
        Strength(
            ENERGY,
            CARBON,
            1.0,
            1.0,
            1.0,
            "by definition, at the same grid; the grid itself went from 300 to 304 g/kWh",
        ),
    )


def test_no_work_at_all_has_a_strength_still():
    # R = -1 at rho = 1/2 is omega 0, whose logarithm is held at a millionth
    found = causal_loop(made_up_gain(ratio=0.5, shown=-1.0, low=-9.0, high=0.0))[0]
    assert found.value == found.low == pytest.approx(math.log(1e-6) / math.log(2))


@pytest.mark.parametrize("grid", [None, (300.0, 300.0), (300.0, 303.0), (300.0, 297.0)])
def test_a_grid_that_hardly_changed_is_not_spoken_of(grid):
    assert causal_loop(made_up_gain(), grid=grid)[-1].how == "by definition, at the same grid"


def test_a_grid_that_became_cleaner_is_spoken_of():
    how = causal_loop(made_up_gain(), grid=(300.0, 240.0))[-1].how
    assert how.endswith("; the grid itself went from 300 to 240 g/kWh")


def test_a_budget_alone_closes_the_loop():
    grid, counts, less = causal_loop(None, limited=Feedback((1.0, 2.0, 3.0), (0.0, 1.0, 2.0)))
    assert grid == Strength(ENERGY, CARBON, 1.0, 1.0, 1.0, "by definition, at the same grid")
    assert counts == Strength(
        ENERGY, BUDGET, 1.0, 1.0, 1.0, "by definition: a budget counts what is used"
    )
    # each side's variance is 1, of three runs: the difference's is 2/3
    half = 1.2816 * math.sqrt(2 / 3)
    assert less == Strength(
        BUDGET,
        WORK,
        -1.0,
        pytest.approx(-1 - half),
        pytest.approx(-1 + half),
        "energy per active hour is 0.37x what it was before the budget",
    )


def test_each_sides_scatter_counts_with_its_own_runs():
    found = link(causal_loop(None, limited=Feedback((1, 1, 3, 3), (0, 2, 4))), BUDGET, WORK)
    half = 1.2816 * math.sqrt(4 / 3 + 4 / 3 / 4)
    assert (found.value, found.low, found.high) == pytest.approx((0, -half, half))


@pytest.mark.parametrize("sides", [((1.0, 2.0), (1.0,) * 9), ((1.0,) * 9, (1.0, 2.0))])
def test_two_runs_on_a_side_tell_nothing_of_a_budget(sides):
    assert link(causal_loop(None, limited=Feedback(*sides)), BUDGET, WORK) == Strength(
        BUDGET, WORK, None, how="at least 3 runs on each side tell"
    )


def test_the_loop_is_read_aloud():
    links = [
        Strength(GAIN, WORK, 0.5, 0.125, 0.875, "a unit costs 75 % less"),
        Strength(GAIN, ENERGY, -1.0, -1.0, -1.0, "by definition"),
        Strength(WORK, ENERGY, 1.0),
        Strength(BUDGET, WORK, None, how="3 runs tell"),
        Strength(BUDGET, WORK, -0.5, -1.0, 0.25),
    ]
    assert loop_text(links) == [
        "cheaper unit of work -> work per hour: +0.50 (+0.12 to +0.88); a unit costs 75 % less.",
        "cheaper unit of work -> energy per hour: -1.00; by definition.",
        "work per hour -> energy per hour: +1.00; could be none.",
        "budget used -> work per hour: not measured yet; 3 runs tell.",
        "budget used -> work per hour: -0.50 (-1.00 to +0.25); could be none.",
        "The gain is partly used up by more work: below 1 it still saves.",
    ]


MORE = "The gain feeds its own undoing: more than the whole saving is used up."
WHOLE = "About the whole saving is used up: the interval holds 1."
PARTLY = "The gain is partly used up by more work: below 1 it still saves."


@pytest.mark.parametrize(
    ("low", "high", "last"),
    [
        (1.01, 1.2, MORE),
        (1.0, 1.2, WHOLE),
        (0.2, 1.0, WHOLE),
        (-0.5, 1.5, WHOLE),
        (0.01, 0.99, PARTLY),
    ],
)
def test_what_kind_of_loop_it_is_says_the_interval(low, high, last):
    assert loop_text([Strength(GAIN, WORK, (low + high) / 2, low, high)])[-1] == last


@pytest.mark.parametrize(
    "unsaid",
    [
        Strength(GAIN, WORK, 0.4, 0.0, 0.8),
        Strength(GAIN, WORK, 0.4),
        Strength(GAIN, WORK, 0.4, 0.3, None),
        Strength(GAIN, WORK, 0.4, None, 0.5),
        Strength(WORK, ENERGY, 0.4, 0.3, 0.5),
        Strength(GAIN, ENERGY, 0.4, 0.3, 0.5),
        Strength(BUDGET, WORK, 0.4, 0.3, 0.5),
    ],
)
def test_other_links_and_open_intervals_make_no_kind_of_loop(unsaid):
    assert len(loop_text([unsaid])) == 1


@pytest.mark.parametrize(
    ("low", "high", "known"),
    [
        (0.1, 0.2, True),
        (-0.2, -0.1, True),
        (0.0, 0.2, False),
        (-0.2, 0.0, False),
        (None, 0.2, False),
        (0.1, None, False),
    ],
)
def test_a_link_is_known_where_its_interval_leaves_out_nothing(low, high, known):
    assert Strength(GAIN, WORK, 0.1, low, high).known is known


def test_the_pace_is_energy_per_active_second_on_either_side_of_the_budget():
    runs = [row(1, 6000), row(2, 6000), row(3, None), row(4, 0.0), row(5, 3000)]
    found = feedback(runs, runs[1].started_at)
    assert found.before == pytest.approx((math.log(6000 / 30),))
    assert found.after == pytest.approx((math.log(6000 / 60), math.log(3000 / 60)))


def test_a_run_without_time_has_no_pace():
    assert feedback([row(1, seconds=None), row(2, seconds=0.0, minutes=1)], START) == Feedback(
        (), ()
    )


@pytest.mark.parametrize(
    ("before_j", "after_j", "runs", "left"),
    [(1000, 300, 3, 7), (1000, 310, 3, 7), (1000, 290, 3, 8), (300, 300, 3, 0), (300, 900, 3, 0)],
)
def test_runs_left_by_hand(before_j, after_j, runs, left):
    gain = made_up_gain(before=window(energy_j=before_j), after=window(energy_j=after_j, runs=runs))
    assert runs_left(gain) == left


@pytest.mark.parametrize("nothing", [{"runs": 0}, {"energy_j": 0.0}])
def test_runs_left_is_not_known_before_a_run_since(nothing):
    assert runs_left(made_up_gain(after=window(**nothing))) is None
