"""A run as evidence, field by field, from a ledger's row and from a line of a log."""

import math
from dataclasses import replace

import pytest
from rows import START, row

from ipyfootprint.rebound.observation import Observation

LINE = {"session": "s", "t_start": 5.0, "duration_s": 2, "energy_j": 3}


def seen(**changes):
    return Observation.from_log({**LINE, **changes}, 4)


def test_a_row_of_the_ledger_keeps_every_figure():
    run = row(
        7,
        1000.0,
        seconds=12.0,
        session_id="s7",
        work_units=3.0,
        work_kind="epochs",
        metric=0.9,
        metric_name="acc",
        planned=5,
    )
    assert Observation.from_run(run, 4) == Observation(
        session="s7",
        index=4,
        t_start=START.timestamp() + 7 * 60,
        duration_s=12.0,
        lineage="train",
        energy_j=1000.0,
        carbon_g=pytest.approx(0.1),
        code="c",
        config="k",
        work=3.0,
        work_kind="epochs",
        metric=0.9,
        metric_name="acc",
        ok=True,
        planned=5,
    )


@pytest.mark.parametrize("status", ["error", "interrupted", "lost"])
def test_a_row_that_did_not_end_well_is_no_good_run(status):
    assert Observation.from_run(row(1, status=status), 0).ok is False


@pytest.mark.parametrize(
    "absent", [{"status": "started"}, {"energy_j": None}, {"duration_s": None}]
)
def test_a_row_that_tells_no_energy_or_time_is_no_evidence(absent):
    assert Observation.from_run(replace(row(1), **absent), 0) is None


@pytest.mark.parametrize(
    ("fields", "lineage"),
    [
        ({"label": "L", "cell_id": "cell"}, "L"),
        ({"label": None, "cell_id": "cell"}, "cell"),
        ({"label": None, "cell_id": None}, "c"),
        ({"label": None, "cell_id": None, "code_hash": None}, "unnamed"),
    ],
)
def test_a_row_without_a_lineage_gets_one_from_its_label_cell_or_code(fields, lineage):
    assert Observation.from_run(row(1, lineage=None, **fields), 0).lineage == lineage


def test_a_line_of_a_log_keeps_every_figure():
    line = {
        "session": "s",
        "t_start": 5,
        "duration_s": 2,
        "energy_j": 3,
        "label": "L",
        "cell_id": "cell",
        "code_hash": "code",
        "config_hash": "config",
        "carbon_g": 0.5,
        "work_units": 10,
        "work_kind": "epochs",
        "metric": -1,
        "metric_name": "score",
        "ok": False,
        "planned": True,
    }
    assert Observation.from_log(line, 4) == Observation(
        session="s",
        index=4,
        t_start=5.0,
        duration_s=2.0,
        lineage="L",
        energy_j=3.0,
        carbon_g=0.5,
        code="code",
        config="config",
        work=10.0,
        work_kind="epochs",
        metric=-1.0,
        metric_name="score",
        ok=False,
        planned=True,
    )


def test_what_a_line_leaves_out_is_absent():
    assert seen() == Observation(
        session="s", index=4, t_start=5.0, duration_s=2.0, lineage="unnamed", energy_j=3.0
    )
    assert seen(cell_id=7).lineage == "7" and seen(code_hash="k").lineage == "k"


def test_nothing_used_in_no_time_is_a_figure():
    nothing = seen(energy_j=0, duration_s=0, carbon_g=0, work_units=0)
    assert (nothing.energy_j, nothing.duration_s, nothing.carbon_g, nothing.work) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("told", "kept"),
    [(None, None), (True, True), (False, False), (40, 40), (40.9, 40), (0, None)],
)
def test_a_plan_is_a_number_of_runs_or_a_yes(told, kept):
    assert seen(planned=told).planned is kept or seen(planned=told).planned == kept
    assert type(seen(planned=told).planned) is type(kept)


@pytest.mark.parametrize(("told", "kept"), [(None, True), (True, True), (False, False)])
def test_a_run_is_well_unless_the_line_says_otherwise(told, kept):
    assert seen(ok=told).ok is kept


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"t_start": None}, "t_start missing"),
        ({"t_start": None, "energy_j": None}, "t_start and energy_j missing"),
        (
            {"t_start": None, "duration_s": None, "energy_j": None},
            "t_start and duration_s and energy_j missing",
        ),
        (
            {"energy_j": None, "energy_kwh": 1},
            "energy_j missing; energy_kwh is in a unit that is not read",
        ),
        (
            {"duration_s": None, "duration_ms": 1},
            "duration_s missing; duration_ms is in a unit that is not read",
        ),
        (
            {"t_start": None, "t_start_ms": 1},
            "t_start missing; t_start_ms is in a unit that is not read",
        ),
        (
            {"t_start": None, "energy_j": None, "energy_wh": 1},
            "t_start and energy_j missing; energy_wh is in a unit that is not read",
        ),
        ({"energy_j": None, "duration_ms": 1}, "energy_j missing"),
        ({"energy_j": "5 J"}, "energy_j is no number: '5 J'"),
        ({"energy_j": True}, "energy_j is no number: True"),
        ({"energy_j": 10**400}, "energy_j is not finite: inf"),
        ({"energy_j": -0.5}, "energy_j is negative: -0.5"),
        ({"duration_s": -1}, "duration_s is negative: -1.0"),
        ({"carbon_g": -1}, "carbon_g is negative: -1.0"),
        ({"work_units": -1}, "work_units is negative: -1.0"),
        ({"planned": -1}, "planned is negative: -1.0"),
        ({"planned": "many"}, "planned is no number: 'many'"),
        ({"metric": math.nan}, "metric is not finite: nan"),
        ({"metric": [1]}, "metric is no number: [1]"),
        ({"t_start": 1e30}, "t_start is no time of this age: 1e+30"),
        ({"ok": 1}, "ok is neither true nor false: 1"),
        ({"label": True}, "label is no text: True"),
        ({"cell_id": 1.5}, "cell_id is no text: 1.5"),
        ({"code_hash": []}, "code_hash is no text: []"),
        ({"config_hash": {}}, "config_hash is no text: {}"),
        ({"work_kind": ["epochs"]}, "work_kind is no text: ['epochs']"),
        ({"metric_name": 0.1}, "metric_name is no text: 0.1"),
        ({"session": 0.1}, "session is no text: 0.1"),
    ],
)
def test_a_line_that_cannot_be_used_says_which_field_and_why(changes, reason):
    with pytest.raises(ValueError) as error:
        seen(**changes)
    assert str(error.value) == reason


def test_a_session_may_be_a_number():
    assert seen(session=12).session == "12"
    assert Observation.from_log({**LINE, "session": None}, 0).session == ""
