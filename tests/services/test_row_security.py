"""What a writer, a dashboard and a stranger may not do on a team's server: all of it is tried."""

from dataclasses import replace

import psycopg
import pytest
from attempts import ATTEMPTS, wrong_outcomes
from made_up_runs import a_closed_run, a_session, fill

from ipyfootprint.ledger.pg_schema import KEYS
from ipyfootprint.ledger.postgres import PostgresLedger
from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.ledger.rollups import TABLES
from ipyfootprint.model import Gap, PowerTrace

pytestmark = pytest.mark.services

# what an owner could get wrong -> an attempt that must then be seen to go through
BROKEN = {
    "CREATE POLICY all_read ON run FOR SELECT TO ipyfootprint_writer USING (true)": (
        "alice",
        "read another's runs",
    ),
    "ALTER POLICY mine_insert ON session WITH CHECK (true)": ("alice", "impersonate in a session"),
    "ALTER POLICY mine_update ON gap USING (true) WITH CHECK (true); "
    "ALTER POLICY mine_select ON gap USING (true)": ("alice", "grow another's gap"),
    "ALTER TABLE run_open DISABLE ROW LEVEL SECURITY": ("alice", "delete another's open run"),
    "GRANT DELETE ON run_adjust TO ipyfootprint_writer": ("alice", "delete adjustments"),
    "GRANT SELECT ON secret TO PUBLIC": ("alice", "read the salt"),
    "GRANT SELECT ON run TO ipyfootprint_dashboard": ("viewer", "read raw rows of run"),
    "GRANT INSERT ON rollup_day TO ipyfootprint_dashboard": ("viewer", "insert a sum"),
    "GRANT USAGE ON SCHEMA ipyfootprint TO PUBLIC; GRANT SELECT ON hardware TO PUBLIC": (
        "nobody_special",
        "use hardware",
    ),
    "ALTER TABLE run DROP CONSTRAINT run_check": ("alice", "negative energy"),
}


@pytest.fixture
def people(postgres, team, tmp_path):
    """Alice and bob with a row of each kind; their pseudonyms and runs."""
    found = {}
    for number, login in enumerate(("alice", "bob"), 1):
        ledger = PostgresLedger(postgres.address(login, team))
        found[login] = ledger.user_id
        known = {"user_id": ledger.user_id, "session_id": f"{login}s"}
        ledger.open_session(replace(a_session(f"{login}s"), user_id=ledger.user_id))
        run = a_closed_run(number, **known)
        trace = PowerTrace(dt_s=1.0, watts={"cpu0": (5.0, 7.0)})
        gap = Gap(session_id=f"{login}s", duration_s=1.0, energy_j=2.0, node_energy_j=3.0)
        ledger.close_run(run, trace, gap)
        ledger.begin(a_closed_run(number + 10, status="started", **known))
        ledger.adjust(run.run_id, energy_j=1.0, reason="late")
        found[f"{login}s_run"] = run.run_id
        ledger.close()
        path = str(tmp_path / f"{login}.db")
        fill(path, 1, f"{login}2", first=20 + number)  # with a finding, and a machine's name
        Publisher(path, postgres.address(login, team)).send_all()
    postgres.sql("ANALYZE", database=team)
    for table in KEYS:  # where bob has nothing, nothing is hidden from alice
        query = f"SELECT 1 FROM {table} WHERE user_id = %s"
        assert postgres.sql(query, (found["bob"],), database=team), table
    return found


def everything(postgres, team):
    tables = (*KEYS, *TABLES, "meta", "secret")
    return {t: sorted(postgres.sql(f"SELECT {t}::text FROM {t}", database=team)) for t in tables}


def test_every_attempt_is_refused_as_it_must_be_and_changes_nothing(postgres, team, people):
    assert sum(map(len, ATTEMPTS.values())) >= 40
    assert postgres.sql("SELECT count(*) FROM rollup_day", None, "viewer", team)[0][0] > 0
    before = everything(postgres, team)
    assert wrong_outcomes(postgres, team, people) == {}
    assert everything(postgres, team) == before


@pytest.mark.parametrize("mistake", BROKEN)
def test_the_battery_sees_a_right_too_many(postgres, team, people, mistake):
    for statement in mistake.split("; "):
        postgres.sql(statement, database=team)
    assert BROKEN[mistake] in wrong_outcomes(postgres, team, people)


def test_a_writer_reads_its_own_rows(postgres, team, people):
    for table in ("run", "run_adjust", "session"):
        seen = postgres.sql(f"SELECT DISTINCT user_id FROM {table}", None, "alice", team)
        assert seen == [(people["alice"],)]


def test_a_function_in_a_condition_is_shown_no_row_of_another(postgres, team, people):
    """The planner would call a cheap function first, were the policy not a barrier."""
    told = []
    with psycopg.connect(postgres.address("alice", team), autocommit=True) as db:
        db.add_notice_handler(lambda notice: told.append(notice.message_primary))
        db.execute(
            "CREATE FUNCTION pg_temp.peek(who text) RETURNS boolean LANGUAGE plpgsql COST 0.001"
            " AS $$ BEGIN RAISE NOTICE '%', who; RETURN true; END $$"
        )
        db.execute("SELECT 1 FROM ipyfootprint.run WHERE pg_temp.peek(user_id)")
    assert set(told) == {people["alice"]}


def test_a_temporary_table_does_not_change_who_one_is(postgres, team, people):
    with psycopg.connect(postgres.address("alice", team), autocommit=True) as db:
        db.execute("CREATE TEMP TABLE secret AS SELECT 'x'::bytea AS salt")
        db.execute("SET search_path = pg_temp, ipyfootprint")
        assert db.execute("SELECT ipyfootprint.me()").fetchone() == (people["alice"],)


def test_a_run_id_cannot_be_squatted(postgres, team, people):
    """The key holds the person: alice may use bob's id, and bob's run is still bob's."""
    alice = PostgresLedger(postgres.address("alice", team))
    alice.close_run(a_closed_run(5, run_id=people["bobs_run"], user_id=alice.user_id))
    alice.close()
    bob = PostgresLedger(postgres.address("bob", team))
    assert [run.number for run in bob.runs() if run.run_id == people["bobs_run"]] == [2]
    known = len(bob.runs())
    bob.close_run(a_closed_run(6, user_id=bob.user_id))
    assert len(bob.runs()) == known + 1
    bob.close()


@pytest.mark.parametrize(
    "text",
    [
        "'); DROP TABLE run; --",
        "x'; UPDATE run SET energy_uj = 0; --",
        '"; SELECT pg_sleep(9); --',
        "$body$; DELETE FROM run; $body$",
        '{1,2,"}"}',
        "%s %(x)s \\",
    ],
)
def test_sql_in_a_text_is_text(postgres, team, people, text):
    alice = PostgresLedger(postgres.address("alice", team))
    before = len(alice.runs())
    run = a_closed_run(
        9, user_id=alice.user_id, label=text, lineage=text, project=text, work_kind=text
    )
    alice.close_run(run)
    assert run in alice.runs() and len(alice.runs()) == before + 1
    assert alice.runs(lineage=text) == [run]
    alice.close()
    weeks = postgres.sql(
        "SELECT project FROM rollup_lineage WHERE lineage = %s", (text,), "viewer", team
    )
    assert weeks == [(text,)]
