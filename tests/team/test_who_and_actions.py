"""The decomposition adds up over experiments, and a gain of the team is found with its R."""

import random
from datetime import date, timedelta

import pytest

from ipyfootprint.team.actions import actions
from ipyfootprint.team.aggregates import Course, Experiment, Volume
from ipyfootprint.team.who import FACTORS, by_experiment, by_project, together

MONDAY = date(2026, 1, 5)


def volume(people=4, configs=40, runs=80, work=800.0, per_work=100.0, grid=1e-4, kind="epochs"):
    energy = (work if work is not None else runs) * per_work
    return Volume(people, configs, runs, work, kind, energy, energy * grid)


SAVED_AND_GREW = Experiment(
    "vision", "train", volume(), volume(people=5, configs=90, runs=200, work=2400.0, per_work=50.0)
)
STARTED = Experiment("vision", "new", None, volume(people=1, configs=1, runs=1, work=5.0))
ENDED = Experiment("speech", "old", volume(people=2), None)
UNCOUNTED = Experiment("speech", "plots", volume(work=None, kind=""), volume(work=None, kind=""))
ALL = [SAVED_AND_GREW, STARTED, ENDED, UNCOUNTED]


@pytest.mark.parametrize("measure", ["energy", "carbon"])
def test_the_parts_add_up_to_the_change_of_the_total(measure):
    whole = together(ALL, measure)
    assert sum(part for _, part in whole.parts) == pytest.approx(whole.after - whole.before)
    rows = by_project(ALL, measure)
    assert sum(row.after for row in rows) == pytest.approx(whole.after)
    for name in FACTORS:
        parts = [dict(row.parts).get(name, 0.0) for row in rows]
        assert sum(parts) == pytest.approx(dict(whole.parts).get(name, 0.0), abs=1e-9)


def test_each_factor_has_the_sign_of_what_happened():
    (row,) = by_experiment([SAVED_AND_GREW], "energy")
    parts = dict(row.parts)
    assert parts["energy per work"] < 0
    assert min(parts["people"], parts["configurations per person"], parts["work per run"]) > 0
    assert parts["runs per configuration"] > 0
    assert "grid" not in parts and "grid" in dict(
        by_experiment([SAVED_AND_GREW], "carbon")[0].parts
    )


def test_rebound_is_what_was_not_saved_of_what_could_have_been():
    # 800 units at 100 J became 2400 at 50 J: 40 kJ could be saved, 40 kJ more were used
    (row,) = by_experiment([SAVED_AND_GREW], "energy")
    assert row.saving_j == pytest.approx(40_000)
    assert row.rebound == pytest.approx(2.0)
    kept = Experiment("a", "a", volume(), volume(per_work=50.0))
    assert together([kept], "energy").rebound == pytest.approx(0.0)
    dearer = Experiment("a", "a", volume(), volume(per_work=150.0))
    assert together([dearer], "energy").rebound is None


def test_unknown_carbon_is_left_out_and_counted():
    blind = Experiment("x", "x", Volume(1, 1, 1, None, "", 5.0, None), None)
    whole = together([SAVED_AND_GREW, blind], "carbon")
    assert whole.unpriced == 1
    assert whole.before == pytest.approx(SAVED_AND_GREW.before.carbon_g)
    assert together([blind], "energy").unpriced == 0


def test_another_unit_of_work_is_no_efficiency():
    other = Experiment("a", "a", volume(kind="steps"), volume(kind="epochs", per_work=10.0))
    row = together([other], "energy")
    assert row.saving_j is None and row.rebound is None
    assert "energy per run" in dict(row.parts)


def course(before_cost, after_cost, growth, weeks=(8, 8), work=True, seed=1):
    rng = random.Random(seed)
    made = []
    for index in range(sum(weeks)):
        later = index >= weeks[0]
        units = 800.0 * (growth if later else 1.0) * rng.lognormvariate(0, 0.1)
        energy = units * (after_cost if later else before_cost) * rng.lognormvariate(0, 0.05)
        one = Volume(
            4,
            40,
            round(units / 10),
            units if work else None,
            "epochs" if work else "",
            energy,
            energy * 1e-4,
        )
        made.append((MONDAY + timedelta(weeks=index), one))
    return Course("vision", "train", tuple(made))


def test_a_gain_is_found_with_its_week_and_what_became_of_it():
    (found,) = actions([course(100.0, 50.0, growth=1.9)])
    assert found.since == MONDAY + timedelta(weeks=8)
    assert found.ratio == pytest.approx(0.5, abs=0.05)
    assert found.low < found.rebound < found.high
    assert found.rebound == pytest.approx(0.85, abs=0.2)
    assert (found.unit, found.weeks) == ("epochs", (8, 8))
    assert found.kept_j < found.after_j < found.before_j * 1.1


def test_runs_are_the_unit_where_work_is_not_counted():
    (found,) = actions([course(100.0, 50.0, growth=1.0, work=False)])
    assert found.unit == "runs" and found.rebound < 0.3


@pytest.mark.parametrize("growth", [1.0, 2.0, 0.5])
def test_no_gain_is_no_action(growth):
    assert actions([course(100.0, 100.0, growth, seed=seed) for seed in range(20)]) == []


def test_too_few_weeks_say_nothing():
    assert actions([course(100.0, 50.0, 2.0, weeks=(3, 3)), Course("a", "a", ())]) == []
