"""Sums that dashboards read, kept up in the transaction of the run they come from.

A run is added when it is closed and taken out when it is forgotten; an adjustment adds its
difference. They equal the sums over raw rows at any moment.
"""

from __future__ import annotations

# What one run adds; :sign is 1 to add it and -1 to take it out.
_TIMES = {
    "hour": "strftime('%Y-%m-%dT%H', r.started_us / 1000000, 'unixepoch')",
    "day": "strftime('%Y-%m-%d', r.started_us / 1000000, 'unixepoch')",
    "month": "strftime('%Y-%m', r.started_us / 1000000, 'unixepoch')",
}
_WEEK = "strftime('%Y-%W', r.started_us / 1000000, 'unixepoch')"
_SUMS = {
    "n": "1",
    "n_failed": "(r.status <> 'ok')",
    "duration_us": "coalesce(r.duration_us, 0)",
    "energy_uj": "coalesce(r.energy_uj, 0)",
    "energy_measured_uj": (
        "CASE WHEN r.method IN ('counter', 'integrated') THEN coalesce(r.energy_uj, 0) ELSE 0 END"
    ),
    "idle_uj": "coalesce(r.idle_uj, 0)",
    "operational_ug": "coalesce(r.operational_ug, 0)",
    "embodied_ug": "coalesce(r.embodied_ug, 0)",
    "water_ul": "coalesce(r.water_ul, 0)",
}
_LINEAGE_SUMS = ("n", "duration_us", "energy_uj", "operational_ug")


def _add(table: str, keys: dict[str, str], sums: dict[str, str]) -> str:
    columns = ", ".join([*keys, *sums])
    values = ", ".join([*keys.values(), *(f":sign * {value}" for value in sums.values())])
    raised = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM run r WHERE r.run_id = :run_id"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {raised}"
    )


_WHO = {
    "user_id": "r.user_id",
    "project": "coalesce(r.project, '')",
    "hardware_id": "coalesce(r.hardware_id, '')",
    "phase": "coalesce(r.phase, '')",
}
# Statements with :run_id and :sign that add a run to, or take it out of, every rollup.
ADD_RUN: tuple[str, ...] = (
    *(_add(f"rollup_{name}", {"bucket": time, **_WHO}, _SUMS) for name, time in _TIMES.items()),
    _add(
        "rollup_lineage",
        {"lineage": "coalesce(r.lineage, '')", "week": _WEEK, "project": "coalesce(r.project, '')"},
        {name: _SUMS[name] for name in _LINEAGE_SUMS} | {"work_units": "coalesce(r.work_units, 0)"},
    ),
)
_CHANGED = {"energy_uj": ":d_energy_uj", "operational_ug": ":d_operational_ug"}
# Statements with :run_id, :d_energy_uj and :d_operational_ug for an adjustment.
ADD_CHANGE: tuple[str, ...] = tuple(
    statement.replace(":sign * ", "")
    for statement in (
        *(
            _add(
                f"rollup_{name}",
                {"bucket": time, **_WHO},
                dict.fromkeys(_SUMS, "0")
                | _CHANGED
                | {
                    "energy_measured_uj": (
                        "CASE WHEN r.method IN ('counter', 'integrated')"
                        " THEN :d_energy_uj ELSE 0 END"
                    )
                },
            )
            for name, time in _TIMES.items()
        ),
        _add(
            "rollup_lineage",
            {
                "lineage": "coalesce(r.lineage, '')",
                "week": _WEEK,
                "project": "coalesce(r.project, '')",
            },
            dict.fromkeys(_LINEAGE_SUMS, "0") | _CHANGED | {"work_units": "0"},
        ),
    )
)
