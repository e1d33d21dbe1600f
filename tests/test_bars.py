"""A bar shows on standard error after a second, and nowhere else."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ipyfootprint import bars
from ipyfootprint.cli import main
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import Run

COUNT = 400
START = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = "timestamp,project_name,run_id,duration,emissions,energy_consumed"
ROW = "2026-01-01T00:{:02d}:00,p,c{},9.0,0.001,0.002"


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))
    kept, _ = open_ledger(str(path))
    for number in range(COUNT):
        who = {"run_id": f"r{number}", "session_id": "s", "user_id": "u", "number": number}
        at = START + timedelta(seconds=number)
        kept.close_run(Run(**who, started_at=at, duration_s=0.5, status="ok"))
    kept.close()
    return path


@pytest.fixture
def emissions(tmp_path):
    path = tmp_path / "emissions.csv"
    path.write_text("\n".join([HEAD, *(ROW.format(n, n) for n in range(50))]) + "\n")
    return str(path)


@pytest.fixture(params=["slow", "quick"])
def slow(request, monkeypatch):
    """Whether the command takes longer than the delay."""
    monkeypatch.setattr(bars, "DELAY_S", 0.0 if request.param == "slow" else 60.0)
    return request.param == "slow"


def test_export_keeps_its_data_apart_from_its_bar(ledger, slow, capfd):
    assert main(["export", "--all"]) == 0
    told = capfd.readouterr()
    assert len([json.loads(line) for line in told.out.splitlines()]) == COUNT
    assert (f"{COUNT}/{COUNT}" in told.err) == slow and (told.err == "") != slow


@pytest.mark.parametrize("name", ["o.csv", "o.json", "o.parquet", "emissions.csv"])
def test_every_format_has_a_bar(ledger, slow, capfd, tmp_path, name):
    form = {"csv": "csv", "json": "json", "parquet": "parquet"}[name.rpartition(".")[2]]
    form = "codecarbon" if name == "emissions.csv" else form
    assert main(["export", "--all", "--format", form, "--output", str(tmp_path / name)]) == 0
    told = capfd.readouterr()
    assert told.out == "" and ("100%" in told.err) == slow


def test_import_tells_how_far_it_is(ledger, slow, capfd, emissions):
    assert main(["import", "codecarbon", emissions]) == 0
    told = capfd.readouterr()
    assert told.out.startswith("50 runs imported") and ("50/50" in told.err) == slow


def test_publish_tells_how_many_rows_are_left(ledger, slow, capfd, monkeypatch):
    from ipyfootprint.ledger import publish

    class Taker:
        def who(self):
            return "me", "ab" * 32

        def send(self, tables):
            return None

        def close(self):
            return None

    monkeypatch.setenv("IPYFOOTPRINT_TEAM", "postgresql://me@nowhere/team")
    monkeypatch.setattr(publish.Publisher.__init__, "__kwdefaults__", {
        **publish.Publisher.__init__.__kwdefaults__, "server": lambda address: Taker(),
    })  # fmt: skip
    assert main(["publish", "--once"]) == 0
    told = capfd.readouterr()
    assert told.out == f"{COUNT} rows sent.\n" and (f"{COUNT}/{COUNT}" in told.err) == slow


def test_a_bar_over_nothing_shows_nothing(capfd):
    assert list(bars.bar([], unit="run")) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.kernel
def test_in_a_notebook_a_bar_is_the_notebooks_own_and_no_printed_data(ledger):
    from jupyter_client.manager import run_kernel

    code = "from ipyfootprint import bars\nfrom ipyfootprint.cli import main\n"
    code += "bars.DELAY_S = 0.0\nmain(['export', '--all'])"
    seen = []
    with run_kernel(extra_arguments=["--HistoryManager.hist_file=:memory:"]) as client:
        client.execute_interactive(code, output_hook=seen.append, timeout=60)
    streams = [m["content"] for m in seen if m["msg_type"] == "stream"]
    printed = "".join(s["text"] for s in streams if s["name"] == "stdout")
    assert len([json.loads(line) for line in printed.splitlines()]) == COUNT
    assert not any("warn" in s["text"].lower() for s in streams if s["name"] == "stderr")
    shown = [m["content"]["data"] for m in seen if m["msg_type"] == "display_data"]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)
