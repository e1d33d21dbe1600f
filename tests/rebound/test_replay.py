"""Reading a log: what is usable is used, and what is not is named."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rows import row
from scripted import Script, scale_up

from ipyfootprint.model import Finding
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.rebound.replay import as_line, as_text, observations, read_log, replay


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


def finding(**fields):
    known = {
        "finding_id": "f",
        "session_id": "s",
        "lineage": "train",
        "run": 7,
        "at": datetime(2026, 5, 6, 14, 10, 5, 123456, tzinfo=UTC),
        "level": "warn",
        "kind": "backfire",
        "message": "Since 14:10 more.",
        "rebound_pct": 123.456,
        "low_pct": 101.04,
        "high_pct": 150.06,
    }
    return Finding(**{**known, **fields})


def test_a_finding_as_an_object_and_as_a_line():
    assert as_line(finding()) == {
        "session": "s",
        "run": 7,
        "t": 1778076605.123,
        "level": "warn",
        "kind": "backfire",
        "rebound_pct": 123.5,
        "low_pct": 101.0,
        "high_pct": 150.1,
        "lineage": "train",
        "message": "Since 14:10 more.",
    }
    assert as_text([finding(), finding(run=8, message="a\tb")]) == [
        "s run 7 2026-05-06 14:10 warn backfire [train] Since 14:10 more.",
        "s run 8 2026-05-06 14:10 warn backfire [train] a?b",
    ]


def test_creep_has_no_percentages():
    line = as_line(finding(rebound_pct=None, low_pct=None, high_pct=None))
    assert (line["rebound_pct"], line["low_pct"], line["high_pct"]) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON (Expecting property name enclosed in double quotes, column 2)"),
        ("[1]", "not a JSON object"),
        (
            '{"t_start": 4, "duration_s": 1, "energy_j": 1}',
            "the time runs backwards within its session; the run is left out",
        ),
        ('{"t_start": 9, "duration_s": 1}', "energy_j missing"),
        (
            '{"t_start": 9, "duration_s": 1, "energy_j": 1, "metric": "x"}',
            "metric is no number: 'x'; the run counts without it",
        ),
        (
            '{"t_start": 9, "duration_s": 1, "energy_j": 1, "metric_name": 1.5}',
            "metric_name is no text: 1.5",
        ),
    ],
)
def test_a_problem_says_its_line_and_why(text, reason):
    first = '{"t_start": 5, "duration_s": 1, "energy_j": 1}'
    runs, (problem,) = read_log([first, "", text, first.replace("5", "10")])
    assert (problem.line, problem.reason) == (3, reason)
    assert str(problem) == f"line 3: {reason}"
    kept = [5, 9, 10] if "counts" in reason else [5, 10]
    assert [run.t_start for run in runs] == kept
    assert [run.index for run in runs] == list(range(len(runs)))


def test_two_runs_at_one_moment_do_not_run_backwards():
    line = '{"t_start": 5, "duration_s": 1, "energy_j": 1, "session": %s}'
    runs, problems = read_log([line % 1, line % 1, line % '"2"', line % "null"])
    assert not problems
    assert [(run.session, run.index) for run in runs] == [("1", 0), ("1", 1), ("2", 0), ("", 0)]


def test_a_metric_that_is_no_number_costs_no_other_field():
    line = '{"t_start": 5, "duration_s": 1, "energy_j": 1, "session": "a", "metric": []}'
    (first, second), problems = read_log([line, line])
    assert (first.index, second.index, first.session, first.metric) == (0, 1, "a", None)
    assert [problem.line for problem in problems] == [1, 2]


def test_rows_of_the_ledger_keep_their_place_where_one_tells_nothing():
    rows = [row(3), row(1), row(2, None), row(4, session_id="other"), row(5)]
    seen = observations(rows)
    assert [(run.session, run.index) for run in seen] == [
        ("s", 0),
        ("s", 2),
        ("other", 0),
        ("s", 3),
    ]
    assert seen[0].t_start < seen[1].t_start


def test_what_is_worth_a_word_and_when_is_the_askers():
    runs = scale_up().runs
    (found, *_) = replay(runs)
    assert replay(runs, least_waste_j=1e9) == [] == replay(runs, least_run_j=1e9)
    (east, *_) = replay(runs, timezone=timezone(timedelta(hours=2)))
    told = datetime.strptime(found.message[6:11], "%H:%M") + timedelta(hours=2)
    assert east.message[6:11] == f"{told:%H:%M}" and east.at == found.at
