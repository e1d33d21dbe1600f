"""`ipyfootprint team serve`: what it starts, and what it refuses to start."""

import json
from pathlib import Path

import made_up_team
import pytest

from ipyfootprint import cli
from ipyfootprint.commands import team_serve
from ipyfootprint.jupyter import team_lines


@pytest.fixture
def started(monkeypatch, tmp_path):
    made_up_team.ledger_of(made_up_team.runs(20), tmp_path / "team.db").close()
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "team.db"))
    calls = []

    def call(command, **known):
        notebook = json.loads(Path(command[3]).read_text())
        calls.append((command, known, notebook))
        return 0

    monkeypatch.setattr(team_serve, "_until_told", call)
    monkeypatch.setattr(team_serve.importlib.util, "find_spec", lambda name: name)
    return calls


def test_it_listens_on_the_loopback_address_unless_told_otherwise(started, capsys):
    assert cli.main(["team", "serve", "--theme", "dark"]) == 0
    ((command, known, notebook),) = started
    assert "--Voila.ip=127.0.0.1" in command and "--theme=dark" in command
    assert notebook["cells"][0]["source"] == team_serve.CELL
    assert known["env"]["IPYFOOTPRINT_LEDGER"].endswith("team.db")
    assert capsys.readouterr().err == ""
    assert cli.main(["team", "serve", "--host", "0.0.0.0", "--port", "9000"]) == 0
    assert "nobody is asked who they are" in capsys.readouterr().err


def test_without_voila_it_says_what_to_install(started, monkeypatch, capsys):
    monkeypatch.setattr(team_serve.importlib.util, "find_spec", lambda name: None)
    assert cli.main(["team", "serve"]) == 2
    assert "pip install 'ipyfootprint[app]'" in capsys.readouterr().err and not started


def test_without_a_ledger_nothing_starts(started, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "none.db"))
    assert cli.main(["team", "serve"]) == 2
    assert "Meter a cell first" in capsys.readouterr().err and not started


@pytest.mark.services
def test_only_the_dashboards_role_is_served(postgres, team, started, capsys):
    for login in ("alice", "postgres"):
        assert cli.main(["team", "serve", "--server", postgres.address(login, team)]) == 2
        assert "may do more than read sums" in capsys.readouterr().err
    assert not started
    assert cli.main(["team", "serve", "--server", postgres.address("viewer", team)]) == 0
    assert "user=viewer" in started[0][1]["env"]["IPYFOOTPRINT_TEAM"]


def test_the_app_shows_the_dashboard(started, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    team_lines.app()
    assert "Footprint of the team" in shown[0].view().text
