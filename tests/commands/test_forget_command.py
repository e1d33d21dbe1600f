"""Deleting what was recorded, after asking."""

import io
import os
from datetime import UTC, datetime

import pytest

from ipyfootprint.cli import main
from ipyfootprint.ids import boot_id
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import Run, Session

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Terminal(io.StringIO):
    """A person at a terminal, who types this."""

    def isatty(self):
        return True


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))
    return path


def fill(path, pid=None):
    kept, _ = open_ledger(str(path))
    kept.open_session(
        Session(session_id="s", user_id="u", started_at=NOW, pid=pid, boot_id=boot_id())
    )
    for number in (1, 2):
        kept.close_run(
            Run(run_id=f"r{number}", session_id="s", user_id="u", number=number, started_at=NOW)
        )
    kept.close()


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_it_asks_and_does_as_told(ledger, monkeypatch, capsys, typed, status):
    fill(ledger)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert main(["forget", "--all"]) == status
    assert "2 runs" in capsys.readouterr().out
    assert ledger.exists() == (status == 1)
    assert list(ledger.parent.glob("ledger.db-*")) == []


def test_without_a_terminal_it_wants_yes(ledger, monkeypatch, capsys):
    fill(ledger)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["forget", "--all"]) == 2
    assert "--yes" in capsys.readouterr().err and ledger.exists()
    assert main(["forget", "--all", "--yes"]) == 0 and not ledger.exists()
    assert main(["forget", "--all", "--yes"]) == 2
    assert "Meter a cell first" in capsys.readouterr().err


def test_the_file_of_a_running_kernel_is_emptied_and_stays(ledger, capsys):
    fill(ledger, pid=os.getpid())
    assert main(["forget", "--all", "--yes"]) == 0
    assert "was not removed" in capsys.readouterr().out and ledger.exists()
    kept, _ = open_ledger(str(ledger))
    assert kept.runs() == []
    kept.close()
