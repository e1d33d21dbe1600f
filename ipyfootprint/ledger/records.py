"""What a ledger gives back, read by statements that SQLite and PostgreSQL answer alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from ipyfootprint.ledger import rows
from ipyfootprint.model import Finding, Gap, PowerTrace, Run, Session

_SESSIONS = f"SELECT {', '.join(rows.SESSION_COLUMNS)} FROM session ORDER BY started_us, session_id"
_FINDINGS = f"SELECT {', '.join(rows.FINDING_COLUMNS)} FROM finding"


class Records(ABC):
    """The reading half of a ledger.

    Attributes:
        _every_run: a SELECT `r` of RUN_COLUMNS and, after them, the sums of their adjustments.
    """

    _every_run: ClassVar[str]

    @abstractmethod
    def _read(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Any]:
        """The rows of a statement with `?` for each value; they read like mappings."""

    @staticmethod
    def _values(row: Any) -> Sequence[Any]:
        """A row's values in the order of its columns."""
        return tuple(row)

    def sessions(self) -> Sequence[Session]:
        """All sessions, oldest first."""
        return [rows.session_of(row) for row in self._read(_SESSIONS)]

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
        newest = "" if limit is None else f" LIMIT {limit:d}"
        found = self._read(
            f"{self._every_run}{where} ORDER BY r.started_us DESC, r.number DESC{newest}",
            tuple(asked.values()),
        )
        return [rows.run_of(self._values(row)) for row in reversed(found)]

    def gap(self, session_id: str) -> Gap | None:
        """The session's gap row, or None."""
        found = self._read("SELECT * FROM gap WHERE session_id = ?", (session_id,))
        return rows.gap_of(found[0]) if found else None

    def trace(self, run_id: str) -> PowerTrace | None:
        """The run's power trace, or None."""
        found = self._read("SELECT device, dt_ms, mw FROM power_trace WHERE run_id = ?", (run_id,))
        return rows.trace_of([(row["device"], row["dt_ms"], bytes(row["mw"])) for row in found])

    def findings(self, session_id: str | None = None) -> Sequence[Finding]:
        """Findings, oldest first."""
        asked = () if session_id is None else (session_id,)
        where = " WHERE session_id = ?" if asked else ""
        found = self._read(f"{_FINDINGS}{where} ORDER BY at_us, finding_id", asked)
        return [rows.finding_of(row) for row in found]
