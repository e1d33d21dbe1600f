"""What a detector told, against what is true: counts per kind and their intervals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.rebound.peers import Told, Watch
from benchmarks.rebound.world import Labelled

LEAST_REBOUND = 0.25  # sessions with less are neither a miss nor a false alarm
LARGE_RUN_J = 1000.0


@dataclass
class Tally:
    """Counts over sessions of one kind, or of one benign family.

    Delays are in runs of at least 1 kJ from the gain on; errors in points of R; `covered` are
    the intervals that hold the realised R. `early` were told before there was a gain.
    """

    sessions: int = 0
    warned: int = 0
    right_kind: int = 0
    early: int = 0
    early_notices: int = 0
    warn_delays: list[int] = field(default_factory=list)
    notice_delays: list[int] = field(default_factory=list)
    alert_errors: list[float] = field(default_factory=list)
    end_errors: list[float] = field(default_factory=list)
    alert_covered: list[bool] = field(default_factory=list)
    end_covered: list[bool] = field(default_factory=list)
    active_h: float = 0.0
    alarms: int = 0
    notices: int = 0

    @property
    def recall(self) -> float:
        """Sessions that were warned of, of all."""
        return self.warned / self.sessions if self.sessions else math.nan

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them as one."""
    return sum(tallies, Tally())


def score(sessions: Iterable[Labelled], watch: Watch) -> dict[str, Tally]:
    """A tally per kind; benign sessions under their family's name."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for session in sessions:
        watched = watch(session)
        if session.benign:
            tally = tallies[session.family]
            tally.sessions += 1
            tally.active_h += session.active_h
            tally.alarms += sum(told.level == "warn" for told in watched.told)
            tally.notices += sum(told.level == "notice" for told in watched.told)
            if session.gain_index is not None:
                _count_early(tally, watched.told, session.gain_index)
            continue
        truth = session.rebound
        if truth is not None and truth < LEAST_REBOUND:
            continue
        tally = tallies[session.kind]
        told = _count(tally, session, watched.told)
        warns = [t for t in told if t.level == "warn"]
        if truth is None or not warns:
            continue
        first = warns[0]
        if first.rebound is not None:
            tally.alert_errors.append(100 * abs(first.rebound - truth))
        if first.interval is not None:
            tally.alert_covered.append(first.interval[0] <= truth <= first.interval[1])
        if watched.rebound is not None and watched.interval is not None:
            tally.end_errors.append(100 * abs(watched.rebound - truth))
            tally.end_covered.append(watched.interval[0] <= truth <= watched.interval[1])
    return dict(tallies)


def _count(tally: Tally, session: Labelled, told: Sequence[Told]) -> list[Told]:
    """Count a growing session; returns what was told from the gain on."""
    tally.sessions += 1
    tally.active_h += session.active_h
    start = session.gain_index or 0
    _count_early(tally, told, start)
    after = [t for t in told if t.run >= start]
    warns = [t for t in after if t.level == "warn"]
    if warns:
        tally.warned += 1
        tally.right_kind += warns[-1].kind == session.kind
        tally.warn_delays.append(_delay(session, start, warns[0].run))
    if after:
        tally.notice_delays.append(_delay(session, start, after[0].run))
    return after


def _count_early(tally: Tally, told: Sequence[Told], start: int) -> None:
    early = [t.level for t in told if t.run < start]
    tally.early += early.count("warn")
    tally.early_notices += early.count("notice")


def _delay(session: Labelled, start: int, run: int) -> int:
    lineage = session.runs[run].lineage
    return sum(
        r.energy_j >= LARGE_RUN_J and r.ok and r.lineage == lineage
        for r in session.runs[start : run + 1]
    )


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson mean (Garwood, Biometrika 28, 1936), by bisection."""

    def below(mean: float, k: int) -> float:
        if mean <= 0:
            return 1.0
        # in logarithms, for e^-mean alone is 0 from 745 on
        return sum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))

    def solve(k: int, p: float) -> float:
        low, high = 0.0, 10.0 + 3 * k + 10 * math.sqrt(k + 1)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, k) > p else (low, middle)
        return (low + high) / 2

    return (solve(count - 1, 0.975) if count else 0.0), solve(count, 0.025)


def binomial_interval(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, JASA 22, 1927)."""
    if not of:
        return 0.0, 1.0
    z = 1.96
    p, n = count / of, of
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def typical(values: Sequence[float]) -> float:
    """The median, or nan of nothing."""
    return median(values) if values else math.nan


def share(flags: Sequence[bool]) -> float:
    """How many are true, of all."""
    return sum(flags) / len(flags) if flags else math.nan
