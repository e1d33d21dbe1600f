"""Finding a counter's period and phase from polls."""

import random

import pytest

from ipyfootprint.meter.steps import StepClock, burst_s, poll_s

MS = 1_000_000


def polled(clock, period_ns, phase_ns, every_ns, seconds, jitter=None, start_ns=0):
    """Poll a stepping counter and tell the clock what was seen; returns the last poll."""
    at, seen = start_ns, (start_ns - phase_ns) // period_ns
    before = at
    while at < start_ns + seconds * 1e9:
        at += every_ns + (jitter() if jitter else 0)
        step = (at - phase_ns) // period_ns
        clock.see(before, at, step != seen)
        before, seen = at, step
    return at


def off_ns(clock, period_ns, phase_ns):
    """How far the anchor is from the nearest true step."""
    into = (clock.anchor_ns - phase_ns) % period_ns
    return min(into, period_ns - into)


@pytest.mark.parametrize("period_ms", [10, 20, 50, 100, 137])
def test_period_and_phase_are_found_from_quick_polls(period_ms):
    period, phase = period_ms * MS, 7 * MS + 123_456
    clock = StepClock()
    polled(clock, period, phase, 2 * MS, 1.5)
    assert clock.period_ns == pytest.approx(period, rel=0.01)
    assert off_ns(clock, period, phase) <= clock.doubt_ns + 0.1 * MS
    assert not clock.is_continuous


def test_polls_with_jitter_narrow_the_phase_below_their_own_distance():
    rng = random.Random(5)
    clock, period, phase = StepClock(), 100 * MS, 31 * MS
    polled(clock, period, phase, 25 * MS, 20, jitter=lambda: rng.randrange(0, 3 * MS))
    assert clock.period_ns == pytest.approx(period, rel=0.003)
    assert off_ns(clock, period, phase) < 5 * MS


def test_a_counter_that_moves_at_every_poll_has_no_steps():
    clock = StepClock()
    for tick in range(20):
        clock.see(tick * MS, (tick + 1) * MS, True)
    assert clock.is_continuous and clock.period_ns == 0


def test_a_counter_that_stands_still_teaches_nothing():
    clock = StepClock()
    for tick in range(1000):
        clock.see(tick * MS, (tick + 1) * MS, False)
    assert clock.period_ns == 0 and not clock.is_continuous


def test_a_counter_that_changes_its_period_is_learned_anew():
    clock = StepClock()
    end = polled(clock, 20 * MS, 0, 2 * MS, 1.0)
    polled(clock, 90 * MS, end, 2 * MS, 6.0, start_ns=end)
    assert clock.period_ns == pytest.approx(90 * MS, rel=0.02)


def test_a_long_silence_does_not_lose_the_period():
    clock, period = StepClock(), 100 * MS
    polled(clock, period, 0, 5 * MS, 2.0)
    later = 3_600 * 1_000_000_000
    polled(clock, period, 0, 5 * MS, 1.0, start_ns=later)
    assert clock.period_ns == pytest.approx(period, rel=0.01)
    assert off_ns(clock, period, 0) < 6 * MS


def test_polls_are_a_quarter_of_the_fastest_period_and_last_some_of_the_slowest():
    fast, slow, unknown = StepClock(), StepClock(), StepClock()
    fast.period_ns, slow.period_ns = 20 * MS, 100 * MS
    assert poll_s([fast, slow]) == pytest.approx(0.005)
    assert burst_s([fast, slow]) == pytest.approx(0.35)
    fast.period_ns = 1 * MS
    assert poll_s([fast]) == 0.002
    assert poll_s([unknown]) == 0.005 and burst_s([unknown]) == 0.35
    unknown.is_continuous = True
    assert burst_s([unknown]) == 0.015
