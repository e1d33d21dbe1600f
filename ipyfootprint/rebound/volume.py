"""How much of a gain's saving more work has used up: R with its interval, gates and kind.

    R = 1 - actual saving / potential saving = 1 - (1 - P1/P0) / (1 - rho)

with P the energy per active hour before (0) and after (1) and rho the energy per unit of work
after over before. R = 0: the same work per active hour as before; 1: the saving is gone;
above 1 backfire (Jevons, The Coal Question, 1865): more energy per hour than before the gain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ipyfootprint.rebound.evidence import Sample, deflated, log_bayes_factor
from ipyfootprint.rebound.gain import Gain
from ipyfootprint.rebound.history import History, Window

Kind = Literal["backfire", "scale-up", "breadth", "intensification", "creep"]
Level = Literal["warn", "notice"]

MARGIN = 0.03  # three per cent more work per hour is not yet growth
PACE_SIGMA = 0.4
SIZE_SIGMA = 0.2
SHOWN_SIGMA = 0.25  # less than of pace: it widens the interval of few runs, no more
PACE_EVIDENCE = math.log(0.8)  # hardly any: the material gates below ask for more than this does
SIZE_EVIDENCE = math.log(20)
LEAST_REBOUND = 0.20
LEAST_WITHOUT_LARGEST = 0.10
LEAST_RUNS = 5
LARGE_PART = 0.4  # of the energy since the gain, in one run
PLAN_RUNS = 20  # a baseline longer than this asks for no more work than so many runs
LEAST_SHARE = 0.03  # of the session's energy
FRESH_RISE = 0.2
# Prior of ln omega over the gain ln(1/rho): most gains are followed by some growth.
PRIOR_ELASTICITY = 0.6
PRIOR_SPREAD = 0.5  # standard deviation of the elasticity
PRIOR_FLOOR = 0.1  # of ln omega, whatever the gain
Z80 = 1.2816  # the normal deviate of an 80 % interval


@dataclass(frozen=True, slots=True)
class Bar:
    """How much it takes to speak of a lineage; raised by the answer "not a rebound".

    Args:
        waste_j: least energy used beyond the same work per hour, in joules.
        rebound: least R.
        evidence: natural logarithm added to what the evidence must reach.
    """

    waste_j: float = 3600.0
    rebound: float = LEAST_REBOUND
    evidence: float = 0.0

    def raised(self) -> Bar:
        """Ten times the evidence, 25 points more rebound and three times the waste."""
        return Bar(self.waste_j * 3, self.rebound + 0.25, self.evidence + math.log(10))


@dataclass(frozen=True, slots=True)
class Rebound:
    """What became of a gain, as of now.

    Args:
        since: index in the session of the first run with the gain.
        since_t: when it started, seconds since 1970.
        work_kind: the unit of work, or None where runs are the unit.
        ratio: rho, energy per unit of work after over before.
        growth: omega, work per active hour after over before.
        rebound: R of the raw sums, a fraction of the potential saving.
        shown: R shrunk towards what is usual; `low` and `high` its 80 % interval.
        wasted_j: energy beyond what the same work per active hour would have used.
        wasted_g: the same in grams of operational carbon, or None.
        run_growth: work per run after over before; 1 where work is not counted.
        fresh_before: share of runs with a configuration not seen before; likewise `fresh_after`.
    """

    lineage: str
    since: int
    since_t: float
    work_kind: str | None
    ratio: float
    growth: float
    rebound: float
    shown: float
    low: float
    high: float
    wasted_j: float
    wasted_g: float | None
    kind: Kind
    run_growth: float
    fresh_before: float
    fresh_after: float
    before: Window
    after: Window

    @property
    def elasticity(self) -> float:
        """Percent more work per hour for a percent of gain, ln omega / ln(1/rho); 1 is backfire."""
        return math.log(self.growth) / -math.log(self.ratio)


def estimate(history: History, gain: Gain, lineage: str) -> Rebound | None:
    """R as of the last run, or None where it has no meaning (no gain, no active time)."""
    stop = len(history)
    before = history.window(gain.start, gain.split)
    after = history.window(gain.split, stop)
    if not (0 < gain.ratio < 1 and before.power_w > 0 and after.power_w > 0):
        return None
    rho = gain.ratio
    power = after.power_w / before.power_w
    observed = math.log(power) - math.log(rho)
    paces = history.pace.sample(gain.start, gain.split), history.pace.sample(gain.split, stop)
    variance = sum((s.squares + SHOWN_SIGMA**2) / (s.n * (s.n + 1)) for s in paces if s.n)
    expected = -PRIOR_ELASTICITY * math.log(rho)
    spread = PRIOR_FLOOR - PRIOR_SPREAD * math.log(rho)
    trust = spread**2 / (spread**2 + variance)
    mean = expected + (observed - expected) * trust
    sd = math.sqrt(trust * variance)

    def rebound(log_growth: float) -> float:
        return rho * math.expm1(log_growth) / (1 - rho)

    wasted_j = after.energy_j - rho * before.power_w * after.active_s
    raw = rebound(observed)
    run_growth = (after.work / after.runs) / (before.work / before.runs)
    fresh = before.fresh / before.runs, after.fresh / after.runs
    return Rebound(
        lineage=lineage,
        since=history.real[gain.split].index,
        since_t=history.real[gain.split].t_start,
        work_kind=history.work_kind if history.counted else None,
        ratio=rho,
        growth=math.exp(observed),
        rebound=raw,
        shown=rebound(mean),
        low=rebound(mean - Z80 * sd),
        high=rebound(mean + Z80 * sd),
        wasted_j=wasted_j,
        wasted_g=_carbon(wasted_j, after),
        kind=_kind(rebound(mean), run_growth, math.exp(observed), fresh),
        run_growth=run_growth,
        fresh_before=fresh[0],
        fresh_after=fresh[1],
        before=before,
        after=after,
    )


def level(history: History, gain: Gain, found: Rebound, session_j: float, bar: Bar) -> Level | None:
    """Whether what was found deserves a warning, a notice, or silence."""
    before, after = found.before, found.after
    if found.rebound < bar.rebound or after.runs < LEAST_RUNS:
        return None
    if found.wasted_j < max(bar.waste_j, LEAST_SHARE * session_j):
        return None
    rest, work = _without_largest(history, gain, found)
    if rest < LEAST_WITHOUT_LARGEST:
        return None
    larger = _larger_runs(history, gain) >= SIZE_EVIDENCE + bar.evidence
    if not larger and _faster_pace(history, gain) < PACE_EVIDENCE + bar.evidence:
        return None
    # The same plan finished sooner is no rebound: more work than before must be done. Larger
    # runs are not the same plan, so half of it is enough to tell.
    progress = work / (before.work * min(1.0, PLAN_RUNS / before.runs))
    if progress < 0.5:
        return None
    return "warn" if progress >= (0.5 if larger else 1.0) else "notice"


def _faster_pace(history: History, gain: Gain) -> float:
    """Evidence that more work is done per active time, as a natural logarithm."""
    stop = len(history)
    lag = history.pace.lag(gain.start, gain.split, stop)
    slow = deflated(history.pace.sample(gain.start, gain.split), lag)
    fast = deflated(history.pace.sample(gain.split, stop), lag)
    shifted = Sample(fast.n, fast.mean - math.log(gain.ratio), fast.squares)
    return log_bayes_factor(slow, shifted, margin=MARGIN, sigma=PACE_SIGMA)


def _larger_runs(history: History, gain: Gain) -> float:
    """Evidence that more work is done per run, as a natural logarithm."""
    return log_bayes_factor(
        history.size.sample(gain.start, gain.split),
        history.size.sample(gain.split, len(history)),
        margin=MARGIN,
        sigma=SIZE_SIGMA,
    )


def _without_largest(history: History, gain: Gain, found: Rebound) -> tuple[float, float]:
    """R as if the largest of the last forty runs had not been: one long run is no habit.

    With it the work done, without that run's where it is a large part of all.
    """
    runs = [r for r in history.real[max(gain.split, len(history) - 40) :] if not r.planned]
    largest = max(runs, key=lambda run: run.energy_j)
    active_s = found.after.active_s - largest.active_s
    energy_j = found.after.energy_j - largest.energy_j
    work = found.after.work
    if largest.energy_j > LARGE_PART * found.after.energy_j:
        work -= largest.work
    if active_s <= 0:
        return -math.inf, work
    return 1 - (1 - energy_j / active_s / found.before.power_w) / (1 - gain.ratio), work


def _kind(shown: float, run_growth: float, growth: float, fresh: tuple[float, float]) -> Kind:
    """Backfire, else the largest part of the growth in work per hour.

    Growth is work per run times runs per hour; more runs are breadth where the share of new
    configurations rose, intensification where it did not.
    """
    if shown > 1:
        return "backfire"
    if run_growth * run_growth >= growth:
        return "scale-up"
    return "breadth" if fresh[1] - fresh[0] > FRESH_RISE else "intensification"


def _carbon(energy_j: float, window: Window) -> float | None:
    if window.carbon_g is None or window.energy_j <= 0:
        return None
    return energy_j * window.carbon_g / window.energy_j
