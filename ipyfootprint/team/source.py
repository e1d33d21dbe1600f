"""A source over a database: asks the rollups, returns aggregates."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ipyfootprint.errors import ConfigError
from ipyfootprint.team import queries
from ipyfootprint.team.aggregates import (
    Aggregates,
    Bin,
    Course,
    Experiment,
    Group,
    Page,
    Sums,
    Volume,
    sums_of,
)
from ipyfootprint.team.filters import DIMENSIONS, Dimension, Filters

Row = Mapping[str, Any]
Fetch = Callable[[str, Mapping[str, object]], Sequence[Row]]
Size = Literal["hour", "day", "month"]
HOURS_DAYS = 2  # a series of hours up to so many days
LOCAL_DAYS = 14  # days that begin at local midnight are read hour by hour; longer: UTC's days
DAYS_DAYS = 100
PAGE_ROWS = 20
COUNTED_PART = 0.8
LONGEST_CHOICE = 1000
KEPT_S = 60.0


class DatabaseSource:
    """Aggregates from a ledger's rollups.

    Args:
        fetch: answers a statement with named values by rows that read like mappings.
        runs: whether it may read single runs, for the last step of a drill-down.
        clock: seconds, monotonic.
    """

    def __init__(
        self, fetch: Fetch, *, runs: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch, self._runs = fetch, runs
        self._clock = clock
        self._kept: dict[str, tuple[float, dict[Dimension, list[str]]]] = {}

    def __call__(self, filters: Filters) -> Aggregates:
        """Everything the five blocks show, from a dozen statements over rollups.

        Raises:
            LedgerError: the database does not answer.
        """
        groups = self._groups(filters)
        size, bins = self._series(filters, [group.name for group in groups])
        shown = self._experiments(filters)
        largest = [e.lineage for e in shown if e.lineage != queries.OTHERS]
        return Aggregates(
            filters=filters,
            now=sum((g.now for g in groups), Sums()),
            before=sum((g.before for g in groups), Sums()),
            bins=bins,
            bin_size=size,
            bin_zone=filters.zone if self._local(filters) else "UTC",
            groups=groups,
            experiments=shown,
            courses=self._courses(filters, largest),
            choices=self._choices(filters),
            hardware={r["hardware_id"]: r["label"] for r in self._ask(queries.HARDWARE)},
            runs=self._runs,
        )

    def experiments(self, filters: Filters, after: tuple[object, ...] | None = None) -> Page:
        """Experiments of the period's weeks by falling energy, a page at a time."""
        found = self._ask(queries.experiments_page(filters, after, PAGE_ROWS))
        rows = [(r["project"], r["lineage"], int(r["people"]), _volume([r])) for r in found]
        last = found[-1] if len(found) == PAGE_ROWS else None
        key = (int(last["energy_uj"]), last["project"], last["lineage"]) if last else None
        return Page(("project", "experiment", "people", "volume"), rows, key)

    def runs(self, lineage: str, after: tuple[object, ...] | None = None) -> Page:
        """Runs of one experiment, newest first, a page at a time.

        Raises:
            ConfigError: this source reads no single runs.
        """
        if not self._runs:
            raise ConfigError(
                "A dashboard reads sums, not single runs",
                "no run was shown",
                "Whoever made a run sees it in their own ledger: ipyfootprint export.",
            )
        found = self._ask(queries.runs_page(lineage, after, PAGE_ROWS))
        last = found[-1] if len(found) == PAGE_ROWS else None
        key = (int(last["started_us"]), last["run_id"]) if last else None
        head = tuple(found[0].keys()) if found else ()
        return Page(head, [tuple(row[name] for name in head) for row in found], key)

    def _ask(self, query: queries.Query) -> Sequence[Row]:
        return self._fetch(query.sql, query.values)

    def _choices(self, filters: Filters) -> dict[Dimension, list[str]]:
        """What the filters can be set to, a year back from the period; kept for a minute."""
        since = (filters.until - timedelta(days=366)).strftime("%Y-%m")
        now = self._clock()
        self._kept = {k: kept for k, kept in self._kept.items() if now - kept[0] < KEPT_S}
        if since in self._kept:
            return self._kept[since][1]
        found: dict[Dimension, list[str]] = {name: [] for name in DIMENSIONS}
        for row in self._ask(queries.choices(since)):
            found[row["dimension"]].append(row["name"])
        found = {name: names[:LONGEST_CHOICE] for name, names in found.items()}
        self._kept[since] = (now, found)
        return found

    def _groups(self, filters: Filters) -> list[Group]:
        sides: dict[str, list[Sums]] = defaultdict(lambda: [Sums(), Sums()])
        for row in self._ask(queries.totals(filters)):
            if row["n"] or row["n_gap"] or row["gap_us"]:  # else taken away altogether
                sides[row["name"]][row["side"]] = sums_of(row)
        groups = [Group(name, now, before) for name, (before, now) in sides.items()]
        return sorted(groups, key=lambda g: (-g.now.energy_j, -g.before.energy_j, g.name))

    @staticmethod
    def _local(filters: Filters) -> bool:
        return filters.zone != "UTC" and filters.days <= LOCAL_DAYS

    def _series(self, filters: Filters, largest: list[str]) -> tuple[Size, list[Bin]]:
        """The series in hours, days or months; days begin at local midnight where they can."""
        days = filters.days
        size: Size = "hour" if days <= HOURS_DAYS else "day" if days <= DAYS_DAYS else "month"
        if self._local(filters) and size == "day":
            rows = self._ask(queries.local_days(filters, largest))
        else:
            rows = self._ask(queries.series(filters, size, largest))
        bins = [Bin(row["bucket"], row["name"], sums_of(row)) for row in rows]
        if self._local(filters) and size == "hour":
            bins = _by_local_hour(bins, ZoneInfo(filters.zone))
        return size, bins

    def _experiments(self, filters: Filters) -> list[Experiment]:
        sides: dict[tuple[str, str], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
        for row in self._ask(queries.experiments(filters)):
            sides[row["project"], row["lineage"]][row["side"]].append(row)
        found = [
            Experiment(project, lineage, _volume(before), _volume(now))
            for (project, lineage), (before, now) in sides.items()
        ]
        found.sort(key=lambda e: (-_energy(e.now) - _energy(e.before), e.project, e.lineage))
        return found

    def _courses(self, filters: Filters, lineages: list[str]) -> list[Course]:
        if not lineages:
            return []
        weeks: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self._ask(queries.courses(filters, lineages)):
            weeks[row["project"], row["lineage"]][row["week"]].append(row)
        return [
            Course(
                project,
                lineage,
                tuple(
                    (date.fromisoformat(week), volume)
                    for week, rows in sorted(by_week.items())
                    if (volume := _volume(rows)) is not None
                ),
            )
            for (project, lineage), by_week in weeks.items()
        ]


def _by_local_hour(bins: Sequence[Bin], zone: ZoneInfo) -> list[Bin]:
    """Hours by the clock of a zone; one that comes twice in a night is one."""
    found: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for one in bins:
        when = datetime.strptime(one.start, "%Y-%m-%dT%H").replace(tzinfo=UTC)
        found[when.astimezone(zone).strftime("%Y-%m-%dT%H"), one.group] += one.sums
    return [Bin(start, name, found[start, name]) for start, name in sorted(found)]


def _energy(volume: Volume | None) -> float:
    return volume.energy_j if volume else 0.0


def _volume(rows: Sequence[Row]) -> Volume | None:
    """The rows of one experiment, one a unit of work, as one.

    Its work is known where it has one unit and what was not counted (runs that failed, as a
    rule) is a small part of its energy, which is then a part of what the work cost.
    """
    people = configs = runs = priced = energy = carbon = units = counted = 0
    work, kind = 0.0, ""
    for row in rows:
        if not row["n"]:
            continue
        # people in several units may be the same ones: at least the largest number is there
        people = max(people, int(row["people"]))
        configs += int(row["configs"])
        runs += int(row["n"])
        priced += int(row["n_carbon"])
        energy += int(row["energy_uj"])
        carbon += int(row["operational_ug"])
        if row["work_kind"] and row["n_work"]:
            units += 1
            work, kind, counted = float(row["work_units"]), row["work_kind"], int(row["energy_uj"])
    if not runs:
        return None
    known = units == 1 and counted >= COUNTED_PART * energy
    return Volume(
        people=people,
        configs=configs,
        runs=runs,
        work=work if known else None,
        work_kind=kind if known else "",
        energy_j=energy / 1e6,
        carbon_g=carbon / 1e6 if priced == runs else None,
    )
