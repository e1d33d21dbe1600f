"""What every ledger promises, run against each of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from postgres_server import installations

from ipyfootprint.errors import LedgerError
from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.rollups import ADD_RUN, ADD_TEAM, REBUILD, TABLES
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import (
    CarbonIntensity,
    DeviceEnergy,
    Finding,
    Gap,
    PowerTrace,
    Run,
    Session,
)

START = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)


ROLLUPS = tuple(table.removeprefix("rollup_") for table in TABLES)
PERSON = {"id": "u1"}  # on a server it is the pseudonym of the login


@pytest.fixture(params=["memory", "disk"])
def local(request, tmp_path):
    path = ":memory:" if request.param == "memory" else str(tmp_path / "ledger.db")
    made = SqliteLedger(path)
    yield made
    made.close()


# every installation there is: the packaged PostgreSQL, and the system's where it has one
SERVERS = [pytest.param(n, marks=pytest.mark.services) for n in installations() or ("embedded",)]


@pytest.fixture(params=["memory", "disk", *SERVERS])
def ledger(request, tmp_path, monkeypatch):
    if request.param in ("memory", "disk"):
        made = SqliteLedger(":memory:" if request.param == "memory" else str(tmp_path / "a.db"))
    else:
        from ipyfootprint.ledger.postgres import PostgresLedger

        server, team = request.getfixturevalue("team_of")(request.param)
        made = PostgresLedger(server.address("alice", team))
        monkeypatch.setitem(PERSON, "id", made.user_id)
    yield made
    made.close()
    made.close()


def a_run(number=1, session="s1", **known):
    base = Run(
        run_id=uuid7(number * 1_000_000),
        session_id=session,
        user_id=PERSON["id"],
        number=number,
        started_at=START + timedelta(seconds=number),
        lineage="train",
        config_hash=f"c{number}",
        pue=1.2,
        intensity=CarbonIntensity(400, 300, 500, zone="DEU", source="test", year=2025),
    )
    return replace(base, **known)


def done(run, energy=100.0, **known):
    share = 0.5
    device = DeviceEnergy(energy / share, energy, energy * 3, share, "counter", "cpu", "a chip")
    return replace(
        run,
        status="ok",
        duration_s=2.5,
        cpu_time_s=2.25,
        energy_j=energy,
        energy_low_j=energy * 0.5,
        energy_high_j=energy * 1.5,
        node_energy_j=energy / share,
        idle_j=10.0,
        devices={"cpu0": device},
        method="counter",
        settled=True,
        operational_g=0.25,
        operational_low_g=0.2,
        operational_high_g=0.3,
        **known,
    )


def test_a_closed_run_comes_back_as_it_was(ledger):
    run = done(a_run(), work_units=10.0, work_kind="epochs", metric_name="acc", metric=0.5)
    ledger.begin(replace(a_run(), run_id=run.run_id))
    ledger.close_run(run)
    assert ledger.runs() == [run]


def test_absent_stays_absent(ledger):
    ledger.begin(a_run(pue=None, intensity=None))
    (row,) = ledger.runs()
    assert row.status == "started" and row.devices == {}
    for name in ("energy_j", "node_energy_j", "operational_g", "water_l", "metric", "duration_s"):
        assert getattr(row, name) is None


def test_a_run_is_closed_once_and_stays_as_it_is(ledger):
    first = done(a_run(), energy=100.0)
    ledger.begin(a_run(run_id=first.run_id))
    ledger.close_run(first)
    ledger.close_run(done(a_run(run_id=first.run_id), energy=999.0))
    ledger.begin(a_run(run_id=first.run_id))
    assert ledger.runs() == [first]


def test_a_run_that_was_never_begun_can_be_closed(ledger):
    ledger.close_run(done(a_run()))
    assert len(ledger.runs()) == 1


def test_runs_are_found_by_session_lineage_time_and_number(ledger):
    for number in range(1, 6):
        ledger.close_run(done(a_run(number, session="s1" if number < 4 else "s2")))
    assert [r.number for r in ledger.runs("s1")] == [1, 2, 3]
    assert [r.number for r in ledger.runs(limit=2)] == [4, 5]
    assert [r.number for r in ledger.runs(since=START + timedelta(seconds=4))] == [4, 5]
    assert ledger.runs(lineage="other") == []


def test_late_energy_is_added_and_the_row_is_not_edited(ledger):
    run = done(a_run())
    ledger.close_run(run)
    ledger.adjust(run.run_id, energy_j=5.0, reason="remote worker")
    ledger.adjust(run.run_id, operational_g=-0.05, reason="restated")
    (row,) = ledger.runs()
    assert (row.energy_j, row.operational_g) == (pytest.approx(105), pytest.approx(0.2))
    with pytest.raises(LedgerError, match="No closed run"):
        ledger.adjust("nobody", energy_j=1.0, reason="x")


def test_a_session_and_its_one_gap_row(ledger):
    session = Session(
        session_id="s1", user_id=PERSON["id"], started_at=START, hardware={"cpu": "x"}, pid=7
    )
    ledger.open_session(session)
    ledger.open_session(replace(session, pid=8))
    assert ledger.sessions() == [session]
    assert ledger.gap("s1") is None
    ledger.save_gap(Gap(session_id="s1", duration_s=1.0, energy_j=None, node_energy_j=None))
    last = Gap(session_id="s1", duration_s=2.5, energy_j=3.0, node_energy_j=4.0, method="counter")
    ledger.close_run(done(a_run()), gap=last)
    assert ledger.gap("s1") == last


def test_a_trace_is_kept_in_at_most_64_points_with_its_mean(ledger):
    run = done(a_run())
    watts = tuple(float(i % 7) for i in range(1000))
    ledger.close_run(run, PowerTrace(0.1, {"gpu0": watts, "cpu0": (None, 5.0)}))
    trace = ledger.trace(run.run_id)
    assert len(trace.watts["gpu0"]) <= 64 and trace.watts["cpu0"] == (None, 5.0)
    assert sum(trace.watts["gpu0"]) / len(trace.watts["gpu0"]) == pytest.approx(3, abs=0.1)
    assert ledger.trace("nobody") is None


def test_a_finding_keeps_its_answer(ledger):
    finding = Finding(
        finding_id="f1",
        session_id="s1",
        lineage="train",
        run=3,
        at=START,
        level="warn",
        kind="backfire",
        message="text",
        rebound_pct=120.0,
    )
    ledger.add_finding(finding)
    ledger.add_finding(replace(finding, answer="planned", message="edited"))
    assert ledger.findings("s1") == [replace(finding, answer="planned")]
    assert ledger.findings("s2") == []


def test_orphans_are_closed_as_lost_and_the_living_are_left_alone(ledger):
    ledger.begin(a_run(1, session="dead"))
    ledger.begin(a_run(2, session="alive"))
    assert ledger.close_orphans(["alive"]) == 1
    assert [r.status for r in ledger.runs()] == ["lost", "started"]


def test_forgetting_deletes_everything(local):
    for number in (1, 2):
        local.close_run(done(a_run(number)))
    assert local.forget() == 2
    assert local.runs() == [] and rollup(local, "day") == []


def rollup(local, name):
    return [tuple(row) for row in local._read(f"SELECT * FROM rollup_{name}")]


RAW_SUMS = """
    count(*), sum(status <> 'ok'), sum(rerun), count(energy_uj), count(operational_ug),
    sum(coalesce(duration_us, 0)), sum(coalesce(energy_uj, 0) + coalesce(d_e, 0)),
    sum(coalesce(energy_low_uj, 0) + coalesce(d_e, 0)),
    sum(coalesce(energy_high_uj, 0) + coalesce(d_e, 0)),
    sum((coalesce(energy_uj, 0) + coalesce(d_e, 0)) * (method IN ('counter', 'integrated'))),
    sum((coalesce(energy_uj, 0) + coalesce(d_e, 0)) * (status <> 'ok')),
    sum((coalesce(energy_uj, 0) + coalesce(d_e, 0)) * rerun), sum(coalesce(idle_uj, 0)),
    sum(coalesce(operational_ug, 0) + coalesce(d_c, 0)),
    sum(coalesce(operational_low_ug, 0) + coalesce(d_c, 0)),
    sum(coalesce(operational_high_ug, 0) + coalesce(d_c, 0)),
    sum(coalesce(embodied_ug, 0)), sum(coalesce(water_ul, 0))
"""
ADJUSTED = """
    FROM run r LEFT JOIN (SELECT run_id, sum(d_energy_uj) d_e, sum(d_operational_ug) d_c
    FROM run_adjust GROUP BY run_id) USING (run_id) WHERE status <> 'started'
"""


def raw(local, bucket):
    return [
        (*row, 0, 0, 0)
        for row in local._read(
            "SELECT strftime(?, r.started_us / 1000000, 'unixepoch') b, r.user_id,"
            " coalesce(project, ''), coalesce(hardware_id, ''), coalesce(phase, ''),"
            f" {RAW_SUMS} {ADJUSTED} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
            (bucket,),
        )
    ]


def without_person(rows):
    """Rows summed over the second of their five keys, in the order of the other four."""
    sums = {}
    for bucket, _, *rest in rows:
        key = (bucket, *rest[:3])
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 21), rest[3:], strict=True)]
    return [(*key, *amounts) for key, amounts in sorted(sums.items())]


def raw_lineages(local):
    return [
        tuple(row)
        for row in local._read(
            "SELECT date(started_us / 1000000 - 86400 * ((strftime('%w', started_us / 1000000,"
            " 'unixepoch') + 6) % 7), 'unixepoch') w, coalesce(lineage, ''), user_id,"
            " coalesce(project, ''), coalesce(hardware_id, ''), coalesce(phase, ''),"
            " coalesce(work_kind, ''), count(*), count(DISTINCT coalesce(config_hash, 'none')),"
            " count(work_units), count(operational_ug), sum(coalesce(duration_us, 0)),"
            " sum(coalesce(energy_uj, 0) + coalesce(d_e, 0)),"
            " sum((coalesce(energy_uj, 0) + coalesce(d_e, 0)) * rerun),"
            " sum(coalesce(operational_ug, 0) + coalesce(d_c, 0)),"
            f" sum(coalesce(work_units, 0)) {ADJUSTED} GROUP BY 1, 2, 3, 4, 5, 6, 7"
            " ORDER BY 1, 2, 3, 4, 5, 6, 7"
        )
    ]


def closed_adjusted_and_lost(local):
    for number in range(1, 40):
        run = a_run(
            number,
            user_id=f"u{number % 6 // 3}",
            started_at=START + timedelta(hours=7 * number),
            project=("a", None)[number % 2],
            # a lineage has one project and phase here, so that distinct counts can be compared
            lineage=f"l{number % 6}",
            phase=("training", None, "data")[number % 3],
            code_hash=f"code{number % 6}",
            config_hash=f"c{number // 12}",
        )
        local.begin(run)
        if number % 5:
            local.close_run(
                done(run, energy=number * 1.5, water_l=0.001 * number, work_units=2.0 * number)
            )
        if number % 5 == 1:
            local.adjust(run.run_id, energy_j=0.5, operational_g=0.001, reason="late")
    local.close_orphans([])


def test_rollups_equal_the_raw_sums_after_closing_adjusting_and_losing(local):
    closed_adjusted_and_lost(local)
    assert rollup(local, "day") == raw(local, "%Y-%m-%d")
    assert rollup(local, "month") == raw(local, "%Y-%m")
    assert rollup(local, "hour") == raw(local, "%Y-%m-%dT%H")
    assert rollup(local, "lineage") == raw_lineages(local)
    assert rollup(local, "team_day") == without_person(raw(local, "%Y-%m-%d"))
    assert rollup(local, "team_month") == without_person(raw(local, "%Y-%m"))
    assert sum(row[7] for row in rollup(local, "day")) > 0, "some runs are reruns"


def test_a_run_taken_out_leaves_the_rollups_as_if_it_had_never_been(local):
    closed_adjusted_and_lost(local)
    before = [rollup(local, name) for name in ROLLUPS]
    late = done(a_run(90, code_hash="code1", lineage="l1", config_hash="c0", phase="data"))
    local.close_run(late)
    with local._write() as db:
        for statement in ADD_RUN:
            db.execute(statement, {"run_id": late.run_id, "sign": -1})
    after = [rollup(local, name) for name in ROLLUPS]
    left = [[row for row in rows if any(v for v in row if v.__class__ is int)] for rows in after]
    assert left == before


def test_refilled_rollups_are_the_ones_that_were_kept_up(local):
    local.open_session(Session(session_id="s1", user_id="u1", started_at=START))
    closed_adjusted_and_lost(local)
    for joules in (3.0, 5.0, None):
        local.save_gap(Gap(session_id="s1", duration_s=9.0, energy_j=joules, node_energy_j=joules))
    local.save_gap(Gap(session_id="s1", duration_s=9.5, energy_j=4.0, node_energy_j=4.0))
    before = [rollup(local, name) for name in ROLLUPS]
    with local._write() as db:
        for statement in REBUILD:
            db.execute(statement)
    assert [rollup(local, name) for name in ROLLUPS] == before
    with local._write() as db:
        for statement in ADD_TEAM:  # what an older file gets
            db.execute(statement)
    assert [rollup(local, name) for name in ROLLUPS] == before
    assert (1, 9_500_000, 4_000_000) in [row[-3:] for row in rollup(local, "month")]


def test_an_identical_rerun_is_one_whose_like_had_succeeded(local):
    same = {"code_hash": "x", "config_hash": "y"}
    local.close_run(replace(done(a_run(1, **same)), status="error"))
    local.close_run(done(a_run(2, **same)))
    local.close_run(done(a_run(3, **same)))
    local.close_run(replace(done(a_run(4, **same)), status="error"))
    local.close_run(done(a_run(5, code_hash="x", config_hash="z")))
    local.close_run(done(a_run(6, user_id="u2", **same)))
    assert [tuple(row) for row in local._read("SELECT fresh, rerun FROM run ORDER BY number")] == [
        (1, 0),
        (0, 0),
        (0, 1),
        (0, 0),
        (1, 0),
        (1, 0),
    ]


def test_machines_have_names(local):
    local.close_run(done(a_run(hardware_id="h1")))
    assert tuple(local._read("SELECT * FROM hardware")[0]) == ("h1", "a chip")
