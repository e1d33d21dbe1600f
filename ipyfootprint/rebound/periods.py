"""Stretches of runs that can be held against each other: by number, time, day, phase or label."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ipyfootprint.amounts import carbon_of, energy_of, total_of
from ipyfootprint.errors import ConfigError
from ipyfootprint.model import PHASES, Estimate, Method, Run, weakest
from ipyfootprint.rebound.decompose import Decomposition, Period, decompose
from ipyfootprint.rebound.sums import active_seconds
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.words import WORDS, say

_NUMBERS = re.compile(r"#?(\d+)(?:\s*-\s*#?(\d+)?)?")
_CLOCK = re.compile(r"(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)?")
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
_DAY = timedelta(days=1)
GRAMMAR = (
    "Name cells (1-12), a time of today (9:00-11:30), a day or days (2026-05-01..2026-05-07, "
    "today, yesterday, this-week, last-week), a phase or a label."
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Runs that belong together in a comparison, and their sums.

    Args:
        name: as the person named it.
        runs: oldest first, failed ones included.
        period: their sums for the decomposition.
        energy: J with bounds, or None where no run's is known.
        carbon: g CO2e of the electricity with bounds, or None where one run's is not known.
        days: calendar days that the stretch spans.
        work_kind: the unit of `period.work`, or None where work was not counted throughout.
        method: the weakest of its runs.
    """

    name: str
    runs: tuple[Run, ...]
    period: Period
    energy: Estimate | None
    carbon: Estimate | None
    days: int
    work_kind: str | None
    method: Method

    @property
    def energy_per_day(self) -> Estimate | None:
        """Joules per calendar day, pauses and nights included."""
        return self.energy * (1 / self.days) if self.energy else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two stretches and what made the second differ per active hour."""

    before: Stretch
    after: Stretch
    change: Decomposition

    @property
    def grid(self) -> tuple[float, float] | None:
        """Carbon per metered kWh before and after, in g, or None where carbon is unknown."""
        for factor in self.change.factors:
            if factor.name == "grid" and factor.before and factor.after:
                return factor.before, factor.after
        return None


def compare(before: Stretch, after: Stretch) -> Comparison:
    """The change of carbon (energy where carbon is unknown) per active hour, decomposed.

    Work counts only where both count it in one unit.
    """
    x0, x1 = before.period, after.period
    if before.work_kind != after.work_kind:
        x0, x1 = _without_work(x0), _without_work(x1)
    return Comparison(before, after, decompose(x0, x1))


def around(gain: Rebound, runs: Sequence[Run]) -> Comparison | None:
    """A lineage before and since its gain; None where one of the two has no run.

    Args:
        gain: whose `since` is the index of a run in its session, from 0.
        runs: of the session, where numbers count from 1.
    """
    rows = [run for run in runs if run.lineage == gain.lineage and run.status != "started"]
    before = [run for run in rows if run.number <= gain.since]
    after = [run for run in rows if run.number > gain.since]
    if not before or not after:
        return None
    names = WORDS["before_the_gain"], WORDS["since_the_gain"]
    return compare(stretch(names[0], before, runs), stretch(names[1], after, runs))


def stretch(
    name: str,
    runs: Sequence[Run],
    around: Sequence[Run],
    *,
    days: int | None = None,
    zone: tzinfo | None = None,
) -> Stretch:
    """The sums of some runs.

    Args:
        name: what to call them.
        runs: the runs.
        around: all runs of their sessions: the pause before a run counts up to ten minutes.
        days: calendar days; by default from the first run's to the last run's.
        zone: in which days are counted; None for the machine's own.
    """
    ordered = tuple(sorted(runs, key=lambda run: run.started_at))
    active_s = active_seconds(around)
    known = [run for run in ordered if run.energy_j is not None]
    kind, work = _work(known)
    carbon = [run.operational_g for run in known]
    if days is None and ordered:
        dates = [run.started_at.astimezone(zone).date() for run in (ordered[0], ordered[-1])]
        days = (dates[1] - dates[0]).days + 1
    return Stretch(
        name=name,
        runs=ordered,
        period=Period(
            hours=sum(active_s.get(run.run_id, run.duration_s or 0.0) for run in ordered) / 3600,
            configs=len({run.config_hash for run in ordered}),
            runs=len(ordered),
            work=work,
            energy_j=sum(run.energy_j or 0.0 for run in known),
            carbon_g=None if None in carbon else sum(g for g in carbon if g is not None),
        ),
        energy=total_of(map(energy_of, known)),
        carbon=None if None in carbon else total_of(map(carbon_of, known)),
        days=max(1, days or 1),
        work_kind=kind,
        method=weakest(run.method for run in known),
    )


def select(
    text: str,
    here: Sequence[Run],
    everything: Callable[[], Sequence[Run]],
    now: datetime,
    zone: tzinfo | None = None,
) -> Stretch:
    """The stretch that a person names.

    Cell numbers and times of day are of this session; days are of the whole ledger; a phase
    or label is looked for in this session first.

    Args:
        text: e.g. "1-12", "9:00-11:30", "yesterday", "training", "distil".
        here: this session's runs.
        everything: the runs of the ledger, asked only where they are needed.
        now: the present moment.
        zone: in which times are read; None for the machine's own.

    Raises:
        ConfigError: it names nothing, or nothing ran then.
    """
    text = text.strip()
    if match := _NUMBERS.fullmatch(text):
        first = int(match[1])
        last = int(match[2]) if match[2] else (10**9 if "-" in text else first)
        chosen = [run for run in here if first <= run.number <= last]
        many = say("stretch_cells", cells=text)
        name = many if "-" in text else say("stretch_cell", cell=first)
        return _found(name, chosen, here, zone)
    if match := _CLOCK.fullmatch(text):
        today = now.astimezone(zone).date()
        start, stop = (_at(today, part, zone) for part in (match[1], match[2] or "23:59"))
        chosen = [run for run in here if start <= run.started_at <= stop]
        return _found(text, chosen, here, zone)
    if (days := _days(text, now.astimezone(zone))) is not None:
        runs = everything()
        first_day, last_day = days
        chosen = [
            run for run in runs if first_day <= run.started_at.astimezone(zone).date() <= last_day
        ]
        until = min(last_day, now.astimezone(zone).date())
        return _found(text, chosen, runs, zone, days=(until - first_day).days + 1)
    name, by = text.removeprefix("label:").removeprefix("phase:"), text.partition(":")[0]
    sources: tuple[Callable[[], Sequence[Run]], ...] = (lambda: here, everything)
    for load in sources:
        runs = load()
        chosen = [run for run in runs if _is_named(run, name, by)]
        if chosen:
            return stretch(name, chosen, runs, zone=zone)
    labels = sorted({run.label for run in here if run.label})
    known = f" Labels of this session: {', '.join(labels)}." if labels else ""
    raise ConfigError(f"{text!r} names no run", "nothing was compared", GRAMMAR + known)


def _is_named(run: Run, name: str, by: str) -> bool:
    if by != "label" and name in PHASES:
        return run.phase == name
    return by != "phase" and name in (run.label, run.lineage)


def _found(
    name: str,
    chosen: Sequence[Run],
    around: Sequence[Run],
    zone: tzinfo | None,
    *,
    days: int | None = None,
) -> Stretch:
    if not chosen:
        raise ConfigError(f"No metered run in {name}", "nothing was compared", GRAMMAR)
    return stretch(name, chosen, around, days=days, zone=zone)


def _at(day: date, clock: str, zone: tzinfo | None) -> datetime:
    try:
        hours, minutes = map(int, clock.split(":"))
        moment = datetime.combine(day, time(hours, minutes))
    except ValueError:
        raise ConfigError(f"{clock!r} is no time", "nothing was compared", GRAMMAR) from None
    return moment.replace(tzinfo=zone) if zone else moment.astimezone()


def _days(text: str, now: datetime) -> tuple[date, date] | None:
    """First and last day of a named stretch of days, or None where it is none."""
    today = now.date()
    monday = today - now.weekday() * _DAY
    named: Mapping[str, tuple[date, date]] = {
        "today": (today, today),
        "yesterday": (today - _DAY, today - _DAY),
        "this-week": (monday, today),
        "last-week": (monday - 7 * _DAY, monday - _DAY),
    }
    if text in named:
        return named[text]
    if (match := _DATES.fullmatch(text)) is None:
        return None
    try:
        first = datetime.fromisoformat(match[1]).date()
        last = datetime.fromisoformat(match[2]).date() if match[2] else first
    except ValueError:
        raise ConfigError(f"{text!r} is no day", "nothing was compared", GRAMMAR) from None
    if last < first or first > today:
        raise ConfigError(f"{text!r} holds no day", "nothing was compared", GRAMMAR)
    return first, last


def _work(runs: Sequence[Run]) -> tuple[str | None, float | None]:
    """The one unit in which all runs count their work, and its sum; a failed run may do none."""
    counted = [run for run in runs if run.work_units is not None]
    kinds = {run.work_kind for run in counted}
    ended_well = [run for run in runs if run.status == "ok"]
    if len(kinds) != 1 or any(run.work_units is None for run in ended_well):
        return None, None
    return kinds.pop(), sum(run.work_units or 0.0 for run in counted)


def _without_work(period: Period) -> Period:
    return Period(period.hours, period.configs, period.runs, None, period.energy_j, period.carbon_g)
