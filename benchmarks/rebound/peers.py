"""Detectors on the same sessions: ours, a naive one, and a change-point library.

Each takes a session and returns what it told. The peers' thresholds were set by hand, not
searched on the tuning seeds as ours were: a search might do better by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.rebound.world import Labelled
from ipyfootprint.rebound.detect import Detector

DOUBLING_RUNS = 10
DOUBLING_GROWTH = 2.0
PENALTY = 1.2  # of the change-point search, on values of unit noise times ln n
LEAST_RUN_J = 1000.0
LONGEST_GAP_S = 600.0


@dataclass(frozen=True, slots=True)
class Told:
    """One finding: at which run, how loud, which kind, and R with its interval (fractions)."""

    run: int
    level: str
    kind: str | None = None
    rebound: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a detector told of a session, and R with its interval at the end."""

    told: list[Told] = field(default_factory=list)
    rebound: float | None = None
    interval: tuple[float, float] | None = None


Watch = Callable[[Labelled], Watched]


def ours(session: Labelled) -> Watched:
    """ipyfootprint's detector, fed run by run."""
    detector = Detector()
    told = []
    for run in session.runs:
        found = detector.feed(run)
        if found is None:
            continue
        interval = None
        if found.low_pct is not None and found.high_pct is not None:
            interval = found.low_pct / 100, found.high_pct / 100
        rebound = None if found.rebound_pct is None else found.rebound_pct / 100
        told.append(Told(found.run, found.level, found.kind, rebound, interval))
    last = next((r for r in detector.rebounds() if r.lineage.endswith("main")), None)
    if last is None:
        return Watched(told)
    return Watched(told, last.shown, (last.low, last.high))


def doubling(session: Labelled) -> Watched:
    """Warns once work per active hour over ten runs is twice that of all runs before."""
    work = [0.0]
    active_s = [0.0]
    for run, work_done, seconds in _large_runs(session):
        work.append(work[-1] + (work_done or 1.0))
        active_s.append(active_s[-1] + seconds)
        split = len(work) - 1 - DOUBLING_RUNS
        if split < 5:
            continue
        before = work[split] / active_s[split]
        after = (work[-1] - work[split]) / (active_s[-1] - active_s[split])
        if after >= DOUBLING_GROWTH * before:
            return Watched([Told(run, "warn")])
    return Watched()


def change_points(session: Labelled) -> Watched:
    """ruptures: the cost of work fell at the last change, and R of the segments is 20 % or more.

    A kernel change-point search over (ln energy per work, ln energy per active interval),
    again at every run.
    """
    import numpy
    from ruptures import KernelCPD

    rows: list[tuple[float, float]] = []
    for run, work, seconds in _large_runs(session):
        energy_j = session.runs[run].energy_j
        rows.append((math.log(energy_j / (work or 1.0)), math.log(energy_j / seconds)))
        if len(rows) < 10:
            continue
        signal = numpy.array(rows[-60:])
        noise = numpy.abs(numpy.diff(signal, axis=0))
        scale = numpy.maximum(numpy.median(noise, axis=0) / 0.954, 0.03)
        search = KernelCPD(kernel="linear", min_size=4).fit(signal / scale)
        ends = search.predict(pen=PENALTY * signal.shape[1] * math.log(len(signal)))
        if len(ends) < 2:
            continue
        split = ends[-2]
        start = ends[-3] if len(ends) > 2 else 0
        before, after = signal[start:split].mean(axis=0), signal[split:].mean(axis=0)
        rho = math.exp(after[0] - before[0])
        if rho > 0.88:
            continue
        rebound = 1 - (1 - math.exp(after[1] - before[1])) / (1 - rho)
        if rebound >= 0.2 and len(signal) - split >= 8:
            return Watched([Told(run, "warn", rebound=rebound)])
    return Watched()


def _large_runs(session: Labelled) -> list[tuple[int, float | None, float]]:
    """Index, work and active time of the runs of the main experiment from 1 kJ on."""
    found = []
    end: float | None = None
    waiting_s = 0.0
    for run in session.runs:
        gap = 0.0 if end is None else min(LONGEST_GAP_S, max(0.0, run.t_start - end))
        end = run.t_start + run.duration_s
        waiting_s += gap + run.duration_s
        if run.ok and run.energy_j >= LEAST_RUN_J and run.lineage.endswith("main"):
            if not run.planned:
                found.append((run.index, run.work, waiting_s))
            waiting_s = 0.0
    return found


DETECTORS: dict[str, Watch] = {
    "ipyfootprint": ours,
    "volume doubling": doubling,
    "ruptures": change_points,
}
