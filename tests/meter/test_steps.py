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


def seen(clock, *brackets_ms):
    """Tell the clock of steps, each seen between two polls; the polls between showed none."""
    for before_ms, at_ms in brackets_ms:
        clock.see(round((before_ms - 1) * MS), round(before_ms * MS), False)
        clock.see(round(before_ms * MS), round(at_ms * MS), True)


def test_four_steps_make_a_period_and_three_do_not():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301))
    assert (clock.period_ns, clock.anchor_ns, clock.doubt_ns) == (0, 0, 0)
    seen(clock, (399, 401))
    assert clock.period_ns == 100 * MS
    assert clock.anchor_ns == 400 * MS and clock.doubt_ns <= MS


def test_a_step_that_was_missed_is_counted_and_more_than_two_are_not():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (399, 401), (499, 501))
    assert clock.period_ns == 100 * MS
    lost = StepClock()
    seen(lost, (99, 101), (199, 201), (299, 301), (799, 801))
    assert lost.period_ns == 0
    seen(lost, (899, 901), (999, 1001), (1099, 1101))
    assert lost.period_ns == 100 * MS


def test_steps_that_were_seen_too_roughly_teach_nothing():
    clock = StepClock()
    seen(clock, (30, 100), (130, 200), (230, 300), (330, 400), (430, 500), (530, 600))
    assert clock.period_ns == 0


def test_a_pause_of_a_second_starts_the_count_anew():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (1302, 1304))
    assert clock.period_ns == 0
    seen(clock, (1402, 1404), (1502, 1504))
    assert clock.period_ns == 0
    seen(clock, (1602, 1604))
    assert clock.period_ns == 100 * MS


def test_brackets_that_overlap_narrow_the_moment_of_the_step():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    seen(clock, (490, 500.2))
    assert 499 * MS <= clock.anchor_ns <= 500.3 * MS
    assert clock.doubt_ns < MS
    before = clock.anchor_ns
    clock.see(500 * MS, 570 * MS, True)
    assert clock.anchor_ns == before, "too rough to say anything: more than 0.6 of a period"


def test_seven_changes_in_a_row_are_not_yet_continuous_and_a_rest_ends_the_row():
    clock = StepClock()
    for tick in range(7):
        clock.see(tick * MS, (tick + 1) * MS, True)
    assert not clock.is_continuous
    clock.see(7 * MS, 8 * MS, False)
    for tick in range(8, 15):
        clock.see(tick * MS, (tick + 1) * MS, True)
    assert not clock.is_continuous
    clock.see(15 * MS, 16 * MS, True)
    assert clock.is_continuous


def test_a_counter_that_seemed_continuous_and_steps_after_all_is_learned():
    clock = StepClock()
    for tick in range(8):
        clock.see(tick * MS, (tick + 1) * MS, True)
    assert clock.is_continuous
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    assert clock.period_ns == 100 * MS and not clock.is_continuous


def test_the_period_is_sharpened_by_the_distance_of_its_steps():
    clock, period = StepClock(), 100 * MS + 37_000
    polled(clock, period, 0, 2 * MS, 3.0)
    early = abs(clock.period_ns - period)
    polled(clock, period, 0, 2 * MS, 60.0, start_ns=3_000_000_000)
    late = abs(clock.period_ns - period)
    assert early < 0.001 * period and late < 0.0001 * period
    assert off_ns(clock, period, 0) <= clock.doubt_ns + 20_000


def test_a_phase_that_no_longer_holds_is_taken_anew_where_a_step_is_seen():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    seen(clock, (7_000_040, 7_000_044))
    assert clock.period_ns == 100 * MS
    assert clock.anchor_ns == 7_000_042 * MS and clock.doubt_ns == 2 * MS


def test_a_period_is_given_up_after_repeated_surprises_and_not_after_one():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    at, known = 400, []
    for number in range(7):
        at += 60 if number % 2 else 140
        seen(clock, (at - 1, at + 1))
        known.append(clock.period_ns > 0)
    assert known == [True] * 6 + [False]
    assert poll_s([clock]) == 0.005


def test_a_surprise_now_and_then_is_forgiven_by_steps_that_come_in_time():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    at = 400
    for _ in range(30):
        for late in (0, 0, 0, 20):
            at += 100
            seen(clock, (at + late - 1, at + late + 1))
    assert clock.period_ns == pytest.approx(100 * MS, rel=0.01)


def test_the_slowest_of_known_periods_decides_how_long_and_the_fastest_how_often():
    one, other, smooth = StepClock(), StepClock(), StepClock()
    one.period_ns, other.period_ns = 40 * MS, 200 * MS
    smooth.is_continuous = True
    assert poll_s([smooth, one, other]) == pytest.approx(0.01)
    assert burst_s([smooth, one, other]) == pytest.approx(0.7)
    assert burst_s([smooth, StepClock()]) == 0.35
    assert burst_s([smooth, smooth]) == 0.015


def test_two_steps_may_be_missed_at_a_time_and_brackets_may_be_two_thirds_wide():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (499, 501), (599, 601))
    assert clock.period_ns == 100 * MS
    wider = StepClock()
    seen(wider, (99, 101), (199, 201), (599, 601), (699, 701))
    assert wider.period_ns == 0
    rough = StepClock()
    seen(rough, (34, 100), (134, 200), (234, 300), (334, 400))
    assert rough.period_ns == 100 * MS
    rougher = StepClock()
    seen(rougher, (33, 100), (133, 200), (233, 300), (333, 400))
    assert rougher.period_ns == 0


def test_over_a_silence_the_moment_of_a_step_blurs_by_what_the_period_may_be_off():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401), (499, 501))
    # From 100 ms, off by 1, to 500 ms, off by 1: half a millisecond for each of four periods.
    assert (clock.period_ns, clock.doubt_ns) == (100 * MS, MS)
    clock.see(4490 * MS, 4530 * MS, True)
    # Forty periods later it is off by 1 + 20: at 4521 ms at the latest, and not before 4490 ms.
    assert clock.anchor_ns == pytest.approx(4505.5 * MS)
    assert clock.doubt_ns == pytest.approx(15.5 * MS)


def test_a_step_seen_at_six_tenths_of_a_period_is_too_rough_to_say_anything():
    clock = StepClock()
    seen(clock, (99, 101), (199, 201), (299, 301), (399, 401))
    anchor_ns = clock.anchor_ns
    clock.see(450 * MS, 510 * MS, True)
    assert clock.anchor_ns == anchor_ns
    clock.see(450 * MS, 509 * MS, True)
    assert clock.anchor_ns == pytest.approx(500 * MS, abs=2 * MS)
