"""The questions of a dashboard as SQL that SQLite and PostgreSQL answer alike.

They read rollups alone. Values are bound by name; only names of columns and rollups from this
file are ever written into a statement. Times are bound as the rollups' own bucket texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ipyfootprint.model import REPLAY
from ipyfootprint.team.aggregates import COLUMNS
from ipyfootprint.team.filters import WEEK, Dimension, Filters, bucket, cover

COLUMN: Mapping[Dimension, str] = {
    "project": "project",
    "person": "user_id",
    "hardware": "hardware_id",
    "phase": "phase",
}


def _sum(name: str) -> str:
    # PostgreSQL's sums of integers are numeric, which is slow to read and to add again
    return f"CAST(sum({name}) AS bigint) AS {name}"


# what the series draws; bounds and waste are asked of the totals only
SERIES = ("n", "n_energy", "n_carbon", "energy_uj", "energy_measured_uj", "operational_ug")
_SERIES = ", ".join(_sum(name) for name in SERIES)
LINEAGE_SUMS = (
    *("configs", "n", "n_work", "n_carbon", "energy_uj", "operational_ug", "work_units"),
)
_LINEAGE = ", ".join(f"sum({name}) AS {name}" for name in LINEAGE_SUMS)
OTHERS = "… others"
NAMED = 7  # groups with a colour of their own
LARGEST_EXPERIMENTS = 300
LARGEST_COURSES = 60
COURSE_WEEKS = 26


class Query(NamedTuple):
    """A statement and the values that are bound to its names."""

    sql: str
    values: Mapping[str, object]


def totals(filters: Filters) -> Query:
    """Sums by side (1: the period, 0: the one before) and group, exact to the hour."""
    where, values = _where(filters)
    parts = []
    for side, asked in ((1, filters), (0, filters.previous)):
        for index, piece in enumerate(cover(asked.start, asked.stop)):
            key = f"{side}{index}"
            values |= {f"low{key}": piece.low, f"high{key}": piece.high}
            sums = ", ".join(f"{piece.sign} * {_sum(name)}" for name in COLUMNS)
            parts.append(
                f"SELECT {side} AS side, {COLUMN[filters.by]} AS name, {sums}"
                f" FROM {_rollup(filters, piece.rollup)}"
                f" WHERE bucket >= :low{key} AND bucket < :high{key}{where} GROUP BY 2"
            )
    sums = ", ".join(_sum(name) for name in COLUMNS)
    return Query(
        f"SELECT side, name, {sums} FROM ({' UNION ALL '.join(parts)}) parts GROUP BY 1, 2", values
    )


def series(filters: Filters, size: str, largest: list[str]) -> Query:
    """Sums by bucket and group from the rollup of this bucket size; OTHERS is what is small."""
    where, values = _where(filters)
    group, named = _groups(filters, largest)
    values |= {"low": bucket(size, filters.start), "high": bucket(size, filters.stop), **named}
    past = "<=" if size == "month" else "<"
    return Query(
        f"SELECT bucket, {group} AS name, {_SERIES} FROM {_rollup(filters, size)}"
        f" WHERE bucket >= :low AND bucket {past} :high{where} GROUP BY 1, 2 ORDER BY 1, 2",
        values,
    )


def local_days(filters: Filters, largest: list[str]) -> Query:
    """The same by day from midnight to midnight of the filters' zone, from the hours of each."""
    where, values = _where(filters)
    group, named = _groups(filters, largest)
    values |= named
    days = []
    for index, (day, start, stop) in enumerate(filters.local_days()):
        values |= {f"d{index}": day, f"b{index}": bucket("hour", start)}
        values |= {f"e{index}": bucket("hour", stop)}
        days.append(f"(:d{index}, :b{index}, :e{index})")
    return Query(
        f"WITH one (day, low, high) AS (VALUES {', '.join(days)})"
        f" SELECT day AS bucket, {group} AS name, {_SERIES} FROM one JOIN rollup_hour"
        f" ON bucket >= low AND bucket < high{where} GROUP BY 1, 2 ORDER BY 1, 2",
        values,
    )


def _rollup(filters: Filters, size: str) -> str:
    """The smallest rollup with buckets of a size that tells apart what is asked for."""
    together = size != "hour" and filters.person is None and filters.by != "person"
    return f"rollup_team_{size}" if together else f"rollup_{size}"


def _groups(filters: Filters, largest: list[str]) -> tuple[str, dict[str, object]]:
    """The name of a row's group as an expression, and the values that it needs."""
    named: dict[str, object] = {f"g{i}": name for i, name in enumerate(largest[:NAMED])}
    listed = ", ".join(f":{key}" for key in named) or "NULL"
    column = COLUMN[filters.by]
    return f"CASE WHEN {column} IN ({listed}) THEN {column} ELSE :others END", {
        "others": OTHERS,
        **named,
    }


def experiments(filters: Filters) -> Query:
    """Each large experiment in the weeks of the period and in as many before.

    The small ones of a project are one row, OTHERS, in which a person counts once an experiment.
    """
    where, values = _where(filters)
    before, now, end = filters.weeks
    values |= {"before": before.isoformat(), "now": now.isoformat(), "end": end.isoformat()}
    values |= {"others": OTHERS, "largest": LARGEST_EXPERIMENTS}
    # people are counted by grouping twice, for count(DISTINCT ...) sorts everything; and sums are
    # floating-point, exact up to 2 MWh, for those of integers are slow with many small groups
    real = ", ".join(f"sum(CAST({name} AS double precision)) AS {name}" for name in LINEAGE_SUMS)
    return Query(
        "WITH own AS (SELECT CASE WHEN week < :now THEN 0 ELSE 1 END AS side, project, lineage,"
        f" work_kind, user_id, {real} FROM rollup_lineage"
        f" WHERE week >= :before AND week < :end{where} GROUP BY 1, 2, 3, 4, 5),"
        f" one AS (SELECT side, project, lineage, work_kind, count(*) AS people, {_LINEAGE}"
        " FROM own GROUP BY 1, 2, 3, 4),"
        " large AS (SELECT project, lineage FROM one GROUP BY 1, 2"
        " ORDER BY sum(energy_uj) DESC, 1, 2 LIMIT :largest)"
        " SELECT side, project, CASE WHEN large.lineage IS NULL THEN :others ELSE one.lineage END"
        f" AS lineage, work_kind, sum(people) AS people, {_LINEAGE}"
        " FROM one LEFT JOIN large USING (project, lineage) GROUP BY 1, 2, 3, 4",
        values,
    )


def courses(filters: Filters, lineages: list[str]) -> Query:
    """The named experiments week by week, half a year back at most."""
    where, values = _where(filters)
    end = filters.weeks[2]
    values |= {"low": (end - COURSE_WEEKS * WEEK).isoformat(), "high": end.isoformat()}
    names = {f"l{index}": name for index, name in enumerate(lineages[:LARGEST_COURSES])}
    listed = ", ".join(f":{name}" for name in names) or "NULL"
    return Query(
        "SELECT project, lineage, week, work_kind, count(DISTINCT user_id) AS people,"
        f" {_LINEAGE} FROM rollup_lineage WHERE lineage IN ({listed})"
        f" AND week >= :low AND week < :high{where} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        {**values, **names},
    )


def choices(since: str) -> Query:
    """What each filter can be set to, by what ran since a month: (dimension, name)."""
    each = " UNION ".join(
        f"SELECT '{name}' AS dimension, {column} AS name FROM ran"
        for name, column in COLUMN.items()
    )
    return Query(
        "WITH ran AS (SELECT project, user_id, hardware_id, phase FROM rollup_month"
        f" WHERE bucket >= :since GROUP BY 1, 2, 3, 4) {each} ORDER BY 1, 2",
        {"since": since},
    )


HARDWARE = Query("SELECT hardware_id, label FROM hardware LIMIT 1000", {})


def experiments_page(filters: Filters, after: tuple[object, ...] | None, limit: int) -> Query:
    """Experiments by falling energy, the next `limit` after a key (energy_uj, project, lineage)."""
    where, values = _where(filters)
    _, now, end = filters.weeks
    values |= {"now": now.isoformat(), "end": end.isoformat(), "limit": limit}
    having = ""
    if after is not None:
        values |= dict(zip(("a0", "a1", "a2"), after, strict=True))
        having = (
            " HAVING sum(energy_uj) < :a0 OR (sum(energy_uj) = :a0"
            " AND (project > :a1 OR (project = :a1 AND lineage > :a2)))"
        )
    return Query(
        "SELECT project, lineage, max(work_kind) AS work_kind, count(DISTINCT user_id) AS people,"
        f" {_LINEAGE} FROM rollup_lineage WHERE week >= :now AND week < :end{where}"
        f" GROUP BY 1, 2{having} ORDER BY sum(energy_uj) DESC, project, lineage LIMIT :limit",
        values,
    )


def runs_page(lineage: str, after: tuple[object, ...] | None, limit: int) -> Query:
    """Runs of one experiment, newest first, the next `limit` after a key (started_us, run_id).

    The only statement that reads runs: by an index, and no more than a page of them.
    """
    replay = f'%"{REPLAY}%'  # the label of a device that is played back begins so
    values: dict[str, object] = {"lineage": lineage, "limit": limit, "replay": replay}
    later = ""
    if after is not None:
        values |= dict(zip(("a0", "a1"), after, strict=True))
        later = " AND (started_us < :a0 OR (started_us = :a0 AND run_id < :a1))"
    return Query(
        "SELECT run_id, user_id, started_us, status, duration_us, energy_uj, energy_low_uj,"
        " energy_high_uj, method, operational_ug, operational_low_ug, operational_high_ug,"
        " work_units, work_kind, CAST(devices AS text) LIKE :replay AS replayed"
        f" FROM run WHERE lineage = :lineage{later}"
        " ORDER BY started_us DESC, run_id DESC LIMIT :limit",
        values,
    )


def _where(filters: Filters) -> tuple[str, dict[str, object]]:
    asked = {name: getattr(filters, name) for name in COLUMN}
    values: dict[str, object] = {k: v for k, v in asked.items() if v is not None}
    clauses = [f" AND {COLUMN[name]} = :{name}" for name in COLUMN if name in values]
    return "".join(clauses), values
