"""The embedded ledger: one SQLite file, one commit a run."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from ipyfootprint.errors import LedgerCorrupt, LedgerError, LedgerNewer
from ipyfootprint.ledger import rows
from ipyfootprint.ledger.rollups import ADD_CHANGE, ADD_GAP, ADD_RUN, TABLES
from ipyfootprint.ledger.schema import MIGRATIONS, VERSION
from ipyfootprint.model import Finding, Gap, PowerTrace, Run, Session

Fetch = Callable[[str, Mapping[str, object]], Sequence[Any]]
_BUSY_S = 10.0
_INSERT_RUN = (
    f"INSERT INTO run ({', '.join(rows.RUN_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(rows.RUN_COLUMNS))}) ON CONFLICT (run_id) DO "
)
_JOURNAL = (
    f"INSERT INTO run ({', '.join(rows.STARTED_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(rows.STARTED_COLUMNS))}) ON CONFLICT (run_id) DO NOTHING"
)
_REPLACE_OPEN = (
    "UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in rows.RUN_COLUMNS if name != "run_id")
    + " WHERE run.status = 'started'"
)
_SELECT_RUN = (
    "SELECT r.*, (SELECT sum(d_energy_uj) FROM run_adjust a WHERE a.run_id = r.run_id)"
    " AS d_energy_uj, (SELECT sum(d_operational_ug) FROM run_adjust a WHERE a.run_id = r.run_id)"
    " AS d_operational_ug FROM run r"
)
_FORGOTTEN = (
    *("power_trace", "run_adjust", "finding", "gap", "run", "session", "hardware"),
    *TABLES,
)


class SqliteLedger:
    """A ledger in one file, or in memory.

    One connection under one lock serves every thread of the process; other processes may
    use the same file at the same time.

    Args:
        path: the file, or ":memory:". Its folder must exist.

    Raises:
        LedgerNewer: the file was written by a newer version; it is left as it is.
        LedgerCorrupt: the file is no ledger, or is damaged; it is left as it is.
        LedgerError: the file cannot be opened or written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_durable = path != ":memory:"
        self._lock = threading.RLock()
        self._named: set[str] = set()
        with self._translated():
            if path != ":memory:":
                Path(path).touch(mode=0o600)
            self._db = sqlite3.connect(
                path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            self._refuse_newer()  # before anything is written, the journal's mode included
            self._open_wal()
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate()

    def open_session(self, session: Session) -> None:
        """Keep a session's row; the same session again replaces nothing."""
        known = asdict(session)
        known["started_us"] = rows.microseconds(known.pop("started_at"))
        known["hardware"] = json.dumps(dict(session.hardware))
        with self._write() as db:
            db.execute(
                f"INSERT OR IGNORE INTO session ({', '.join(known)})"
                f" VALUES ({', '.join('?' * len(known))})",
                tuple(known.values()),
            )

    def begin(self, run: Run) -> None:
        """Journal a run before its cell executes; the same run again changes nothing."""
        with self._lock, self._translated():
            self._db.execute(_JOURNAL, rows.started_row(run))  # one statement is a transaction

    def close_run(self, run: Run, trace: PowerTrace | None = None, gap: Gap | None = None) -> None:
        """Close a run with its trace, rollups and the gap row; a closed run stays as it is."""
        with self._write() as db:
            done = db.execute(_INSERT_RUN + _REPLACE_OPEN, rows.run_row(run))
            if done.rowcount:
                self._add_to_rollups(db, run.run_id, 1)
                self._name_hardware(db, run)
                if trace is not None:
                    db.executemany(
                        "INSERT OR REPLACE INTO power_trace VALUES (?, ?, ?, ?)",
                        [(run.run_id, *blob) for blob in rows.trace_blobs(trace)],
                    )
            if gap is not None:
                self._put_gap(db, gap)

    def save_gap(self, gap: Gap) -> None:
        """Replace the session's one gap row."""
        with self._write() as db:
            self._put_gap(db, gap)

    def adjust(
        self, run_id: str, *, energy_j: float = 0.0, operational_g: float = 0.0, reason: str
    ) -> None:
        """Add late energy or restated carbon to a closed run, as a row of its own."""
        change = {
            "run_id": run_id,
            "d_energy_uj": rows.micro(energy_j),
            "d_operational_ug": rows.micro(operational_g),
            "reason": reason,
        }
        with self._write() as db:
            known = db.execute(
                "SELECT 1 FROM run WHERE run_id = ? AND status <> 'started'", (run_id,)
            )
            if known.fetchone() is None:
                raise LedgerError(f"No closed run {run_id!r} is recorded", "nothing was adjusted")
            db.execute(
                "INSERT INTO run_adjust (run_id, d_energy_uj, d_operational_ug, reason)"
                " VALUES (:run_id, :d_energy_uj, :d_operational_ug, :reason)",
                change,
            )
            for statement in ADD_CHANGE:
                db.execute(statement, change)

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding; the same finding_id again stores the new answer."""
        known = asdict(finding)
        known["at_us"] = rows.microseconds(known.pop("at"))
        with self._write() as db:
            db.execute(
                f"INSERT INTO finding ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})"
                " ON CONFLICT (finding_id) DO UPDATE SET answer = excluded.answer,"
                " published_us = NULL",
                tuple(known.values()),
            )

    def sessions(self) -> Sequence[Session]:
        """All sessions, oldest first."""
        return [
            rows.session_of(row)
            for row in self._read("SELECT * FROM session ORDER BY started_us, session_id")
        ]

    def runs(
        self,
        session_id: str | None = None,
        *,
        lineage: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Sequence[Run]:
        """Runs, oldest first, adjustments included; with `limit`, the newest so many."""
        wanted = {
            "r.session_id = ?": session_id,
            "r.lineage = ?": lineage,
            "r.started_us >= ?": rows.microseconds(since) if since else None,
        }
        asked = {clause: value for clause, value in wanted.items() if value is not None}
        where = f" WHERE {' AND '.join(asked)}" if asked else ""
        found = self._read(
            f"{_SELECT_RUN}{where} ORDER BY r.started_us DESC, r.number DESC LIMIT ?",
            (*asked.values(), -1 if limit is None else limit),
        )
        return [rows.run_of(row) for row in reversed(found)]

    def gap(self, session_id: str) -> Gap | None:
        """The session's gap row, or None."""
        found = self._read("SELECT * FROM gap WHERE session_id = ?", (session_id,))
        return rows.gap_of(found[0]) if found else None

    def trace(self, run_id: str) -> PowerTrace | None:
        """The run's power trace, or None."""
        found = self._read("SELECT device, dt_ms, mw FROM power_trace WHERE run_id = ?", (run_id,))
        return rows.trace_of([tuple(row) for row in found])

    def findings(self, session_id: str | None = None) -> Sequence[Finding]:
        """Findings, oldest first."""
        found = self._read(
            "SELECT * FROM finding WHERE ? IS NULL OR session_id = ? ORDER BY at_us, finding_id",
            (session_id, session_id),
        )
        return [rows.finding_of(row) for row in found]

    def close_orphans(self, alive: Sequence[str]) -> int:
        """Close runs whose kernel is gone as `lost`, with the energy known so far.

        Args:
            alive: sessions whose kernel still runs; theirs are left alone.

        Returns:
            How many runs were closed.
        """
        with self._write() as db:
            open_rows = db.execute(
                "SELECT run_id, session_id FROM run WHERE status = 'started'"
            ).fetchall()
            gone = [row["run_id"] for row in open_rows if row["session_id"] not in alive]
            for run_id in gone:
                db.execute("UPDATE run SET status = 'lost' WHERE run_id = ?", (run_id,))
                self._add_to_rollups(db, run_id, 1)
        return len(gone)

    def forget(self) -> int:
        """Delete everything; returns how many runs were deleted."""
        with self._write() as db:
            count = int(db.execute("SELECT count(*) FROM run").fetchone()[0])
            for table in _FORGOTTEN:
                db.execute(f"DELETE FROM {table}")
        with self._translated():
            self._db.execute("VACUUM")
        return count

    def close(self) -> None:
        """Flush and release; harmless when called twice."""
        with self._lock, self._translated():
            self._db.close()

    def _open_wal(self) -> None:
        # The first simultaneous opens ignore the busy timeout: the switch is tried again.
        for attempt in range(50):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or attempt == 49:
                    raise
                time.sleep(0.02)

    def _migrate(self) -> None:
        version = self._refuse_newer()
        while version < VERSION:
            with self._write() as db:
                # Another process may have migrated while this one waited for its turn.
                version = db.execute("PRAGMA user_version").fetchone()[0]
                if version < VERSION:
                    for statement in MIGRATIONS[version].split(";"):
                        db.execute(statement)
                    version += 1
                    db.execute(f"PRAGMA user_version = {version}")

    def _refuse_newer(self) -> int:
        """The file's version, unless this code is too old for it."""
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            self._db.close()
            raise LedgerNewer(
                f"{self.path} was written by a newer version (schema {version}, known {VERSION})",
                "it is left as it is",
                "pip install -U ipyfootprint, or choose another file with IPYFOOTPRINT_LEDGER.",
            )
        return version

    @staticmethod
    def _add_to_rollups(db: sqlite3.Connection, run_id: str, sign: int) -> None:
        for statement in ADD_RUN:
            db.execute(statement, {"run_id": run_id, "sign": sign})

    def _name_hardware(self, db: sqlite3.Connection, run: Run) -> None:
        """Keep what machines of this kind are called, once."""
        if run.hardware_id is None or run.hardware_id in self._named or not run.devices:
            return
        labels = dict.fromkeys(d.label for d in run.devices.values() if d.label)
        db.execute(
            "INSERT OR IGNORE INTO hardware VALUES (?, ?)",
            (run.hardware_id, " + ".join(labels)[:200] or run.hardware_id),
        )
        self._named.add(run.hardware_id)

    @staticmethod
    def _put_gap(db: sqlite3.Connection, gap: Gap) -> None:
        known = db.execute("SELECT * FROM gap WHERE session_id = ?", (gap.session_id,)).fetchone()
        energy = rows.micro(gap.energy_j)
        growth = {
            "session_id": gap.session_id,
            "n_gap": int(energy is not None) - int(known is not None and known[2] is not None),
            "gap_us": round(gap.duration_s * 1e6) - (known[1] if known else 0),
            "gap_uj": (energy or 0) - ((known[2] or 0) if known else 0),
        }
        for statement in ADD_GAP:
            db.execute(statement, growth)
        db.execute(
            "INSERT OR REPLACE INTO gap (session_id, duration_us, energy_uj, node_energy_uj,"
            " method) VALUES (?, ?, ?, ?, ?)",
            (
                gap.session_id,
                rows.micro(gap.duration_s),
                rows.micro(gap.energy_j),
                rows.micro(gap.node_energy_j),
                gap.method,
            ),
        )

    def reader(self) -> Fetch:
        """Answers to statements with named values; from now on this ledger cannot be written."""
        with self._lock, self._translated():
            self._db.execute("PRAGMA query_only = 1")
            self._db.execute(f"PRAGMA mmap_size = {1 << 30}")
        return self._read

    def _read(self, sql: str, values: Sequence[Any] | Mapping[str, object] = ()) -> list[Any]:
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; IMMEDIATE, because a deferred one cannot wait for its turn."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's and the system's errors as ours."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeError) as error:
            text = str(error)
            if "not a database" in text or "malformed" in text:
                raise LedgerCorrupt(
                    f"{self.path} is not a readable ledger ({text})", "it is left as it is"
                ) from None
            raise LedgerError(
                f"{self.path} cannot be used ({text})",
                "",
                "Choose another file with IPYFOOTPRINT_LEDGER.",
            ) from None
