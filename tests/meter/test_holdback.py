import math

import pytest

from ipyfootprint.meter.holdback import Holdback
from ipyfootprint.meter.ring import Sample


def sample(at_s: float, *joules: float) -> Sample:
    values = [number for energy_j in joules for number in (energy_j, 0.0, 0.0, 0.0)]
    return Sample(round(at_s * 1e9), 0, 0, values)


def kept(samples) -> list[tuple[float, ...]]:
    return [tuple(s.values[::4]) for s in samples]


def test_what_has_no_counter_is_passed_on_at_once() -> None:
    held = Holdback(["integrated", "modelled"])
    assert kept(held.pass_on(sample(0, 1, 2), ["integrated", "modelled"])) == [(1, 2)]


def test_nothing_is_lost_when_the_counters_move() -> None:
    held = Holdback(["counter", "counter"])
    methods = ["counter", "counter"]
    assert held.pass_on(sample(0.0, 0, 5), methods) == ()
    assert held.pass_on(sample(0.1, 1, 5), methods) == ()
    assert kept(held.pass_on(sample(0.2, 1, 6), methods)) == [(0, 5), (1, 5), (1, 6)]
    assert kept(held.pass_on(sample(0.3, 2, 6), methods)) == [(2, 6)]


def test_what_a_frozen_counter_said_is_written_anew() -> None:
    held = Holdback(["counter", "counter"])
    held.pass_on(sample(0.0, 0, 0), ["counter", "counter"])
    held.pass_on(sample(0.3, 3, 0), ["counter", "counter"])
    held.pass_on(sample(0.5, 5, math.nan), ["counter", "counter"])
    found = kept(held.pass_on(sample(0.6, 6, 60), ["counter", "integrated"]))
    assert [row[0] for row in found] == [0, 3, 5, 6]
    assert [row[1] for row in found] == pytest.approx([0, 30, 50, 60])


def test_a_counter_that_never_answered_holds_up_nobody() -> None:
    held = Holdback(["counter", "counter"])
    held.pass_on(sample(0.0, math.nan, 0), ["counter", "counter"])
    found = held.pass_on(sample(0.1, math.nan, 1), ["counter", "counter"])
    assert [row[1] for row in kept(found)] == [0, 1]


def test_a_device_that_sleeps_is_kept_as_it_is_after_a_moment() -> None:
    held = Holdback(["counter"])
    assert held.pass_on(sample(0.0, 7), ["counter"]) == ()
    assert kept(held.pass_on(sample(1.0, 7), ["counter"])) == [(7,), (7,)]


def test_a_counter_that_stopped_and_has_nothing_else_says_nothing_at_all() -> None:
    held = Holdback(["counter"])
    held.pass_on(sample(0.0, 7), ["counter"])
    found = kept(held.pass_on(sample(1.0, math.nan), ["counter"]))
    assert all(math.isnan(row[0]) for row in found)


def test_a_counter_that_rests_is_held_up_for_eight_tenths_of_a_second() -> None:
    held = Holdback(["counter"])
    assert held.pass_on(sample(5.0, 7), ["counter"]) == ()
    assert held.pass_on(sample(5.799, 7), ["counter"]) == ()
    assert kept(held.pass_on(sample(5.8, 7), ["counter"])) == [(7,), (7,), (7,)]
    assert kept(held.pass_on(sample(5.9, 7), ["counter"])) == [(7,)]


def test_a_counter_that_moved_keeps_what_it_said_when_it_falls_silent() -> None:
    held = Holdback(["counter", "counter"])
    methods = ["counter", "counter"]
    held.pass_on(sample(0.0, 1, 5), methods)
    held.pass_on(sample(0.1, 2, 5), methods)
    found = kept(held.pass_on(sample(0.2, math.nan, 6), methods))
    assert [row[1] for row in found] == [5, 5, 6]
    assert [row[0] for row in found[:2]] == [1, 2] and math.isnan(found[2][0])


def test_only_the_joules_of_the_counter_that_was_replaced_are_written_anew() -> None:
    held = Holdback(["counter", "integrated"])
    first, last = sample(1.0, 10, 3), sample(1.5, 60, 9)
    first.values[1:4] = last.values[1:4] = [0.1, 0.2, 0.3]
    middle = sample(1.1, 10, 4)
    held.pass_on(first, ["counter", "integrated"])
    held.pass_on(middle, ["counter", "integrated"])
    assert held.pass_on(last, ["integrated", "integrated"]) == [first, middle, last]
    assert [s.values[0] for s in (first, middle, last)] == pytest.approx([10, 20, 60])
    assert [s.values[4] for s in (first, middle, last)] == [3, 4, 9]
    assert first.values[1:4] == [0.1, 0.2, 0.3]


def test_a_counter_seen_late_is_written_anew_from_where_it_began() -> None:
    held = Holdback(["counter", "counter"])
    methods = ["counter", "counter"]
    held.pass_on(sample(0.0, math.nan, 1), methods)
    held.pass_on(sample(0.1, 30, 1), methods)
    found = kept(held.pass_on(sample(0.2, 50, 2), ["integrated", "counter"]))
    assert [row[0] for row in found] == pytest.approx([30, 40, 50])
