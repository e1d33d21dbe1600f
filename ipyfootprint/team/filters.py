"""What a dashboard looks at: a period in someone's time zone, and whose runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from ipyfootprint.errors import ConfigError

Dimension = Literal["project", "person", "hardware", "phase"]
Measure = Literal["energy", "carbon"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
LONGEST_DAYS = 3700  # ten years
WEEK = timedelta(days=7)
LONGEST_WEEKS = 13  # a quarter against the quarter before


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """A period of whole days, whose runs, and how they are told apart.

    Attributes:
        since: first day.
        until: the day after the last.
        zone: time zone in which days begin, by its IANA name.
        project: this project alone; "" is runs without one, None is all.
        person: this pseudonym alone; likewise `hardware` and `phase`.
        by: what the series and the table of shares are split by.

    Raises:
        ConfigError: the period is empty or longer than ten years, no such zone or dimension.
    """

    since: date
    until: date
    zone: str = "UTC"
    project: str | None = None
    person: str | None = None
    hardware: str | None = None
    phase: str | None = None
    by: Dimension = "project"

    def __post_init__(self) -> None:
        if not 0 < self.days <= LONGEST_DAYS:
            raise ConfigError(
                f"From {self.since} until {self.until} is no period",
                "nothing was read",
                f"Name 1 to {LONGEST_DAYS} days.",
            )
        if self.by not in DIMENSIONS:
            raise ConfigError(
                f"{self.by!r} tells no runs apart", "nothing was read", f"{', '.join(DIMENSIONS)}."
            )
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ConfigError(
                f"{self.zone!r} is no time zone", "nothing was read", "Type e.g. Europe/Berlin."
            ) from None

    @classmethod
    def last(cls, days: int, today: date | None = None, zone: str = "UTC") -> Filters:
        """The last so many days, today included."""
        try:
            end = (today or datetime.now(ZoneInfo(zone)).date()) + timedelta(days=1)
            return cls(since=end - timedelta(days=days), until=end, zone=zone)
        except (KeyError, ValueError, OSError, OverflowError):
            raise ConfigError(
                f"{days} days in {zone!r} is no period", "nothing was read", "Type e.g. 30, UTC."
            ) from None

    @property
    def days(self) -> int:
        """Length of the period in days."""
        return (self.until - self.since).days

    @property
    def previous(self) -> Filters:
        """The period of the same length just before."""
        length = timedelta(days=self.days)
        return replace(self, since=self.since - length, until=self.since)

    @property
    def start(self) -> datetime:
        """When the period begins, in UTC."""
        return _midnight(self.since, self.zone)

    @property
    def stop(self) -> datetime:
        """When it ends, in UTC."""
        return _midnight(self.until, self.zone)

    def local_days(self) -> list[tuple[str, datetime, datetime]]:
        """Each day of the period: its date, and when it begins and ends, in UTC."""
        days = [self.since + timedelta(days=number) for number in range(self.days + 1)]
        edges = [_midnight(day, self.zone) for day in days]
        return [(d.isoformat(), *edge) for d, edge in zip(days, pairwise(edges), strict=False)]

    @property
    def weeks(self) -> tuple[date, date, date]:
        """Mondays (UTC) that bound two equal stretches of whole weeks: before, after, end.

        The later one holds as many whole weeks as the period, from one to a quarter, and ends
        with the period's last whole week.
        """
        end = self.until - timedelta(days=self.until.weekday())
        length = min(LONGEST_WEEKS, max(1, self.days // 7)) * WEEK
        return end - 2 * length, end - length, end


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class Piece(NamedTuple):
    """Rows of a rollup from a bucket to before another, to be added (1) or taken away (-1)."""

    rollup: str
    low: str
    high: str
    sign: int


def cover(start: datetime, stop: datetime) -> list[Piece]:
    """Few rollup rows that add up to a stretch of UTC time.

    Whole months, with days added or taken away at their ends, and hours at the ends of those; a
    start inside an hour (zones of half an hour) counts from the hour's beginning. An edge is put
    together from the nearest midnight and month, before or after it, whichever is less to read.
    """
    first, last = _nearest_day(start), _nearest_day(stop)
    if first >= last:
        return _between("hour", start, stop)
    hours = [*_between("hour", start, first), *_between("hour", last, stop)]
    month, end = _nearest_month(first), _nearest_month(last)
    if month < end and abs(month - first) + abs(last - end) < last - first:
        return [
            *hours,
            *_between("day", first, month),
            *_between("month", month, end),
            *_between("day", end, last),
        ]
    return [*hours, *_between("day", first, last)]


FORMATS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}


def bucket(rollup: str, when: datetime) -> str:
    """The bucket of a rollup in which a time (UTC) is."""
    return when.strftime(FORMATS[rollup])


def _between(rollup: str, one: datetime, other: datetime) -> list[Piece]:
    low, high = bucket(rollup, min(one, other)), bucket(rollup, max(one, other))
    return [Piece(rollup, low, high, 1 if one < other else -1)] if low < high else []


def _nearest_day(when: datetime) -> datetime:
    noon = when + timedelta(hours=12)
    return noon.replace(hour=0, minute=0, second=0, microsecond=0)


def _nearest_month(day: datetime) -> datetime:
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return after if after - day < day - first else first
