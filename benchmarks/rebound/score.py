"""What a detector is worth on labelled sessions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from generate import Labelled

from ipyfootprint.model import Finding
from ipyfootprint.rebound.detect import Detector

LEAST_REBOUND = 0.25
LARGE_RUN_J = 1000.0

Watch = Callable[[Labelled], tuple[list[Finding], float | None, tuple[float, float] | None]]


def watch(session: Labelled) -> tuple[list[Finding], float | None, tuple[float, float] | None]:
    """Findings, R at the end and its interval, by our own detector."""
    detector = Detector()
    found = [f for run in session.runs if (f := detector.feed(run))]
    rebounds = [r for r in detector.rebounds() if r.lineage.endswith("main")]
    if not rebounds:
        return found, None, None
    last = rebounds[0]
    return found, last.rebound, (last.low, last.high)


@dataclass
class Tally:
    """Counts over the sessions of one kind."""

    sessions: int = 0
    warned: int = 0
    right_kind: int = 0
    noticed: int = 0
    early: int = 0
    warn_delays: list[int] = field(default_factory=list)
    notice_delays: list[int] = field(default_factory=list)
    alert_errors: list[float] = field(default_factory=list)
    end_errors: list[float] = field(default_factory=list)
    alert_covered: list[bool] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    active_h: float = 0.0
    alarms: int = 0
    notices: int = 0

    @property
    def recall(self) -> float:
        return self.warned / self.sessions if self.sessions else math.nan


def delay(session: Labelled, finding: Finding) -> int:
    """Real runs (>= 1 kJ) of the lineage from the gain up to the finding."""
    start = session.gain_index or 0
    return sum(
        run.energy_j >= LARGE_RUN_J and run.ok and run.lineage == finding.lineage
        for run in session.runs[start : finding.run + 1]
    )


def score(sessions: Iterable[Labelled], watch: Watch = watch) -> dict[str, Tally]:
    """A tally per kind; benign sessions under their family's name."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for session in sessions:
        found, at_end, interval = watch(session)
        if session.benign:
            tally = tallies[session.family]
            tally.sessions += 1
            tally.active_h += session.active_h
            tally.alarms += sum(f.level == "warn" for f in found)
            tally.notices += sum(f.level == "notice" for f in found)
            continue
        truth = session.rebound
        if truth is not None and truth < LEAST_REBOUND:
            continue
        tally = tallies[session.kind]
        tally.sessions += 1
        start = session.gain_index
        if start is not None:
            tally.early += sum(f.run < start for f in found)
            found = [f for f in found if f.run >= start]
        warns = [f for f in found if f.level == "warn"]
        if warns:
            tally.warned += 1
            tally.right_kind += any(f.kind == session.kind for f in warns)
            tally.warn_delays.append(delay(session, warns[0]))
        if found:
            tally.noticed += 1
            tally.notice_delays.append(delay(session, found[0]))
        if truth is None or not warns:
            continue
        if warns[0].rebound_pct is not None:
            first = warns[0]
            tally.alert_errors.append(abs(first.rebound_pct - 100 * truth))
            tally.alert_covered.append(first.low_pct <= 100 * truth <= first.high_pct)
        if at_end is not None and interval is not None:
            tally.end_errors.append(100 * abs(at_end - truth))
            tally.covered.append(interval[0] <= truth <= interval[1])
    return dict(tallies)


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson mean (Garwood 1936), by bisection."""

    def below(mean: float, k: int) -> float:
        term = total = math.exp(-mean)
        for i in range(1, k + 1):
            term *= mean / i
            total += term
        return total

    def solve(k: int, p: float) -> float:
        low, high = 0.0, 10.0 + 3 * k + 10 * math.sqrt(k + 1)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, k) > p else (low, middle)
        return (low + high) / 2

    return (solve(count - 1, 0.975) if count else 0.0), solve(count, 0.025)


def typical(values: list[float] | list[int]) -> float:
    """The median, or nan of nothing."""
    return median(values) if values else math.nan
