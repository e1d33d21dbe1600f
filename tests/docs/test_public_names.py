"""Every public name says what it is, in which unit, and which errors leave it."""

import inspect
from dataclasses import dataclass

import pytest
from public_names import public, raised, without_error, without_unit

from ipyfootprint.errors import ConfigError, LedgerError
from ipyfootprint.model import Estimate

# `when` refuses a session without runs; advice gives it the length of one.
CANNOT_HAPPEN = {"ipyfootprint.insight.advice": ["ConfigError"]}


def test_the_walk_finds_methods_values_and_errors():
    assert {
        "ipyfootprint.blocks.track",
        "ipyfootprint.model.Run.is_replay",
        "ipyfootprint.widgets.summary.Summary",
        "ipyfootprint.team.dashboard.TeamDashboard.show",
        "ipyfootprint.testing.FakeClock.advance",
        "ipyfootprint.errors.LedgerNewer",
    } <= public().keys()
    assert len(public()) > 100


@pytest.mark.parametrize("name", public())
def test_a_public_name_says_what_it_is_in_which_unit_and_what_it_raises(name):
    thing = public()[name]
    assert (thing.__doc__ or "").strip(), "no docstring"
    assert without_unit(thing) == []
    assert without_error(thing) == CANNOT_HAPPEN.get(name, [])


@dataclass
class Bare:
    """Two figures, one of them in joules."""

    energy_j: float
    amount: Estimate


def silent(power: float) -> float:
    """Something of something."""
    return _inner(power)


def _inner(power: float) -> float:
    if power < 0:
        raise ConfigError("No", "nothing", "Type 1.")
    try:
        raise LedgerError("No")
    except LedgerError:
        return power


def test_the_check_sees_what_is_missing():
    assert without_unit(Bare) == ["amount"]
    assert without_unit(silent) == ["power", "return"]
    silent.__module__ = _inner.__module__ = "ipyfootprint.units"
    assert raised(_inner) == {"ConfigError"} and without_error(silent) == ["ConfigError"]
    silent.__doc__ = inspect.cleandoc("W of W.\n\nRaises:\n    FootprintError: power below 0.")
    assert without_error(silent) == []
