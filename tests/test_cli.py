"""The command line, on real notebooks with a real kernel."""

import csv
import io
import json
import sqlite3
from dataclasses import fields

import nbformat
import pytest

from ipyfootprint.cli import COMMANDS, main
from ipyfootprint.model import Run


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))
    return path


def notebook(path, *cells):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, path)
    return str(path)


@pytest.mark.kernel
def test_run_meters_every_cell_prints_the_table_and_keeps_the_runs(tmp_path, ledger, capsys):
    source = notebook(tmp_path / "a.ipynb", "x = sum(range(10**6))", "%%footprint -l named\nx")
    assert main(["run", source, "--output", str(tmp_path / "out.ipynb")]) == 0
    table = capsys.readouterr().out
    assert "Cell 2 (named)" in table and "CO2e" in table and table.count(" done") == 2
    assert "2 cells, energy at CPU" in table and "458 g/kWh" in table
    assert "in brackets: the low and the high bound" in table
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert any("text/html" in out.get("data", {}) for out in executed.cells[1].outputs)
    assert main(["export", "--format", "json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["number"] for row in rows] == [1, 2]
    assert set(rows[0]) == {f.name for f in fields(Run)}
    assert all(row["energy_j"] > 0 and row["settled"] for row in rows)


@pytest.mark.kernel
def test_run_fails_when_a_cell_fails_and_keeps_what_ran(tmp_path, ledger, capsys):
    source = notebook(tmp_path / "a.ipynb", "1", "1/0", "never = 1")
    assert main(["run", source]) == 1
    printed = capsys.readouterr()
    assert "failed" in printed.out and "ZeroDivisionError" in printed.err
    assert "all 2" in printed.out and "never" not in printed.out
    assert "\x1b" not in printed.err  # a file of it is read without a terminal


def test_a_notebook_that_is_not_one_is_refused_with_the_way_out(tmp_path, ledger, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text("once upon a time")
    assert main(["run", str(path)]) == 2
    assert "is not a notebook; nothing was run" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "none.ipynb")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_run_refuses_before_it_runs_what_could_not_be_kept(tmp_path, ledger, capsys):
    source = notebook(tmp_path / "a.ipynb", "open('ran', 'w')")
    with sqlite3.connect(ledger) as newer:
        newer.execute("PRAGMA user_version = 999")
    assert main(["run", source]) == 2
    assert "newer version" in (told := capsys.readouterr().err) and "nothing was run" in told
    ledger.unlink()
    assert main(["run", source, "--output", str(tmp_path / "none" / "out.ipynb")]) == 2
    assert "Make its folder first" in capsys.readouterr().err
    assert main(["run", source, "--kernel", "nope"]) == 2
    assert "no kernel 'nope'" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


@pytest.mark.kernel
def test_run_tells_of_a_damaged_ledger_and_a_wrong_zone(tmp_path, ledger, capsys, monkeypatch):
    ledger.write_bytes(b"no ledger" * 500)
    monkeypatch.setenv("IPYFOOTPRINT_ZONE", "XX")
    assert main(["run", notebook(tmp_path / "a.ipynb", "1")]) == 0
    told = capsys.readouterr().err
    assert "damaged-1" in told and "'XX' is not a value for zone" in told
    assert f"Kept in {ledger}" in told


def test_export_without_a_ledger_says_what_to_do(ledger, capsys):
    assert main(["export"]) == 2
    assert "Meter a cell first" in capsys.readouterr().err


def test_export_writes_csv_to_a_file(tmp_path, ledger):
    from datetime import UTC, datetime

    from ipyfootprint.ledger import open_ledger

    kept, _ = open_ledger(str(ledger))
    started = datetime(2026, 1, 1, tzinfo=UTC)
    kept.close_run(
        Run(run_id="r", session_id="s", user_id="u", number=1, started_at=started, energy_j=2.5)
    )
    kept.close()
    assert main(["export", "--all", "--format", "csv", "--output", str(tmp_path / "o.csv")]) == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "o.csv").read_text()))
    assert (row["energy_j"], row["water_l"]) == ("2.5", "")
    assert main(["export", "--all", "--output", str(tmp_path / "no" / "o.json")]) == 2


def test_doctor_says_what_is_measured_and_why_the_rest_is_not(ledger, capsys):
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["channels"] and all(a["reason"] for a in report["absences"])
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "Energy is read from" in text and "ipyfootprint" in text
    assert f"{ledger} (not made yet)" in text and "network        off" in text
    ledger.write_bytes(b"no database, but long enough to be taken for one" * 50)
    assert main(["doctor"]) == 0
    assert "is not a readable ledger" in capsys.readouterr().out


def test_every_command_has_help(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    overview = " ".join(capsys.readouterr().out.split())
    assert [text for _, text in COMMANDS.values() if text not in overview] == []
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
    assert main.__doc__ and capsys.readouterr().out.count("usage") == len(COMMANDS)


def test_the_report_holds_no_home_folder(monkeypatch):
    from ipyfootprint.diagnosis import without_home

    monkeypatch.setenv("HOME", "/home/ada")
    assert without_home("/home/ada/x.db and /home/bob/y") == "~/x.db and ~/y"


def test_doctor_says_which_sensors_nobody_has_run_on_hardware(capsys) -> None:
    assert main(["doctor"]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if "Not run on hardware" in x]
    assert "amdgpu" in line and "apple" in line and "windows" in line


def test_the_report_names_neither_the_login_nor_the_team_s_host(monkeypatch, capsys):
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", "/scratch/ada/ledger.db")
    monkeypatch.setenv("IPYFOOTPRINT_TEAM", "postgresql://ada@db.example.org/footprint")
    monkeypatch.setenv("IPYFOOTPRINT_THRESHOLD", "10")
    for words in (["doctor"], ["doctor", "--json"]):
        assert main(words) == 0
        text = capsys.readouterr().out
        assert "ada" not in text and "example.org" not in text
        assert "/scratch/~/ledger.db" in text and "10 J" in text and "IPYFOOTPRINT_TEAM" in text


def test_a_port_that_is_none_is_refused(ledger, capsys):
    from ipyfootprint.ledger import open_ledger

    open_ledger(str(ledger))[0].close()
    assert main(["metrics", "--port", "99999"]) == 2
    assert "ports go from 0 to 65535" in capsys.readouterr().err


def test_a_shared_ledger_in_no_folder_is_refused(tmp_path, capsys):
    assert main(["team", "init", str(tmp_path / "none" / "team.db")]) == 2
    assert "nothing was made. Make it, or name another" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("error", "status"), [(BrokenPipeError(), 0), (KeyboardInterrupt(), 130)])
def test_a_reader_that_left_and_an_interrupt_are_no_traceback(monkeypatch, error, status, capsys):
    def stopped(args):
        raise error

    monkeypatch.setattr("ipyfootprint.commands.doctor.run", stopped)
    assert main(["doctor"]) == status
    assert not capsys.readouterr().err
