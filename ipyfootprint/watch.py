"""The rebound detector beside a session: it hears every run and keeps what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Finding, Run
from ipyfootprint.tracker import Event, Tracker

if TYPE_CHECKING:
    from ipyfootprint.rebound.detect import Answer, Detector
    from ipyfootprint.rebound.plans import Plan

WASTE_J = 3600.0
ANSWERS: tuple[Answer, ...] = ("planned", "snooze", "not-rebound", "budget")


class Watch:
    """Findings of one session, in the order in which they were made.

    Args:
        tracker: whose runs are watched; findings and answers go to its ledger.
        waste_j: a rebound that used up less is not told, in J.
    """

    def __init__(self, tracker: Tracker, waste_j: float = WASTE_J) -> None:
        self._tracker = tracker
        self._waste_j = waste_j
        self._earlier: Sequence[Finding] = ()
        self._untold: list[Finding] = []
        self._heard = 0  # the number of the newest run that has ended
        self._plans: list[tuple[int, Plan]] = []  # each with the run that it was made after
        tracker.listeners.append(self.hear)

    @cached_property
    def detector(self) -> Detector:
        """What watches; made, and its modules imported, with the first run."""
        from ipyfootprint.rebound.detect import LEAST_RUN_J, Detector

        self._earlier = self._earlier or self._tracker.kept(self._tracker.ledger.findings) or ()
        return Detector(
            timezone=None,
            earlier=self._earlier,
            least_waste_j=self._waste_j,
            least_run_j=self._waste_j * LEAST_RUN_J / WASTE_J,
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, oldest first, with the answers given."""
        return tuple(self.detector.findings)

    def hear(self, event: Event, run: Run) -> None:
        """Take a run at its end; its energy may still move a little within its bounds."""
        if event != "ended":
            return
        self._heard = run.number
        from ipyfootprint.rebound.observation import Observation

        seen = Observation.from_run(run, run.number - 1)
        if seen is None:
            return
        finding = self.detector.feed(seen)
        if finding is not None:
            self._found(finding)

    def ask(self, waste_j: float) -> None:
        """Tell rebounds from another amount of waste on, in J: over the session so far too."""
        from ipyfootprint.rebound.observation import Observation

        known = {finding.finding_id: finding for finding in self.findings}
        self._waste_j = waste_j
        del self.detector
        made, self._plans = self._plans, []
        for run in self._tracker.runs():
            while made and made[0][0] < run.number:
                self._announce(*made.pop(0))
            seen = Observation.from_run(run, run.number - 1)
            finding = self.detector.feed(seen) if seen else None
            if finding is None:
                continue
            told = known.get(finding.finding_id)
            if told is None:
                self._found(finding)
            elif told.answer is not None:
                self.detector.answer(finding.finding_id, told.answer)
        for each in made:
            self._announce(*each)

    def take(self) -> list[Finding]:
        """Findings that have not been shown yet; each is handed out once."""
        taken, self._untold = self._untold, []
        return taken

    def answer(self, answer: str, finding_id: str | None = None) -> Finding:
        """Keep what the person says of a finding (the newest), and follow it from now on.

        Args:
            answer: one of ANSWERS.
            finding_id: which finding.

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
            raise ConfigError(
                "There is no such finding" if finding_id else "Nothing has been found yet",
                "nothing was changed",
                "%footprint rebound shows what was found.",
            )
        finding = self.detector.answer(wanted, answer)
        self._tracker.kept(lambda: self._tracker.ledger.add_finding(finding))
        return finding

    def plan(
        self, runs: int | None = None, energy_j: float | None = None, lineage: str | None = None
    ) -> Plan:
        """Announce work: it is no evidence of a rebound until 120 % of it is used."""
        from ipyfootprint.rebound.plans import Plan

        return self._announce(self._heard, Plan(runs, energy_j, lineage))

    def _announce(self, after: int, plan: Plan) -> Plan:
        """Let the detector count the runs from now on towards this plan."""
        made = self.detector.plan(runs=plan.runs, energy_j=plan.energy_j, lineage=plan.lineage)
        self._plans.append((after, made))
        return made

    def planned(self, lineage: str) -> int | None:
        """Runs that a plan in force announced for an experiment, to be kept with each run."""
        if not self._plans:
            return None
        from ipyfootprint.rebound.plans import OVERRUN

        covering = [
            plan
            for _, plan in self._plans
            if plan.runs and plan.lineage in (None, lineage) and plan.progress < OVERRUN
        ]
        return covering[-1].runs if covering else None

    def _found(self, finding: Finding) -> None:
        self._untold.append(finding)
        self._tracker.kept(lambda: self._tracker.ledger.add_finding(finding))
