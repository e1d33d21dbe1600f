"""The pipeline of a session: edges from the meter, shares, impacts, rows in the ledger.

The only place where the meter, attribution, impact, grid, probes and ledger meet. A run is
journalled before its cell executes, closed when its counters have settled (or a second
after its end), and never edited. Time between runs goes through the same two steps into
the session's one gap row, so that runs and gap add up to the meter's session.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from ipyfootprint import probes
from ipyfootprint.accounting import Accountant, GapSum
from ipyfootprint.errors import FootprintError, LedgerError
from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.base import Ledger
from ipyfootprint.meter import Edge, Meter
from ipyfootprint.model import Gap, PowerTrace, Run, Session, Status, Window

SETTLE_WITHIN_S = 1.0  # then a run is closed with what is known, its bounds saying how well
LEAST_AT_ONCE = 32  # spans settled in a round where cells come faster than they can be closed
Event = Literal["started", "progress", "ended", "settled"]
T = TypeVar("T")
Listener = Callable[[Event, Run], None]


@dataclass(slots=True)
class Span:
    """A stretch of time between two edges: of a run, or of the gap before one."""

    start: Edge
    run: Run | None
    began_at: float
    end: Edge | None = None
    ended_at: float = 0.0
    inner: bool = False
    work: probes.Mark | None = None
    known: dict[str, Any] = field(default_factory=dict)  # what its end says of the run
    accountant: Accountant | None = None  # as at its end: a setting changed later is for later runs


class Tracker:
    """One session of metered runs.

    Args:
        session: the session's row, already complete.
        meter: what gives edges and windows.
        ledger: where rows go; its errors become notices, never exceptions.
        accountant: turns a window into a run's energy and impacts.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        session: Session,
        meter: Meter,
        ledger: Ledger,
        accountant: Accountant,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session, self.meter, self.ledger = session, meter, ledger
        self.accountant = accountant
        self.notices: list[FootprintError] = []
        self.listeners: list[Listener] = []
        self._clock = clock
        self._number = 0
        self._lock = threading.RLock()
        # Both in the order of their ends; the hooks only append, so that they wait for nobody.
        self._pending: deque[Span] = deque()
        self._untold: deque[Span] = deque()
        self._current: Span | None = None
        self._gap = GapSum(session.session_id)
        # Closed runs that the ledger could not take (a full disk): tried again at the end.
        self._unkept: dict[str, tuple[Run, PowerTrace | None]] = {}
        self._closed = False
        self.pid = os.getpid()
        self._edge = meter.mark()
        self.kept(lambda: ledger.open_session(session))

    def begin(self, run: Run) -> Span:
        """Journal a run and take its first edge; nothing here waits for a sensor.

        A run inside another is part of it: it is measured and not recorded.
        """
        if self._current is not None:
            return Span(self.meter.mark(), run, self._clock(), inner=True)
        if self.ledger.is_durable:
            self.kept(lambda: self.ledger.begin(run))
        now = self._clock()
        span = Span(self._edge, run, now, work=probes.start())
        before, self._current = self._edge, span
        span.start = self._edge = self.meter.begin(run)
        self._pending.append(Span(before, None, now, span.start, now))
        self._tell("started", run)
        return span

    def end(self, span: Span, status: Status, **work: Any) -> Run:
        """Take a run's last edge; returns it as well as it is known at this moment.

        Args:
            span: what `begin` returned.
            status: how the cell ended.
            work: fields that are known only now (work_units, metric and so on).
        """
        self.end_unseen(span, status, **work)
        self._tell_ends()
        return self._measured(span) if span.inner else span.run or self._measured(span)

    def end_unseen(self, span: Span, status: Status, **work: Any) -> None:
        """Take a run's last edge only: whoever settles works it out and tells of its end."""
        span.accountant = self.accountant
        if span.inner:
            span.end = self.meter.mark()
            span.known = {"status": status, **work}
            return
        span.end = self._edge = self.meter.end(status)
        span.ended_at = self._clock()
        if self._current is span:
            self._current = None
        span.known = {"status": status, **self._counted(span), **work}
        self._pending.append(span)
        self._untold.append(span)

    def elapsed_s(self, span: Span) -> float:
        """Seconds since a span began."""
        return self._clock() - span.began_at

    def new_run(self, **known: Any) -> Run:
        """A run of this session that is about to start; numbers count from 1."""
        # A run inside another is part of it and takes no number of its own.
        self._number += self._current is None
        now = datetime.now(UTC)
        return Run(
            run_id=uuid7(),
            session_id=self.session.session_id,
            user_id=self.session.user_id,
            project=self.session.project,
            started_at=now,
            number=self._number,
            **self.accountant.known_before(now),
            **{name: keepable(value) for name, value in known.items()},
        )

    def settle(self, most: int | None = None) -> bool:
        """Close what has settled or waited long enough; True while anything is left.

        Args:
            most: how many spans at once; None: all.
        """
        self._tell_ends()
        while most is None or most > 0:
            if not self._settle_next():
                break
            most = None if most is None else most - 1
        return bool(self._pending)

    def settle_some(self) -> bool:
        """Close some of what has settled: of a long backlog an eighth, to leave the cells room."""
        return self.settle(max(LEAST_AT_ONCE, len(self._pending) // 8))

    def _settle_next(self) -> bool:
        """Close the oldest span if its time has come: what ended later settles later."""
        with self._lock:
            if not self._pending:
                return False
            span = self._pending[0]
            window = self._window(span)
            if not window.settled and self._clock() - span.ended_at < SETTLE_WITHIN_S:
                return False
            self._pending.popleft()
            if span.run is None:
                self._gap.add(window, self.accountant.shares(window))
            else:
                self._close_run(span, window)
            return True

    def _tell_ends(self) -> None:
        """Measure the runs that have ended and tell of each, in order."""
        with self._lock:
            while self._untold:
                span = self._untold.popleft()
                span.run = self._measured(span)
                self._tell("ended", span.run)

    def current(self) -> Run | None:
        """The running run as known so far, or None between runs."""
        with self._lock:
            span = self._current
            return self._measured(span) if span else None

    @property
    def unsettled(self) -> bool:
        """Whether an ended run or gap still waits for its counters."""
        return bool(self._pending)

    @property
    def watched(self) -> bool:
        """Whether a run is under way that a listener wants to follow."""
        return self._current is not None and len(self.listeners) > 1

    def tell_progress(self) -> None:
        """Tell the listeners what the running cell has used so far."""
        if self.watched and (run := self.current()) is not None:
            self._tell("progress", run)

    def trace(self) -> PowerTrace | None:
        """Power over the running run so far, or None."""
        with self._lock:
            span = self._current
            return self._window(span).trace if span else None

    def runs(self) -> list[Run]:
        """The session's runs, oldest first, each as well settled as its counters allow now."""
        with self._lock:
            self.settle()
            open_spans = [*self._pending, *([self._current] if self._current else [])]
            known = {span.run.run_id: self._measured(span) for span in open_spans if span.run}
            rows = self.kept(lambda: self.ledger.runs(self.session.session_id)) or ()
            unkept = {run_id: run for run_id, (run, _) in self._unkept.items()}
            merged = {run.run_id: run for run in rows} | unkept | known
            return sorted(merged.values(), key=lambda run: run.number)

    def gap(self) -> Gap:
        """The time between runs so far; what has not settled is not in it yet."""
        with self._lock:
            self.settle()
            return self._gap.row()

    def close(self) -> None:
        """Close every run and the meter; harmless when called twice."""
        with self._lock:
            # A forked child inherits this object; the session is its parent's to close.
            if self._closed or os.getpid() != self.pid:
                return
            self._closed = True
            if self._current:
                self.end(self._current, "lost")
            now = self._clock()
            self._pending.append(Span(self._edge, None, now, self.meter.mark(), now))
            for span in self._pending:
                span.ended_at = float("-inf")
            self.settle()
            for run, trace in self._unkept.values():
                self._keep(run, trace)
            self.kept(lambda: self.ledger.save_gap(self._gap.row()))
            self.meter.close()
            self.kept(self.ledger.close)

    def _window(self, span: Span) -> Window:
        return self.meter.window(span.start, span.end or self.meter.mark())

    def _measured(self, span: Span) -> Run:
        assert span.run is not None
        accountant = span.accountant or self.accountant
        return accountant.measured(span.run, self._window(span), **span.known)

    def _close_run(self, span: Span, window: Window) -> None:
        assert span.run is not None
        run = (span.accountant or self.accountant).measured(span.run, window, **span.known)
        trace: PowerTrace | None = window.trace
        if not self._keep(run, trace):
            self._unkept[run.run_id] = run, trace
        self._tell("settled", run)

    def _keep(self, run: Run, trace: PowerTrace | None) -> bool:
        """Close a run in the ledger; False where that cannot be written now."""

        def write() -> bool:
            self.ledger.close_run(run, trace, self._gap.row())
            return True

        return self.kept(write) is not None

    def _counted(self, span: Span) -> dict[str, Any]:
        """Work and outcome that the user's libraries or the user declared."""
        for note in probes.notes():
            self.notice(FootprintError(note.removesuffix(".")))
        found: dict[str, Any] = {}
        if (done := probes.take(span.work)) is not None:
            found |= {"work_units": done.units, "work_kind": keepable(done.kind)}
            if done.kind == probes.STEPS:
                found["parameters"] = probes.parameters()
        if (outcome := probes.declared_metric()) is not None:
            found |= {"metric_name": keepable(outcome[0]), "metric": outcome[1]}
        return found

    def kept(self, write: Callable[[], T]) -> T | None:
        """What the ledger answers; None, and a notice once a cause, where it cannot."""
        try:
            return write()
        except LedgerError as error:
            instead = error.instead or "metering goes on, with what it cannot keep in memory only"
            self.notice(type(error)(error.what, instead, error.remedy))
        except FootprintError as error:
            self.notice(error)
        return None

    def notice(self, error: FootprintError) -> None:
        """Remember a problem once a cause; the Jupyter edge shows it with the next line."""
        if all(str(error) != str(known) for known in self.notices):
            self.notices.append(error)

    def _tell(self, event: Event, run: Run) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(event, run)
            except Exception as error:
                self.listeners.remove(listener)
                self.notice(
                    FootprintError(f"A listener failed ({error!r})", "it is no longer called")
                )


def status_from(error: BaseException | None) -> Status:
    """How a run ended, from the exception that left it."""
    if error is None:
        return "ok"
    # Only who awaits can be cancelled; a script without asyncio is spared its import.
    asyncio = sys.modules.get("asyncio")
    cancelled = () if asyncio is None else (asyncio.CancelledError,)
    return "interrupted" if isinstance(error, (KeyboardInterrupt, *cancelled)) else "error"


def keepable(value: Any) -> Any:
    """A text as any file can hold it: half a character, which none can, becomes "?"."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    return value
