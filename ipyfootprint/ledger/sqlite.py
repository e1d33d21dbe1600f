"""The embedded ledger: one SQLite file, one commit a run."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ipyfootprint.errors import LedgerError
from ipyfootprint.ledger import rows
from ipyfootprint.ledger.records import Records
from ipyfootprint.ledger.rollups import ADD_CHANGE, ADD_GAP, ADD_RUN, TABLES
from ipyfootprint.ledger.sqlite_file import MEMORY, SqliteFile
from ipyfootprint.model import Finding, Gap, PowerTrace, Run, Session

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
_FORGOTTEN = (
    *("power_trace", "run_adjust", "finding", "gap", "run", "session", "hardware"),
    *TABLES,
)


class SqliteLedger(SqliteFile, Records):
    """A ledger in one file, or in memory.

    Other processes may use the same file at the same time.

    Args:
        path: the file, or ":memory:". Its folder must exist.

    Raises:
        LedgerNewer: the file was written by a newer version; it is left as it is.
        LedgerCorrupt: the file is no ledger, or is damaged; it is left as it is.
        LedgerError: the file cannot be opened or written.
    """

    _every_run = (
        f"SELECT {', '.join(f'r.{name}' for name in rows.RUN_COLUMNS)},"
        " (SELECT sum(d_energy_uj) FROM run_adjust a WHERE a.run_id = r.run_id)"
        " AS d_energy_uj, (SELECT sum(d_operational_ug) FROM run_adjust a"
        " WHERE a.run_id = r.run_id) AS d_operational_ug FROM run r"
    )

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.is_durable = path != MEMORY
        self._named: set[str] = set()

    def open_session(self, session: Session) -> None:
        """Keep a session's row; the same session again replaces nothing."""
        known = rows.session_row(session)
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
        known = rows.finding_row(finding)
        with self._write() as db:
            db.execute(
                f"INSERT INTO finding ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})"
                " ON CONFLICT (finding_id) DO UPDATE SET answer = excluded.answer,"
                " published_us = NULL",
                tuple(known.values()),
            )

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
        row = rows.gap_row(gap)
        energy = row["energy_uj"]
        growth = {
            "session_id": gap.session_id,
            "n_gap": int(energy is not None) - int(known is not None and known[2] is not None),
            "gap_us": row["duration_us"] - (known[1] if known else 0),
            "gap_uj": (energy or 0) - ((known[2] or 0) if known else 0),
        }
        for statement in ADD_GAP:
            db.execute(statement, growth)
        db.execute(
            "INSERT OR REPLACE INTO gap (session_id, duration_us, energy_uj, node_energy_uj,"
            " method) VALUES (:session_id, :duration_us, :energy_uj, :node_energy_uj, :method)",
            row,
        )
