"""`%%footprint --start-before 18:00 --greenest`: a cell that waits for its cleanest start.

The wait is the cell's first statement, put where the marker line was: interrupting it stops
the cell like any other statement would. Metering begins when it is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.when import IntensityAt, Start, best_start, mean_intensity
from ipyfootprint.model import Run
from ipyfootprint.units import duration_text, percent_text
from ipyfootprint.words import WORDS, say

WINDOW = timedelta(hours=24)
USUAL_RUN_S = 3600.0
REPLAN_S = 60.0  # a forecast may come, or change, while the cell waits
PATIENCE_S = 4.0  # for a forecast that has just been asked for
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """A start, and the fraction of carbon that it saves against starting now."""

    start: Start
    saving: float


class Wait:
    """One cell's wait.

    Args:
        candidates: what tells one hour from another, best first.
        duration_s: how long the cell is expected to run.
        before: aware time by which it must have started.
        show: shows a line in place of the one before; `last=True` for the one that stays.
        now, sleep: the clock.
    """

    def __init__(
        self,
        candidates: Sequence[IntensityAt],
        duration_s: float,
        before: datetime,
        show: Callable[..., None],
        *,
        zone: tzinfo = UTC,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._candidates, self._duration_s, self._before = candidates, duration_s, before
        self._show, self._zone, self._now, self._sleep = show, zone, now, sleep

    def run(self, patience_s: float = 0.0) -> None:
        """Return at the best start; at once where no data exist.

        Args:
            patience_s: how long a forecast that was just asked for is waited for.
        """
        begun = self._now()
        plan = self._plan()
        while plan is None and self._now() - begun < timedelta(seconds=patience_s):
            self._sleep(STEP_S)
            plan = self._plan()
        if plan is None:
            return self._show(WORDS["wait_no_data"], last=True)
        first, planned_at = plan, self._now()
        while (left := plan.start.at - self._now()) > timedelta(0):
            self._show(self._countdown(plan, left))
            self._sleep(min(left.total_seconds(), 1.0 if left < timedelta(minutes=2) else 10.0))
            if self._now() - planned_at >= timedelta(seconds=REPLAN_S):
                plan, planned_at = self._replanned(plan), self._now()
        self._show(self._told(first, self._now() - begun), last=True)

    def _plan(self) -> Plan | None:
        now = self._now()
        for intensity_at in self._candidates:
            mean = mean_intensity(intensity_at, now, self._duration_s)
            best = best_start(intensity_at, self._duration_s, now, self._before)
            if mean is not None and best is not None:
                return Plan(best, 1 - best.g_per_kwh / mean if mean > 0 else 0.0)
        return None

    def _replanned(self, plan: Plan) -> Plan:
        """A new plan where it is cleaner by more than a hundredth; else a start would drift."""
        new = self._plan()
        means = (mean_intensity(at, plan.start.at, self._duration_s) for at in self._candidates)
        kept = next((mean for mean in means if mean is not None), None)
        if new is None or (kept is not None and new.start.g_per_kwh > 0.99 * kept):
            return plan
        return new

    def _countdown(self, plan: Plan, left: timedelta) -> str:
        return say(
            "wait_until",
            at=f"{plan.start.at.astimezone(self._zone):%H:%M}",
            left=duration_text(round(left.total_seconds())),
            share=percent_text(plan.saving),
        )

    def _told(self, first: Plan, waited: timedelta) -> str:
        if first.saving < 0.01 or waited < timedelta(seconds=1):
            return WORDS["wait_none"]
        length = duration_text(round(waited.total_seconds()))
        return say("wait_over", time=length, share=percent_text(first.saving))


def hold(
    runs: Sequence[Run], lineage: str | None, before: str | None, show: Callable[..., None]
) -> None:
    """Hold a cell back until its best start, taking it to run as long as it last did.

    Raises:
        ConfigError: `before` is not a time of day.
    """
    from ipyfootprint import explain

    subject = explain.here()
    zone = datetime.now().astimezone().tzinfo or UTC
    lengths = [run.duration_s for run in runs if run.lineage == lineage and run.duration_s]
    wait = Wait(
        explain.candidates(subject),
        lengths[-1] if lengths else USUAL_RUN_S,
        deadline(before, datetime.now(UTC), zone),
        show,
        zone=zone,
    )
    wait.run(patience_s=PATIENCE_S if subject.settings.network else 0.0)


def deadline(text: str | None, now: datetime, zone: tzinfo) -> datetime:
    """The next time a clock shows "18:00" in a zone; a day from now for None.

    Raises:
        ConfigError: not a time of day.
    """
    if text is None:
        return now + WINDOW
    try:
        hour, _, minute = text.partition(":")
        local = now.astimezone(zone)
        found = local.replace(hour=int(hour), minute=int(minute or 0), second=0, microsecond=0)
    except ValueError:
        raise ConfigError(
            f"{text!r} is not a time of day", "the cell was not run", "Type e.g. 18:00."
        ) from None
    return found if found > local else found + timedelta(days=1)
