"""Where footprints go besides the ledger: a listener, Prometheus, MLflow, Parquet."""

import contextlib
import os
import sys
import threading
import types
import urllib.error
import urllib.request
from dataclasses import replace

import made_up_team
import pytest
from made_up_runs import fill
from prometheus_client.parser import text_string_to_metric_families

from ipyfootprint import cli
from ipyfootprint.commands import metrics
from ipyfootprint.config import Settings, load
from ipyfootprint.errors import ConfigError
from ipyfootprint.export import write
from ipyfootprint.ledger import read_ledger
from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.mlflow_tags import MlflowTags

MADE = made_up_team.runs(60)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "team.db"
    made_up_team.ledger_of(MADE, path).close()
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))


@contextlib.contextmanager
def served(settings):
    """The endpoint's address, while it is there."""
    server = metrics.serve(metrics.source_of(settings), "127.0.0.1", 0)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        worker.join()
        server.server_close()


def scraped(base):
    """The families of one scrape, as Prometheus' own parser reads them."""
    with urllib.request.urlopen(f"{base}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"] == metrics.TYPE
        text = answer.read().decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_prometheus_reads_what_the_ledger_holds_at_every_scrape(ledger):
    with served(load()[0]) as base:
        families = scraped(base)
        joules = sum(sample.value for sample in families["footprint_energy_joules"].samples)
        assert joules == pytest.approx(sum(run.energy_j or 0 for run in MADE))
        assert {family.type for family in families.values()} == {"counter"}
        runs = families["footprint_runs"].samples
        assert sum(s.value for s in runs) == len(MADE)
        assert {s.labels["project"] for s in runs} == {"vision", "speech", ""}
        with read_ledger(os.environ["IPYFOOTPRINT_LEDGER"]) as more:
            more.close_run(replace(MADE[0], run_id="another"))
        assert sum(s.value for s in scraped(base)["footprint_runs"].samples) == len(MADE) + 1
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{base}/", timeout=30)


@pytest.mark.services
def test_a_team_is_scraped_over_one_connection(postgres, team, tmp_path):
    path = str(tmp_path / "a.db")
    fill(path, 20)
    Publisher(path, postgres.address("alice", team)).send_all()
    asked = "SELECT pid FROM pg_stat_activity WHERE usename = 'viewer'"
    settings = Settings(team=postgres.address("viewer", team))
    with served(settings) as base:
        seen = set()
        for _ in range(3):
            assert sum(s.value for s in scraped(base)["footprint_runs"].samples) == 20
            seen |= set(postgres.sql(asked))
    assert len(seen) == 1


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
