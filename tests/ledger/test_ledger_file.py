"""The ledger's file: damaged, newer, shared, full, and written by the sampler."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ipyfootprint.errors import LedgerCorrupt, LedgerError, LedgerNewer
from ipyfootprint.ids import boot_id, uuid7
from ipyfootprint.ledger.opening import default_path, is_alive, open_ledger, read_ledger
from ipyfootprint.ledger.progress import ProgressWriter
from ipyfootprint.ledger.schema import MIGRATIONS
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import CarbonIntensity, DeviceEnergy, Run, Session

START = datetime(2026, 3, 4, tzinfo=UTC)


def a_run(number=1, **known):
    return replace(
        Run(run_id=uuid7(), session_id="s", user_id="u", number=number, started_at=START), **known
    )


def test_the_file_is_for_its_owner_only(tmp_path):
    path = tmp_path / "ledger.db"
    SqliteLedger(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_newer_file_is_refused_with_the_way_out_and_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.db"
    SqliteLedger(str(path)).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    before = path.read_bytes()
    with pytest.raises(LedgerNewer, match="pip install -U"):
        SqliteLedger(str(path))
    ledger, warning = open_ledger(str(path))
    assert ledger.path == ":memory:" and "in memory only" in str(warning)
    assert path.read_bytes() == before
    ledger.close()


def test_an_older_file_gets_its_rollups_from_its_runs(tmp_path):
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as db:
        db.executescript(MIGRATIONS[0])
        db.execute("PRAGMA user_version = 2")
        db.execute("CREATE TABLE rollup_day (bucket TEXT)")
        for number, status in enumerate(("ok", "ok", "error", "started")):
            db.execute(
                "INSERT INTO run (run_id, session_id, user_id, number, status, started_us, method,"
                " settled, energy_uj, lineage, code_hash, config_hash)"
                " VALUES (?, 's', 'u', ?, ?, 0, 'counter', 1, 5, 'l', 'x', 'y')",
                (str(number), number, status),
            )
    ledger = SqliteLedger(str(path))
    marks = [tuple(row) for row in ledger._read("SELECT fresh, rerun FROM run ORDER BY run_id")]
    assert marks == [(1, 0), (0, 1), (0, 0), (None, None)]
    sums = ledger._read("SELECT bucket, n, n_rerun, energy_uj, rerun_uj FROM rollup_day")
    assert [tuple(row) for row in sums] == [("1970-01-01", 3, 1, 15, 5)]
    weeks = ledger._read("SELECT week, n, configs FROM rollup_lineage")
    assert [tuple(row) for row in weeks] == [("1969-12-29", 3, 1)]
    plan = ledger._read("EXPLAIN QUERY PLAN SELECT n FROM rollup_lineage WHERE lineage = 'l'")
    assert "rollup_lineage_course" in plan[0]["detail"], "a course is found by its lineage"
    ledger.close()


def test_a_damaged_file_is_set_aside_and_never_lost(tmp_path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"these are not the pages you are looking for" * 50)
    with pytest.raises(LedgerCorrupt):
        SqliteLedger(str(path))
    ledger, warning = open_ledger(str(path))
    assert ledger.path == str(path) and "damaged-1" in str(warning)
    assert (tmp_path / "ledger.db.damaged-1").read_bytes().startswith(b"these are not")
    ledger.close()


def test_a_folder_that_cannot_be_made_degrades_to_memory_with_one_warning(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ledger, warning = open_ledger(str(tmp_path / "file" / "ledger.db"))
    assert ledger.path == ":memory:" and "IPYFOOTPRINT_LEDGER" in str(warning)
    ledger.begin(a_run())
    ledger.close()


def test_a_full_disk_is_a_ledger_error(tmp_path):
    ledger = SqliteLedger(str(tmp_path / "ledger.db"))
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="full"):
        for number in range(1000):
            ledger.begin(a_run(number, label="x" * 500))
    ledger._db.execute("PRAGMA max_page_count = 100000")
    ledger.begin(a_run())
    ledger.close()


def test_reading_where_there_is_no_ledger_says_what_to_do(tmp_path):
    with pytest.raises(LedgerError, match="Meter a cell first"), read_ledger(str(tmp_path / "no")):
        pass
    assert not (tmp_path / "no").exists()
    assert str(default_path()).startswith(os.environ["XDG_DATA_HOME"])


def test_the_sampler_writes_progress_and_the_kernel_has_the_last_word(tmp_path):
    path = str(tmp_path / "ledger.db")
    ledger, writer = SqliteLedger(path), ProgressWriter(path)
    intensity = CarbonIntensity(360, 180, 720, zone="X")
    run = a_run(pue=2.0, intensity=intensity)
    ledger.begin(run)
    devices = {"cpu0": DeviceEnergy(2e4, 1e4, 4e4, 0.5, "modelled", "cpu", "a chip")}
    assert writer.progress(run.run_id, 5.0, 4_000_000_000, devices)
    (row,) = ledger.runs()
    assert (row.status, row.energy_j, row.node_energy_j) == ("started", 1e4, 2e4)
    assert (row.duration_s, row.cpu_time_s, row.method) == (5.0, 4.0, "modelled")
    # 10 kJ x 2 x 360 g/kWh / 3.6e6 = 2 g
    assert row.operational_g == pytest.approx(2.0)
    assert (row.operational_low_g, row.operational_high_g) == (0.5, pytest.approx(8.0))
    ledger.close_run(replace(run, status="ok", energy_j=3.0))
    assert writer.close_run(run.run_id, "lost", 9.0, 0, devices) is False
    assert ledger.runs()[0].energy_j == 3.0
    writer.close()
    ledger.close()


def test_a_run_closed_by_the_sampler_is_in_the_rollups_and_stays_closed(tmp_path):
    path = str(tmp_path / "ledger.db")
    ledger, writer = SqliteLedger(path), ProgressWriter(path)
    run = a_run()
    ledger.begin(run)
    assert writer.close_run(run.run_id, "lost", 1.0, 0, {}) is True
    ledger.close_run(replace(run, status="ok", energy_j=3.0))
    (row,) = ledger.runs()
    assert (row.status, row.energy_j) == ("lost", None)
    assert tuple(ledger._read("SELECT n, n_failed FROM rollup_day")[0]) == (1, 1)
    writer.close()
    ledger.close()


def test_a_writer_without_a_file_never_raises(tmp_path):
    writer = ProgressWriter(str(tmp_path / "gone.db"))
    assert writer.progress("r", 1.0, 0, {}) is False
    assert not (tmp_path / "gone.db").exists()


def test_eight_writers_on_one_new_file_lose_nothing(tmp_path):
    path, errors = str(tmp_path / "ledger.db"), []

    def write(worker):
        try:
            ledger = SqliteLedger(path)
            for number in range(25):
                ledger.begin(a_run(worker * 100 + number))
            ledger.close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_ledger(path) as ledger:
        assert (errors, len(ledger.runs())) == ([], 200)


KILLED = """
import os, sys
from datetime import datetime, UTC
from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import Run
ledger = SqliteLedger(sys.argv[1])
for number in range(100_000):
    run = Run(run_id=uuid7(), session_id="s", user_id="u", number=number,
              started_at=datetime.now(UTC))
    ledger.begin(run)
    os.write(1, f"{run.run_id}\\n".encode())
"""


@pytest.mark.parametrize("acknowledged", [1, 40, 300])
def test_a_kill_loses_no_acknowledged_run(tmp_path, acknowledged):
    path = str(tmp_path / "ledger.db")
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True
    )
    told = [child.stdout.readline().strip() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    told += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.wait()
    ledger, warning = open_ledger(path)
    assert warning is None
    kept = {run.run_id: run.status for run in ledger.runs()}
    assert set(told) <= set(kept) and set(kept.values()) == {"lost"}
    ledger.close()


def test_a_session_lives_while_its_process_and_its_boot_do():
    known = {"session_id": "s", "user_id": "u", "started_at": START}
    assert is_alive(Session(**known, pid=os.getpid(), boot_id=boot_id()))
    assert not is_alive(Session(**known, pid=os.getpid(), boot_id="another boot"))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not is_alive(Session(**known, pid=gone.pid, boot_id=boot_id()))
