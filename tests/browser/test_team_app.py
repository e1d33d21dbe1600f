"""The team's dashboard as an app: sums of a real server, on loopback, until its command ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from made_up_runs import a_closed_run

from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.ledger.sqlite import SqliteLedger

pytestmark = pytest.mark.services


def listening(process, port):
    """The addresses on which a process listens, once the port is among them; else none."""
    found = [c.laddr for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    return {laddr.ip for laddr in found} if port in {laddr.port for laddr in found} else set()


def wait_for(condition, within=120.0):
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


@pytest.fixture
def app(postgres, team, tmp_path):
    """The command, Voila under it, and the port."""
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger(str(path))
    for number in range(1, 8):
        yesterday = datetime.now(UTC) - timedelta(days=1, seconds=number)
        ledger.close_run(a_closed_run(number, started_at=yesterday, status="ok"))
    ledger.close()
    Publisher(str(path), postgres.address("alice", team), "label").send_all()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["team", "serve", "--server", postgres.address("viewer", team), "--port", str(port)]
    home = {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ipyfootprint", *command],
            env=os.environ | home,
            stdout=log,
            stderr=log,
        )
    (voila,) = wait_for(lambda: psutil.Process(process.pid).children())
    yield process, voila, port
    process.terminate()
    process.wait(60)


def test_the_app_shows_sums_and_ends_with_its_command(page, app):
    process, voila, port = app
    assert wait_for(lambda: listening(voila, port)) == {"127.0.0.1"}
    page.goto(f"http://127.0.0.1:{port}/", timeout=60_000)
    shown = page.get_by_text("Footprint of the team").filter(visible=True)  # not the static twin
    shown.first.wait_for(timeout=60_000)
    assert re.search(r"\bruns\s+7\b", page.locator("body").inner_text())
    kernels = voila.children(recursive=True)
    assert kernels
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    _, left = psutil.wait_procs([voila, *kernels], timeout=30)
    assert left == []
