"""Budgets: how they are typed, what is used of them, and when a cell would pass one."""

import contextlib
import math
from datetime import UTC, datetime, timedelta

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
