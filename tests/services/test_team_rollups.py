"""The server's rollups equal the sums over its raw rows, whatever came, went or came twice."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from made_up_runs import a_closed_run, fill

from ipyfootprint.ledger import administer
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.pg_schema import COLUMNS, VERSION
from ipyfootprint.ledger.postgres import PostgresLedger
from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.ledger.rollups import TABLES
from ipyfootprint.ledger.sqlite import SqliteLedger

pytestmark = pytest.mark.services

AT = "(to_timestamp(started_us / 1000000) AT TIME ZONE 'UTC')"
FORMATS = {"hour": 'YYYY-MM-DD"T"HH24', "day": "YYYY-MM-DD", "month": "YYYY-MM"}
# written apart from the triggers, from raw rows and their adjustments
RAW = f"""
WITH late AS (SELECT user_id, run_id, sum(d_energy_uj) e, sum(d_operational_ug) c
              FROM run_adjust GROUP BY 1, 2),
full_run AS (SELECT r.*, coalesce(l.e, 0) de, coalesce(l.c, 0) dc,
             coalesce(r.energy_uj, 0) + coalesce(l.e, 0) AS joules
             FROM run r LEFT JOIN late l USING (user_id, run_id)),
parts AS (
  SELECT to_char({AT}, '{{format}}') b, user_id u, coalesce(project, '') p,
    coalesce(hardware_id, '') h, coalesce(phase, '') f, 1 n, (status <> 'ok')::int bad,
    (rerun = 1)::int again, joules, coalesce(energy_low_uj, 0) + de low,
    CASE WHEN method IN ('counter', 'integrated') THEN joules ELSE 0 END measured,
    CASE WHEN status <> 'ok' THEN joules ELSE 0 END lost, coalesce(idle_uj, 0) idle,
    coalesce(operational_ug, 0) + dc co2, coalesce(water_ul, 0) water, 0::bigint gap
  FROM full_run
  UNION ALL
  SELECT to_char({AT}, '{{format}}'), s.user_id, coalesce(project, ''), coalesce(hardware_id, ''),
    '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, g.duration_us
  FROM gap g JOIN session s USING (user_id, session_id))
SELECT b, u, p, h, f, sum(n), sum(bad), coalesce(sum(again), 0), sum(joules), sum(low),
  sum(measured), sum(lost), sum(idle), sum(co2), sum(water), sum(gap)
FROM parts GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
KEPT = """
SELECT bucket, user_id, project, hardware_id, phase, n, n_failed, n_rerun, energy_uj,
  energy_low_uj, energy_measured_uj, failed_uj, idle_uj, operational_ug, water_ul, gap_us
FROM rollup_{name} ORDER BY 1, 2, 3, 4, 5
"""
RAW_WEEKS = f"""
SELECT coalesce(lineage, ''), to_char(date_trunc('week', {AT}), 'YYYY-MM-DD'), user_id,
  coalesce(project, ''), coalesce(hardware_id, ''), coalesce(phase, ''), coalesce(work_kind, ''),
  count(*), sum(coalesce(fresh, 0)), sum(coalesce(work_units, 0)::numeric),
  sum(coalesce(energy_uj, 0) + coalesce((SELECT sum(d_energy_uj) FROM run_adjust a
      WHERE a.user_id = r.user_id AND a.run_id = r.run_id), 0))
FROM run r GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
KEPT_WEEKS = """
SELECT lineage, week, user_id, project, hardware_id, phase, work_kind, n, configs, work_units,
  energy_uj FROM rollup_lineage ORDER BY 1, 2, 3, 4, 5, 6, 7
"""


def assert_equal(postgres, team):
    for name, pattern in FORMATS.items():
        raw = postgres.sql(RAW.format(format=pattern), database=team)
        assert postgres.sql(KEPT.format(name=name), database=team) == raw
        if name != "hour":
            together = KEPT.format(name=f"team_{name}").replace(" user_id,", "")
            found = postgres.sql(together.replace(", 5", ""), database=team)
            assert [row for row in found if any(row[4:])] == without_person(raw)
    assert postgres.sql(KEPT_WEEKS, database=team) == postgres.sql(RAW_WEEKS, database=team)


def without_person(rows):
    """Rows summed over the second of their five keys, in the order of the other four."""
    sums = {}
    for bucket, _, *rest in rows:
        key = (bucket, *rest[:3])
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 11), rest[3:], strict=True)]
    return [(*key, *amounts) for key, amounts in sorted(sums.items())]


def publish(path, address, **options):
    publisher = Publisher(str(path), address, "label", **options)
    try:
        return publisher.send_all()
    finally:
        publisher.close()


@pytest.fixture
def filled(postgres, team, tmp_path):
    """Alice's and bob's ledgers, sent."""
    for login, first in (("alice", 1), ("bob", 500)):
        path = tmp_path / f"{login}.db"
        fill(path, 60, login, first=first)
        publish(path, postgres.address(login, team), batch=17)
    return tmp_path


def test_after_sending_and_sending_again(postgres, team, filled):
    assert_equal(postgres, team)
    before = postgres.sql(KEPT.format(name="day"), database=team)
    for name in ("alice", "bob"):
        outbox = Outbox(str(filled / f"{name}.db"))
        outbox._db.executescript(
            "UPDATE run SET published_us = NULL; UPDATE run_adjust SET published_us = NULL;"
            "UPDATE gap SET published_us = NULL; UPDATE finding SET published_us = NULL"
        )
        outbox.close()
        assert publish(filled / f"{name}.db", postgres.address(name, team)) > 70
    assert postgres.sql(KEPT.format(name="day"), database=team) == before


def test_the_server_has_the_sums_of_the_local_ledger(postgres, team, tmp_path):
    path = tmp_path / "a.db"
    fill(path, 60)
    publish(path, postgres.address("alice", team))
    local = SqliteLedger(str(path))
    for name in ("hour", "day", "month"):
        sums = "bucket, sum(n), sum(n_rerun), sum(energy_uj), sum(operational_ug), sum(gap_us)"
        query = f"SELECT {sums} FROM rollup_{name} GROUP BY 1 ORDER BY 1"
        mine = [tuple(row) for row in local._read(query)]
        assert postgres.sql(query, database=team) == mine and len(mine) > 0
    weeks = "SELECT week, sum(n), sum(configs), sum(energy_uj) FROM rollup_lineage GROUP BY 1"
    assert sorted(postgres.sql(weeks, database=team)) == sorted(
        tuple(row) for row in local._read(weeks)
    )
    local.close()


def test_after_late_rows_adjustments_and_a_growing_gap(postgres, team, filled):
    ledger = SqliteLedger(str(filled / "alice.db"))
    known = [run.run_id for run in ledger.runs()][::5]
    for run_id in known:
        ledger.adjust(run_id, energy_j=-0.25, operational_g=0.002, reason="restated")
    ledger.close_run(a_closed_run(2000, "alice", started_at=ledger.runs()[0].started_at))
    for seconds in (20.0, 30.0):
        ledger.save_gap(replace(ledger.gap("alice"), duration_s=seconds, energy_j=seconds))
        publish(filled / "alice.db", postgres.address("alice", team))
    ledger.close()
    assert_equal(postgres, team)


@pytest.mark.parametrize("clock", ["1970-01-05", "2038-01-20", "2099-12-31"])
def test_a_wrong_clock_harms_nothing(postgres, team, filled, clock):
    ledger = SqliteLedger(str(filled / "bob.db"))
    when = datetime.fromisoformat(f"{clock}T12:00:00+00:00")
    ledger.close_run(a_closed_run(3000, "bob", started_at=when))
    ledger.close()
    assert publish(filled / "bob.db", postgres.address("bob", team)) == 1
    assert_equal(postgres, team)


def test_a_forgotten_person_is_in_no_row_and_no_sum(postgres, team, filled):
    alice = PostgresLedger(postgres.address("alice", team))
    assert administer.forget_user(postgres.address(database=team), "alice") == 60
    assert_equal(postgres, team)
    assert alice.runs() == [] and alice.sessions() == []
    for table in (*COLUMNS, *(t for t, (keys, _) in TABLES.items() if "user_id" in keys)):
        (count,) = postgres.sql(
            f"SELECT count(*) FROM {table} WHERE user_id = %s", (alice.user_id,), database=team
        )[0]
        assert count == 0, table
    alice.close()
    bob = postgres.sql("SELECT DISTINCT user_id FROM run", database=team)[0][0]
    assert administer.forget_user(postgres.address(database=team), bob) == 60
    for table in TABLES:
        assert postgres.sql(f"SELECT * FROM {table}", database=team) == []
    with pytest.raises(Exception, match="no row of 'alice'"):
        administer.forget_user(postgres.address(database=team), "alice")


def test_what_is_older_than_the_retention_goes_with_its_sums(postgres, team, filled):
    ledger = SqliteLedger(str(filled / "bob.db"))
    ledger.close_run(a_closed_run(3000, "bob", started_at=datetime.now(UTC)))
    ledger.close()
    publish(filled / "bob.db", postgres.address("bob", team))
    assert administer.forget_older(postgres.address(database=team), 30) == 120
    assert postgres.sql("SELECT count(*) FROM run", database=team) == [(1,)]
    assert postgres.sql("SELECT count(*) FROM session", database=team) == [(1,)]
    assert_equal(postgres, team)


def test_an_older_team_is_brought_up_to_date_with_its_rows(postgres, team, filled):
    before = postgres.sql(KEPT.format(name="day"), database=team)
    postgres.sql("DROP INDEX rollup_lineage_course", database=team)
    for name in ("day", "month"):
        postgres.sql(f"DROP TABLE rollup_team_{name}", database=team)
    postgres.sql("UPDATE meta SET value = '1' WHERE name = 'schema'", database=team)
    with pytest.raises(Exception, match="schema 1, and this version needs"):
        PostgresLedger(postgres.address("alice", team))
    assert administer.initialise(postgres.address(database=team)) == (1, VERSION)
    assert postgres.sql("SELECT to_regclass('rollup_lineage_course')", database=team)[0][0]
    assert postgres.sql(KEPT.format(name="day"), database=team) == before
    fill(filled / "bob.db", 3, "later", first=900)
    publish(filled / "bob.db", postgres.address("bob", team))
    assert_equal(postgres, team)
    postgres.sql("SELECT * FROM rollup_team_day", None, "viewer", team)


def test_only_the_owner_makes_migrates_and_forgets(postgres, team, filled):
    address = postgres.address("alice", team)
    for act in (
        lambda: administer.initialise(address),
        lambda: administer.forget_user(address, "bob"),
        lambda: administer.forget_older(address, 1),
    ):
        with pytest.raises(Exception, match="owner"):
            act()
    assert postgres.sql("SELECT count(*) FROM run", database=team) == [(120,)]
