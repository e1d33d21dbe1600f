"""R of a gain by hand, and each gate on the way to a word."""

import math
from dataclasses import replace

import pytest
from test_history import add, observed

from ipyfootprint.rebound.gain import Gain
from ipyfootprint.rebound.history import History
from ipyfootprint.rebound.volume import Bar, estimate, level


def worked(*stretches, counted=True):
    """A lineage of stretches of equal runs: (runs, J, epochs, active s[, configurations])."""
    history = History("epochs" if counted else None, counted)
    for runs, energy_j, work, active_s, *configs in stretches:
        for _ in range(runs):
            n = len(history)
            config = f"{n % configs[0]}" if configs else "one"
            run = observed(n, energy_j, work if counted else None, config=config)
            add(history, run, carbon_g=energy_j / 1e4, active_s=active_s)
    return history


# 2 kJ an epoch at 100 W, then 1 kJ an epoch at 100 W: twice the work, the saving is gone.
GONE = [(10, 20_000.0, 10.0, 200.0), (5, 17_000.0, 17.0, 170.0)]
HALF = Gain(0, 10, 0.5, 9.0, True)


def found(history, gain=HALF):
    return estimate(history, gain, "train")


def test_the_rebound_of_round_figures_is_one():
    rebound = found(worked(*GONE))
    assert rebound.rebound == pytest.approx(1.0)
    assert rebound.growth == pytest.approx(2.0)
    assert rebound.elasticity == pytest.approx(1.0)
    assert rebound.run_growth == pytest.approx(1.7)
    # E1 - rho P0 T1 = 85 kJ - 50 W x 850 s, at 0.1 g/kJ
    assert rebound.wasted_j == pytest.approx(42_500)
    assert rebound.wasted_g == pytest.approx(4.25)
    assert (rebound.lineage, rebound.ratio, rebound.work_kind) == ("train", 0.5, "epochs")
    assert (rebound.since, rebound.since_t) == (10, 1000.0)
    assert (rebound.before.runs, rebound.after.runs) == (10, 5)
    assert rebound.kind == "scale-up"


def test_what_is_shown_is_shrunk_towards_the_usual():
    """Without scatter each window's variance is .25^2/(n(n+1)); the prior is .6 and .5 of ln 2."""
    rebound = found(worked(*GONE))
    ln2 = math.log(2)
    variance = 0.0625 / (10 * 11) + 0.0625 / (5 * 6)
    spread = 0.1 + 0.5 * ln2
    trust = spread**2 / (spread**2 + variance)
    mean = 0.6 * ln2 + 0.4 * ln2 * trust
    half = 1.2816 * math.sqrt(trust * variance)
    assert rebound.shown == pytest.approx(math.expm1(mean))  # rho (e^x - 1)/(1 - rho), rho 1/2
    assert rebound.low == pytest.approx(math.expm1(mean - half))
    assert rebound.high == pytest.approx(math.expm1(mean + half))


def test_another_ratio_weighs_growth_by_its_own_saving():
    # rho = 1/4: 1 kJ an epoch against 4 kJ. Twice the work an hour is R = 1/4 / (3/4) = 1/3.
    history = worked((10, 40_000.0, 10.0, 400.0), (5, 10_000.0, 10.0, 200.0))
    rebound = found(history, replace(HALF, ratio=0.25))
    assert rebound.rebound == pytest.approx(1 / 3)
    assert rebound.elasticity == pytest.approx(0.5)
    assert rebound.wasted_j == pytest.approx(5 * (10_000 - 0.25 * 100 * 200))


@pytest.mark.parametrize("ratio", [1.0, 1.2, 0.0])
def test_without_a_gain_there_is_no_rebound(ratio):
    assert found(worked(*GONE), replace(HALF, ratio=ratio)) is None


def test_without_active_time_there_is_no_rebound():
    assert found(worked((10, 20_000.0, 10.0, 0.0), GONE[1])) is None
    assert found(worked(GONE[0], (5, 17_000.0, 17.0, 0.0))) is None


def test_carbon_that_is_not_known_is_not_told():
    history = worked(*GONE)
    add(history, observed(15, 17_000.0, 17.0), carbon_g=None, active_s=170.0)
    assert found(history).wasted_g is None


def test_runs_are_the_unit_where_work_is_not_counted():
    rebound = found(worked(*GONE, counted=False), replace(HALF, ratio=0.85))
    assert rebound.work_kind is None and rebound.run_growth == 1.0


def test_larger_runs_are_scale_up_and_more_runs_breadth_or_intensification():
    sooner = (30, 10_000.0, 10.0, 110.0)
    assert found(worked(GONE[0], sooner)).kind == "intensification"
    wide = found(worked(GONE[0], (*sooner, 100)))
    assert wide.kind == "breadth"
    assert (wide.fresh_before, wide.fresh_after) == (0.1, 1.0)
    # half of the growth in logarithms is in the runs: 1.4 x 1.4
    both = found(worked(GONE[0], (30, 14_000.0, 14.0, 143.0)))
    assert both.growth == pytest.approx(1.958, abs=1e-3) and both.kind == "scale-up"
    less = found(worked(GONE[0], (30, 13_500.0, 13.5, 135.0)))
    assert less.kind == "intensification"


def test_above_one_it_is_backfire():
    assert found(worked(GONE[0], (30, 40_000.0, 40.0, 300.0))).kind == "backfire"


def judged(history, gain=HALF, session_j=0.0, bar=None, **changes):
    rebound = replace(found(history, gain), **changes)
    return level(history, gain, rebound, session_j, bar or Bar())


def test_clear_growth_is_a_warning():
    assert judged(worked(GONE[0], (8, 17_000.0, 17.0, 170.0))) == "warn"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rebound": 0.2}, "warn"),
        ({"rebound": 0.199}, None),
        ({"wasted_j": 3600.0}, "warn"),
        ({"wasted_j": 3599.0}, None),
    ],
)
def test_little_rebound_or_waste_is_not_worth_a_word(changes, said):
    assert judged(worked(GONE[0], (8, 17_000.0, 17.0, 170.0)), **changes) == said


def test_waste_is_held_against_the_whole_session():
    history = worked(GONE[0], (8, 17_000.0, 17.0, 170.0))
    assert judged(history, session_j=100_000.0, wasted_j=3600.0) == "warn"
    assert judged(history, session_j=121_000.0, wasted_j=3600.0) is None


def test_four_runs_after_the_gain_are_too_few():
    assert judged(worked(GONE[0], (4, 34_000.0, 34.0, 340.0))) is None
    assert judged(worked(GONE[0], (5, 34_000.0, 34.0, 340.0))) == "warn"


def test_a_bar_asks_for_more_waste_rebound_and_evidence():
    history = worked(GONE[0], (8, 17_000.0, 17.0, 170.0))
    assert judged(history, bar=Bar(waste_j=1e6)) is None
    assert judged(history, bar=Bar(rebound=1.01)) is None
    assert judged(history, bar=Bar(evidence=50.0)) is None
    assert judged(history, bar=Bar(evidence=1.0)) == "warn"
    raised = Bar(100.0, 0.2, 1.0).raised()
    assert (raised.waste_j, raised.rebound) == (300.0, pytest.approx(0.45))
    assert raised.evidence == pytest.approx(1 + math.log(10))


def test_the_same_plan_finished_sooner_is_no_rebound():
    # equal runs with shorter pauses: of 20 runs before, a notice at 10 and a warning at 20 after
    before = (20, 20_000.0, 10.0, 300.0)
    said = {
        n: judged(worked(before, (n, 10_000.0, 10.0, 70.0)), replace(HALF, split=20))
        for n in (9, 10, 19, 20)
    }
    assert said == {9: None, 10: "notice", 19: "notice", 20: "warn"}


def test_a_long_baseline_asks_for_no_more_than_twenty_runs():
    before = (40, 20_000.0, 10.0, 300.0)
    gain = replace(HALF, split=40)
    assert judged(worked(before, (20, 10_000.0, 10.0, 70.0)), gain) == "warn"
    assert judged(worked(before, (19, 10_000.0, 10.0, 70.0)), gain) == "notice"


def test_one_long_run_is_no_habit():
    quiet = (8, 10_000.0, 10.0, 200.0)
    assert judged(worked(GONE[0], quiet, (1, 200_000.0, 200.0, 500.0))) is None


def test_growth_that_the_pace_does_not_bear_out_is_silent():
    assert judged(worked(GONE[0], (12, 10_000.0, 10.0, 200.0)), wasted_j=1e6, rebound=0.9) is None


def test_half_of_a_long_baseline_is_enough_where_the_runs_are_larger():
    before, gain = (20, 20_000.0, 10.0, 200.0), replace(HALF, split=20)
    assert judged(worked(before, (8, 17_000.0, 17.0, 170.0)), gain) == "warn"
    assert judged(worked(before, (5, 17_000.0, 17.0, 170.0)), gain) is None


def test_a_short_baseline_asks_for_as_much_work_as_it_was():
    assert judged(worked(GONE[0], (7, 10_000.0, 10.0, 60.0))) == "notice"
    assert judged(worked(GONE[0], (10, 10_000.0, 10.0, 60.0))) == "warn"


def test_without_the_largest_run_its_time_is_left_out_too():
    long = (1, 100_000.0, 100.0, 1000.0)
    assert judged(worked(GONE[0], (8, 17_000.0, 17.0, 170.0), long)) == "warn"


def test_the_unit_of_a_lineage_that_lost_its_count_is_the_run():
    history = worked(*GONE, counted=False)
    history.work_kind = "epochs"
    assert found(history, replace(HALF, ratio=0.85)).work_kind is None
