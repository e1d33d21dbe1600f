"""What a ledger promises: every acknowledged run is kept, and a kept run is never edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ipyfootprint.model import Finding, Gap, PowerTrace, Run, Session


class Ledger(Protocol):
    """The record of sessions, runs, gaps and findings.

    Every method raises LedgerError (or a child of it) and nothing else. A run is written at
    most three times: `begin`, progress while it runs, `close_run`; later knowledge is added
    with `adjust`, and `runs` returns the sums.

    Attributes:
        is_durable: whether its rows outlive the process, so that a journal is of use.
    """

    is_durable: bool

    def open_session(self, session: Session) -> None:
        """Keep a session's row; the same session again replaces nothing."""

    def begin(self, run: Run) -> None:
        """Journal a run before its cell executes (status "started")."""

    def close_run(self, run: Run, trace: PowerTrace | None = None, gap: Gap | None = None) -> None:
        """Close a run with its trace, rollups and the session's gap row, in one transaction."""

    def save_gap(self, gap: Gap) -> None:
        """Replace the session's one gap row."""

    def adjust(
        self, run_id: str, *, energy_j: float = 0.0, operational_g: float = 0.0, reason: str
    ) -> None:
        """Add late energy or restated carbon to a closed run, as a row of its own."""

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding; the same finding_id again stores the new answer."""

    def sessions(self) -> Sequence[Session]:
        """All sessions, oldest first."""

    def runs(
        self,
        session_id: str | None = None,
        *,
        lineage: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Sequence[Run]:
        """Runs, oldest first, adjustments included; with `limit`, the newest so many."""

    def gap(self, session_id: str) -> Gap | None:
        """The session's gap row, or None."""

    def trace(self, run_id: str) -> PowerTrace | None:
        """The run's power trace, or None."""

    def findings(self, session_id: str | None = None) -> Sequence[Finding]:
        """Findings, oldest first."""

    def forget(self) -> int:
        """Delete everything; returns how many runs were deleted."""

    def close(self) -> None:
        """Flush and release; harmless when called twice."""
