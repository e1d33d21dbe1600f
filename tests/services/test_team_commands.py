"""The commands about a team, on a real server: from making it to forgetting a person."""

import os
import re
import signal
import subprocess
import sys

import pytest
from made_up_runs import fill

from ipyfootprint import cli
from ipyfootprint.ledger.pg_schema import VERSION

pytestmark = pytest.mark.services


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))
    return path


@pytest.fixture
def empty(postgres):
    """A database without a team's tables."""
    postgres.sql("CREATE DATABASE fresh")
    yield "fresh"
    postgres.sql("DROP DATABASE fresh WITH (FORCE)")


def said(capsys, *words, status=0):
    assert cli.main(list(words)) == status
    printed = capsys.readouterr()
    return printed.out if status == 0 else printed.err


def test_a_team_is_made_once_and_brought_up_to_date_by_its_owner_only(
    postgres, empty, team, capsys
):
    address = postgres.address(database=empty)
    told = said(capsys, "team", "init", address)
    assert f"has schema {VERSION}." in told and "GRANT ipyfootprint_writer TO" in told
    assert f"(before: {VERSION})" in said(capsys, "team", "init", address)
    refused = said(capsys, "team", "init", postgres.address("alice", empty), status=2)
    assert "not the owner" in refused and "nothing was changed" in refused
    postgres.sql("UPDATE meta SET value = '99'", database=empty)
    assert "pip install -U" in said(capsys, "team", "init", address, status=2)
    assert postgres.sql("SELECT value FROM meta", database=empty) == [("99",)]


def test_from_the_first_row_to_a_forgotten_person(postgres, team, ledger, monkeypatch, capsys):
    fill(ledger, 40)
    monkeypatch.setenv("IPYFOOTPRINT_TEAM", postgres.address("alice", team))
    assert "52 rows" in said(capsys, "team", "status")
    previewed = said(capsys, "team", "preview")
    assert re.findall(r"^(\w+): (\d+) rows?,", previewed, re.M) == [
        ("hardware", "1"),
        ("session", "1"),
        ("run", "40"),
        ("run_adjust", "10"),
        ("gap", "1"),
        ("finding", "1"),
    ]
    assert said(capsys, "publish", "--once") == "52 rows sent.\n"
    told = said(capsys, "team", "status")
    assert "waiting               0 rows" in told and "last success          20" in told
    assert said(capsys, "team", "preview") == "Nothing waits to be sent.\n"
    assert said(capsys, "publish", "--once") == "0 rows sent.\n"

    owner = postgres.address(database=team)
    refused = said(capsys, "team", "forget", "alice", status=2)  # she may not herself
    assert "not the owner" in refused and "nothing was changed" in refused
    assert "40 runs of alice" in said(capsys, "team", "forget", "alice", "--server", owner)
    for table in ("run", "run_adjust", "session", "gap", "finding", "rollup_day", "rollup_lineage"):
        assert postgres.sql(f"SELECT * FROM {table}", database=team) == []
    assert "no row of 'alice'" in said(
        capsys, "team", "forget", "alice", "--server", owner, status=2
    )


def test_old_rows_go_after_so_many_days(postgres, team, ledger, monkeypatch, capsys):
    fill(ledger, 40)
    monkeypatch.setenv("IPYFOOTPRINT_TEAM", postgres.address("alice", team))
    said(capsys, "publish", "--once")
    owner = postgres.address(database=team)
    assert "0 runs" in said(capsys, "team", "forget", "--older-than", "36500", "--server", owner)
    assert "Type 1 to 36500" in said(
        capsys, "team", "forget", "--older-than", "0", "--server", owner, status=2
    )
    assert "40 runs" in said(capsys, "team", "forget", "--older-than", "30", "--server", owner)
    assert postgres.sql("SELECT sum(n) FROM rollup_month", database=team) == [(None,)]


def child(*words, **env):
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "ipyfootprint", *words],
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_publishing_in_the_foreground_says_a_cause_and_ends_when_told(postgres, team, ledger):
    fill(ledger, 5)
    publisher = child("publish", IPYFOOTPRINT_TEAM=postgres.address("viewer", team))
    try:
        assert "ipyfootprint_writer" in publisher.stderr.readline()
        publisher.send_signal(signal.SIGINT)
        out, err = publisher.communicate(timeout=60)
    finally:
        publisher.kill()
    assert publisher.returncode == 130 and "Traceback" not in out + err
