"""The rows of the local ledger that a team's server has not acknowledged yet.

A hand of its own on the file, so that a kernel's writes never wait for this one's lock; its
transactions are short for the same reason. What is sent is marked only after the server has
acknowledged it: a crash in between sends it again, and the server keeps it once.
"""

from __future__ import annotations

import json
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipyfootprint.errors import LedgerError
from ipyfootprint.ids import user_id
from ipyfootprint.ledger.rows import RUN_COLUMNS

# column -> its values, one a row
Columns = Mapping[str, Sequence[Any]]

SENT_COLUMNS: dict[str, tuple[str, ...]] = {
    "hardware": ("hardware_id", "label"),
    "session": (
        *("session_id", "user_id", "project", "hardware_id", "started_us", "zone", "notebook"),
        *("pid", "boot_id", "hardware"),
    ),
    "run": (*RUN_COLUMNS, "fresh", "rerun"),
    "run_adjust": ("run_id", "adjust_id", "d_energy_uj", "d_operational_ug", "reason"),
    "gap": ("session_id", "duration_us", "energy_uj", "node_energy_uj", "method"),
    "finding": (
        *("finding_id", "session_id", "lineage", "run", "at_us", "level", "kind", "message"),
        *("rebound_pct", "low_pct", "high_pct", "wasted_j", "wasted_g", "answer", "label"),
    ),
}
# whether the lineage of a finding is a label that somebody typed
_LABEL = (
    "(SELECT label FROM run WHERE run.lineage = finding.lineage AND label = run.lineage LIMIT 1)"
)
_WAITING = {
    "run": "status <> 'started' AND published_us IS NULL",
    "run_adjust": "published_us IS NULL AND run_id IN (SELECT run_id FROM run"
    " WHERE published_us > 0)",
    "gap": "published_us IS NULL AND session_id IN (SELECT session_id FROM session)",
    "finding": "published_us IS NULL",
}
# what can go only once the runs that wait are there
_FOLLOWING = {
    "run_adjust": "published_us IS NULL AND run_id IN (SELECT run_id FROM run"
    " WHERE status <> 'started' AND (published_us IS NULL OR published_us > 0))",
}
# whose a row is, where a file is shared: nobody sends another's rows as their own
_OF = {
    "run": "user_id = '{user}'",
    "run_adjust": "run_id IN (SELECT run_id FROM run WHERE user_id = '{user}')",
    "gap": "session_id IN (SELECT session_id FROM session WHERE user_id = '{user}')",
    "finding": "session_id IN (SELECT session_id FROM session WHERE user_id = '{user}')",
}
# what tells one row from another, and one state of a growing row from the next
_IDENTITY = {
    "run": ("run_id",),
    "run_adjust": ("adjust_id",),
    "gap": ("session_id", "duration_us"),
    "finding": ("finding_id", "answer"),
}
_MARKED_AT_ONCE = 200
# made at the first use: a ledger without a team pays nothing for them
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS run_unsent ON run (run_id)"
    " WHERE published_us IS NULL AND status <> 'started'",
    "CREATE INDEX IF NOT EXISTS adjust_unsent ON run_adjust (adjust_id) WHERE published_us IS NULL",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that wait, by table, and what else they need on the server to stand on."""

    waiting: Mapping[str, Columns] = field(default_factory=dict)
    beside: Mapping[str, Columns] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(_length(columns) for columns in self.waiting.values())

    def halves(self) -> list[Batch]:
        """Two smaller batches of the same rows; one where there is only one row."""
        if len(self) < 2:
            return [self]
        if len(self.waiting) > 1:
            return [Batch({table: columns}, self.beside) for table, columns in self.waiting.items()]
        ((table, columns),) = self.waiting.items()
        middle = len(self) // 2
        parts = (slice(None, middle), slice(middle, None))
        return [
            Batch({table: {name: v[part] for name, v in columns.items()}}, self.beside)
            for part in parts
        ]


class Outbox:
    """What waits in one ledger file; of a shared one, what waits of the person who asks.

    Args:
        path: the file; it must exist.

    Raises:
        LedgerError: it cannot be opened or written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with self._translated():
            self._db = sqlite3.connect(
                f"{Path(path).absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=5.0,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.execute("PRAGMA synchronous = NORMAL")
            for statement in _INDEXES:
                self._db.execute(statement)
        self._of = {}
        if Path(path).stat().st_mode & stat.S_IWGRP:
            self._of = {table: whose.format(user=user_id()) for table, whose in _OF.items()}

    def take(self, limit: int = 1000, *, following: bool = False) -> Batch:
        """At most `limit` rows of each table that wait, the oldest first.

        Args:
            limit: rows of each table.
            following: with those that can go only once these are there.
        """
        waiting = {}
        conditions = _WAITING | (_FOLLOWING if following else {})
        with self._translated():
            for table, condition in conditions.items():
                mine = self._of.get(table, "true")
                columns = self._columns(
                    table,
                    f"WHERE {condition} AND {mine} ORDER BY {_IDENTITY[table][0]} LIMIT {limit:d}",
                )
                if _length(columns):
                    waiting[table] = columns
            sessions = {s for t in ("run", "gap") for s in waiting.get(t, {}).get("session_id", ())}
            machines = set(waiting.get("run", {}).get("hardware_id", ())) - {None}
            beside = {}
            for table, key, wanted in (
                ("hardware", "hardware_id", machines),
                ("session", "session_id", sessions),
            ):
                found = f"WHERE {key} IN (SELECT value FROM json_each(?)) ORDER BY {key}"
                columns = self._columns(table, found, (json.dumps(sorted(wanted)),))
                if _length(columns):
                    beside[table] = columns
        return Batch(waiting, beside)

    def mark(self, batch: Batch, *, refused: bool = False) -> None:
        """Take a batch out: the server has it, or has refused it for good."""
        now = time.time_ns() // 1000
        with self._translated():
            for table, columns in batch.waiting.items():
                identity = _IDENTITY[table]
                same = " AND ".join(f"{name} IS ?" for name in identity)
                keys = list(zip(*(columns[name] for name in identity), strict=True))
                for start in range(0, len(keys), _MARKED_AT_ONCE):
                    self._db.execute("BEGIN IMMEDIATE")
                    try:
                        self._db.executemany(
                            f"UPDATE {table} SET published_us = {-now if refused else now}"
                            f" WHERE {same}",
                            keys[start : start + _MARKED_AT_ONCE],
                        )
                    finally:
                        self._db.execute("COMMIT")

    def pending(self) -> int:
        """How many rows wait."""
        waiting = _WAITING | _FOLLOWING
        return sum(self._count(table, condition) for table, condition in waiting.items())

    def refused(self) -> int:
        """How many rows the server has refused for good."""
        return sum(self._count(table, "published_us < 0") for table in _WAITING)

    def remember(self, **known: str | None) -> None:
        """Keep words beside the rows, across processes; None takes one away."""
        with self._translated():
            for name, value in known.items():
                if value is None:
                    self._db.execute("DELETE FROM meta WHERE name = ?", (f"team.{name}",))
                else:
                    self._db.execute(
                        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"team.{name}", value)
                    )

    def recall(self, name: str) -> str | None:
        """What was kept under a name, or None."""
        with self._translated():
            row = self._db.execute(
                "SELECT value FROM meta WHERE name = ?", (f"team.{name}",)
            ).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Release the file; harmless when called twice."""
        self._db.close()

    def _columns(self, table: str, which: str, values: Sequence[object] = ()) -> Columns:
        names = SENT_COLUMNS[table]
        read = [_LABEL if (table, name) == ("finding", "label") else name for name in names]
        found = self._db.execute(f"SELECT {', '.join(read)} FROM {table} {which}", values)
        rows = found.fetchall()
        by_column = zip(*rows, strict=True) if rows else ([] for _ in names)
        return dict(zip(names, map(list, by_column), strict=True))

    def _count(self, table: str, condition: str) -> int:
        with self._translated():
            mine = self._of.get(table, "true")
            found = self._db.execute(f"SELECT count(*) FROM {table} WHERE {condition} AND {mine}")
            return int(found.fetchone()[0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(
                f"The rows that wait in {self.path} cannot be used ({error})",
                "they stay where they are",
                "Free disk space, or choose another file with IPYFOOTPRINT_LEDGER.",
            ) from None


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()), ()))
