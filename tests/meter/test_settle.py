"""The energy that a stepping counter had reached at an edge, with its doubt."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.meter.settle import PATIENCE_NS, energy_at, knots_of

MS = 1_000_000
PERIOD = 100 * MS


def polls(power_w, period_ns, every_ns, until_ns, phase_ns=0):
    """What polls of a stepping counter under constant power see."""
    shown = []
    for at in range(0, until_ns, every_ns):
        step = max(0, (at - phase_ns) // period_ns * period_ns + phase_ns)
        shown.append((at, power_w * step / 1e9))
    return shown


def test_a_counter_without_steps_is_its_samples():
    samples = [(0, 0.0), (5, 1.0), (9, 1.5)]
    assert knots_of(samples, 0, 0, 0) == samples


def test_of_a_period_that_is_not_known_yet_the_moments_of_its_steps_are_taken():
    samples = polls(50.0, PERIOD, 2 * MS, 500 * MS)
    knots = knots_of(samples, 0, 0, 0)
    assert [t for t, _ in knots] == [n * PERIOD - MS for n in range(1, 5)]
    assert energy_at(-50 * MS, knots, 0, 600 * MS).energy_j == pytest.approx(-2.5, abs=0.1)


def test_a_counter_that_rests_is_known_where_it_rests():
    samples = [(t * MS, min(t, 100) / 1000) for t in range(0, 1000, 10)]
    point = energy_at(800 * MS, knots_of(samples, 0, 0, 0), 0, 1000 * MS)
    assert (point.energy_j, point.settled, point.seen) == (pytest.approx(0.1), True, True)


def test_dense_polls_give_one_knot_at_every_step():
    samples = polls(50.0, PERIOD, 25 * MS, 1_000 * MS)
    knots = knots_of(samples, PERIOD, 0, MS)
    assert [t for t, _ in knots] == [n * PERIOD for n in range(1, 10)]
    assert all(energy == pytest.approx(50.0 * t / 1e9) for t, energy in knots)


def test_a_sparse_poll_close_to_a_step_is_no_knot():
    samples = [(0, 0.0), (10 * PERIOD + 50 * MS, 5.0), (20 * PERIOD - MS // 2, 9.5)]
    later = (30 * PERIOD + 50 * MS, 15.0)
    assert knots_of([*samples, later], PERIOD, 0, MS)[-2:] == [
        (10 * PERIOD, 5.0),
        (30 * PERIOD, 15.0),
    ]
    # Where nothing later is known it is one, between the steps that it may show.
    assert knots_of(samples, PERIOD, 0, MS)[-1] == (20 * PERIOD - 50 * MS - MS // 2, 9.5)


def test_a_call_that_hung_says_how_much_was_used_by_then():
    polled = polls(100.0, PERIOD, 25 * MS, 1_000 * MS)
    answered_ns = 1_700 * MS  # at a step: which one it shows is not known
    samples = [*polled, (answered_ns, 170.0)]
    edge_ns = 1_500 * MS
    point = energy_at(edge_ns, knots_of(samples, PERIOD, 0, 30 * MS), PERIOD, edge_ns + PATIENCE_NS)
    assert point.seen
    assert point.energy_j == pytest.approx(150.0, abs=100.0 * 0.1)
    assert point.low_j <= 150.0 <= point.high_j


@given(edge_ms=st.integers(200, 800), power=st.floats(0.1, 900))
def test_constant_power_is_interpolated_exactly(edge_ms, power):
    knots = knots_of(polls(power, PERIOD, 25 * MS, 1_200 * MS), PERIOD, 0, MS)
    point = energy_at(edge_ms * MS, knots, PERIOD, 1_200 * MS)
    assert point.energy_j == pytest.approx(power * edge_ms / 1e3, rel=1e-9)
    assert point.low_j <= point.energy_j <= point.high_j
    assert point.doubt_j == pytest.approx(0.0, abs=1e-6 * power)
    assert point.settled and point.seen


def test_a_jump_of_power_gives_the_doubt_of_a_uniform_step():
    knots = [(n * PERIOD, e) for n, e in enumerate([0.0, 1.0, 2.0, 12.0, 22.0, 32.0])]
    point = energy_at(2 * PERIOD + 50 * MS, knots, PERIOD, 10 * PERIOD)
    assert point.doubt_j == pytest.approx(0.1 * 90.0 / math.sqrt(12))
    assert (point.low_j, point.high_j) == (2.0, 12.0)


def test_an_edge_is_provisional_until_two_knots_follow_or_patience_ends():
    knots = [(n * PERIOD, float(n)) for n in range(5)]
    edge = 3 * PERIOD + MS
    assert not energy_at(edge, knots, PERIOD, edge).settled
    assert energy_at(edge, [*knots, (5 * PERIOD, 5.0)], PERIOD, edge).settled
    assert energy_at(edge, knots, PERIOD, edge + PATIENCE_NS).settled


def test_before_the_first_reading_the_first_power_is_carried_back():
    knots = [(n * PERIOD, 2.0 * n) for n in range(1, 8)]
    point = energy_at(0, knots, PERIOD, 10 * PERIOD)
    assert point.energy_j == pytest.approx(0.0)
    assert point.low_j == pytest.approx(-2.0) and point.high_j == pytest.approx(2.0)
    assert point.doubt_j > 0


def test_after_the_last_reading_the_newest_power_is_carried_on_until_the_device_is_lost():
    knots = [(n * PERIOD, 2.0 * n) for n in range(8)]
    edge = 7 * PERIOD + 50 * MS
    waiting = energy_at(edge, knots, PERIOD, edge)
    assert waiting.energy_j == pytest.approx(15.0) and not waiting.settled and waiting.seen
    lost = energy_at(edge, knots, PERIOD, edge + PATIENCE_NS)
    assert lost.energy_j == 14.0 and lost.settled and not lost.seen
    assert lost.high_j == pytest.approx(16.0)


def test_without_a_reading_nothing_is_known():
    assert energy_at(0, [], PERIOD, PERIOD) is None
    for edge in (0, PERIOD, 2 * PERIOD):
        assert energy_at(edge, [(PERIOD, 7.0)], PERIOD, edge + PERIOD) is None
    late = energy_at(2 * PERIOD, [(PERIOD, 7.0)], PERIOD, 2 * PERIOD + PATIENCE_NS)
    assert (late.energy_j, late.seen) == (7.0, False)


def test_windows_that_share_an_edge_add_up():
    knots = [(n * PERIOD, e) for n, e in enumerate([0.0, 3.0, 3.5, 9.0, 9.5, 20.0, 21.0])]
    edges = [50 * MS, 170 * MS, 171 * MS, 333 * MS, 480 * MS]
    at = [energy_at(t, knots, PERIOD, 10 * PERIOD).energy_j for t in edges]
    assert sum(b - a for a, b in pairwise(at)) == pytest.approx(at[-1] - at[0])


S = 1_000_000_000


def at_seconds(*pairs):
    return [(round(seconds * S), joules) for seconds, joules in pairs]


def test_the_first_power_is_that_of_the_first_three_tenths_of_a_second():
    knots = at_seconds((1.0, 10.0), (1.1, 12.0), (1.3, 22.0), (1.31, 90.0), (2.0, 99.0))
    point = energy_at(S // 2, knots, PERIOD, 2 * S)
    # 40 W, half a second before: between nothing and twice as much.
    assert point.energy_j == pytest.approx(-10.0)
    assert point.doubt_j == pytest.approx(20 / math.sqrt(3))
    assert (point.low_j, point.high_j) == (pytest.approx(-30.0), 10.0)
    assert point.settled and point.seen


def test_before_the_first_reading_an_edge_settles_with_its_power_or_with_patience():
    short = at_seconds((1.0, 10.0), (1.299, 16.0))
    assert not energy_at(S // 2, short, PERIOD, S + PATIENCE_NS - 1).settled
    assert energy_at(S // 2, short, PERIOD, S + PATIENCE_NS).settled
    enough = at_seconds((1.0, 10.0), (1.3, 16.0))
    assert energy_at(S // 2, enough, PERIOD, S + 1).settled
    far = at_seconds((1.0, 10.0), (3.0, 50.0))
    assert energy_at(S // 2, far, PERIOD, 4 * S).energy_j == pytest.approx(0.0)


def test_one_reading_alone_is_taken_for_all_that_is_known_when_patience_ends():
    alone = energy_at(0, at_seconds((1.0, 7.0)), PERIOD, 2 * S)
    assert (alone.energy_j, alone.doubt_j, alone.low_j, alone.high_j) == (7.0, 0.0, 7.0, 7.0)
    assert alone.settled and alone.seen


def test_the_newest_power_is_that_of_the_last_three_tenths_of_a_second():
    knots = at_seconds((0.0, 0.0), (0.5, 40.0), (0.7, 54.0), (0.9, 58.0), (1.0, 60.0))
    edge = round(1.1 * S)
    point = energy_at(edge, knots, PERIOD, edge)
    assert point.energy_j == pytest.approx(62.0)
    assert point.doubt_j == pytest.approx(2 / math.sqrt(3))
    assert (point.low_j, point.high_j) == (60.0, pytest.approx(64.0))
    assert not point.settled and point.seen
    late = energy_at(edge, knots, PERIOD, edge + PATIENCE_NS)
    assert (late.energy_j, late.doubt_j, late.low_j) == (60.0, 0.0, 60.0)
    assert late.high_j == pytest.approx(64.0)


def test_an_edge_on_a_reading_is_that_reading():
    knots = at_seconds((0.0, 0.0), (1.0, 10.0), (2.0, 30.0), (3.0, 40.0))
    for seconds, joules in ((1.0, 10.0), (2.0, 30.0)):
        point = energy_at(round(seconds * S), knots, S, 9 * S)
        assert (point.energy_j, point.low_j) == (joules, joules)
    assert energy_at(round(2.75 * S), knots, S, 9 * S).energy_j == pytest.approx(37.5)


def with_powers(*watts):
    """Knots a second apart."""
    energy, knots = 0.0, [(0, 0.0)]
    for second, power in enumerate(watts, 1):
        energy += power
        knots.append((second * S, energy))
    return knots


@pytest.mark.parametrize(
    ("watts", "change"),
    [
        ((900, 10, 10, 10, 10, 10, 900), 0),
        ((10, 70, 10, 10, 10, 10, 10), 60),
        ((10, 10, 10, 10, 10, 70, 10), 60),
        ((10, 10, 10, 70, 10, 10, 10), 60),
        ((10, 30, 10, 10, 10, 0, 10), 30),
    ],
)
def test_the_doubt_of_an_edge_is_the_change_of_power_within_two_steps(watts, change):
    point = energy_at(round(3.5 * S), with_powers(*watts), S, 20 * S)
    assert point.doubt_j == pytest.approx(change / math.sqrt(12))


def test_between_two_readings_alone_the_whole_power_is_in_doubt():
    point = energy_at(S, [(0, 0.0), (2 * S, 40.0)], S, 20 * S)
    assert point.doubt_j == pytest.approx(2 * 20 / math.sqrt(12))


def test_a_counter_that_shows_every_moment_is_settled_by_the_next_reading():
    knots = at_seconds((0.0, 0.0), (1.0, 10.0))
    assert energy_at(S // 2, knots, 0, S).settled
    assert not energy_at(S // 2, knots, S, S).settled


def test_a_counter_that_falls_has_no_power():
    knots = at_seconds((0.0, 10.0), (1.0, 5.0))
    assert energy_at(2 * S, knots, S, 2 * S).energy_j == 5.0


def test_a_step_is_placed_between_the_two_polls_that_saw_it():
    def knot_of(before_ms, at_ms, anchor_ms):
        samples = [(before_ms * MS, 1.0), (at_ms * MS, 2.0)]
        return knots_of(samples, PERIOD, anchor_ms * MS, MS)[-1]

    assert knot_of(90, 110, 100) == (100 * MS, 2.0), "where it was expected"
    assert knot_of(101, 121, 100) == (121 * MS, 2.0), "expected before both: by the second"
    assert knot_of(70, 99, 100) == (99 * MS, 2.0), "expected after both: by the second"
    assert knot_of(100, 140, 100) == (140 * MS, 2.0), "what was shown at 100 ms had not moved"


def test_a_step_that_few_polls_saw_was_at_the_poll_that_showed_it():
    polls_ms = [(0, 0.0), (100, 0.0), (200, 5.0), (225, 6.0), (249, 7.0), (400, 7.0), (500, 9.0)]
    samples = [(t * MS, joules) for t, joules in polls_ms]
    # Only 225 ms and 249 ms are close enough to take their middle.
    assert knots_of(samples, 0, 0, 0) == [
        (200 * MS, 5.0),
        (225 * MS, 6.0),
        (237 * MS, 7.0),
        (500 * MS, 9.0),
    ]


@pytest.mark.parametrize(("last_ms", "rests"), [(500, False), (501, True)])
def test_a_counter_rests_when_it_has_stood_for_longer_than_any_period(last_ms, rests):
    samples = [(t * MS, joules) for t, joules in ((0, 0.0), (100, 3.0), (200, 5.0), (350, 5.0))]
    samples.append((last_ms * MS, 5.0))
    knots = knots_of(samples, 0, 0, 0)
    assert knots == [(100 * MS, 3.0), (200 * MS, 5.0), *[(last_ms * MS, 5.0)] * rests]


def knots_ms(samples, doubt_ms=10):
    """Knots in ms of a counter of 100 ms, from polls in ms."""
    found = knots_of([(t * MS, joules) for t, joules in samples], PERIOD, 0, doubt_ms * MS)
    return [(t / MS, joules) for t, joules in found]


def test_a_counter_that_stands_still_is_known_once_a_step_has_certainly_gone_by():
    polls_ms = [(t, float(min(t // 100, 3))) for t in range(0, 701, 25)]
    assert knots_ms(polls_ms) == [(100, 1), (200, 2), (300, 3), (500, 3), (700, 3)]
    never_moved = [(t, 7.0) for t in range(0, 701, 25)]
    assert knots_ms(never_moved) == [], "whether it moves at all is not known"


def test_a_sparse_poll_is_a_knot_only_where_no_step_can_be_meant_wrongly():
    polls_ms = [(1000, 1.0), (2010, 2.0), (3011, 3.0), (4089, 4.0), (5090, 5.0)]
    assert knots_ms(polls_ms) == [(3000, 3.0), (4000, 4.0), (5040, 5.0)]
    # Where the doubt is more than a quarter of the period, nothing better will come.
    assert knots_ms([(1000, 1.0), (2000, 2.0)], doubt_ms=25) == []
    assert knots_ms([(1000, 1.0), (2000, 2.0)], doubt_ms=26) == [(1000, 1.0), (2000, 2.0)]


def test_polls_are_dense_below_six_tenths_of_a_period():
    assert knots_ms([(950, 1.0), (1005, 2.0)]) == [(900, 1.0), (1000, 2.0)]
    assert knots_ms([(945, 1.0), (1005, 2.0)]) == [(900, 1.0)], "its step may be the next one's"
    assert knots_ms([(945, 1.0), (1015, 2.0)]) == [(900, 1.0), (1000, 2.0)]


@pytest.mark.parametrize(
    ("last", "knot"),
    [
        ((400, 4.0), [(350, 4.0)]),
        ((301, 4.0), [(251, 4.0)]),
        ((300, 4.0), []),
        ((400, 1.0), []),
    ],
)
def test_a_call_that_hung_says_how_much_was_used_half_a_period_before(last, knot):
    assert knots_ms([(75, 0.5), (101, 1.0), last]) == [(0, 0.5), (100, 1.0), *knot]


def test_two_readings_of_one_moment_have_no_power_without_end():
    knots = [(0, 0.0), (0, 5.0), (S, 15.0), (2 * S, 25.0)]
    assert energy_at(S // 2, knots, S, 9 * S).energy_j == pytest.approx(10.0)
