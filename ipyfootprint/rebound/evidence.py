"""How strongly runs speak for a shift: a Bayes factor from sums alone, O(1) a run.

The two-sample, one-sided t-test as a Bayes factor: effect delta = (mu1 - mu0 - margin)/sigma
with delta ~ N+(0, g) against delta = 0, and the right-Haar prior on sigma (Rouder et al.,
Psychonomic Bulletin & Review 16, 2009; Perez-Ortiz et al., Annals of Statistics 52, 2024).
For one split fixed beforehand it may be read after every run; a searched split has no such
guarantee, so what is claimed of the detector is its measured rate of false alarms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_PRIOR_DF = 4.0  # pseudo degrees of freedom: a lucky quiet baseline is not certainty
_TYPICAL_LAG = 0.15  # lag-1 autocorrelation to expect of people's pace
_LAG_WEIGHT = 10.0  # in runs


@dataclass(frozen=True, slots=True)
class Sample:
    """A window of values: how many (less where they repeat each other), mean, squared deviations.

    The unit is that of the values, here always a natural logarithm.
    """

    n: float
    mean: float
    squares: float


def log_bayes_factor(
    before: Sample, after: Sample, *, margin: float = 0.0, sigma: float, g: float = 1.0
) -> float:
    """Natural logarithm of the evidence that the mean rose by more than `margin`.

    Args:
        before: the window before the split.
        after: the window after it.
        margin: the rise that would not matter, in the values' unit.
        sigma: the noise to expect, worth four degrees of freedom.
        g: variance of the effect size under the alternative.

    Returns:
        log e; -inf with fewer than two values before or one after.
    """
    if before.n < 2 or after.n < 1:
        return -math.inf
    n_e = before.n * after.n / (before.n + after.n)
    nu = before.n + after.n - 2 + _PRIOR_DF
    v = (before.squares + after.squares + _PRIOR_DF * sigma * sigma) / nu
    t = (after.mean - before.mean - margin) * math.sqrt(n_e / v)
    r = 1 + g * n_e
    a = t * math.sqrt(g * n_e * (nu + 1) / (nu * r + t * t))
    two_sided = (nu + 1) / 2 * (math.log1p(t * t / nu) - math.log1p(t * t / (nu * r)))
    return two_sided - math.log(r) / 2 + _log_twice_cdf(a, nu + 1)


def _log_twice_cdf(a: float, k: float) -> float:
    """ln(2 T_k(a)) for Student's T through the normal deviate of equal tail.

    The deviate is Hill's (Communications of the ACM 13, 1970, algorithm 395): within 1e-5 for
    k >= 5, and with Student's own tail far out, where nearer forms lose it.
    """
    c = k - 0.5
    b = 48 * c * c
    y = c * math.log1p(a * a / k)
    correction = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b)
    z = math.copysign(((correction + y + 3) / b + 1) * math.sqrt(y), a)
    tail = math.erfc(-z / math.sqrt(2))
    return math.log(tail) if tail > 0 else -z * z / 2 - math.log(-z) - 0.5 * math.log(math.pi / 2)


class Series:
    """Values in order of arrival with prefix sums, so that any window costs O(1).

    A missing value (None) keeps its place and counts nowhere.
    """

    __slots__ = ("_count", "_last", "_origin", "_products", "_squares", "_sums")

    def __init__(self) -> None:
        self._origin: float | None = None  # sums are of distances to the first value: no
        self._count = [0]  # cancellation between large squares
        self._sums = [0.0]
        self._squares = [0.0]
        self._products = [0.0]
        self._last: float | None = None

    def __len__(self) -> int:
        return len(self._count) - 1

    def append(self, value: float | None) -> None:
        """Add the next value."""
        if value is None:
            for sums in (self._count, self._sums, self._squares, self._products):
                sums.append(sums[-1])  # type: ignore[arg-type]
            return
        if self._origin is None:
            self._origin = value
        x = value - self._origin
        self._count.append(self._count[-1] + 1)
        self._sums.append(self._sums[-1] + x)
        self._squares.append(self._squares[-1] + x * x)
        self._products.append(self._products[-1] + (x * self._last if self._last else 0.0))
        self._last = x

    def sample(self, start: int, stop: int) -> Sample:
        """The values from index `start` up to but without `stop`."""
        n = self._count[stop] - self._count[start]
        if n == 0:
            return Sample(0, 0.0, 0.0)
        total = self._sums[stop] - self._sums[start]
        squares = self._squares[stop] - self._squares[start] - total * total / n
        return Sample(n, total / n + (self._origin or 0.0), max(0.0, squares))

    def mean(self, start: int, stop: int) -> float:
        """The mean of the same values, 0 of none: what `sample` says, for a third of its time."""
        n = self._count[stop] - self._count[start]
        return (self._sums[stop] - self._sums[start]) / n + (self._origin or 0.0) if n else 0.0

    def lag(self, start: int, split: int, stop: int) -> float:
        """Lag-1 autocorrelation inside the two windows about their own means, in [0, .8].

        Shrunk to .15 with the weight of ten runs: few runs say little about it.
        """
        covariance = spread = count = 0.0
        for a, b in ((start, split), (split, stop)):
            sample = self.sample(a, b)
            if sample.n < 3:
                continue
            mean = sample.mean - (self._origin or 0.0)
            products = self._products[b] - self._products[a + 1]
            first = self._sums[a + 1] - self._sums[a]
            last = self._sums[b] - self._sums[b - 1]
            total = self._sums[b] - self._sums[a]
            covariance += products - mean * (2 * total - first - last) + (sample.n - 1) * mean**2
            spread += sample.squares
            count += sample.n
        raw = covariance / spread if spread > 0 else 0.0
        shrunk = (raw * count + _TYPICAL_LAG * _LAG_WEIGHT) / (count + _LAG_WEIGHT)
        return min(0.8, max(0.0, shrunk))


def deflated(sample: Sample, lag: float) -> Sample:
    """The window as if its values were independent: fewer by (1 - a)/(1 + a)."""
    keep = (1 - lag) / (1 + lag)
    return Sample(sample.n * keep, sample.mean, sample.squares * keep)
