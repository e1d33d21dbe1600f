"""MLflow stores, written here in their published layout."""

import sqlite3

import pytest

from ipyfootprint.errors import LogError
from ipyfootprint.rebound.mlflow_store import read_store
from ipyfootprint.rebound.observation import Observation
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


def stored(metrics=None, *, start=START_MS, seconds=100, status="FINISHED", params=None, tags=None):
    return start, start + 1000 * seconds, status, params or {}, metrics or {}, tags or {}


def point(value):
    return [(START_MS, value, 0)]


def test_a_run_of_a_store_keeps_every_figure(store):
    metrics = {
        "energy_j": point(500.0),
        "emissions_g": point(0.25),
        "acc": [(START_MS + k, 0.1 * k, k) for k in range(5)],
        "system/cpu_utilization": [(START_MS + k, 1.0, k) for k in range(50)],
    }
    place = store([stored(metrics, params={"b": "2", "a": "1"}, tags={"mlflow.source.name": "x"})])
    ((run,), problems) = read_store(place, metric="acc")
    assert not problems
    assert run == Observation(
        session="digits",
        index=0,
        t_start=START_MS / 1000,
        duration_s=100.0,
        lineage="digits",
        energy_j=500.0,
        carbon_g=0.25,
        code=run.code,
        config=run.config,
        work=5.0,
        work_kind="steps",
        metric=pytest.approx(0.4),
        metric_name="acc",
        ok=True,
    )
    assert len(run.code) == len(run.config) == 16


@pytest.mark.parametrize(
    ("name", "value", "joules"),
    [
        ("energy_j", 5.0, 5.0),
        ("energy_wh", 5.0, 18_000.0),
        ("energy_kwh", 5.0, 18e6),
        ("energy_consumed", 5.0, 18e6),
        ("energy_j", 0.0, 0.0),
    ],
)
def test_energy_is_read_in_the_unit_of_its_name(store, name, value, joules):
    ((run,), _) = read_store(store([stored({name: point(value)})]))
    assert run.energy_j == joules and run.carbon_g is None


@pytest.mark.parametrize(
    ("name", "grams"),
    [("operational_g", 5.0), ("carbon_g", 5.0), ("emissions_g", 5.0), ("emissions", 5000.0)],
)
def test_carbon_is_read_in_the_unit_of_its_name(store, name, grams):
    ((run,), _) = read_store(store([stored({"energy_j": point(1.0), name: point(5.0)})]))
    assert run.carbon_g == grams


def test_the_last_value_of_a_counter_stands_and_a_negative_one_is_none(store):
    growing = {"energy_wh": [(START_MS, 1.0, 0), (START_MS + 9, 2.0, 1)], "energy_j": point(-1.0)}
    ((run,), _) = read_store(store([stored(growing)]))
    assert run.energy_j == 7200.0


def test_the_power_of_each_gpu_is_integrated_and_one_sample_is_no_energy(store):
    samples = [(START_MS + 1000 * k, w, k) for k, w in enumerate((100.0, 200.0, 400.0))]
    metrics = {
        "system/gpu_0_power_usage_watts": samples,
        "system/gpu_1_power_usage_watts": samples[:2],
        "system/gpu_2_power_usage_watts": samples[:1],
    }
    ((run,), _) = read_store(store([stored(metrics)]), power_w=7.0)
    assert run.energy_j == pytest.approx(150 + 300 + 150)


def test_one_sample_of_power_is_no_energy(store):
    metrics = {"system/gpu_0_power_usage_watts": point(100.0)}
    place = store([stored(metrics)])
    assert read_store(place) == (
        [],
        ["run run0: no energy was logged; --power-w states a power"],
    )
    ((run,), _) = read_store(place, power_w=7.0)
    assert run.energy_j == 700.0


def test_unfinished_runs_are_named(store):
    runs = [stored({"energy_j": point(1.0)}, status="RUNNING")]
    assert read_store(store(runs)) == ([], ["run run0: not finished"])


def test_runs_are_in_the_order_of_their_start_and_counted(store):
    runs = [stored({"energy_j": point(n)}, start=START_MS + 1000 * t) for n, t in ((3, 9), (1, 5))]
    found, _ = read_store(store(runs))
    assert [(run.index, run.energy_j) for run in found] == [(0, 1.0), (1, 3.0)]


def test_code_is_the_commit_and_else_the_name_of_the_source(store):
    commit, name = "mlflow.source.git.commit", "mlflow.source.name"
    tags = [{commit: "c", name: "x"}, {commit: "c", name: "y"}, {name: "x"}, {name: "y"}, {}]
    energy = {"energy_j": point(1.0)}
    runs, _ = read_store(
        store([stored(energy, tags=t, start=START_MS + i) for i, t in enumerate(tags)])
    )
    codes = [run.code for run in runs]
    assert codes[0] == codes[1] and len(set(codes)) == 4 and codes[-1] is None


def test_a_configuration_is_all_parameters_in_any_order(store):
    params = [{"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "2", "b": "1"}, {}]
    energy = {"energy_j": point(1.0)}
    runs, _ = read_store(
        store([stored(energy, params=p, start=START_MS + i) for i, p in enumerate(params)])
    )
    configs = [run.config for run in runs]
    assert configs[0] == configs[1] != configs[2] and configs[3] is None


def test_a_metric_that_a_run_did_not_log_is_absent(store):
    ((run,), _) = read_store(store([stored({"energy_j": point(1.0)})]), metric="acc")
    assert (run.metric, run.metric_name, run.work, run.work_kind) == (None, None, None, None)


@pytest.mark.parametrize(("steps", "work"), [((0,), None), ((0, 0), None), ((0, 0, 1), 2.0)])
def test_one_step_is_no_count_of_work(store, steps, work):
    loss = [(START_MS + i, 1.0 / (i + 1), step) for i, step in enumerate(steps)]
    ((run,), _) = read_store(store([stored({"energy_j": point(1.0), "loss": loss})]))
    assert run.work == work


def test_an_experiment_without_a_name_has_its_number(tmp_path):
    place = write_files(tmp_path / "mlruns", [stored({"energy_j": point(1.0)})])
    (place / "7" / "meta.yaml").unlink()
    assert read_store(place)[0][0].session == "7"


def test_what_a_meta_file_leaves_out_is_taken_from_its_folder(tmp_path):
    place = write_files(tmp_path / "mlruns", [stored({})])
    meta = place / "7" / "run0" / "meta.yaml"
    meta.write_text(
        f"# of a run\n  run_id: indented\nnot a pair\nstart_time: {START_MS}\nstatus: '3'\n"
        f"end_time: {START_MS + 5000}\n"
    )
    assert read_store(place)[1] == ["run run0: no energy was logged; --power-w states a power"]
    ((run,), _) = read_store(place, power_w=2.0)
    assert run.ok and run.energy_j == 10.0


def test_deleted_runs_and_values_that_are_no_number_are_left_out(store):
    place = store([stored({"energy_j": point(1.0)}), stored({"energy_j": point(2.0)})])
    if place.is_file():
        with sqlite3.connect(place) as db:
            db.execute("UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = 'run0'")
            db.execute("INSERT INTO metrics VALUES ('energy_j', 0, 9e15, 'run1', 5, 1)")
        db.close()
    else:
        meta = place / "7" / "run0" / "meta.yaml"
        meta.write_text(meta.read_text().replace("active", "deleted"))
        with (place / "7" / "run1" / "metrics" / "energy_j").open("a") as file:
            file.write("9000000000000 nan 5\n")
    ((run,), _) = read_store(place)
    assert run.energy_j == 2.0


def test_a_value_without_a_step_is_the_first(tmp_path):
    place = write_files(tmp_path / "mlruns", [stored({"energy_j": point(1.0)})])
    (place / "7" / "run0" / "metrics" / "energy_j").write_text(f"{START_MS} 4.5\n")
    assert read_store(place)[0][0].energy_j == 4.5


def test_a_refusal_has_three_parts(tmp_path):
    with pytest.raises(LogError) as refused:
        read_store(tmp_path)
    assert (refused.value.what, refused.value.instead, refused.value.remedy) == (
        f"{tmp_path} holds no MLflow runs",
        "nothing was read",
        "Name the folder mlruns.",
    )
    file = tmp_path / "x.db"
    file.write_text("not a database, surely not")
    with pytest.raises(LogError) as refused:
        read_store(file)
    assert refused.value.what.startswith(f"{file} is no MLflow database (")
    assert (refused.value.instead, refused.value.remedy) == ("nothing was read", "Name mlflow.db.")


def test_bytes_that_are_no_text_break_nothing(tmp_path):
    place = write_files(tmp_path / "mlruns", [stored({"energy_j": point(1.0)}, params={"a": "1"})])
    run = place / "7" / "run0"
    (place / "7" / "meta.yaml").write_bytes(
        "name: 'digits: zwölf'\n#name: x\n".encode() + b"\xff\n"
    )
    (run / "params" / "a").write_bytes(b"\xff")
    (run / "metrics" / "energy_j").write_bytes(b"\xff\xff 1 0\n1700000000000 5.0 0\n")
    ((found,), problems) = read_store(place)
    assert (found.session, found.energy_j, problems) == ("digits: zwölf", 5.0, [])


@pytest.mark.parametrize("status", ["status: 4\n", "", "status: FAILED\n"])
def test_a_run_that_does_not_say_that_it_finished_did_not_end_well(tmp_path, status):
    place = write_files(tmp_path / "mlruns", [stored({"energy_j": point(1.0)})])
    meta = place / "7" / "run0" / "meta.yaml"
    meta.write_text(meta.read_text().replace("status: 3\n", status))
    assert read_store(place)[0][0].ok is False


def test_a_run_without_an_end_is_not_finished(tmp_path):
    place = write_files(tmp_path / "mlruns", [stored({"energy_j": point(1.0)})])
    meta = place / "7" / "run0" / "meta.yaml"
    meta.write_text("\n".join(line for line in meta.read_text().splitlines() if "end" not in line))
    assert read_store(place) == ([], ["run run0: not finished"])
