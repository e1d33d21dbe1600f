"""Where footprints go besides the ledger: a listener, Prometheus, MLflow, Parquet."""

import sys
import threading
import types
import urllib.error
import urllib.request

import pytest

from ipyfootprint import cli
from ipyfootprint.commands import metrics
from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError
from ipyfootprint.export import write
from ipyfootprint.mlflow_tags import MlflowTags
from tests.team import made_up

MADE = made_up.runs(60)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "team.db"
    made_up.ledger_of(MADE, path).close()
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))


def test_prometheus_reads_what_the_ledger_holds(ledger):
    parser = pytest.importorskip("prometheus_client.parser")
    families = {
        family.name: family
        for family in parser.text_string_to_metric_families(metrics.exposition(load()[0]))
    }
    joules = sum(sample.value for sample in families["footprint_energy_joules"].samples)
    assert joules == pytest.approx(sum(run.energy_j or 0 for run in MADE))
    assert sum(s.value for s in families["footprint_runs"].samples) == len(MADE)
    assert {s.labels["project"] for s in families["footprint_runs"].samples} == {
        "vision",
        "speech",
        "",
    }


def test_a_scrape_over_the_loopback_address(ledger):
    server = metrics.serve(load()[0], "127.0.0.1", 0)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        with urllib.request.urlopen(f"{base}/metrics", timeout=5) as answer:
            assert answer.headers["Content-Type"] == metrics.TYPE
            assert b"footprint_energy_joules_total{" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{base}/", timeout=5)
    finally:
        server.shutdown()
        worker.join()
        server.server_close()


def test_metrics_once_and_without_a_ledger(ledger, monkeypatch, capsys):
    assert cli.main(["metrics", "--once"]) == 0
    assert capsys.readouterr().out.startswith("# HELP footprint_runs_total")
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", "/nowhere/at/all.db")
    assert cli.main(["metrics", "--once"]) == 2


def test_labels_are_escaped():
    assert metrics._escaped('a"b\\c\nd') == r"a\"b\\c\nd"


class FakeMlflow(types.ModuleType):
    """An MLflow with or without an active run, which remembers its tags."""

    def __init__(self, active):
        super().__init__("mlflow")
        self.tags = {}
        self.active = active

    def active_run(self):
        run_id = self.active
        return run_id and types.SimpleNamespace(info=types.SimpleNamespace(run_id=run_id))

    def MlflowClient(self):  # noqa: N802: MLflow's own name
        return types.SimpleNamespace(
            set_tag=lambda run, key, value: self.tags.setdefault(run, {}).update({key: value})
        )


def told(tags, *runs):
    for run in runs:
        tags.hear("ended", run)
        tags.hear("settled", run)


def test_the_active_mlflow_run_is_tagged_with_the_sum_of_its_cells(monkeypatch):
    fake = FakeMlflow("r1")
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    first, second = [run for run in MADE if run.energy_j and run.operational_g][:2]
    told(MlflowTags(), first, second)
    assert float(fake.tags["r1"]["footprint.energy_j"]) == pytest.approx(
        first.energy_j + second.energy_j, rel=1e-5
    )
    assert fake.tags["r1"]["footprint.method"] in ("counter", "modelled")
    fake.active = None
    told(MlflowTags(), first)
    assert set(fake.tags) == {"r1"}


def test_mlflow_is_never_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "mlflow", raising=False)
    told(MlflowTags(), MADE[0])
    assert "mlflow" not in sys.modules


def test_parquet_keeps_types_and_absence(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(write(MADE, tmp_path / "runs.parquet")).to_pydict()
    assert table["energy_j"] == [run.energy_j for run in MADE]
    assert table["started_at"] == [run.started_at for run in MADE]
    assert table["number"] == [run.number for run in MADE] and table["settled"][0] is True
    assert table["project"] == [run.project for run in MADE]


def test_parquet_without_pyarrow_or_a_name_says_what_to_do(ledger, tmp_path, monkeypatch, capsys):
    assert cli.main(["export", "--all", "--format", "parquet"]) == 2
    assert "--output X.parquet" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="needs pyarrow"):
        write(MADE, tmp_path / "x.parquet")


def test_a_listener_hears_every_run_until_it_is_stopped(monkeypatch, tmp_path):
    import ipyfootprint
    from ipyfootprint import api

    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", ":memory:")
    heard = []

    def tell(event, run):
        heard.append((event, run.label))

    stop = ipyfootprint.listen(tell)
    ipyfootprint.listen(tell)
    with ipyfootprint.track("one"):
        pass
    api.recording().tracker.runs()
    stop()
    stop()
    with ipyfootprint.track("two"):
        pass
    api.recording().close()
    assert heard.count(("ended", "one")) == 1
    assert not [event for event, label in heard if label == "two"]
