"""A session's budget: what its period has used, and what the next cell is likely to take."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo

from ipyfootprint.model import Estimate, Run
from ipyfootprint.rebound.budget import Budget, Usage, passes, usage
from ipyfootprint.tracker import Event, Tracker
from ipyfootprint.words import WORDS, counted, say

LAST = 9  # runs of a lineage that are kept at hand
REFRESH_S = 60.0  # how often the ledger is asked what other sessions have used
TOO_SMALL = 0.001  # of a budget: a cell that takes less is not worth a word


def _utc() -> datetime:
    return datetime.now(UTC)


class BudgetWatch:
    """Keeps one budget beside a session.

    Own runs are added up as they end; the ledger is asked for those of other sessions when they
    are first needed and then once a minute, from the thread that settles runs.

    Args:
        tracker: whose runs are counted.
        budget: the budget in force, or None.
        now: the present moment, aware UTC.
        clock: seconds, monotonic.
        zone: in which days and weeks begin; None for the machine's own.
    """

    def __init__(
        self,
        tracker: Tracker,
        budget: Budget | None = None,
        *,
        now: Callable[[], datetime] = _utc,
        clock: Callable[[], float] = time.monotonic,
        zone: tzinfo | None = None,
    ) -> None:
        self._tracker, self._now, self._clock, self._zone = tracker, now, clock, zone
        self._lately: dict[str, deque[Run]] = defaultdict(lambda: deque(maxlen=LAST))
        self._earlier: dict[str, Sequence[Run]] = {}
        self._told = 0.0  # the largest fraction that was spoken of
        self.budget: Budget | None = None
        self.set(budget)
        tracker.listeners.append(self.hear)

    def set(self, budget: Budget | None) -> None:
        """Put a budget in force; its period counts from its own beginning, not from now."""
        self.budget = budget
        self.set_at = self._now() if budget else None
        self._told = 0.0
        self._own: dict[str, Estimate | None] = {}
        self._sum = (0.0, 0.0, 0.0)
        self._others: Usage | None = None
        if budget is None:
            return
        self._since = budget.since(self._now(), self._tracker.session.started_at, self._zone)
        for run in self._tracker.runs():
            self._add(run)
        self._asked_at = -math.inf

    def hear(self, event: Event, run: Run) -> None:
        """Take a run at its end, and again once it has settled."""
        if event not in ("ended", "settled"):
            return
        rows = self._lately[run.lineage or ""]
        if rows and rows[-1].run_id == run.run_id:
            rows.pop()
        rows.append(run)
        if self.budget is None:
            return
        self._roll_over()
        self._add(run)
        if event == "settled" and self._clock() - self._asked_at >= REFRESH_S:
            self._refresh()

    def usage(self) -> Usage | None:
        """What the present period has used; None without a budget."""
        if self.budget is None:
            return None
        self._roll_over()
        if self._asked_at == -math.inf:
            self._refresh()
        known = [amount for amount in self._own.values() if amount is not None]
        mid, low, high = self._sum
        used = Estimate(mid, min(low, mid), max(high, mid)) if known else None
        unknown, runs = len(self._own) - len(known), len(known)
        if self._others is not None:
            unknown, runs = unknown + self._others.unknown, runs + self._others.runs
            if self._others.used is not None:
                used = used + self._others.used if used else self._others.used
        return Usage(self.budget, used, unknown, runs)

    def predict(self, lineage: str, config_hash: str | None) -> tuple[Estimate, int] | None:
        """What a run about to start is likely to take from the budget, and by how many runs."""
        budget = self.budget
        if budget is None:
            return None
        from ipyfootprint.rebound.forecast import from_history, like

        if not self._earlier.get(lineage):
            kept = self._tracker.kept(
                lambda: self._tracker.ledger.runs(lineage=lineage, limit=3 * LAST)
            )
            self._earlier[lineage] = kept or ()
        rows = {row.run_id: row for row in self._earlier[lineage]}
        rows |= {row.run_id: row for row in self._lately.get(lineage, ())}
        earlier = like(list(rows.values()), config_hash)
        amounts = [amount for row in earlier if (amount := budget.of(row)) is not None]
        found = from_history(amounts)
        return (found, len(amounts)) if found else None

    def before(self, lineage: str, config_hash: str | None) -> str | None:
        """What to say (or ask) before a cell that would pass the budget; else None."""
        expected = self.predict(lineage, config_hash)
        if expected is None or (now := self.usage()) is None:
            return None
        amount, count = expected
        limit = now.budget.amount
        if amount.mid < TOO_SMALL * limit.value or not passes(now, amount):
            return None
        return counted(
            "budget_before",
            count,
            amount=now.budget.text(amount),
            left=now.budget.text(now.left) if now.left > 0 else WORDS["nothing"],
            limit=limit,
            period=WORDS[f"per_{now.budget.period}"],
        )

    def after(self, run: Run, shown: bool) -> str | None:
        """What to say with a run near the limit: with each that is shown, and at each crossing."""
        now = self.usage()
        if now is None or not now.near:
            return None
        passed = now.fraction >= 1
        crossing = self._told < (1.0 if passed else 0.8)
        self._told = max(self._told, min(now.fraction, 1.0))
        if not (shown or crossing):
            return None
        return say("budget_passed" if passed else "budget_nearly", usage=now)

    def _roll_over(self) -> None:
        """Begin again where a new day or week has begun."""
        if self.budget is None:
            return
        start = self.budget.since(self._now(), self._tracker.session.started_at, self._zone)
        if start != self._since:
            set_at = self.set_at
            self.set(self.budget)
            self.set_at = set_at

    def _add(self, run: Run) -> None:
        assert self.budget is not None
        if run.started_at < self._since or run.status == "started":
            return
        amount = self.budget.of(run)
        old = self._own.get(run.run_id)
        self._own[run.run_id] = amount
        for part, sign in ((old, -1), (amount, 1)):
            if part is not None:
                mid, low, high = self._sum
                self._sum = (
                    mid + sign * part.mid,
                    low + sign * part.low,
                    high + sign * part.high,
                )

    def _refresh(self) -> None:
        """Ask the ledger what the sessions beside and before this one have used."""
        self._asked_at = self._clock()
        budget = self.budget
        if budget is None or budget.period == "session":
            return
        rows: Iterable[Run] = (
            self._tracker.kept(lambda: self._tracker.ledger.runs(since=self._since)) or ()
        )
        mine = self._tracker.session.session_id
        self._others = usage(budget, (run for run in rows if run.session_id != mine))
