"""Energy that grows without a gain and without better results."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ipyfootprint.rebound.evidence import deflated, log_bayes_factor
from ipyfootprint.rebound.history import History, Window

MARGIN = 0.10
WINDOWS = (8, 14, 22)
LEAST_GROWTH = 1.3
EVIDENCE = math.log(20)
PACE_SIGMA = 0.5
SIZE_SIGMA = 0.2
LEAST_METRICS = 4
LEAST_BEFORE = 5
LONGEST_BEFORE = 40
LEAST_PROGRESS = 0.15
LEAST_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Creep:
    """Energy per active hour grew while the metric stood still.

    Args:
        since: index in the session of the first run of the dearer stretch.
        since_t: when it started, seconds since 1970.
        growth: energy per active hour, now over before.
        metric_before: median metric before; `metric_after` of the later half since.
        wasted_j: energy beyond the earlier energy per active hour.
    """

    lineage: str
    since: int
    since_t: float
    growth: float
    metric_before: float
    metric_after: float
    wasted_j: float
    wasted_g: float | None
    before: Window
    after: Window


def find(
    history: History, first: int, lineage: str, session_j: float, waste_j: float, bar: float = 0.0
) -> Creep | None:
    """The largest creep over the last 8, 14 or 22 runs, or None.

    Args:
        history: the lineage's real runs.
        first: where its baseline may start.
        lineage: its name.
        session_j: the session's energy so far.
        waste_j: least waste that is worth a word, in joules.
        bar: natural logarithm added to the evidence asked.
    """
    if len(history.metrics) < 2 * LEAST_METRICS:
        return None
    stop = len(history)
    best: Creep | None = None
    for runs in WINDOWS:
        split = stop - runs
        if split - first < LEAST_BEFORE:
            continue
        start = max(first, split - LONGEST_BEFORE)
        before, after = history.window(start, split), history.window(split, stop)
        if before.power_w <= 0 or after.power_w < LEAST_GROWTH * before.power_w:
            continue
        wasted_j = after.energy_j - before.power_w * after.active_s
        if wasted_j < max(waste_j, LEAST_SHARE * session_j):
            continue
        if best is not None and wasted_j <= best.wasted_j:
            continue
        if _evidence(history, start, split, stop) < EVIDENCE + bar:
            continue
        metrics = _stalled(history.metrics, start, split)
        if metrics is None:
            continue
        grams = None
        if after.carbon_g is not None:
            grams = wasted_j * after.carbon_g / after.energy_j
        run = history.real[split]
        best = Creep(
            lineage=lineage,
            since=run.index,
            since_t=run.t_start,
            growth=after.power_w / before.power_w,
            metric_before=metrics[0],
            metric_after=metrics[1],
            wasted_j=wasted_j,
            wasted_g=grams,
            before=before,
            after=after,
        )
    return best


def _evidence(history: History, start: int, split: int, stop: int) -> float:
    """Evidence of more energy per active time, or of more energy or work per run."""
    per_run = history.size if history.counted else history.cost
    size = log_bayes_factor(
        per_run.sample(start, split), per_run.sample(split, stop), margin=MARGIN, sigma=SIZE_SIGMA
    )
    lag = history.pace.lag(start, split, stop)
    pace = log_bayes_factor(
        deflated(history.pace.sample(start, split), lag),
        deflated(history.pace.sample(split, stop), lag),
        margin=MARGIN,
        sigma=PACE_SIGMA,
    )
    return max(pace, size)


def _stalled(
    metrics: list[tuple[int, float]], start: int, split: int
) -> tuple[float, float] | None:
    """The metric before and lately, where it did not improve enough; None where it did.

    Which way is better is taken from the course before. Enough is 15 % of the improvement
    before, or one standard deviation of the noise, whichever is more.
    """
    a, b = bisect_left(metrics, (start,)), bisect_left(metrics, (split,))
    before = [value for _, value in metrics[a:b]]
    after = [value for _, value in metrics[b:]]
    if len(before) < LEAST_METRICS or len(after) < LEAST_METRICS:
        return None
    early, late = before[: len(before) // 2], before[len(before) // 2 :]
    improved = median(late) - median(early)
    steps = [abs(y - x) for x, y in pairwise(before)]
    noise = median(steps) / 0.954  # of the difference of two normal values, as sd of one
    lately = median(after[len(after) // 2 :])
    gained = math.copysign(1.0, improved) * (lately - median(late))
    if gained >= max(LEAST_PROGRESS * abs(improved), noise):
        return None
    return median(late), lately
