"""The tables, as small ordered migrations; each runs in one transaction of its own.

Amounts are integers: microjoule, microgram, microlitre, microsecond (UTC since 1970).
"""

from __future__ import annotations

from ipyfootprint.ledger.rollups import ADD_TEAM, REBUILD

_FIRST = """
CREATE TABLE session (
    session_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, project TEXT, hardware_id TEXT,
    started_us INTEGER NOT NULL, zone TEXT, notebook TEXT, pid INTEGER, boot_id TEXT,
    hardware TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE TABLE run (
    run_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, user_id TEXT NOT NULL, project TEXT,
    hardware_id TEXT, number INTEGER NOT NULL, cell_id TEXT, code_hash TEXT, config_hash TEXT,
    lineage TEXT, label TEXT, phase TEXT, planned INTEGER, status TEXT NOT NULL,
    started_us INTEGER NOT NULL, duration_us INTEGER, cpu_time_us INTEGER,
    energy_uj INTEGER, energy_low_uj INTEGER, energy_high_uj INTEGER, node_energy_uj INTEGER,
    idle_uj INTEGER, devices TEXT NOT NULL DEFAULT '{}', method TEXT NOT NULL,
    settled INTEGER NOT NULL, pue REAL, intensity_g_per_kwh REAL, intensity TEXT,
    operational_ug INTEGER, operational_low_ug INTEGER, operational_high_ug INTEGER,
    embodied_ug INTEGER, embodied_low_ug INTEGER, embodied_high_ug INTEGER,
    water_ul INTEGER, water_low_ul INTEGER, water_high_ul INTEGER,
    adpe_kgsbeq REAL, primary_energy_mj REAL, ewaste_kg REAL,
    work_units REAL, work_kind TEXT, metric_name TEXT, metric REAL, published_us INTEGER
) WITHOUT ROWID;
CREATE INDEX run_by_session ON run (session_id, number);
CREATE INDEX run_by_lineage ON run (lineage, started_us);
CREATE INDEX run_by_start ON run (started_us);
CREATE INDEX run_open ON run (session_id) WHERE status = 'started';
CREATE TABLE gap (
    session_id TEXT PRIMARY KEY, duration_us INTEGER NOT NULL, energy_uj INTEGER,
    node_energy_uj INTEGER, method TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE run_adjust (
    adjust_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, d_energy_uj INTEGER NOT NULL,
    d_operational_ug INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX adjust_by_run ON run_adjust (run_id);
CREATE TABLE power_trace (
    run_id TEXT NOT NULL, device TEXT NOT NULL, dt_ms REAL NOT NULL, mw BLOB NOT NULL,
    PRIMARY KEY (run_id, device)
) WITHOUT ROWID;
CREATE TABLE finding (
    finding_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, lineage TEXT NOT NULL,
    run INTEGER NOT NULL, at_us INTEGER NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
    message TEXT NOT NULL, rebound_pct REAL, low_pct REAL, high_pct REAL, wasted_j REAL,
    wasted_g REAL, answer TEXT
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

# fresh: 1 for the first run of its configuration in its week; rerun: 1 where the same code with
# the same configuration had succeeded before; both NULL until the run is closed
_WEEK = "(started_us / 86400000000 + 3) / 7"
_MARKS = f"""
ALTER TABLE run ADD COLUMN fresh INTEGER;
ALTER TABLE run ADD COLUMN rerun INTEGER;
CREATE INDEX run_by_config ON run (lineage, config_hash, started_us);
UPDATE run SET fresh = m.fresh, rerun = m.rerun FROM (
    SELECT run_id, row_number() OVER (
        PARTITION BY user_id, lineage, config_hash, {_WEEK} ORDER BY started_us, run_id) = 1 fresh,
    status = 'ok' AND code_hash IS NOT NULL AND config_hash IS NOT NULL AND row_number() OVER (
        PARTITION BY user_id, lineage, config_hash, code_hash, status = 'ok'
        ORDER BY started_us, run_id) > 1 rerun
    FROM run WHERE status <> 'started') m
WHERE run.run_id = m.run_id;
CREATE TABLE hardware (hardware_id TEXT PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID;
"""

_COMPUTE = "ALTER TABLE run ADD COLUMN flops REAL; ALTER TABLE run ADD COLUMN parameters REAL"

# when a row was sent to the team's server; NULL waits, a negative time was refused there
_OUTBOX = ";".join(
    f"ALTER TABLE {table} ADD COLUMN published_us INTEGER"
    for table in ("run_adjust", "gap", "finding")
)

# The rollups are built from what they are now, once, by the migration that made their columns.
MIGRATIONS: tuple[str, ...] = (
    *(_FIRST, "", _COMPUTE, _MARKS + ";".join(REBUILD), _OUTBOX, ";".join(ADD_TEAM)),
)
VERSION = len(MIGRATIONS)
