"""Reading a log: what is usable is used, and what is not is named."""

import json

import pytest
from scripted import Script, scale_up

from ipyfootprint.rebound.observation import Observation
from ipyfootprint.rebound.replay import as_line, as_text, read_log, replay


def line_of(run, **changes):
    line = {
        "session": run.session,
        "t_start": run.t_start,
        "duration_s": run.duration_s,
        "cell_id": run.lineage,
        "code_hash": run.code,
        "config_hash": run.config,
        "label": None,
        "energy_j": run.energy_j,
        "carbon_g": run.carbon_g,
        "work_units": run.work,
        "work_kind": run.work_kind,
        "metric": run.metric,
        "ok": run.ok,
        "planned": False,
        "who_knows": [1, 2],
    }
    return json.dumps({**line, **changes})


def log_of(script):
    return [line_of(run) for run in script.runs]


def test_a_log_gives_what_the_session_gave():
    script = scale_up()
    runs, problems = read_log(log_of(script))
    assert not problems
    assert replay(runs) == script.played()[1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("\x00", "not JSON"),
        ("[" * 100_000, "not JSON|nested too deeply"),
        (line_of(scale_up().runs[0], energy_j=-5), "energy_j is negative: -5"),
        (line_of(scale_up().runs[0], energy_j=None), "energy_j missing"),
        (
            line_of(scale_up().runs[0], energy_j=None, energy_wh=5),
            "energy_j missing; energy_wh is in a unit that is not read",
        ),
        (line_of(scale_up().runs[0], energy_j="5 J"), "energy_j is no number: '5 J'"),
        (line_of(scale_up().runs[0], energy_j=True), "energy_j is no number: True"),
        (line_of(scale_up().runs[0], energy_j=10**400), "energy_j is not finite"),
        (line_of(scale_up().runs[0], duration_s=float("nan")), "duration_s is not finite: nan"),
        (line_of(scale_up().runs[0], t_start=1e30), "t_start is no time of this age"),
        (line_of(scale_up().runs[0], t_start=5.0), "the time runs backwards"),
        (line_of(scale_up().runs[0], work_units=-1), "work_units is negative"),
        (line_of(scale_up().runs[0], work_kind=["epochs"]), "work_kind is no text"),
        (line_of(scale_up().runs[0], ok="yes"), "ok is neither true nor false"),
        (line_of(scale_up().runs[0], planned="many"), "planned is no number"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_read(text, reason):
    import re

    script = scale_up()
    lines = log_of(script)
    runs, problems = read_log([*lines[:20], text, *lines[20:]])
    assert [p.line for p in problems] == [21]
    assert re.search(reason, problems[0].reason)
    assert runs == read_log(lines)[0]


def test_a_metric_that_is_no_number_costs_the_metric_only():
    script = Script().times(3)
    lines = log_of(script)
    lines[1] = line_of(script.runs[1], metric=float("nan"))
    runs, (problem,) = read_log(lines)
    assert len(runs) == 3 and runs[1].metric is None
    assert str(problem) == "line 2: metric is not finite: nan; the run counts without it"


def test_blank_lines_and_absent_keys_are_no_problem():
    runs, problems = read_log(["", '{"t_start": 1, "duration_s": 2, "energy_j": 3}', "  \n"])
    assert not problems
    (run,) = runs
    assert run == Observation(
        session="", index=0, t_start=1, duration_s=2, lineage="unnamed", energy_j=3
    )


def test_sessions_do_not_inform_each_other_and_count_their_own_runs():
    one, two = Script("one").times(12), Script("two").gain(20, larger=2.5)
    mixed = []
    for a, b in zip(log_of(one) + [""] * 8, log_of(two), strict=True):
        mixed += [a, b]
    runs, problems = read_log(mixed)
    assert not problems
    assert [r.index for r in runs if r.session == "two"] == list(range(20))
    assert not replay(runs)


def test_a_finding_is_one_flat_line():
    runs, _ = read_log(log_of(scale_up()))
    found = replay(runs)
    line = as_line(found[-1])
    assert list(line) == [
        "session",
        "run",
        "t",
        "level",
        "kind",
        "rebound_pct",
        "low_pct",
        "high_pct",
        "lineage",
        "message",
    ]
    run = runs[line["run"]]
    assert line["t"] == pytest.approx(run.t_start + run.duration_s, abs=1e-3)
    assert json.loads(json.dumps(line)) == line
    assert "\n" not in as_text(found)[0]


def test_label_then_cell_then_code_name_the_lineage():
    run = scale_up().runs[0]
    for changes, expected in (
        ({"label": "L"}, "L"),
        ({}, "train"),
        ({"cell_id": None}, "a"),
        ({"cell_id": 7}, "7"),
    ):
        ((seen,), _) = read_log([line_of(run, **changes)])
        assert seen.lineage == expected


def test_a_hostile_name_stays_on_its_line():
    lines = [line_of(run, label="a\n\x1b[31mb") for run in scale_up().runs]
    found = replay(read_log(lines)[0])
    assert found
    for text in as_text(found):
        assert text.isprintable() and "[a??[31mb]" in text
