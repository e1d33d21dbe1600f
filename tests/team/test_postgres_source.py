"""The same questions on PostgreSQL, as the dashboard's own role, give the same aggregates."""

from dataclasses import replace
from datetime import date

import made_up_team
import pytest

from ipyfootprint.errors import ConfigError, TeamError
from ipyfootprint.ledger.postgres import PostgresLedger
from ipyfootprint.ledger.reading import read_server, writes_too
from ipyfootprint.team.filters import Filters
from ipyfootprint.team.source import DatabaseSource
from ipyfootprint.team.static import dashboard_view

pytestmark = pytest.mark.services
PERIOD = {"since": date(2026, 3, 3), "until": date(2026, 4, 20)}


def test_both_databases_give_the_same_dashboard(postgres, team):
    writer = PostgresLedger(postgres.address("alice", team))
    made = [replace(run, user_id=writer.user_id) for run in made_up_team.runs(120)]
    for run in made:
        writer.close_run(run)
    local = DatabaseSource(made_up_team.ledger_of(made).reader())
    server = DatabaseSource(read_server(postgres.address("viewer", team)))
    for known in ({}, {"by": "person", "zone": "Asia/Tokyo"}, {"project": "vision"}):
        filters = Filters(**PERIOD, **known)
        mine, theirs = local(filters), server(filters)
        assert dashboard_view(mine).text == dashboard_view(theirs).text
        assert mine.now == theirs.now and mine.experiments == theirs.experiments
        assert mine.courses == theirs.courses and mine.choices == theirs.choices
    page = server.experiments(Filters(**PERIOD))
    assert page.rows == local.experiments(Filters(**PERIOD)).rows


def test_the_dashboards_role_reads_sums_and_nothing_else(postgres, team):
    fetch = read_server(postgres.address("viewer", team))
    assert writes_too(postgres.address("alice", team))
    assert not writes_too(postgres.address("viewer", team))
    for statement in (
        "SELECT * FROM run",
        "SELECT * FROM session",
        "DELETE FROM rollup_day",
        "CREATE TABLE mine (x int)",
    ):
        with pytest.raises(TeamError):
            fetch(statement, {})
    with pytest.raises(ConfigError, match="sums, not single runs"):
        DatabaseSource(fetch).runs("speech 0")


def test_what_is_asked_through_a_dashboard_writes_nothing_whoever_asks(postgres, team):
    fetch = read_server(postgres.address(database=team))
    for statement in ("DELETE FROM rollup_day", "CREATE TABLE mine (x int)"):
        with pytest.raises(TeamError, match="read-only"):
            fetch(statement, {})


def test_a_login_without_rights_sees_nothing(postgres, team):
    with pytest.raises(TeamError):
        DatabaseSource(read_server(postgres.address("nobody_special", team)))(Filters(**PERIOD))
