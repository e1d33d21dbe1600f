"""A large made-up team: its rollups are those of its runs, and little is read and sent of it."""

import json

import pytest

from benchmarks.team_scale import cold_filters, fill_sqlite
from ipyfootprint.ledger.rollups import REBUILD, TABLES
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.team.payload import payload
from ipyfootprint.team.source import DatabaseSource

RUNS = 100_000


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("scale") / "team.db")
    fill_sqlite(path, RUNS)
    made = SqliteLedger(path)
    yield made
    made.close()


def test_the_rollups_of_100_000_runs_are_exactly_those_of_the_runs(ledger):
    before = {table: ledger._read(f"SELECT * FROM {table}") for table in TABLES}
    with ledger._write() as db:
        for statement in REBUILD:
            db.execute(statement)
    for table in TABLES:
        after = ledger._read(f"SELECT * FROM {table}")
        assert [tuple(row) for row in after] == [tuple(row) for row in before[table]], table
    assert sum(row["n"] for row in before["rollup_month"]) == RUNS


def test_a_dashboard_reads_few_rows_and_sends_little(ledger):
    read = []
    fetch = ledger.reader()

    def counted(sql, values):
        rows = fetch(sql, values)
        read.append(len(rows))
        return rows

    for filters in cold_filters(12):
        read.clear()
        found = DatabaseSource(counted)(filters)
        assert sum(read) < 10_000
        for measure in ("energy", "carbon"):
            assert len(json.dumps(payload(found, measure))) < 200_000
