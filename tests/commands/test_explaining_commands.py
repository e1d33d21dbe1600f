"""`ipyfootprint assume`, `when` and `statement` over a recorded session."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "impact"))
from session_rows import made_up_run

from ipyfootprint.cli import main
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import Session


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = str(tmp_path / "ledger.db")
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", path)
    kept, _ = open_ledger(path)
    runs = [made_up_run(1), made_up_run(2, kwh=3, seconds=7200, status="error")]
    kept.open_session(Session(session_id="s", user_id="u", started_at=runs[0].started_at))
    for run in runs:
        kept.begin(replace(run, status="started"))
        kept.close_run(run)
    kept.close()
    return path


def test_assume_prints_both_totals_and_what_moved_them(ledger, capsys):
    assert main(["assume", "zone=FR", "lifetime=4y"]) == 0
    told = capsys.readouterr().out
    assert "recorded" in told and "assumed" in told and "intensity_g_per_kwh" in told


def test_assume_without_words_prints_every_input_and_its_doubt(ledger, capsys):
    assert main(["assume", "--all"]) == 0
    told = capsys.readouterr().out
    assert "2 runs, failed ones included" in told and "What the doubt" in told


def test_statement_counts_the_failed_run_and_names_the_unit(ledger, capsys):
    assert main(["statement", "--per", "40 epochs"]) == 0
    told = capsys.readouterr().out
    assert "2 runs (1 failed or abandoned" in told and "per epoch (40 in all" in told
    assert main(["statement", "--card"]) == 0
    assert capsys.readouterr().out.startswith("co2_eq_emissions:")


def test_when_needs_no_run(monkeypatch, capsys):
    assert main(["when", "--zone", "DE", "--hours", "2"]) == 0
    told = capsys.readouterr().out
    assert "no total holds it" in told and "month and hour" in told


@pytest.mark.parametrize(
    "words",
    [
        ["assume", "pue=0.5"],
        ["assume", "zone=Atlantis"],
        ["statement", "--per", "many"],
        ["when", "--zone", "Atlantis"],
        ["when", "--zone", "DE", "--hours", "0"],
        ["when", "--zone", "DE", "--within", "nan"],
    ],
)
def test_what_cannot_be_is_refused_with_what_to_type(ledger, words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.count(";") >= 1


def test_without_a_ledger_there_is_nothing_to_state(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "none.db"))
    assert main(["statement"]) == 2
    assert "Meter a cell first" in capsys.readouterr().err
