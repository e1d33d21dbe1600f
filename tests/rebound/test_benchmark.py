"""The benchmark's sessions and counts: what its tables rest on."""

import pytest

from benchmarks.rebound import growing, ordinary
from benchmarks.rebound.peers import Told, Watched, ours
from benchmarks.rebound.score import poisson_interval, score, total
from benchmarks.rebound.sessions import HELD_OUT, REPORTING, TUNING, session, sessions


def test_the_same_seed_gives_the_same_session():
    assert session("breadth", 100_003) == session("breadth", 100_003)
    assert session("breadth", 100_003).runs != session("breadth", 100_004).runs


def test_nothing_is_tuned_on_what_is_held_out_or_reported():
    assert not set(TUNING) & set(REPORTING)
    for family in HELD_OUT:
        with pytest.raises(ValueError, match="not for tuning"):
            next(sessions([family], 1, TUNING))


@pytest.mark.parametrize("family", [*growing.REBOUND, *growing.HELD_OUT])
def test_a_story_of_growth_has_a_gain_and_a_rebound(family):
    labelled = session(family, 1_100_000)
    assert 0 < labelled.ratio < 1 and labelled.rebound is not None and not labelled.benign
    assert labelled.runs[labelled.gain_index].t_start > labelled.runs[0].t_start


@pytest.mark.parametrize("family", [*ordinary.ORDINARY, *ordinary.HELD_OUT])
def test_ordinary_work_is_labelled_benign_and_has_active_hours(family):
    labelled = session(family, 1_100_001)
    assert labelled.benign and labelled.active_h > 0.2


def test_a_detector_that_always_warns_has_all_recall_and_all_false_alarms():
    def always(labelled):
        return Watched([Told(len(labelled.runs) - 1, "warn", labelled.kind)])

    tallies = score(sessions(["scale-up", "debugging"], 4, [1]), always)
    assert tallies["debugging"].alarms == 4
    growth = total(tally for name, tally in tallies.items() if name != "debugging")
    assert growth.recall == 1.0 and growth.early == 0


def test_the_detector_tells_growth_from_ordinary_work():
    tallies = score(sessions(["breadth", "dirty grid"], 6, [1]), ours)
    growth = total(tally for name, tally in tallies.items() if name != "dirty grid")
    assert growth.warned >= growth.sessions / 2 > tallies["dirty grid"].alarms


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (10, 4.795, 18.390), (1000, 938.97, 1063.95)]
)
def test_the_poisson_interval_is_that_of_the_tables(count, low, high):
    assert poisson_interval(count) == pytest.approx((low, high), abs=0.01)
