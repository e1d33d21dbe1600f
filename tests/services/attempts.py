"""What people try on a team's server that they may not, and what PostgreSQL must answer.

An attempt is refused with the SQLSTATE beside it; one that row security only filters reaches
NOTHING: no row is read, changed or deleted.
"""

import psycopg

DENIED = "42501"  # insufficient_privilege; row security's refusal has the same state
NO_SUCH_ROW = "23503"  # foreign_key_violation
OUT_OF_BOUNDS = "23514"  # check_violation
NOTHING = "0 rows"

_RUN = "INSERT INTO run (user_id, run_id, session_id, number, status, started_us, method, settled"
_MINE = "('{alice}', 'r9', 's', 1, 'ok', 1, 'counter', 1"
_BOBS = "('{bob}', '{bobs_run}', 's', 1, 'ok', 1, 'counter', 1)"
_ADJUST = "INSERT INTO run_adjust (user_id, run_id, adjust_id, d_energy_uj, d_operational_ug)"
_GAP = "INSERT INTO gap (user_id, session_id, duration_us, method)"

# login -> what it tries -> (how it must end, the statements)
ATTEMPTS: dict[str, dict[str, tuple[str, str]]] = {
    "alice": {
        # others' rows are not there for her
        "read another's runs": (NOTHING, "SELECT * FROM run WHERE user_id <> me()"),
        "read another's open runs": (NOTHING, "SELECT * FROM run_open WHERE user_id <> me()"),
        "read another's adjustments": (NOTHING, "SELECT * FROM run_adjust WHERE user_id <> me()"),
        "read another's sessions": (NOTHING, "SELECT * FROM session WHERE user_id = '{bob}'"),
        "read another's gaps": (NOTHING, "SELECT * FROM gap WHERE user_id = '{bob}'"),
        "read another's findings": (NOTHING, "SELECT * FROM finding WHERE user_id = '{bob}'"),
        "read another's traces": (NOTHING, "SELECT * FROM power_trace WHERE user_id = '{bob}'"),
        "read another's machine": (NOTHING, "SELECT * FROM hardware_name WHERE user_id = '{bob}'"),
        "read by another's run id": (NOTHING, "SELECT 1 FROM run WHERE run_id = '{bobs_run}'"),
        "read what the planner knows": (NOTHING, "SELECT * FROM pg_stats WHERE tablename = 'run'"),
        "delete another's open run": (NOTHING, "DELETE FROM run_open WHERE user_id = '{bob}'"),
        "grow another's gap": (NOTHING, "UPDATE gap SET energy_uj = 9 WHERE user_id = '{bob}'"),
        "answer another's finding": (
            NOTHING,
            "UPDATE finding SET answer = 'planned' WHERE user_id = '{bob}'",
        ),
        # what is closed stays as it is, her own too
        "update a closed run": (DENIED, "UPDATE run SET energy_uj = 0"),
        "update another's run": (DENIED, "UPDATE run SET energy_uj = 0 WHERE user_id <> me()"),
        "delete a run": (DENIED, "DELETE FROM run"),
        "delete adjustments": (DENIED, "DELETE FROM run_adjust"),
        "update adjustments": (DENIED, "UPDATE run_adjust SET d_energy_uj = 0"),
        "truncate": (DENIED, "TRUNCATE run CASCADE"),
        "delete a session": (DENIED, "DELETE FROM session"),
        "update a session": (DENIED, "UPDATE session SET project = 'x'"),
        "delete a gap": (DENIED, "DELETE FROM gap"),
        "delete a finding": (DENIED, "DELETE FROM finding"),
        "edit a finding's message": (DENIED, "UPDATE finding SET message = 'x'"),
        "move a gap to another person": (DENIED, "UPDATE gap SET user_id = '{bob}'"),
        "move a finding to another person": (DENIED, "UPDATE finding SET user_id = '{bob}'"),
        "edit a gap's session": (DENIED, "UPDATE gap SET session_id = 's9'"),
        # somebody else's name
        "impersonate in a run": (
            DENIED,
            f"{_RUN}) VALUES ('{{bob}}', 'r9', 's', 1, 'ok', 1, 'counter', 1)",
        ),
        "squat a run's id": (DENIED, f"{_RUN}) VALUES {_BOBS}"),
        "squat and pass over a conflict": (
            DENIED,
            f"{_RUN}) VALUES {_BOBS} ON CONFLICT DO NOTHING",
        ),
        "squat and update on conflict": (
            DENIED,
            f"{_RUN}) VALUES {_BOBS} ON CONFLICT (user_id, run_id) DO UPDATE SET energy_uj = 0",
        ),
        "impersonate in a session": (
            DENIED,
            "INSERT INTO session (user_id, session_id, started_us) VALUES ('{bob}', 'x', 1)",
        ),
        "impersonate in an adjustment": (
            DENIED,
            f"{_ADJUST} VALUES ('{{bob}}', '{{bobs_run}}', 9, 5, 5)",
        ),
        "adjust another's run as oneself": (
            NO_SUCH_ROW,
            f"{_ADJUST} VALUES ('{{alice}}', '{{bobs_run}}', 9, 5, 5)",
        ),
        "impersonate in a gap": (DENIED, f"{_GAP} VALUES ('{{bob}}', 'bobs', 99, 'counter')"),
        "grow another's session": (
            NO_SUCH_ROW,
            f"{_GAP} VALUES ('{{alice}}', 'bobs', 99, 'counter')",
        ),
        "impersonate in a finding": (
            DENIED,
            "INSERT INTO finding (user_id, finding_id, session_id) VALUES ('{bob}', 'x', 'y')",
        ),
        "impersonate in an open run": (
            DENIED,
            _RUN.replace("INTO run ", "INTO run_open ")
            + ") VALUES ('{bob}', 'r9', 's', 1, 'started', 1, 'counter', 1)",
        ),
        "impersonate in a trace": (
            DENIED,
            "INSERT INTO power_trace VALUES ('{bob}', '{bobs_run}', 'gpu9', 1, '')",
        ),
        "name another's machine": (DENIED, "INSERT INTO hardware_name VALUES ('{bob}', 'h', 'x')"),
        # figures that cannot be
        "an open run among the closed": (
            OUT_OF_BOUNDS,
            f"{_RUN}) VALUES ('{{alice}}', 'r9', 's', 1, 'started', 1, 'counter', 1)",
        ),
        "negative energy": (OUT_OF_BOUNDS, f"{_RUN}, energy_uj) VALUES {_MINE}, -5)"),
        "absurd energy": (OUT_OF_BOUNDS, f"{_RUN}, energy_uj) VALUES {_MINE}, 9e18::bigint)"),
        "work that is no number": (OUT_OF_BOUNDS, f"{_RUN}, work_units) VALUES {_MINE}, 'NaN')"),
        "a method that is none": (
            OUT_OF_BOUNDS,
            f"{_RUN}) VALUES ('{{alice}}', 'r9', 's', 1, 'ok', 1, 'truth', 1)",
        ),
        "a label without end": ("22001", f"{_RUN}, label) VALUES {_MINE}, repeat('x', 201))"),
        "a time of arrival of one's own": (
            DENIED,
            f"{_RUN}, received_at) VALUES {_MINE}, '2000-01-01')",
        ),
        # sums, secrets, roles, and the tables themselves
        "read sums": (DENIED, "SELECT * FROM rollup_day"),
        "write a sum": (DENIED, "UPDATE rollup_day SET energy_uj = 0"),
        "delete a sum": (DENIED, "DELETE FROM rollup_lineage"),
        "read the salt": (DENIED, "SELECT salt FROM secret"),
        "learn another's pseudonym": (DENIED, "SELECT pseudonym('bob')"),
        "become the owner": (DENIED, "SET ROLE ipyfootprint_owner"),
        "become another login": (DENIED, "SET SESSION AUTHORIZATION bob"),
        "become another login for once": (DENIED, "BEGIN; SET LOCAL session_authorization = 'bob'"),
        "another's password": (DENIED, "ALTER ROLE bob PASSWORD 'x'"),
        "grant oneself more": (DENIED, "GRANT ipyfootprint_owner TO alice"),
        "switch row security off": (DENIED, "ALTER TABLE run DISABLE ROW LEVEL SECURITY"),
        "refuse to be filtered": (DENIED, "SET row_security = off; SELECT count(*) FROM run"),
        "a policy of one's own": (DENIED, "CREATE POLICY mine ON run USING (true)"),
        "drop a policy": (DENIED, "DROP POLICY mine_select ON run"),
        "drop a table": (DENIED, "DROP TABLE run_adjust"),
        "a trigger of one's own": (
            DENIED,
            "CREATE TRIGGER t AFTER INSERT ON run EXECUTE FUNCTION run_insert_0()",
        ),
        "call a trigger's function": (DENIED, "SELECT run_delete_0()"),
        "replace me()": (
            DENIED,
            "CREATE OR REPLACE FUNCTION ipyfootprint.me() RETURNS text LANGUAGE sql"
            " AS $$ SELECT 'x' $$",
        ),
        "a table in the team's schema": (DENIED, "CREATE TABLE ipyfootprint.mine (a int)"),
        "change the schema's number": (DENIED, "UPDATE meta SET value = '99'"),
        "lock everybody out": (DENIED, "BEGIN; LOCK TABLE run IN ACCESS EXCLUSIVE MODE"),
        "copy rows in": ("0A000", "COPY run (user_id, run_id) FROM STDIN"),
        "read a server's file": (DENIED, "SELECT pg_read_file('/etc/passwd')"),
        "run a program": (DENIED, "COPY (SELECT 1) TO PROGRAM 'true'"),
    },
    "viewer": {
        f"read raw rows of {table}": (DENIED, f"SELECT * FROM {table}")
        for table in ("run", "run_open", "run_adjust", "session", "gap", "finding", "power_trace")
    }
    | {
        "read who has which machine": (DENIED, "SELECT * FROM hardware_name"),
        "read the salt": (DENIED, "SELECT salt FROM secret"),
        "read the team's key": (DENIED, "SELECT team_key()"),
        "learn a pseudonym": (DENIED, "SELECT pseudonym('alice')"),
        "insert a run": (DENIED, f"{_RUN}) VALUES {_MINE})"),
        "update a sum": (DENIED, "UPDATE rollup_day SET energy_uj = 0"),
        "delete a sum": (DENIED, "DELETE FROM rollup_month"),
        "insert a sum": (DENIED, "INSERT INTO rollup_day SELECT * FROM rollup_day"),
        "change the schema's number": (DENIED, "INSERT INTO meta VALUES ('schema', '99')"),
        "become a writer": (DENIED, "SET ROLE ipyfootprint_writer"),
        "empty a sum": (DENIED, "TRUNCATE rollup_day"),
    },
    "nobody_special": {
        f"use {what}": (DENIED, f"SELECT * FROM ipyfootprint.{what}")
        for what in ("run", "rollup_day", "meta", "secret", "hardware", "me()", "team_key()")
    },
}


def outcome(server, team, login, statements):
    """How an attempt ends: a SQLSTATE, or how many rows its last statement reached."""
    with psycopg.connect(server.address(login, team), autocommit=True) as db:
        db.execute("SET search_path = ipyfootprint, public")
        try:
            for statement in statements.split("; "):
                reached = db.execute(statement).rowcount
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            db.rollback()
    return f"{reached} rows"


def wrong_outcomes(server, team, people):
    """Every attempt that did not end as it must: {(login, what): (how it should, how it did)}."""
    found = {
        (login, what): (wanted, outcome(server, team, login, statements.format(**people)))
        for login, tried in ATTEMPTS.items()
        for what, (wanted, statements) in tried.items()
    }
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}
