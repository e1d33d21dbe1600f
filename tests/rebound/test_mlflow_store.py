"""MLflow stores, written here in their published layout."""

import sqlite3

import pytest

from ipyfootprint.errors import LogError
from ipyfootprint.rebound.mlflow_store import read_store
from ipyfootprint.rebound.replay import replay

START_MS = 1_700_000_000_000


def runs_of_a_gain():
    """(start ms, end ms, status, params, metrics, tags) of a gain and growth after it."""
    t = START_MS
    for i in range(30):
        larger, ratio = (1.0, 1.0) if i < 12 else (2.0, 0.5)
        seconds = 200 * larger * ratio
        steps = int(10 * larger)
        metrics = {
            "energy_consumed": [(t, 20_000 * larger * ratio / 3.6e6, 0)],
            "loss": [(t + 1000 * k, 1 / (k + 1), k) for k in range(steps)],
        }
        end = t + int(seconds * 1000)
        yield t, end, "FINISHED", {"lr": str(i % 3)}, metrics, {"mlflow.user": "someone"}
        t = end + 60_000


def write_files(folder, runs, parent=None):
    experiment = folder / "7"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text("experiment_id: '7'\nname: digits\n")
    codes = {"FINISHED": 3, "FAILED": 4, "RUNNING": 1}
    for i, (start, end, status, params, metrics, tags) in enumerate(runs):
        home = experiment / f"run{i}"
        for kind, values in (("params", params), ("tags", tags)):
            (home / kind).mkdir(parents=True)
            for name, value in values.items():
                (home / kind / name).write_text(value)
        for name, points in metrics.items():
            file = home / "metrics" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(f"{t} {v} {s}\n" for t, v, s in points))
        (home / "meta.yaml").write_text(
            f"run_id: run{i}\nstatus: {codes[status]}\nstart_time: {start}\n"
            f"end_time: {'null' if end is None else end}\nlifecycle_stage: active\n"
        )
    return folder


def write_database(file, runs):
    with sqlite3.connect(file) as db:
        db.executescript("""
            CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
            INSERT INTO experiments VALUES (7, 'digits');
            CREATE TABLE runs (run_uuid TEXT, experiment_id INTEGER, status TEXT,
                start_time INTEGER, end_time INTEGER, lifecycle_stage TEXT);
            CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT,
                step INTEGER, is_nan INTEGER);
        """)
        for i, (start, end, status, params, metrics, tags) in enumerate(runs):
            name = f"run{i}"
            db.execute("INSERT INTO runs VALUES (?,7,?,?,?,'active')", (name, status, start, end))
            for table, values in (("params", params), ("tags", tags)):
                for key, value in values.items():
                    db.execute(f"INSERT INTO {table} VALUES (?,?,?)", (key, value, name))
            for key, points in metrics.items():
                for t, v, s in points:
                    db.execute("INSERT INTO metrics VALUES (?,?,?,?,?,0)", (key, v, t, name, s))
    db.close()
    return file


@pytest.fixture(params=["files", "database"])
def store(request, tmp_path):
    """Writes runs into a store of either kind."""
    if request.param == "files":
        return lambda runs: write_files(tmp_path / "mlruns", runs)
    return lambda runs: write_database(tmp_path / "mlflow.db", runs)


def test_a_rebound_in_a_store_is_found(store):
    runs, problems = read_store(store(runs_of_a_gain()))
    assert not problems
    assert (len(runs), runs[0].session, runs[0].work, runs[0].work_kind) == (
        30,
        "digits",
        10.0,
        "steps",
    )
    assert runs[0].energy_j == pytest.approx(20_000)
    found = replay(runs)
    assert found and all(f.run >= 12 for f in found)


def test_parents_are_dropped_and_unfinished_runs_named(store):
    (start, end, status, params, metrics, tags) = next(runs_of_a_gain())
    child = {**tags, "mlflow.parentRunId": "run0"}
    place = store(
        [
            (start, end, status, params, metrics, tags),
            (start + 1, end, status, params, metrics, child),
            (start + 2, end, "FAILED", params, metrics, child),
            (start + 3, None, "RUNNING", params, metrics, child),
            (start + 4, end, status, params, {}, child),
        ]
    )
    runs, problems = read_store(place)
    assert [run.ok for run in runs] == [True, False]
    assert [problem.split(":")[0] for problem in problems] == ["run run3", "run run4"]
    stated, _ = read_store(place, power_w=100.0)
    assert stated[-1].energy_j == pytest.approx(100 * (end - start - 4) / 1000)


def test_sampled_gpu_power_is_integrated(store):
    power = [(START_MS + 1000 * k, 100.0 + 100 * (k > 1), k) for k in range(4)]
    metrics = {"system/gpu_0_power_usage_watts": power, "val_acc": [(START_MS, 0.9, 0)]}
    place = store([(START_MS, START_MS + 3000, "FINISHED", {}, metrics, {})])
    ((run,), _) = read_store(place, metric="val_acc")
    assert run.energy_j == pytest.approx(100 + 150 + 200)
    assert (run.metric, run.config, run.work) == (0.9, None, None)


def test_other_places_are_refused_with_a_way_out(tmp_path):
    with pytest.raises(LogError, match="holds no MLflow runs"):
        read_store(tmp_path)
    file = tmp_path / "x.db"
    file.write_text("not a database, surely not")
    with pytest.raises(LogError, match="no MLflow database"):
        read_store(file)


def test_a_metric_line_half_written_is_left_out(tmp_path):
    place = write_files(tmp_path / "mlruns", list(runs_of_a_gain())[:1])
    (place / "7" / "run0" / "metrics" / "loss").write_text("1700000000000 0.5 0\n17000\nx y z\n")
    ((run,), problems) = read_store(place, metric="loss")
    assert run.metric == 0.5 and not problems


def test_a_run_whose_start_is_no_time_is_left_out(tmp_path):
    place = write_files(tmp_path, runs_of_a_gain())
    whole, _ = read_store(place)
    meta = place / "7" / "run3" / "meta.yaml"
    meta.write_text(meta.read_text().replace("start_time: 1", "start_time: x"))
    rest, _ = read_store(place)
    assert len(rest) == len(whole) - 1
