"""What a writer, a dashboard and a stranger may not do on a team's server: all of it is tried."""

from dataclasses import replace

import psycopg
import pytest
from made_up_runs import a_closed_run, a_session

from ipyfootprint.ledger.postgres import PostgresLedger

pytestmark = pytest.mark.services

RUN = "INSERT INTO run (user_id, run_id, session_id, number, status, started_us, method, settled"
# what the writer alice tries against bob; every one must fail or reach no row of his
REFUSED = {
    "update a closed run of one's own": "UPDATE run SET energy_uj = 0",
    "update everybody's runs": "UPDATE run SET energy_uj = 0 WHERE user_id <> me()",
    "delete a run of one's own": "DELETE FROM run",
    "delete adjustments": "DELETE FROM run_adjust",
    "update adjustments": "UPDATE run_adjust SET d_energy_uj = 0",
    "truncate": "TRUNCATE run CASCADE",
    "delete a session": "DELETE FROM session",
    "update a session": "UPDATE session SET project = 'x'",
    "delete a gap": "DELETE FROM gap",
    "delete a finding": "DELETE FROM finding",
    "edit a finding's message": "UPDATE finding SET message = 'x'",
    "move a gap to another person": "UPDATE gap SET user_id = '{bob}'",
    "move a finding to another person": "UPDATE finding SET user_id = '{bob}'",
    "edit a gap's session": "UPDATE gap SET session_id = 's9'",
    "impersonate in a run": RUN + ") VALUES ('{bob}', 'r9', 's', 1, 'ok', 1, 'counter', 1)",
    "impersonate where the row exists": RUN
    + ") VALUES ('{bob}', '{bobs_run}', 's', 1, 'ok', 1, 'counter', 1) ON CONFLICT DO NOTHING",
    "impersonate and update on conflict": RUN
    + ") VALUES ('{bob}', '{bobs_run}', 's', 1, 'ok', 1, 'counter', 1)"
    " ON CONFLICT (user_id, run_id) DO UPDATE SET energy_uj = 0",
    "impersonate in a session": "INSERT INTO session (user_id, session_id, started_us)"
    " VALUES ('{bob}', 'x', 1)",
    "impersonate in an adjustment": "INSERT INTO run_adjust (user_id, run_id, adjust_id,"
    " d_energy_uj, d_operational_ug) VALUES ('{bob}', '{bobs_run}', 9, 5, 5)",
    "adjust another's run as oneself": "INSERT INTO run_adjust (user_id, run_id, adjust_id,"
    " d_energy_uj, d_operational_ug) VALUES ('{alice}', '{bobs_run}', 9, 5, 5)",
    "impersonate in a gap": "INSERT INTO gap (user_id, session_id, duration_us, method)"
    " VALUES ('{bob}', 's1', 99, 'counter')",
    "grow another's session": "INSERT INTO gap (user_id, session_id, duration_us, method)"
    " VALUES ('{alice}', 'bobs', 99, 'counter')",
    "impersonate in a finding": "INSERT INTO finding (user_id, finding_id, session_id)"
    " VALUES ('{bob}', 'x', 'y')",
    "impersonate in an open run": RUN.replace("INTO run ", "INTO run_open ")
    + ") VALUES ('{bob}', 'r9', 's', 1, 'started', 1, 'counter', 1)",
    "name another's machine": "INSERT INTO hardware_name VALUES ('{bob}', 'h1', 'evil')",
    "open run in the table of closed ones": RUN
    + ") VALUES ('{alice}', 'r9', 's', 1, 'started', 1, 'counter', 1)",
    "negative energy": RUN
    + ", energy_uj) VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'counter', 1, -5)",
    "absurd energy": RUN
    + ", energy_uj) VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'counter', 1, 9e18::bigint)",
    "work that is no number": RUN
    + ", work_units) VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'counter', 1, 'NaN')",
    "a run without end": RUN
    + ", label) VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'counter', 1, repeat('x', 201))",
    "a time of arrival of one's own": "INSERT INTO run (user_id, run_id, session_id, number,"
    " status, started_us, method, received_at)"
    " VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'counter', '2000-01-01')",
    "a method that is none": RUN + ") VALUES ('{alice}', 'r', 's', 1, 'ok', 1, 'truth', 1)",
    "read rollups as a writer": "SELECT * FROM rollup_day",
    "write a rollup": "UPDATE rollup_day SET energy_uj = 0",
    "delete a rollup": "DELETE FROM rollup_lineage",
    "read the salt": "SELECT salt FROM secret",
    "another's pseudonym": "SELECT pseudonym('bob')",
    "become the owner": "SET ROLE ipyfootprint_owner",
    "become another login": "SET SESSION AUTHORIZATION bob",
    "switch row security off": "ALTER TABLE run DISABLE ROW LEVEL SECURITY",
    "a policy of one's own": "CREATE POLICY mine ON run USING (true)",
    "drop a policy": "DROP POLICY mine_select ON run",
    "drop a table": "DROP TABLE run_adjust",
    "a trigger of one's own": "CREATE TRIGGER t AFTER INSERT ON run"
    " EXECUTE FUNCTION run_insert_0()",
    "call a trigger's function": "SELECT run_delete_0()",
    "replace me()": "CREATE OR REPLACE FUNCTION ipyfootprint.me() RETURNS text LANGUAGE sql"
    " AS $$ SELECT 'x' $$",
    "a table in the team's schema": "CREATE TABLE ipyfootprint.mine (a int)",
    "grant oneself more": "GRANT ipyfootprint_owner TO alice",
    "change the schema's number": "UPDATE meta SET value = '99' WHERE name = 'schema'",
    "copy rows in": "COPY run (user_id, run_id) FROM STDIN",
    "read a server's file": "SELECT pg_read_file('/etc/passwd')",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "refuse to be filtered": "SET row_security = off; SELECT count(*) FROM run",
    "lock everybody out": "LOCK TABLE run IN ACCESS EXCLUSIVE MODE",
}
DASHBOARD_REFUSED = [
    "SELECT * FROM run",
    "SELECT * FROM run_open",
    "SELECT * FROM run_adjust",
    "SELECT * FROM session",
    "SELECT * FROM gap",
    "SELECT * FROM finding",
    "SELECT * FROM hardware_name",
    "SELECT salt FROM secret",
    "SELECT team_key()",
    "SELECT pseudonym('alice')",
    "UPDATE rollup_day SET energy_uj = 0",
    "DELETE FROM rollup_month",
    "INSERT INTO meta VALUES ('schema', '99')",
    "SET ROLE ipyfootprint_writer",
]


@pytest.fixture
def people(postgres, team):
    """Alice and bob with a run each; their pseudonyms and bob's run."""
    found = {}
    for login in ("alice", "bob"):
        ledger = PostgresLedger(postgres.address(login, team))
        found[login] = ledger.user_id
        known = {"user_id": ledger.user_id, "session_id": f"{login}s"}
        ledger.open_session(replace(a_session(f"{login}s"), user_id=ledger.user_id))
        run = a_closed_run(1 if login == "alice" else 2, **known)
        ledger.close_run(run)
        ledger.adjust(run.run_id, energy_j=1.0, reason="late")
        found[f"{login}s_run"] = run.run_id
        ledger.close()
    return found


def everything(postgres, team):
    tables = ("run", "run_adjust", "session", "gap", "finding", "rollup_day", "rollup_lineage")
    tables += ("hardware_name", "meta")
    return {t: postgres.sql(f"SELECT * FROM {t} ORDER BY 1, 2", database=team) for t in tables}


def test_every_attempt_of_a_writer_is_refused_and_changes_nothing(postgres, team, people):
    before, through = everything(postgres, team), []
    for name, statement in REFUSED.items():
        with psycopg.connect(postgres.address("alice", team), autocommit=True) as db:
            db.execute("SET search_path = ipyfootprint, public")
            try:
                for part in statement.format(**people).split("; "):
                    db.execute(part)
            except psycopg.Error:
                continue
            through.append(name)
    assert everything(postgres, team) == before
    assert through == [], f"not refused: {through}"
    assert len(REFUSED) + len(DASHBOARD_REFUSED) >= 60


def test_a_writer_reads_its_own_rows_and_no_others(postgres, team, people):
    for table in ("run", "run_adjust", "session"):
        seen = postgres.sql(f"SELECT DISTINCT user_id FROM {table}", None, "alice", team)
        assert seen == [(people["alice"],)]
    other = postgres.sql("SELECT 1 FROM run WHERE user_id = %s", (people["bob"],), "alice", team)
    assert other == []
    seen = postgres.sql(
        "SELECT most_common_vals FROM pg_stats WHERE tablename = 'run'", None, "alice"
    )
    assert seen == []


def test_a_run_id_cannot_be_squatted(postgres, team, people):
    """The key holds the person: alice may use bob's id, and bob's run is still bob's."""
    alice = PostgresLedger(postgres.address("alice", team))
    alice.close_run(a_closed_run(5, run_id=people["bobs_run"], user_id=alice.user_id))
    alice.close()
    bob = PostgresLedger(postgres.address("bob", team))
    assert [run.number for run in bob.runs()] == [2]
    bob.close_run(a_closed_run(6, user_id=bob.user_id))
    assert len(bob.runs()) == 2
    bob.close()


@pytest.mark.parametrize("statement", DASHBOARD_REFUSED)
def test_a_dashboard_reads_rollups_and_nothing_raw(postgres, team, people, statement):
    assert postgres.sql("SELECT count(*) FROM rollup_day", None, "viewer", team)[0][0] > 0
    with pytest.raises(psycopg.Error):
        postgres.sql(statement, None, "viewer", team)


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM rollup_day", "SELECT me()", "SELECT 1 FROM run"]
)
def test_a_stranger_sees_nothing(postgres, team, people, statement):
    with pytest.raises(psycopg.Error):
        postgres.sql(statement, None, "nobody_special", team)


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
    assert alice.runs()[-1] == run and len(alice.runs()) == before + 1
    assert alice.runs(lineage=text) == [run]
    alice.close()
    weeks = postgres.sql(
        "SELECT project FROM rollup_lineage WHERE lineage = %s", (text,), "viewer", team
    )
    assert weeks == [(text,)]
