"""Sums that dashboards read, kept up in the transaction of the run they come from.

A run is added when it is closed and taken out when it is forgotten; an adjustment adds its
difference. They equal the sums over raw rows at any moment. Keys are text and never NULL ('' is
absent); a bucket is UTC: an hour "2026-03-04T05", a day "2026-03-04", a month "2026-03", and a
week the date of its Monday. Every amount is a plain sum, so that rollups of several ledgers add.
"""

from __future__ import annotations

BUCKETS = {
    "hour": "strftime('%Y-%m-%dT%H', {us} / 1000000, 'unixepoch')",
    "day": "strftime('%Y-%m-%d', {us} / 1000000, 'unixepoch')",
    "month": "strftime('%Y-%m', {us} / 1000000, 'unixepoch')",
    "week": "date({us} / 1000000, 'unixepoch', 'weekday 0', '-6 days')",
}
_FAILED = "r.status <> 'ok'"
_RERUN = "r.rerun = 1"
_MEASURED = "r.method IN ('counter', 'integrated')"


def _count(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _energy(condition: str) -> tuple[str, str]:
    """What a run adds to an energy that only some runs have, and what its adjustment adds."""
    return (
        f"CASE WHEN {condition} THEN coalesce(r.energy_uj, 0) ELSE 0 END",
        f"CASE WHEN {condition} THEN :d_energy_uj ELSE 0 END",
    )


def _plain(column: str, change: str = "0") -> tuple[str, str]:
    return f"coalesce(r.{column}, 0)", change


# amount -> (what a run adds, what an adjustment of it adds); `r` is the run's row
RUN_SUMS: dict[str, tuple[str, str]] = {
    "n": ("1", "0"),
    "n_failed": (_count(_FAILED), "0"),
    "n_rerun": (_count(_RERUN), "0"),
    "n_energy": (_count("r.energy_uj IS NOT NULL"), "0"),
    "n_carbon": (_count("r.operational_ug IS NOT NULL"), "0"),
    "duration_us": _plain("duration_us"),
    "energy_uj": _plain("energy_uj", ":d_energy_uj"),
    "energy_low_uj": _plain("energy_low_uj", ":d_energy_uj"),
    "energy_high_uj": _plain("energy_high_uj", ":d_energy_uj"),
    "energy_measured_uj": _energy(_MEASURED),
    "failed_uj": _energy(_FAILED),
    "rerun_uj": _energy(_RERUN),
    "idle_uj": _plain("idle_uj"),
    "operational_ug": _plain("operational_ug", ":d_operational_ug"),
    "operational_low_ug": _plain("operational_low_ug", ":d_operational_ug"),
    "operational_high_ug": _plain("operational_high_ug", ":d_operational_ug"),
    "embodied_ug": _plain("embodied_ug"),
    "water_ul": _plain("water_ul"),
}
# amounts of the time between runs; they come from the gap row `g` of a session
GAP_SUMS = ("n_gap", "gap_us", "gap_uj")
# configs: a configuration counts once a person and week; n_work: runs whose work was counted
LINEAGE_SUMS: dict[str, tuple[str, str]] = {
    "n": ("1", "0"),
    "configs": ("coalesce(r.fresh, 0)", "0"),
    "n_work": (_count("r.work_units IS NOT NULL"), "0"),
    **{name: RUN_SUMS[name] for name in ("n_carbon", "duration_us", "energy_uj", "rerun_uj")},
    "operational_ug": RUN_SUMS["operational_ug"],
    "work_units": _plain("work_units"),
}
WHO = {
    "user_id": "r.user_id",
    "project": "coalesce(r.project, '')",
    "hardware_id": "coalesce(r.hardware_id, '')",
    "phase": "coalesce(r.phase, '')",
}
# of everybody together: without the person
TEAM = {name: value for name, value in WHO.items() if name != "user_id"}
WHAT = {"lineage": "coalesce(r.lineage, '')", **WHO, "work_kind": "coalesce(r.work_kind, '')"}


def bucket(name: str, column: str = "r.started_us") -> str:
    """SQLite's expression for the bucket of a time in microseconds."""
    return BUCKETS[name].format(us=column)


# table -> (its keys, its sums), each name -> expression over a run's row
TABLES: dict[str, tuple[dict[str, str], dict[str, tuple[str, str]]]] = {
    **{
        f"rollup_{name}": ({"bucket": bucket(name), **WHO}, RUN_SUMS)
        for name in ("hour", "day", "month")
    },
    "rollup_lineage": ({"week": bucket("week"), **WHAT}, LINEAGE_SUMS),
    # last: writers of one team share these rows, and wait for each other from here to the commit
    **{
        f"rollup_team_{name}": ({"bucket": bucket(name), **TEAM}, RUN_SUMS)
        for name in ("day", "month")
    },
}
TEAM_TABLES = tuple(table for table in TABLES if table.startswith("rollup_team_"))
# those that have the time between runs as well
GAP_TABLES = tuple(table for table, (_, sums) in TABLES.items() if sums is RUN_SUMS)


def _add(table: str, keys: dict[str, str], sums: dict[str, str], source: str) -> str:
    """Add the sums of a row of `source` to the row of a rollup that its keys name."""
    columns = ", ".join([*keys, *sums])
    values = ", ".join([*keys.values(), *sums.values()])
    raised = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {source}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {raised}"
    )


_DAY_US = 86_400_000_000
# Monday 00:00 of the run's week: day 0 was a Thursday
_MONDAY = f"((run.started_us / {_DAY_US} + 3) / 7 * 7 - 3) * {_DAY_US}"
_SAME = (
    "SELECT 1 FROM run o WHERE o.lineage IS run.lineage AND o.config_hash IS run.config_hash"
    " AND o.user_id = run.user_id AND o.run_id <> run.run_id AND o.fresh IS NOT NULL"
)
# Whether a run is the first of its configuration in its week, and whether the same code with
# the same configuration had succeeded before; kept with the run, so that it can be taken out.
MARK_RUN = (
    "UPDATE run SET"
    f" fresh = NOT EXISTS ({_SAME} AND o.started_us >= {_MONDAY}"
    f" AND o.started_us < {_MONDAY} + 7 * {_DAY_US}),"
    " rerun = status = 'ok' AND code_hash IS NOT NULL AND config_hash IS NOT NULL AND EXISTS"
    f" ({_SAME} AND o.code_hash = run.code_hash AND o.status = 'ok')"
    " WHERE run_id = :run_id AND fresh IS NULL"
)
_ONE = "run r WHERE r.run_id = :run_id"
# Statements with :run_id and :sign that add a run to, or take it out of, every rollup.
ADD_RUN: tuple[str, ...] = (
    MARK_RUN,
    *(
        _add(table, keys, {name: f":sign * {value}" for name, (value, _) in sums.items()}, _ONE)
        for table, (keys, sums) in TABLES.items()
    ),
)
# Statements with :run_id, :d_energy_uj and :d_operational_ug for an adjustment.
ADD_CHANGE: tuple[str, ...] = tuple(
    _add(table, keys, {name: change for name, (_, change) in sums.items()}, _ONE)
    for table, (keys, sums) in TABLES.items()
)


def gap_keys(table: str) -> dict[str, str]:
    """A rollup's keys as expressions over a session `s`, whose gap belongs to no phase."""
    keys = {name: value.replace("r.", "s.") for name, value in TABLES[table][0].items()}
    return keys | {"phase": "''"}


# Statements with :session_id, :n_gap, :gap_us and :gap_uj: by how much a session's gap grew.
ADD_GAP: tuple[str, ...] = tuple(
    _add(
        table,
        gap_keys(table),
        dict.fromkeys(RUN_SUMS, "0") | {column: f":{column}" for column in GAP_SUMS},
        "session s WHERE s.session_id = :session_id",
    )
    for table in GAP_TABLES
)


def _create(table: str) -> str:
    keys, sums = TABLES[table]
    amounts = dict.fromkeys(sums, "INTEGER NOT NULL")
    if table in GAP_TABLES:
        amounts |= dict.fromkeys(GAP_SUMS, "INTEGER NOT NULL DEFAULT 0")
    else:
        amounts["work_units"] = "REAL NOT NULL"
    columns = [f"{name} TEXT NOT NULL" for name in keys]
    columns += [f"{name} {kind}" for name, kind in amounts.items()]
    return (
        f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY ({', '.join(keys)}))"
        " WITHOUT ROWID"
    )


_ADJUSTED = (
    "run r LEFT JOIN (SELECT run_id, sum(d_energy_uj) de, sum(d_operational_ug) dc"
    " FROM run_adjust GROUP BY run_id) a USING (run_id) WHERE r.status <> 'started'"
)


def refill(table: str) -> str:
    """The statement that computes a whole rollup from raw rows."""
    keys, sums = TABLES[table]
    values = [*keys.values()]
    for value, change in sums.values():
        late = change.replace(":d_energy_uj", "coalesce(a.de, 0)")
        late = late.replace(":d_operational_ug", "coalesce(a.dc, 0)")
        values.append(f"sum({value} + {late})")
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    return (
        f"INSERT INTO {table} ({', '.join([*keys, *sums])}) SELECT {', '.join(values)}"
        f" FROM {_ADJUSTED} GROUP BY {groups}"
    )


def refill_gaps(table: str) -> str:
    """The statement that adds every session's gap to a rollup that `refill` has filled."""
    sums = {"n_gap": "sum(g.energy_uj IS NOT NULL)", "gap_us": "sum(g.duration_us)"}
    sums["gap_uj"] = "sum(coalesce(g.energy_uj, 0))"
    keys = gap_keys(table)
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    source = f"gap g JOIN session s USING (session_id) WHERE 1 GROUP BY {groups}"
    return _add(table, keys, dict.fromkeys(RUN_SUMS, "0") | sums, source)


def together(table: str) -> str:
    """The statement that fills a rollup of everybody from that of each person."""
    keys, sums = TABLES[table]
    amounts = (*sums, *GAP_SUMS)
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    return (
        f"INSERT INTO {table} ({', '.join((*keys, *amounts))}) SELECT {', '.join(keys)},"
        f" {', '.join(f'sum({name})' for name in amounts)}"
        f" FROM {table.replace('_team', '')} GROUP BY {groups}"
    )


# a lineage's weeks one after the other: the table's own key begins with the week
INDEX = "CREATE INDEX IF NOT EXISTS rollup_lineage_course ON rollup_lineage (lineage, week)"
# Drop, create and fill every rollup: what a migration does when their columns change.
REBUILD: tuple[str, ...] = (
    *(f"DROP TABLE IF EXISTS {table}" for table in TABLES),
    *(_create(table) for table in TABLES),
    INDEX,
    *(refill(table) for table in TABLES),
    *(refill_gaps(table) for table in GAP_TABLES),
)
# What a file whose rollups are each person's alone needs besides.
ADD_TEAM: tuple[str, ...] = (
    INDEX,
    *(f"DROP TABLE IF EXISTS {table}" for table in TEAM_TABLES),
    *(_create(table) for table in TEAM_TABLES),
    *(together(table) for table in TEAM_TABLES),
)
