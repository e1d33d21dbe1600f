"""The rebound detector beside a session: it hears every run and keeps what it finds."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Finding, Run
from ipyfootprint.tracker import Event, Tracker

if TYPE_CHECKING:
    from ipyfootprint.rebound.detect import Answer, Detector
    from ipyfootprint.rebound.plans import Plan

ANSWERS: tuple[Answer, ...] = ("planned", "snooze", "not-rebound", "budget")


class Watch:
    """Findings of one session, in the order in which they were made.

    Args:
        tracker: whose runs are watched; findings and answers go to its ledger.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._untold: list[Finding] = []
        tracker.listeners.append(self.hear)

    @cached_property
    def detector(self) -> Detector:
        """What watches; made, and its modules imported, with the first run."""
        from ipyfootprint.rebound.detect import Detector

        earlier = self._tracker.kept(self._tracker.ledger.findings) or ()
        return Detector(timezone=None, earlier=earlier)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, oldest first, with the answers given."""
        return tuple(self.detector.findings)

    def hear(self, event: Event, run: Run) -> None:
        """Take a run at its end; its energy may still move a little within its bounds."""
        if event != "ended":
            return
        from ipyfootprint.rebound.observation import Observation

        seen = Observation.from_run(run, run.number - 1)
        if seen is None:
            return
        finding = self.detector.feed(seen)
        if finding is not None:
            self._untold.append(finding)
            self._tracker.kept(lambda: self._tracker.ledger.add_finding(finding))

    def take(self) -> list[Finding]:
        """Findings that have not been shown yet; each is handed out once."""
        taken, self._untold = self._untold, []
        return taken

    def answer(
        self, answer: str, finding_id: str | None = None, amount: str | None = None
    ) -> Finding:
        """Keep what the person says of a finding (the newest), and follow it from now on.

        Args:
            answer: one of ANSWERS.
            finding_id: which finding.
            amount: of a budget, as typed: "500 Wh".

        Raises:
            ConfigError: no such answer, or nothing to answer.
        """
        if answer not in ANSWERS:
            raise ConfigError(
                f"{answer!r} is not an answer", "nothing was changed", f"Type {', '.join(ANSWERS)}."
            )
        known = {finding.finding_id: finding for finding in self.findings}
        wanted = finding_id or next(reversed(known), None)
        if wanted not in known:
            raise ConfigError("There is no such finding", "nothing was changed", "")
        finding = self.detector.answer(wanted, answer)
        self._tracker.kept(lambda: self._tracker.ledger.add_finding(finding))
        return finding

    def plan(self, runs: int | None = None, energy_j: float | None = None) -> Plan:
        """Announce work: it is no evidence of a rebound until 120 % of it is used."""
        return self.detector.plan(runs=runs, energy_j=energy_j)
