"""The Bayes factor against published check values, and its sums."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.rebound.evidence import Sample, Series, _log_twice_cdf, deflated, log_bayes_factor


@pytest.mark.parametrize(
    ("before", "after", "margin", "sigma", "expected"),
    [
        ((10, 0, 0.9), (6, 0.5, 0.4), 0.1, 0.15, 2.484156),
        ((10, 0, 0.9), (6, 0.5, 0.4), 0.1, 0.5, 1.573058),
        ((12, 0, 0.5), (8, -0.3, 0.4), 0.1, 0.15, -2.236351),
        ((2, 0, 0.02), (1, 1, 0), 0.0, 0.15, 1.633979),
    ],
)
def test_evidence_agrees_with_the_reference(before, after, margin, sigma, expected):
    value = log_bayes_factor(Sample(*before), Sample(*after), margin=margin, sigma=sigma)
    assert value == pytest.approx(expected, abs=2e-5)


def test_against_an_integral_over_the_effect_size():
    """The closed form equals the mixture of noncentral t densities it stands for."""
    from scipy import integrate, stats

    before, after, margin, sigma = Sample(9, 0.2, 0.5), Sample(5, 0.9, 0.2), 0.1, 0.2
    nu = before.n + after.n - 2 + 4
    v = (before.squares + after.squares + 4 * sigma**2) / nu
    n_e = before.n * after.n / (before.n + after.n)
    t = (after.mean - before.mean - margin) * math.sqrt(n_e / v)

    def integrand(delta: float) -> float:
        return 2 * stats.norm.pdf(delta) * stats.nct.pdf(t, nu, delta * math.sqrt(n_e))

    mixture, _ = integrate.quad(integrand, 0, 12)
    expected = math.log(mixture / stats.t.pdf(t, nu))
    assert log_bayes_factor(before, after, margin=margin, sigma=sigma) == pytest.approx(
        expected, abs=2e-5
    )


def test_too_few_runs_say_nothing():
    one = Sample(1, 0, 0)
    assert log_bayes_factor(one, Sample(9, 5, 0), sigma=0.1) == -math.inf
    assert log_bayes_factor(Sample(9, 0, 0), Sample(0, 0, 0), sigma=0.1) == -math.inf


def test_evidence_grows_with_the_shift_and_with_runs():
    def e(n: float, shift: float) -> float:
        return log_bayes_factor(Sample(n, 0, 0.02 * n), Sample(n, shift, 0.02 * n), sigma=0.15)

    assert e(5, 0.1) < e(5, 0.3) < e(5, 1.0)
    assert e(4, 0.5) < e(8, 0.5) < e(40, 0.5)


def test_a_hopeless_case_is_finite():
    value = log_bayes_factor(Sample(5000, 0, 1), Sample(5000, -300, 1), sigma=0.1)
    assert value < -5 and math.isfinite(value)


@pytest.mark.parametrize("k", [3, 5, 7.5, 20, 300])
@pytest.mark.parametrize("a", [-30, -6, -2, -0.3, 0, 0.3, 2, 6])
def test_students_cdf_without_scipy(k, a):
    from scipy import stats

    exact = math.log(2) + stats.t.logcdf(a, k)
    assert _log_twice_cdf(a, k) == pytest.approx(exact, abs=2e-4, rel=2e-3)


@given(st.lists(st.one_of(st.none(), st.floats(-20, 20)), min_size=4, max_size=40), st.data())
def test_a_window_of_the_series_is_its_mean_and_squares(values, data):
    series = Series()
    for value in values:
        series.append(value)
    assert len(series) == len(values)
    start = data.draw(st.integers(0, len(values) - 1))
    stop = data.draw(st.integers(start, len(values)))
    kept = [v for v in values[start:stop] if v is not None]
    sample = series.sample(start, stop)
    assert sample.n == len(kept)
    if kept:
        mean = statistics.fmean(kept)
        assert sample.mean == pytest.approx(mean, abs=1e-9)
        assert series.mean(start, stop) == pytest.approx(mean, abs=1e-9)
        assert sample.squares == pytest.approx(sum((v - mean) ** 2 for v in kept), abs=1e-6)


def test_repeating_values_are_seen_as_autocorrelated():
    rng = random.Random(5)
    independent, persistent = Series(), Series()
    x = 0.0
    for _ in range(400):
        shock = rng.gauss(0, 1)
        x = 0.6 * x + shock
        independent.append(shock)
        persistent.append(x)
    assert independent.lag(0, 200, 400) < 0.15
    assert 0.45 < persistent.lag(0, 200, 400) < 0.75
    assert persistent.lag(0, 3, 6) < 0.6


def test_a_level_shift_is_no_autocorrelation():
    rng = random.Random(6)
    series = Series()
    for i in range(100):
        series.append(rng.gauss(5.0 * (i >= 50), 1))
    assert series.lag(0, 50, 100) < 0.2
    assert series.lag(0, 20, 100) > 0.5


def test_deflation_leaves_the_variance_and_takes_runs():
    sample = deflated(Sample(20, 1.0, 4.0), 0.6)
    assert sample.n == pytest.approx(5)
    assert sample.squares / sample.n == pytest.approx(0.2)
    assert sample.mean == 1.0
