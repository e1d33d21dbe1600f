"""The team's tables on PostgreSQL: the local ledger's, by person, guarded row by row.

Everything belongs to the role `ipyfootprint_owner`. A writer inserts and reads rows of its own
login and nothing else; a closed run is never updated, and only the owner deletes. Rollups are
kept by statement triggers from the rows that really came or went, so that a batch sent twice
counts once; the dashboard role reads rollups and no raw row. Columns, rollups and their
expressions are those of the local ledger.
"""

from __future__ import annotations

from ipyfootprint.ledger.outbox import SENT_COLUMNS
from ipyfootprint.ledger.rollups import (
    GAP_SUMS,
    GAP_TABLES,
    INDEX,
    RUN_SUMS,
    TABLES,
    TEAM_TABLES,
    gap_keys,
    together,
)
from ipyfootprint.model import METHODS

OWNER, WRITER, DASHBOARD = (f"ipyfootprint_{role}" for role in ("owner", "writer", "dashboard"))
VERSION = 2

_DAY, _MONTH = "to_char({at}, 'YYYY-MM-DD')", "to_char({at}, 'YYYY-MM')"
_BUCKETS = {
    "rollup_hour": "to_char({at}, 'YYYY-MM-DD\"T\"HH24')",
    "rollup_day": _DAY,
    "rollup_month": _MONTH,
    "rollup_lineage": "to_char(date_trunc('week', {at}), 'YYYY-MM-DD')",
    "rollup_team_day": _DAY,
    "rollup_team_month": _MONTH,
}
_AT = "to_timestamp({row}.started_us / 1000000) AT TIME ZONE 'UTC'"
_LONGER = {"devices": 20_000, "intensity": 2000, "hardware": 5000, "message": 1000}
_REALS = (
    *("pue", "adpe_kgsbeq", "primary_energy_mj", "ewaste_kg", "work_units", "metric", "flops"),
    *("parameters", "intensity_g_per_kwh", "rebound_pct", "low_pct", "high_pct", "wasted_j"),
    *("wasted_g", "dt_ms"),
)
_MOST = 10**17  # micro-units in one row: 10^11 J, a big machine for a year
_LAST_US = 4_102_444_800_000_000  # the year 2100


def type_of(column: str) -> str:
    """PostgreSQL's type for a column of the ledger."""
    if column in _REALS:
        return "double precision"
    if column in ("settled", "fresh", "rerun"):
        return "smallint"
    if column in ("number", "pid", "run", "planned", "adjust_id") or column[-3:] in _UNITS:
        return "bigint"
    if column == "mw":
        return "bytea"
    return f'varchar({_LONGER.get(column, 200)}) COLLATE "C"'


_UNITS = ("_us", "_uj", "_ug", "_ul")
COLUMNS: dict[str, tuple[str, ...]] = {
    table: ("user_id", *(c for c in columns if c not in ("user_id", _dropped)))
    for table, columns in SENT_COLUMNS.items()
    for _dropped in ("label" if table == "finding" else "",)
}
COLUMNS["hardware_name"] = COLUMNS.pop("hardware")
COLUMNS["run_open"] = COLUMNS["run"]
COLUMNS["power_trace"] = ("user_id", "run_id", "device", "dt_ms", "mw")
KEYS: dict[str, tuple[str, ...]] = {
    "hardware_name": ("user_id", "hardware_id"),
    "session": ("user_id", "session_id"),
    "run": ("user_id", "run_id"),
    "run_open": ("user_id", "run_id"),
    "run_adjust": ("user_id", "run_id", "adjust_id"),
    "power_trace": ("user_id", "run_id", "device"),
    "gap": ("user_id", "session_id"),
    "finding": ("user_id", "finding_id"),
}
# columns of a growing row that its own writer may raise
GROWING = {
    "gap": ("duration_us", "energy_uj", "node_energy_uj", "method"),
    "finding": ("answer",),
}
_REQUIRED = ("session_id", "started_us", "status", "method", "number", "d_energy_uj")
_STATUSES = {"run": "'ok', 'error', 'interrupted', 'lost'", "run_open": "'started'"}
_METHODS = ", ".join(f"'{method}'" for method in METHODS)
_RUN_CHECK = (
    "started_us < {last} AND fresh IN (0, 1) AND rerun IN (0, 1) AND work_units >= 0"
    " AND work_units < 1e15 AND method IN ({methods})"
)


def _table(table: str) -> str:
    columns = COLUMNS[table]
    needed = {*KEYS[table], *_REQUIRED}
    lines = [f"{c} {type_of(c)}{' NOT NULL' if c in needed else ''}" for c in columns]
    checks = [f"{c} BETWEEN 0 AND {_MOST}" for c in columns if c[-3:] in _UNITS and c[:2] != "d_"]
    checks += [f"{c} BETWEEN -{_MOST} AND {_MOST}" for c in columns if c[:2] == "d_"]
    if table in _STATUSES:
        checks += [
            _RUN_CHECK.format(last=_LAST_US, methods=_METHODS),
            f"status IN ({_STATUSES[table]})",
        ]
        lines.append("received_at timestamptz NOT NULL DEFAULT now()")
    if checks:
        lines.append(f"CHECK ({' AND '.join(checks)})")
    lines.append(f"PRIMARY KEY ({', '.join(KEYS[table])})")
    if table == "run_adjust":
        lines.append("FOREIGN KEY (user_id, run_id) REFERENCES run")
    if table == "gap":
        lines.append("FOREIGN KEY (user_id, session_id) REFERENCES session")
    return f"CREATE TABLE {table} ({', '.join(lines)})"


def _rollup(table: str) -> str:
    keys, sums = TABLES[table]
    amounts = dict.fromkeys(sums, "bigint NOT NULL")
    if "work_units" in sums:
        amounts["work_units"] = "numeric NOT NULL"  # exact, also when it is taken out again
    if table in GAP_TABLES:
        amounts |= dict.fromkeys(GAP_SUMS, "bigint NOT NULL DEFAULT 0")
    columns = [f'{name} varchar(200) COLLATE "C" NOT NULL' for name in keys]
    columns += [f"{name} {kind}" for name, kind in amounts.items()]
    return f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY ({', '.join(keys)}))"


def _bucket(table: str, row: str) -> str:
    return _BUCKETS[table].format(at=_AT.format(row=row))


def keys_of(table: str, row: str = "r") -> dict[str, str]:
    """A rollup's keys as expressions over a run `r`, or over a gap's session `s`."""
    keys = TABLES[table][0] if row == "r" else gap_keys(table)
    return {k: _bucket(table, row) if k in ("bucket", "week") else v for k, v in keys.items()}


def sums_of(table: str, changed: bool = False) -> dict[str, str]:
    """What a run `r` adds to a rollup, or what its adjustment `a` adds."""
    parts = {name: pair[changed] for name, pair in TABLES[table][1].items()}
    for name in ("d_energy_uj", "d_operational_ug"):
        parts = {column: part.replace(f":{name}", f"a.{name}") for column, part in parts.items()}
    if "work_units" in parts:
        parts["work_units"] = f"({parts['work_units']})::numeric"
    return parts


_GROWTH = {
    "n_gap": "(g.energy_uj IS NOT NULL)::int",
    "gap_us": "g.duration_us",
    "gap_uj": "coalesce(g.energy_uj, 0)",
}


def _add(table: str, keys: dict[str, str], sums: dict[str, str], source: str, sign: str) -> str:
    """Add grouped sums to a rollup, in the order of its keys: two batches never lock crosswise."""
    values = [*keys.values(), *(f"{sign}sum({part})" for part in sums.values())]
    raised = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    return (
        f"INSERT INTO {table} ({', '.join([*keys, *sums])}) SELECT {', '.join(values)}"
        f" FROM {source} GROUP BY {groups} ORDER BY {groups}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {raised};"
    )


def _kept(which: str, sign: str) -> str:
    """The body of a trigger that adds rows of a transition table `moved` to every rollup."""
    if which == "gap":
        source = "moved g JOIN session s USING (user_id, session_id)"
        sums = dict.fromkeys(RUN_SUMS, "0") | _GROWTH
        return "".join(_add(table, keys_of(table, "s"), sums, source, sign) for table in GAP_TABLES)
    changed = which == "run_adjust"
    source = "moved a JOIN run r USING (user_id, run_id)" if changed else "moved r"
    return "".join(
        _add(table, keys_of(table), sums_of(table, changed), source, sign) for table in TABLES
    )


def _trigger(table: str, event: str) -> list[str]:
    """A trigger that keeps the rollups when rows of a table come, go or grow."""
    name = f"{table}_{event.lower()}"
    into, out = _kept(table, ""), _kept(table, "-")
    before, after = "OLD TABLE AS moved", "NEW TABLE AS moved"
    parts = {"INSERT": [(after, into)], "DELETE": [(before, out)]}
    parts["UPDATE"] = [(before, out), (after, into)]
    made = []
    for number, (transition, body) in enumerate(parts[event]):
        made.append(
            f"CREATE OR REPLACE FUNCTION {name}_{number}() RETURNS trigger LANGUAGE plpgsql"
            f" SECURITY DEFINER SET search_path = ipyfootprint, pg_temp"
            f" AS $body$ BEGIN {body} RETURN NULL; END $body$"
        )
        made.append(
            f"CREATE OR REPLACE TRIGGER {name}_{number} AFTER {event} ON {table}"
            f" REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}_{number}()"
        )
    return made


_HASH = (
    "SELECT left(encode(sha256(salt || sha256(salt || convert_to({what}, 'UTF8'))), 'hex'), {n})"
)
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION {head} RETURNS text LANGUAGE sql STABLE SECURITY DEFINER"
    " SET search_path = ipyfootprint, pg_temp AS $body$ {body} FROM secret $body$"
)
_MINE = "user_id = (SELECT ipyfootprint.me())"
_WRITTEN = tuple(COLUMNS)
# those of everybody came with the second schema
_PERSONAL = tuple(table for table in TABLES if table not in TEAM_TABLES)
_READ = (*_PERSONAL, "hardware", "meta")
_TRIGGERS = (
    *(
        part
        for table in ("run", "run_adjust")
        for e in ("INSERT", "DELETE")
        for part in _trigger(table, e)
    ),
    *(part for e in ("INSERT", "UPDATE", "DELETE") for part in _trigger("gap", e)),
)

_FIRST: tuple[str, ...] = (
    "CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL)",
    "CREATE TABLE secret (salt bytea NOT NULL)",
    "INSERT INTO secret SELECT sha256(convert_to("
    "gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))",
    *(_table(table) for table in KEYS),
    "CREATE INDEX run_by_start ON run USING brin (started_us)",
    "CREATE INDEX run_by_arrival ON run USING brin (received_at)",
    *(_rollup(table) for table in _PERSONAL),
    "CREATE VIEW hardware AS SELECT hardware_id, mode() WITHIN GROUP (ORDER BY label) AS label"
    " FROM hardware_name GROUP BY hardware_id",
    # session_user, not current_user: SET ROLE does not change it
    _FUNCTION.format(head="pseudonym(login text)", body=_HASH.format(what="login", n=16)),
    _FUNCTION.format(head="me()", body=_HASH.format(what="session_user::text", n=16)),
    _FUNCTION.format(head="team_key()", body=_HASH.format(what="'team'", n=64)),
    *_TRIGGERS,
    "REVOKE ALL ON ALL TABLES IN SCHEMA ipyfootprint FROM PUBLIC",
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ipyfootprint FROM PUBLIC",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in _WRITTEN),
    *(
        f"CREATE POLICY mine_{act.lower()} ON {table} FOR {act} TO {WRITER} {check} ({_MINE})"
        for table in _WRITTEN
        for act, check in (("SELECT", "USING"), ("INSERT", "WITH CHECK"))
    ),
    *(
        f"CREATE POLICY mine_update ON {table} FOR UPDATE TO {WRITER}"
        f" USING ({_MINE}) WITH CHECK ({_MINE})"
        for table in GROWING
    ),
    f"CREATE POLICY mine_delete ON run_open FOR DELETE TO {WRITER} USING ({_MINE})",
    f"GRANT USAGE ON SCHEMA ipyfootprint TO {WRITER}, {DASHBOARD}",
    f"GRANT SELECT ON meta, {', '.join(_WRITTEN)} TO {WRITER}",
    *(
        f"GRANT INSERT ({', '.join(columns)}) ON {table} TO {WRITER}"
        for table, columns in COLUMNS.items()
    ),
    *(
        f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {WRITER}"
        for table, columns in GROWING.items()
    ),
    f"GRANT DELETE ON run_open TO {WRITER}",
    f"GRANT EXECUTE ON FUNCTION me(), team_key() TO {WRITER}",
    f"GRANT SELECT ON {', '.join(_READ)} TO {DASHBOARD}",
)
_SECOND = (
    "LOCK TABLE run, run_adjust, gap IN SHARE ROW EXCLUSIVE MODE",  # nothing comes in between
    INDEX,
    *(_rollup(table) for table in TEAM_TABLES),
    *(together(table) for table in TEAM_TABLES),
    f"GRANT SELECT ON {', '.join(TEAM_TABLES)} TO {DASHBOARD}",
    *_TRIGGERS,
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
