"""From the outbox to a server: once each, later when it fails, and nothing that was not shared."""

import json
import sqlite3
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_runs import a_closed_run, fill

from ipyfootprint.errors import LedgerError, TeamError
from ipyfootprint.ledger import publish
from ipyfootprint.ledger.identity import repository_project
from ipyfootprint.ledger.opening import make_shared, open_ledger
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.place import network_filesystem
from ipyfootprint.ledger.publish import Publisher, pause_s
from ipyfootprint.ledger.refusals import Refusal
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.ledger.told import preview_text, status_text

ADDRESS = "postgresql://alice@localhost/team"
KEYS = {"run": "run_id", "session": "session_id", "gap": "session_id", "finding": "finding_id"}
KEYS |= {"run_adjust": "adjust_id", "hardware": "hardware_id"}


class FakeServer:
    """Keeps rows once each, like the real one; fails as told."""

    def __init__(self):
        self.rows, self.sent, self.fails, self.poison = {}, [], [], set()

    def __call__(self, address):
        return self

    def who(self):
        return "pseudonym", "ab" * 32

    def send(self, tables):
        if self.fails:
            raise self.fails.pop(0)
        if self.poison & set(tables.get("run", {}).get("run_id", ())):
            raise Refusal("The team's server refused (23514)", "", "", "23514")
        for table, columns in tables.items():
            for row in zip(*columns.values(), strict=True):
                known = dict(zip(columns, row, strict=True))
                self.sent.append((table, known))
                self.rows[table, known[KEYS[table]]] = known

    def close(self):
        pass

    def of(self, table):
        return [row for (kind, _), row in self.rows.items() if kind == table]


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.db")


def test_everything_that_waits_is_sent_once_and_nothing_again(path):
    runs, server = fill(path, 40), FakeServer()
    publisher = Publisher(path, ADDRESS, server=server, batch=7)
    sent = publisher.send_all()
    assert {row["run_id"] for row in server.of("run")} == {run.run_id for run in runs}
    assert [len(server.of(t)) for t in ("run_adjust", "gap", "finding", "session")] == [10, 1, 1, 1]
    assert sent == 40 + 10 + 1 + 1
    server.sent.clear()
    assert publisher.send_all() == 0 and server.sent == []
    publisher.close()


def test_what_grows_later_is_sent_again(path):
    (run,) = fill(path, 1)
    server = FakeServer()
    publisher = Publisher(path, ADDRESS, server=server)
    publisher.send_all()
    ledger = SqliteLedger(path)
    ledger.adjust(run.run_id, energy_j=1.0, reason="later")
    (finding,) = ledger.findings()
    ledger.add_finding(replace(finding, answer="planned"))
    ledger.save_gap(replace(ledger.gap("s1"), duration_s=12.0))
    ledger.close()
    assert publisher.send_all() == 3
    assert server.of("gap")[0]["duration_us"] == 12_000_000
    assert server.of("finding")[0]["answer"] == "planned"
    publisher.close()


def test_a_started_run_waits_until_it_is_closed(path):
    ledger, server = SqliteLedger(path), FakeServer()
    ledger.begin(a_closed_run(1, status="started"))
    publisher = Publisher(path, ADDRESS, server=server)
    assert publisher.send_all() == 0
    publisher.close()
    ledger.close()


def test_a_failure_keeps_the_rows_and_says_why_without_telling_the_kernel(path):
    fill(path, 5)
    server = FakeServer()
    server.fails = [TeamError("The team's server cannot be reached", "kept", "Later.")]
    publisher = Publisher(path, ADDRESS, server=server)
    assert publisher.tried() is False
    said = status_text(path, ADDRESS)
    assert "cannot be reached" in said and "8 rows" in said
    assert publisher.tried() is True
    assert "last problem          none" in status_text(path, ADDRESS)
    publisher.close()


def test_a_row_that_is_refused_does_not_hold_the_others_up(path):
    runs, server = fill(path, 20), FakeServer()
    server.poison = {runs[6].run_id, runs[13].run_id}
    publisher = Publisher(path, ADDRESS, server=server)
    publisher.send_all()
    assert len(server.of("run")) == 18
    assert "2 rows, kept here" in status_text(path, ADDRESS)
    assert publisher.send_all() == 0
    publisher.close()


def test_after_failures_it_asks_ever_more_rarely_and_not_in_step():
    pauses = [pause_s(5) for _ in range(50)]
    assert pause_s(0) == publish.EVERY_S and len(set(pauses)) > 40
    assert all(80 <= pause <= 160 for pause in pauses)
    assert pause_s(1000) <= publish.AT_MOST_S


def test_closing_sends_what_waits_and_takes_two_seconds_at_most(path):
    fill(path, 3)
    server = FakeServer()
    publisher = Publisher(path, ADDRESS, server=server)
    publisher.start()
    publisher.close()
    assert len(server.of("run")) == 3

    let_go = threading.Event()
    fill(path, 3, "s2", first=100)
    server.send = lambda tables: let_go.wait(30)
    publisher = Publisher(path, ADDRESS, server=server)
    publisher.start()
    start = time.monotonic()
    publisher.close(within_s=0.2)
    assert time.monotonic() - start < 1.5
    let_go.set()
    publisher._thread.join(10)


def values_of(server):
    return json.dumps([row for _, row in server.sent])


def test_nothing_that_could_be_private_is_sent_unless_it_is_named(path):
    fill(path, 10)
    server = FakeServer()
    Publisher(path, ADDRESS, server=server).send_all()
    sent = values_of(server)
    for private in ("label-", "secret", "alice", "cell-", "code1", "config1", "local-user"):
        assert private not in sent, private
    assert {row["pid"] for row in server.of("session")} == {None}
    assert {row["metric"] for row in server.of("run")} == {None}
    assert {row["user_id"] for _, row in server.sent} == {"pseudonym"}


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("label", "label-1"),
        ("metric", "secret_metric"),
        ("notebook", "secret-path"),
        ("findings", "secret message"),
    ],
)
def test_each_word_switches_one_thing_on(path, word, shown):
    fill(path, 10)
    server = FakeServer()
    Publisher(path, ADDRESS, word, server=server).send_all()
    sent = values_of(server)
    others = {"label-1", "secret_metric", "secret-path", "secret message"} - {shown}
    assert shown in sent and not any(other in sent for other in others)
    if word == "label":
        assert {row["lineage"] for row in server.of("run")} == {"label-0", "label-1", "label-2"}
        assert server.of("finding")[0]["lineage"] == "label-1"


def test_the_same_experiment_has_the_same_hash_and_another_key_another(path):
    fill(path, 6)
    server = FakeServer()
    Publisher(path, ADDRESS, server=server).send_all()
    lineages = [row["lineage"] for row in server.of("run")]
    assert len(set(lineages)) == 3 and lineages[0] == lineages[3]
    assert server.of("finding")[0]["lineage"] == lineages[0]


def by_text(rows):
    """Rows in one order; a session that went twice counts once."""
    return sorted({json.dumps(row) for row in rows})


def test_the_preview_is_exactly_what_is_sent(path):
    fill(path, 5)
    server = FakeServer()
    told = preview_text(path, ADDRESS, "label", rows=100, server=server)
    rows = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert server.sent == []
    publisher = Publisher(path, ADDRESS, "label", server=server)
    publisher.send_all()
    assert "run_adjust" in told
    assert by_text(rows) == by_text(row for _, row in server.sent)
    assert preview_text(path, ADDRESS) == "Nothing waits to be sent."
    publisher.close()


def test_text_that_no_server_takes_is_cleaned(path):
    ledger, server = SqliteLedger(path), FakeServer()
    ledger.close_run(a_closed_run(1, label="a\0b" + "x" * 900))
    ledger.close()
    Publisher(path, ADDRESS, "label", server=server).send_all()
    label = server.of("run")[0]["label"]
    assert label.startswith("abx") and len(label) == 200


def test_a_locked_or_missing_ledger_is_an_error_and_no_crash(path, tmp_path):
    with pytest.raises(LedgerError, match="cannot be used"):
        Outbox(str(tmp_path / "none.db"))
    assert Publisher(str(tmp_path / "none.db"), ADDRESS, server=FakeServer()).tried() is False
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE x (y)")
    assert Publisher(str(tmp_path / "other.db"), ADDRESS, server=FakeServer()).tried() is False


MOUNTS = [("/", "ext4", "rw"), ("/home", "nfs4", "rw"), ("/home/local", "xfs", "rw")]


def test_a_network_file_system_is_recognised_by_the_nearest_mount(tmp_path):
    assert network_filesystem(Path("/home/a/ledger.db"), MOUNTS) == "nfs4"
    assert network_filesystem(Path("/home/local/a.db"), MOUNTS) is None
    assert network_filesystem(Path("/homes/a.db"), MOUNTS) is None
    assert network_filesystem(tmp_path) is None


def test_a_ledger_on_a_network_file_system_is_refused_with_the_way_out(path, monkeypatch):
    from ipyfootprint.ledger import opening

    monkeypatch.setattr(opening, "network_filesystem", lambda path: "nfs4")
    ledger, warning = open_ledger(path)
    assert ledger.path == ":memory:"
    assert "network file system (nfs4)" in str(warning) and "setting team" in str(warning)
    assert "in memory only" in str(warning)
    ledger.close()
    with pytest.raises(LedgerError, match="network file system"):
        make_shared(path)


def test_a_shared_file_is_writable_for_its_group_and_so_are_its_companions(path):
    made = make_shared(path)
    ledger, warning = open_ledger(str(made))
    ledger.begin(a_closed_run(1, status="started"))
    assert warning is None
    for tail in ("", "-wal", "-shm"):
        assert stat.S_IMODE(Path(f"{made}{tail}").stat().st_mode) == 0o660
    ledger.close()


@pytest.mark.parametrize(
    "address",
    ["https://token:secret@Git.example/team/code.git", "git@git.example:team/code", None],
)
def test_a_repository_has_one_name_however_it_was_cloned(tmp_path, address):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert repository_project(inner) is None
    (tmp_path / ".git").mkdir()
    remote = f'[remote "origin"]\n\turl = {address}\n\tfetch = +refs/*\n' if address else ""
    (tmp_path / ".git" / "config").write_text(f"[core]\n\tbare = false\n{remote}")
    found = repository_project(inner)
    if address is None:
        assert found is None
    else:
        plain = tmp_path / "plain"
        (plain / ".git").mkdir(parents=True)
        (plain / ".git" / "config").write_text(
            '[remote "origin"]\n\turl = ssh://git@git.example:22/team/code.git/\n'
        )
        assert found == repository_project(plain) and "team" not in found
