"""When a unit of work became cheaper: the search for an efficiency gain in a lineage."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ipyfootprint.rebound.evidence import Sample, deflated, log_bayes_factor
from ipyfootprint.rebound.history import History

MARGIN = 0.09  # nine per cent less energy is not yet a gain
SIGMA = 0.15  # noise of energy per unit of work to expect
BASELINE = (5, 40)  # runs before: at least, at most
LEAST_AFTER = 2
LARGEST_RATIO = 0.88
LEAST_SAVING = -math.log(LARGEST_RATIO)
AT_CHANGE = math.log(4)  # evidence asked where the code changed
ANYWHERE = math.log(30)  # evidence asked of a split that nothing but energy speaks for
LOOK_BACK = (4, 6, 9, 14, 22)
FIXED = 0.12  # of a run's energy may be a fixed cost, which larger runs spread


@dataclass(frozen=True, slots=True)
class Gain:
    """A lineage's cost of work before `split` (from `start`) and from it on.

    `ratio` is rho: energy per unit of work after over before; `log_e` the evidence;
    `clear` whether it exceeds what larger runs alone could explain.
    """

    start: int
    split: int
    ratio: float
    log_e: float
    clear: bool


def measure(history: History, start: int, split: int, stop: int) -> Gain:
    """The gain at a given split, whatever it is."""
    before = history.cost.sample(start, split)
    after = history.cost.sample(split, stop)
    lag = history.cost.lag(start, split, stop)
    spread = _spread(history, start, split, stop)
    log_e = log_bayes_factor(
        _saving(deflated(before, lag)),
        _saving(deflated(after, lag)),
        margin=MARGIN + spread,
        sigma=SIGMA,
    )
    ratio = math.exp(after.mean - before.mean)
    return Gain(start, split, ratio, log_e, ratio * math.exp(spread) <= LARGEST_RATIO)


def _spread(history: History, start: int, split: int, stop: int) -> float:
    """How much of a fall in ln(energy per work) larger runs alone could explain.

    With a fixed cost that is the share f of a large run, runs q times as large cost
    1 / (1 + f (q - 1)) as much per unit of work. No fixed cost exceeds the cheapest run seen.
    """
    if not history.counted:
        return 0.0
    size = history.size.sample(split, stop).mean
    growth = size - history.size.sample(start, split).mean
    if growth <= 0:
        return 0.0
    large_j = math.exp(history.cost.sample(split, stop).mean + size)
    fixed = min(FIXED, history.cheapest_j / large_j)
    return math.log1p(fixed * math.expm1(growth))


def find(history: History, first: int) -> Gain | None:
    """The best-supported gain whose baseline starts at `first` or later, or None."""
    stop = len(history)
    best: Gain | None = None
    best_excess = 0.0
    for split, needed in _candidates(history, stop):
        if split - first < BASELINE[0] or stop - split < LEAST_AFTER:
            continue
        start = max(first, split - BASELINE[1])
        if history.cost.mean(start, split) - history.cost.mean(split, stop) < LEAST_SAVING:
            continue  # most candidates end here, at a tenth of the cost of a measurement
        gain = measure(history, start, split, stop)
        if gain.clear and gain.log_e - needed >= best_excess:
            best, best_excess = gain, gain.log_e - needed
    return best and settle(history, best, first)


def settle(history: History, gain: Gain, first: int, reach: int = 4) -> Gain:
    """The split nearby that the costs support best: a look back by steps lands beside it."""
    stop = len(history)
    known = dict.fromkeys(history.changes, ANYWHERE - AT_CHANGE)
    nearby = range(
        max(first + BASELINE[0], gain.split - reach),
        min(stop - LEAST_AFTER, gain.split + reach) + 1,
    )
    splits = [measure(history, max(first, s - BASELINE[1]), s, stop) for s in nearby]
    return max(splits, key=lambda g: g.log_e + known.get(g.split, 0.0), default=gain)


def _candidates(history: History, stop: int) -> list[tuple[int, float]]:
    back = [(stop - runs, ANYWHERE) for runs in LOOK_BACK]
    return [(split, AT_CHANGE) for split in history.changes] + back


def _saving(cost: Sample) -> Sample:
    return Sample(cost.n, -cost.mean, cost.squares)
