"""Runs of an MLflow tracking store, read from its files or its SQLite database.

Only the published layout is read; mlflow itself is not needed. Energy comes from what was
logged: a metric named in ENERGY (CodeCarbon's among them), else the GPU power that MLflow's
system metrics sample, integrated by the trapezoid rule, else a power stated by the caller.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from ipyfootprint.errors import LogError
from ipyfootprint.rebound.observation import Observation

ENERGY = {  # metric -> joules in one of its unit
    "energy_j": 1.0,
    "energy_wh": 3600.0,
    "energy_kwh": 3.6e6,
    "energy_consumed": 3.6e6,
}
CARBON = {"operational_g": 1.0, "carbon_g": 1.0, "emissions_g": 1.0, "emissions": 1e3}
_POWER = "power_usage_watts"  # ends the name of a system metric of each GPU
_FINISHED = {"3", "FINISHED"}
_RUNNING = {"1", "2", "RUNNING", "SCHEDULED"}

Point = tuple[float, float, int]  # time in s, value, step


@dataclass
class StoredRun:
    """One run as MLflow keeps it; times in seconds since 1970."""

    run_id: str
    experiment: str
    status: str
    start_s: float
    end_s: float | None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[Point]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def read_store(
    place: Path, *, metric: str | None = None, power_w: float | None = None
) -> tuple[list[Observation], list[str]]:
    """The finished runs of a store as observations, and what could not be used and why.

    An experiment is a session. Parent runs are dropped: their children hold the same energy.
    The configuration is all parameters; the unit of work is the step of the longest metric.

    Args:
        place: the folder (mlruns) or the SQLite file of the store.
        metric: the outcome metric to watch, by name.
        power_w: power in watts to assume for runs that logged no energy.

    Raises:
        LogError: the place is no MLflow store.
    """
    stored = list(_from_database(place) if place.is_file() else _from_files(place))
    parents = {run.tags.get("mlflow.parentRunId") for run in stored}
    runs: list[Observation] = []
    problems: list[str] = []
    count: dict[str, int] = defaultdict(int)
    for run in sorted(stored, key=lambda run: run.start_s):
        if run.run_id in parents:
            continue
        if run.status in _RUNNING or run.end_s is None:
            problems.append(f"run {run.run_id}: not finished")
            continue
        energy_j = _energy_j(run, power_w)
        if energy_j is None:
            problems.append(f"run {run.run_id}: no energy was logged; --power-w states a power")
            continue
        runs.append(_observation(run, count[run.experiment], energy_j, metric))
        count[run.experiment] += 1
    return runs, problems


def _observation(run: StoredRun, index: int, energy_j: float, metric: str | None) -> Observation:
    curves = [points for name, points in run.metrics.items() if not name.startswith("system/")]
    steps = max((len({step for _, _, step in points}) for points in curves), default=0)
    code = run.tags.get("mlflow.source.git.commit") or run.tags.get("mlflow.source.name")
    outcome = run.metrics.get(metric or "", [])
    return Observation(
        session=run.experiment,
        index=index,
        t_start=run.start_s,
        duration_s=max(0.0, (run.end_s or run.start_s) - run.start_s),
        lineage=run.experiment,
        energy_j=energy_j,
        carbon_g=_last(run, CARBON),
        code=_hash([code]) if code else None,
        config=_hash(f"{k}={v}" for k, v in sorted(run.params.items())) if run.params else None,
        work=float(steps) if steps > 1 else None,
        work_kind="steps" if steps > 1 else None,
        metric=outcome[-1][1] if outcome else None,
        metric_name=metric if outcome else None,
        ok=run.status in _FINISHED,
    )


def _energy_j(run: StoredRun, power_w: float | None) -> float | None:
    logged = _last(run, ENERGY)
    if logged is not None:
        return logged
    powers = [points for name, points in run.metrics.items() if name.endswith(_POWER)]
    if any(len(points) > 1 for points in powers):
        return sum(
            (t1 - t0) * (w0 + w1) / 2
            for points in powers
            for (t0, w0, _), (t1, w1, _) in pairwise(sorted(points))
        )
    return None if power_w is None or run.end_s is None else power_w * (run.end_s - run.start_s)


def _last(run: StoredRun, names: dict[str, float]) -> float | None:
    for name, factor in names.items():
        points = run.metrics.get(name)
        if points and points[-1][1] >= 0:
            return points[-1][1] * factor
    return None


def _hash(parts: Iterable[str]) -> str:
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def _from_files(place: Path) -> Iterator[StoredRun]:
    """<place>/<experiment>/<run>/ with meta.yaml, params/, metrics/ and tags/."""
    found = sorted(place.glob("*/*/meta.yaml"))
    if not found:
        raise LogError(
            f"{place} holds no MLflow runs", "nothing was read", "Name the folder mlruns."
        )
    names: dict[str, str] = {}
    for meta in found:
        about = _flat_yaml(meta)
        start_s = _seconds(about.get("start_time", ""))
        if about.get("lifecycle_stage", "active") != "active" or start_s is None:
            continue
        home = meta.parent
        experiment = home.parent.name
        if experiment not in names:
            outer = home.parent / "meta.yaml"
            names[experiment] = _flat_yaml(outer).get("name", experiment)
        yield StoredRun(
            run_id=about.get("run_id", home.name),
            experiment=names[experiment],
            status=about.get("status", ""),
            start_s=start_s,
            end_s=_seconds(about.get("end_time", "")),
            params=_values(home / "params"),
            metrics={
                str(file.relative_to(home / "metrics")): _points(file)
                for file in _files(home / "metrics")
            },
            tags=_values(home / "tags"),
        )


def _seconds(milliseconds: str) -> float | None:
    """Since 1970; None of "null" or of what a dying process left."""
    try:
        return float(milliseconds) / 1e3
    except ValueError:
        return None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _values(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text("utf-8", "replace").strip()
        for file in _files(folder)
    }


def _points(file: Path) -> list[Point]:
    points = []
    for line in file.read_text("utf-8", "replace").splitlines():
        words = line.split()
        try:
            step = int(words[2]) if len(words) > 2 else 0
            points.append((float(words[0]) / 1e3, float(words[1]), step))
        except (ValueError, IndexError):
            continue  # a line half written when its process died
    return [point for point in points if point[1] == point[1]]


def _flat_yaml(file: Path) -> dict[str, str]:
    """The scalars of a flat YAML mapping, which is all that meta.yaml holds."""
    about = {}
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and not key.startswith((" ", "#")):
            about[key.strip()] = value.strip().strip("'\"")
    return about


def _from_database(place: Path) -> Iterator[StoredRun]:
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as store:
            yield from _rows(store)
    except sqlite3.Error as error:
        raise LogError(
            f"{place} is no MLflow database ({error})", "nothing was read", "Name mlflow.db."
        ) from None


def _rows(store: sqlite3.Connection) -> Iterator[StoredRun]:
    runs = {
        run_id: StoredRun(run_id, name, status, start / 1e3, end / 1e3 if end else None)
        for run_id, name, status, start, end in store.execute(
            "SELECT run_uuid, e.name, status, start_time, end_time FROM runs"
            " JOIN experiments e USING (experiment_id) WHERE runs.lifecycle_stage = 'active'"
            " AND start_time IS NOT NULL"
        )
    }
    for table in ("params", "tags"):
        for run_id, key, value in store.execute(f"SELECT run_uuid, key, value FROM {table}"):
            if run_id in runs:
                getattr(runs[run_id], table)[key] = value
    for run_id, key, t, value, step in store.execute(
        "SELECT run_uuid, key, timestamp, value, step FROM metrics"
        " WHERE NOT is_nan ORDER BY timestamp, step"
    ):
        if run_id in runs:
            runs[run_id].metrics.setdefault(key, []).append((t / 1e3, value, step))
    yield from runs.values()
