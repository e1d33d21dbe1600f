"""Budgets: how they are typed, what is used of them, and when a cell would pass one."""

import contextlib
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import START, row

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate
from ipyfootprint.rebound.budget import Budget, passes, usage


@pytest.mark.parametrize(
    ("typed", "kind", "value", "period", "action"),
    [
        ("500 Wh", "energy", 1.8e6, "session", "warn"),
        ("200 g per week", "carbon", 200, "week", "warn"),
        ("5 L per day --action confirm", "water", 5, "day", "confirm"),
        ("2.5 mWh --action=warn", "energy", 9, "session", "warn"),
        ("1 kg per session", "carbon", 1000, "session", "warn"),
    ],
)
def test_a_budget_is_read_and_typed_again(typed, kind, value, period, action):
    budget = Budget.parse(typed)
    assert (budget.amount.kind, budget.period, budget.action) == (kind, period, action)
    assert budget.amount.value == pytest.approx(value)
    assert Budget.parse(str(budget)) == budget


@pytest.mark.parametrize(
    "typed",
    [
        "5 parsecs", "500", "-3 Wh", "nan Wh", "0 g", "", "500 Wh per month", "500 Wh per",
        "5 L --action stop", "5 L --action", "1e999 Wh",
    ],
)  # fmt: skip
def test_what_is_no_budget_is_refused_in_three_parts(typed):
    with pytest.raises(ConfigError) as refused:
        Budget.parse(typed)
    assert refused.value.what and refused.value.remedy
    assert refused.value.instead == "nothing was changed"


def test_used_is_the_sum_of_what_is_known_with_its_bounds():
    budget = Budget.parse("2000 J")
    runs = [row(1), row(2, 500.0), row(3, None), row(4, None, status="started")]
    now = usage(budget, runs)
    assert (now.used.mid, now.unknown, now.runs) == (1500, 1, 2)
    assert (now.used.low, now.used.high) == pytest.approx((1350, 1650))
    assert now.fraction == 0.75 and now.left == 500 and not now.near
    assert str(now) == "1500 J (1400-1600) of 2000 J per session (75 %, 1 run not known)"


def test_each_kind_counts_its_own_impact():
    assert usage(Budget.parse("1 g"), [row(1, 1e4)]).used.mid == pytest.approx(1.0)
    assert usage(Budget.parse("1 L"), [row(1, 1e4)]).used.mid == pytest.approx(0.01)
    assert usage(Budget.parse("1 L"), [row(1, None)]).used is None


def test_a_cell_passes_a_budget_only_beyond_it():
    now = usage(Budget.parse("2000 J"), [row(1)])
    assert not passes(now, Estimate(1000, 500, 4000))
    assert passes(now, Estimate(1001, 500, 4000))
    assert usage(Budget.parse("1000 J"), [row(1)]).near


def test_days_and_weeks_begin_at_midnight_of_the_machine():
    now = datetime(2026, 5, 6, 15, 30, tzinfo=UTC)
    assert Budget.parse("1 Wh").since(now, START, UTC) == START
    assert Budget.parse("1 Wh per day").since(now, START, UTC) == datetime(2026, 5, 6, tzinfo=UTC)
    week = Budget.parse("1 Wh per week").since(now, START, UTC)
    assert week == datetime(2026, 5, 4, tzinfo=UTC) and week.weekday() == 0
    local = Budget.parse("1 Wh per day").since(now, START, None)
    assert now - local < timedelta(days=1) and local.astimezone().hour == 0


@given(st.text(max_size=30))
def test_any_text_is_a_budget_or_a_config_error(text):
    with contextlib.suppress(ConfigError):
        assert math.isfinite(Budget.parse(text).amount.value)


def test_a_day_is_that_of_the_person():
    east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))
    now = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)  # a Monday; Tuesday in the east
    day, week = Budget.parse("1 Wh per day"), Budget.parse("1 Wh per week")
    assert day.since(now, START, east) == datetime(2026, 5, 5, tzinfo=east)
    assert day.since(now, START, west) == datetime(2026, 5, 4, tzinfo=west)
    assert week.since(now - timedelta(days=1), START, east) == datetime(2026, 5, 4, tzinfo=east)
    assert week.since(now - timedelta(days=1), START, west) == datetime(2026, 4, 27, tzinfo=west)


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([], "nothing yet of 2000 J per session (0 %)"),
        ([row(1)], "1000 J (900-1100) of 2000 J per session (50 %)"),
        ([row(1, None)], "nothing yet of 2000 J per session (0 %, 1 run not known)"),
        ([row(1, None)] * 2, "nothing yet of 2000 J per session (0 %, 2 runs not known)"),
    ],
)
def test_what_is_used_is_told_in_words(runs, says):
    assert str(usage(Budget.parse("2000 J"), runs)) == says


def test_unknown_runs_are_counted_and_running_ones_wait():
    nothing = row(1, None), row(2, None), row(3, None, status="started")
    now = usage(Budget.parse("2000 J"), [*nothing, row(4)])
    assert (now.unknown, now.runs, now.used.mid) == (2, 1, 1000)
    running = usage(Budget.parse("2000 J"), [row(1, status="started")])
    assert (running.used.mid, running.runs, running.unknown) == (1000, 1, 0)


def test_before_the_first_run_a_cell_may_use_the_whole_budget():
    empty = usage(Budget.parse("2000 J"), [])
    assert (empty.fraction, empty.left, empty.near) == (0, 2000, False)
    assert not passes(empty, Estimate.exact(2000)) and passes(empty, Estimate.exact(2000.5))


def test_what_is_over_leaves_nothing_and_not_less():
    over = usage(Budget.parse("500 J"), [row(1)])
    assert (over.left, over.fraction, over.near) == (0, 2.0, True)


@pytest.mark.parametrize(
    ("typed", "what", "remedy"),
    [
        ("5 parsecs", "'5 parsecs' is no amount", None),
        (" 5 parsecs per day", "'5 parsecs' is no amount", None),
        ("1e999 Wh", "'1e999 Wh' is no amount", None),
        ("", "'' is no amount", None),
        ("5 L per month", "'month' is no period of a budget", "Periods: session, day, week."),
        ("5 L per", "'' is no period of a budget", "Periods: session, day, week."),
        ("5 L --action stop", "'stop' is no action", "Actions: warn, confirm."),
        ("5 L --action", "'' is no action", "Actions: warn, confirm."),
        ("5 L --action=", "'' is no action", "Actions: warn, confirm."),
    ],
)
def test_a_refusal_says_what_can_be_typed(typed, what, remedy):
    with pytest.raises(ConfigError) as refused:
        Budget.parse(typed)
    example = "Type e.g. 500 Wh per day --action confirm, 200 g per week, 5 L, or none."
    assert (refused.value.what, refused.value.remedy) == (what, remedy or example)


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        ("500Wh", "500 Wh per session"),
        (" 500 Wh  per  day ", "500 Wh per day"),
        ("200 g per week --action = confirm", "200 g per week --action confirm"),
    ],
)
def test_a_budget_is_written_as_it_can_be_typed(typed, again):
    assert str(Budget.parse(typed)) == again
