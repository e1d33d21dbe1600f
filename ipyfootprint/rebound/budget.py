"""Budgets: an amount of energy, carbon or water per session, day or week, and what is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

from ipyfootprint.amounts import carbon_of, energy_of, water_of
from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate, Run
from ipyfootprint.units import (
    Amount,
    carbon_text,
    energy_text,
    parse_amount,
    percent_text,
    water_text,
)
from ipyfootprint.words import WORDS, counted, say

BudgetPeriod = Literal["session", "day", "week"]
Action = Literal["warn", "confirm"]

PERIODS: tuple[BudgetPeriod, ...] = ("session", "day", "week")
ACTIONS: tuple[Action, ...] = ("warn", "confirm")
NEAR = 0.8  # from here on every run says how much of the budget is used
EXAMPLE = "Type e.g. 500 Wh per day --action confirm, 200 g per week, 5 L, or none."
_OF = {"energy": energy_of, "carbon": carbon_of, "water": water_of}
_TEXT = {"energy": energy_text, "carbon": carbon_text, "water": water_text}


@dataclass(frozen=True, slots=True)
class Budget:
    """What a person wants to stay below.

    Args:
        amount: the limit, in J, g or L.
        period: the stretch of time that it is for; days and weeks are the machine's own.
        action: "warn" tells; "confirm" also asks before a cell that would pass it.
    """

    amount: Amount
    period: BudgetPeriod = "session"
    action: Action = "warn"

    def __str__(self) -> str:
        """The budget as it can be typed again: "500 Wh per day --action confirm"."""
        asks = f" --action {self.action}" if self.action != "warn" else ""
        return f"{str(self.amount).removesuffix(' CO2e')} per {self.period}{asks}"

    @classmethod
    def parse(cls, text: str) -> Budget:
        """A budget typed as "500 Wh [per session|day|week] [--action warn|confirm]".

        Raises:
            ConfigError: no amount, period or action.
        """
        rest, flag, action = text.partition("--action")
        action = action.strip().lstrip("=").strip() or ("" if flag else "warn")
        amount, told, period = f"{rest.rstrip()} ".partition(" per ")
        period = period.strip() or ("" if told else "session")
        if period not in PERIODS:
            raise _no(f"{period!r} is no period of a budget", f"Periods: {', '.join(PERIODS)}.")
        if action not in ACTIONS:
            raise _no(f"{action!r} is no action", f"Actions: {', '.join(ACTIONS)}.")
        try:
            limit = parse_amount(amount)
        except ConfigError:
            raise _no(f"{amount.strip()!r} is no amount", EXAMPLE) from None
        if not 0 < limit.value < float("inf"):
            raise _no(f"{amount.strip()!r} is no amount", EXAMPLE)
        return cls(limit, period, action)

    def of(self, run: Run) -> Estimate | None:
        """What a run takes from this budget, in its unit; None where that is unknown."""
        return _OF[self.amount.kind](run)

    def text(self, amount: Estimate | float | None) -> str:
        """An amount in this budget's unit, for people."""
        return _TEXT[self.amount.kind](amount)

    def since(self, now: datetime, session_start: datetime, zone: tzinfo | None) -> datetime:
        """Where the period that holds `now` began; weeks begin on Monday."""
        if self.period == "session":
            return session_start
        local = now.astimezone(zone)
        day = local.date()
        if self.period == "week":
            day -= timedelta(days=day.weekday())
        start = datetime.combine(day, time())
        return start.replace(tzinfo=zone) if zone else start.astimezone()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a budget its period has used so far.

    Args:
        budget: of which.
        used: by the runs of the period, in the budget's unit; None before the first.
        unknown: runs whose amount is not known and therefore not in it.
        runs: how many runs of the period are in it.
    """

    budget: Budget
    used: Estimate | None
    unknown: int = 0
    runs: int = 0

    @property
    def fraction(self) -> float:
        """Used over limit; 0 where nothing is known to be used."""
        return self.used.mid / self.budget.amount.value if self.used else 0.0

    @property
    def left(self) -> float:
        """What is left, in the budget's unit; 0 where it is used up."""
        return max(0.0, self.budget.amount.value - (self.used.mid if self.used else 0.0))

    @property
    def near(self) -> bool:
        """Whether the limit is close enough to speak of it with every run."""
        return self.fraction >= NEAR

    def __str__(self) -> str:
        """In words: "430 Wh (410-450) of 500 Wh per day (86 %)"."""
        gaps = {
            "used": self.budget.text(self.used) if self.used else WORDS["nothing_yet"],
            "limit": self.budget.amount,
            "period": WORDS[f"per_{self.budget.period}"],
            "share": percent_text(self.fraction),
        }
        if self.unknown:
            return counted("usage_unknown", self.unknown, **gaps)
        return say("usage", **gaps)


def usage(budget: Budget, runs: Iterable[Run]) -> Usage:
    """What the runs of one period took from a budget; running ones count with what they have."""
    used: Estimate | None = None
    unknown = known = 0
    for run in runs:
        part = budget.of(run)
        if part is None:
            unknown += run.status != "started"
            continue
        known += 1
        used = part if used is None else used + part
    return Usage(budget, used, unknown, known)


def passes(now: Usage, predicted: Estimate) -> bool:
    """Whether a cell predicted to take so much more (in the budget's unit) passes the limit."""
    return (now.used.mid if now.used else 0.0) + predicted.mid > now.budget.amount.value


def _no(what: str, remedy: str) -> ConfigError:
    return ConfigError(what, "nothing was changed", remedy)
