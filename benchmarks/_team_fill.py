"""A seeded team: runs of many people over a year, straight into runs and rollups.

    fill(write, runs=10_000_000)

Everyone works in their own time zone, on two projects and three experiments a day, which live six
weeks each, and on one that the whole project shares. Energy per work of an experiment halves in its
fourth week in every third one, and then more work is done with it.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np

from ipyfootprint.ledger.rollups import LINEAGE_SUMS, RUN_SUMS, TEAM, WHAT, WHO

PHASES = ("data", "exploration", "tuning", "training", "evaluation", "inference")
SLOT_PHASES = np.array([0, 1, 1, 2, 3, 3, 4, 5])  # what a person's experiments are
PROJECTS, MACHINES = 12, 6
OFFSETS = (-8, 0, 1, 5)  # hours, where people sit
LIFE_WEEKS, EXPERIMENTS, CONFIGS = 6, 8, 30
Write = Callable[[str, Sequence[str], list[tuple]], None]
RUN = (
    *("run_id", "session_id", "user_id", "project", "hardware_id", "number", "code_hash"),
    *("config_hash", "lineage", "phase", "status", "started_us", "duration_us", "energy_uj"),
    *("energy_low_uj", "energy_high_uj", "node_energy_uj", "idle_uj", "method", "settled"),
    *("operational_ug", "operational_low_ug", "operational_high_ug", "embodied_ug", "water_ul"),
    *("work_units", "work_kind", "fresh", "rerun"),
)


def fill(
    write: Write,
    runs: int,
    people: int = 200,
    weeks: int = 52,
    first: dt.date = dt.date(2025, 1, 6),
    seed: int = 1,
    *,
    raw: bool = True,
) -> None:
    """Write about so many runs and their rollups; the same rows for the same arguments."""
    rng = np.random.default_rng(seed)
    months: dict[tuple, np.ndarray] = {}
    edges = np.linspace(0, runs, weeks + 1).astype(int)
    for week in range(weeks):
        made = _week(rng, int(edges[week + 1] - edges[week]), people, week, first)
        monday = first + dt.timedelta(weeks=week)
        if raw:
            write("run", RUN, _runs(made, int(edges[week])))
        who = [made[name] for name in ("user", "project", "machine", "phase")]
        for name, column in (("hour", "hour"), ("day", "day")):
            keys, sums = _grouped([made[column], *who], made, tuple(RUN_SUMS))
            rows = [
                (_time(name, key[0], monday), *_names(key[1:]), *amounts)
                for key, amounts in zip(keys, sums, strict=True)
            ]
            write(f"rollup_{name}", ("bucket", *WHO, *RUN_SUMS), rows)
            if name == "day":
                write("rollup_team_day", ("bucket", *TEAM, *RUN_SUMS), _together(rows))
                for key, amounts in zip(keys, sums, strict=True):
                    month = (_time(name, key[0], monday)[:7], *_names(key[1:]))
                    months[month] = months.get(month, 0) + np.array(amounts)
        keys, sums = _grouped([made["lineage"], *who], made, tuple(LINEAGE_SUMS))
        rows = [
            (monday.isoformat(), _lineage(key[0]), *_names(key[1:]), "epochs", *amounts)
            for key, amounts in zip(keys, sums, strict=True)
        ]
        write("rollup_lineage", ("week", *WHAT, *LINEAGE_SUMS), rows)
    rows = [(*key, *amounts.tolist()) for key, amounts in sorted(months.items())]
    write("rollup_month", ("bucket", *WHO, *RUN_SUMS), rows)
    write("rollup_team_month", ("bucket", *TEAM, *RUN_SUMS), _together(rows))
    write("hardware", ("hardware_id", "label"), [(f"hw{i}", f"GPU {i}") for i in range(MACHINES)])


def _week(rng, count: int, people: int, week: int, first: dt.date) -> dict[str, np.ndarray]:
    made: dict[str, np.ndarray] = {}
    user = made["user"] = rng.integers(0, people, count)
    made["machine"] = user % MACHINES
    local = rng.choice([9, 10, 11, 12, 14, 15, 16, 17, 18], count)
    day = rng.choice(7, count, p=[0.19, 0.19, 0.19, 0.19, 0.18, 0.03, 0.03])
    utc = np.clip(24 * day + local - np.array(OFFSETS)[user % len(OFFSETS)], 0, 167)
    made["hour"], made["day"] = utc, utc // 24
    start = dt.datetime.combine(first, dt.time(), dt.UTC) + dt.timedelta(weeks=week)
    made["us"] = int(start.timestamp()) * 10**6 + (utc * 3600 + rng.random(count) * 3600) * 1e6
    made["us"] = np.sort(made["us"].astype(np.int64))[np.argsort(np.argsort(utc, kind="stable"))]
    shared = rng.random(count) < 0.1
    # three experiments a day, others the next day
    slot = (user * 3 + (week * 7 + day) * 2 + rng.integers(0, 3, count)) % EXPERIMENTS
    made["project"] = (user + slot % 2) % PROJECTS
    made["phase"] = np.where(shared, 3, SLOT_PHASES[slot])
    age = (week + user + slot) % LIFE_WEEKS
    born = week - age + LIFE_WEEKS
    own = 1_000_000 + (user * EXPERIMENTS + slot) * 1000 + born
    made["lineage"] = np.where(shared, made["project"], own)
    gained = ((user + slot) % 3 == 0) & (age >= 3) & ~shared
    work = np.maximum(1, np.rint(rng.lognormal(2.5, 0.7, count) * np.where(gained, 1.9, 1)))
    # drawn anew each week: an identical rerun never reaches back over a Monday
    made["config"] = week * CONFIGS + rng.integers(0, CONFIGS, count)
    made["status"] = rng.choice(3, count, p=[0.9, 0.07, 0.03])
    energy = work * 40.0 * rng.lognormal(0, 0.3, count) * np.where(gained, 0.5, 1.0)
    uj = made["energy_uj"] = (energy * 1e6).astype(np.int64)
    measured = made["measured"] = made["machine"] % 3 > 0
    made["energy_low_uj"] = np.where(measured, uj - uj // 20, uj // 2)
    made["energy_high_uj"] = np.where(measured, uj + uj // 20, uj * 2)
    made["duration_us"] = uj // 150
    made["idle_uj"] = uj // 5
    for name in ("", "_low", "_high"):
        grid = 1 + 0.3 * np.sin(week / 8)
        made[f"operational{name}_ug"] = (made[f"energy{name}_uj"] * 1e-4 * grid).astype(np.int64)
    made["embodied_ug"] = made["duration_us"] // 20_000
    made["water_ul"] = uj // 2000
    made["work_units"] = work
    _mark(made)
    return made


def _mark(made: dict[str, np.ndarray]) -> None:
    """Counts and parts that the rollups sum, from the runs in order of time."""
    count = len(made["user"])
    ok = made["status"] == 0
    same = (made["lineage"] * 1000 + made["user"]) * 100_000 + made["config"]
    order = np.argsort(made["us"], kind="stable")
    fresh = np.zeros(count, np.int64)
    fresh[order[np.unique(same[order], return_index=True)[1]]] = 1
    done = order[ok[order]]
    rerun = np.zeros(count, np.int64)
    rerun[done] = 1
    rerun[done[np.unique(same[done], return_index=True)[1]]] = 0
    one = np.ones(count, np.int64)
    uj = made["energy_uj"]
    made |= {"n": one, "n_energy": one, "n_carbon": one, "n_work": one, "n_rerun": rerun}
    made |= {"configs": fresh, "n_failed": 1 - ok.astype(np.int64), "rerun_uj": uj * rerun}
    made |= {"failed_uj": uj * ~ok, "energy_measured_uj": uj * made["measured"]}


def _grouped(keys, made, amounts):
    """Distinct keys as tuples and the sums of each, as tuples of int."""
    packed = np.zeros(len(made["n"]), np.int64)
    for column in keys:
        packed = packed * (int(column.max()) + 1) + column
    _, first, group = np.unique(packed, return_index=True, return_inverse=True)
    names = list(zip(*(column[first].tolist() for column in keys), strict=True))
    # bincount adds in float64, exact below 2**53: a group's microjoules stay below
    sums = [np.bincount(group, made[name]).astype(np.int64).tolist() for name in amounts]
    return names, list(zip(*sums, strict=True))


def _together(rows: list[tuple]) -> list[tuple]:
    """Rows of a rollup summed over the persons, who are the second of its five keys."""
    found: dict[tuple, np.ndarray] = {}
    for bucket, _, *rest in rows:
        key = (bucket, *rest[:3])
        found[key] = found.get(key, 0) + np.array(rest[3:])
    return [(*key, *amounts.tolist()) for key, amounts in sorted(found.items())]


def _names(key) -> tuple[str, str, str, str]:
    user, project, machine, phase = key
    return f"person{user:06d}", f"project {project}", f"hw{machine}", PHASES[phase]


def _lineage(number: int) -> str:
    return f"pipeline {number}" if number < 1_000_000 else f"experiment {number:x}"


def _time(name: str, number: int, monday: dt.date) -> str:
    if name == "day":
        return (monday + dt.timedelta(days=number)).isoformat()
    return f"{(monday + dt.timedelta(days=number // 24)).isoformat()}T{number % 24:02d}"


def _runs(made: dict[str, np.ndarray], start: int) -> list[tuple]:
    """Rows in RUN's order, by time."""
    order = np.argsort(made["us"], kind="stable")
    get = {name: column[order].tolist() for name, column in made.items()}
    names = [
        _names(key)
        for key in zip(*(get[n] for n in ("user", "project", "machine", "phase")), strict=True)
    ]
    user, project, machine, phase = zip(*names, strict=True)
    count = len(order)
    columns = {
        **{name: get[name] for name in RUN if name in get},
        "run_id": [f"{us // 1000:012x}{start + i:020x}" for i, us in enumerate(get["us"])],
        "session_id": [
            f"{u}-{us // 86_400_000_000}" for u, us in zip(user, get["us"], strict=True)
        ],
        "user_id": user,
        "project": project,
        "hardware_id": machine,
        "phase": phase,
        "number": range(start, start + count),
        "code_hash": [f"code{number}" for number in get["lineage"]],
        "config_hash": [f"c{number}" for number in get["config"]],
        "lineage": [_lineage(number) for number in get["lineage"]],
        "status": [("ok", "error", "interrupted")[state] for state in get["status"]],
        "started_us": get["us"],
        "node_energy_uj": get["energy_high_uj"],
        "method": ["counter" if m else "modelled" for m in get["measured"]],
        "settled": [1] * count,
        "work_kind": ["epochs"] * count,
        "fresh": get["configs"],
        "rerun": get["n_rerun"],
    }
    return list(zip(*(columns[name] for name in RUN), strict=True))
