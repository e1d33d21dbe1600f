"""`ipyfootprint rebound` as typed."""

import io
import json

import pytest

from ipyfootprint.cli import main


def line(i, energy_j, seconds, work, t):
    return json.dumps(
        {
            "session": "s",
            "t_start": t,
            "duration_s": seconds,
            "cell_id": "train",
            "code_hash": "a" if i < 12 else "b",
            "energy_j": energy_j,
            "work_units": work,
            "work_kind": "epochs",
        }
    )


@pytest.fixture
def log(tmp_path):
    t, lines = 1.7e9, []
    for i in range(34):
        larger, ratio = (1.0, 1.0) if i < 12 else (1.7, 0.5)
        seconds = 200 * larger * ratio
        lines.append(line(i, 20_000 * larger * ratio, seconds, 10 * larger, t))
        t += seconds + 120
    file = tmp_path / "log.jsonl"
    file.write_text("\n".join(lines))
    return file


def test_a_finding_is_one_line_of_text(log, capsys):
    assert main(["rebound", str(log)]) == 0
    out, err = capsys.readouterr()
    assert not err
    assert all(text.startswith("s run ") for text in out.splitlines())
    assert "warn scale-up [train] Since " in out


def test_json_lines_are_objects_and_nothing_else(log, capsys):
    assert main(["rebound", str(log), "--json"]) == 0
    found = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert {"warn"} <= {f["level"] for f in found}
    assert all(f["session"] == "s" and f["run"] >= 12 for f in found)


def test_bad_lines_go_to_standard_error_and_the_rest_is_told(log, capsys):
    log.write_text("{\n" + log.read_text())
    assert main(["rebound", str(log), "--json"]) == 0
    out, err = capsys.readouterr()
    assert f"{log}, line 1: not JSON" in err
    assert out


def test_standard_input_is_a_log(log, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(log.read_text()))
    assert main(["rebound", "-"]) == 0
    assert "scale-up" in capsys.readouterr().out


def test_silence_is_said(log, capsys):
    log.write_text("\n".join(log.read_text().splitlines()[:10]))
    assert main(["rebound", str(log)]) == 0
    assert capsys.readouterr().out == "No rebound in 10 runs of 1 sessions.\n"


def test_a_log_that_is_not_there_is_an_error_with_a_way_out(tmp_path, capsys):
    assert main(["rebound", str(tmp_path / "no.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_log_without_one_usable_line_is_an_error(tmp_path, capsys):
    file = tmp_path / "bad.jsonl"
    file.write_text("a\nb\n")
    assert main(["rebound", str(file)]) == 2
    err = capsys.readouterr().err
    assert "line 1: not JSON" in err and "line 2: not JSON" in err and "could be used" in err


def test_the_ledger_is_read_when_no_log_is_named(tmp_path, capsys):
    from datetime import UTC, datetime, timedelta

    from ipyfootprint.ledger import open_ledger
    from ipyfootprint.model import Run, Session

    path = tmp_path / "ledger.db"
    ledger, problem = open_ledger(str(path))
    assert problem is None
    t = datetime(2026, 1, 5, 9, tzinfo=UTC)
    ledger.open_session(Session(session_id="s", user_id="u", started_at=t))
    for i in range(34):
        larger, ratio = (1.0, 1.0) if i < 12 else (1.7, 0.5)
        seconds = 200 * larger * ratio
        ledger.close_run(
            Run(
                run_id=f"r{i}",
                session_id="s",
                user_id="u",
                started_at=t,
                number=i,
                lineage="train",
                status="ok",
                duration_s=seconds,
                energy_j=20_000 * larger * ratio,
                energy_low_j=20_000 * larger * ratio,
                energy_high_j=20_000 * larger * ratio,
                work_units=10 * larger,
                work_kind="epochs",
                method="counter",
                settled=True,
            )
        )
        t += timedelta(seconds=seconds + 120)
    ledger.close()
    assert main(["rebound", "--ledger", str(path)]) == 0
    assert "warn scale-up [train]" in capsys.readouterr().out


def test_a_power_that_is_none_is_refused(tmp_path, capsys):
    assert main(["rebound", "--mlflow", str(tmp_path), "--power-w", "-5"]) == 2
    assert "--power-w -5 is no power" in capsys.readouterr().err
