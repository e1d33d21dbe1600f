"""A kernel whose team is set: a real server gets its rows, and a bad one costs no cell anything."""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest
from proxy import Proxy

pytestmark = [pytest.mark.kernel, pytest.mark.services]

CANARY = "cAnAry-f00tpr1nt-7391"
METERED = "%%footprint\nsum(range(300_000))"


def wait_for(condition, within=60.0):
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


def rows(server, team):
    return server.sql("SELECT count(*) FROM run", database=team)[0][0]


def local(kernel, query):
    with sqlite3.connect(kernel.env["IPYFOOTPRINT_LEDGER"]) as db:
        return db.execute(query).fetchall()


def said(reply):
    return f"{reply.text} {reply.shown} {reply.error}"


def loaded(new_kernel, address, **env):
    kernel = new_kernel(IPYFOOTPRINT_TEAM=address, **env)
    assert kernel.run("%load_ext ipyfootprint").error is None
    return kernel


def test_rows_arrive_while_the_kernel_works_and_the_last_ones_as_it_ends(
    new_kernel, postgres, team
):
    address = postgres.address("alice", team)
    kernel = loaded(new_kernel, address)
    kernel.run(METERED)
    wait_for(lambda: rows(postgres, team) == 1)
    told = kernel.run("%footprint team status").text
    assert address in told and "last problem          none" in told
    ((pseudonym,),) = postgres.sql("SELECT DISTINCT user_id FROM run", database=team)
    assert pseudonym in told
    kernel.run(METERED)
    shown = kernel.run("%footprint team preview").text
    previewed = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
    assert {row["user_id"] for row in previewed} <= {pseudonym}
    kernel.close()
    assert rows(postgres, team) == 2
    found = postgres.sql("SELECT pid, boot_id, notebook FROM session", database=team)
    assert found == [(None, None, None)]


def test_a_team_set_in_a_cell_gets_what_was_recorded_before(new_kernel, postgres, team):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run(METERED)
    bad = kernel.run(f"%footprint config team postgresql://alice:{CANARY}@127.0.0.1/{team}")
    assert "Leave the password out" in said(bad)
    for words in (
        f"team postgresql://alice:{CANARY}@127.0.0.1/{team}",
        f"postgresql://alice:{CANARY}@127.0.0.1/{team}",
        f"config team=postgresql://alice:{CANARY}@127.0.0.1/{team}",
        f"config ledger postgresql://alice:{CANARY}@127.0.0.1/{team}",
    ):
        reply = kernel.run(f"%footprint {words}")
        assert reply.status == "error" and CANARY not in said(reply)
    assert "nonsense" not in said(kernel.run("%footprint config team"))
    refused = kernel.run(f"%footprint config team postgresql:///{team}?nonsense=1")
    assert "not an address PostgreSQL understands" in said(refused)
    assert kernel.run("%footprint config team").text.strip() == "team = none"
    kernel.run(f"%footprint config team {postgres.address('alice', team)}")
    wait_for(lambda: rows(postgres, team) == 1)
    for words in ("doctor", "team status", "config", "why"):
        assert CANARY not in said(kernel.run(f"%footprint {words}"))
    folder = Path(kernel.env["IPYFOOTPRINT_LEDGER"]).parent
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []


def test_a_wrong_password_is_said_once_and_is_in_nothing(new_kernel, postgres, team, tmp_path):
    postgres.sql("DROP ROLE IF EXISTS sealed")
    postgres.sql("CREATE ROLE sealed LOGIN PASSWORD 'something'")
    known = tmp_path / "pgpass"
    known.write_text(f"*:*:*:*:{CANARY}\n")
    known.chmod(0o600)
    kernel = loaded(new_kernel, postgres.address("sealed", team), PGPASSFILE=str(known))
    replies = []

    def told():
        replies.append(kernel.run(METERED))
        assert replies[-1].result == "44999850000"
        return "does not accept this password" in said(replies[-1])

    wait_for(told)
    replies += [kernel.run(METERED), kernel.run("%footprint doctor")]
    assert sum("does not accept" in str(reply.shown) for reply in replies) == 1
    assert ".pgpass, PGPASSWORD or keyring" in replies[-1].text
    replies += [kernel.run(f"%footprint {words}") for words in ("team status", "why", "summary")]
    assert [said(reply) for reply in replies if CANARY in said(reply)] == []
    processes = [
        kernel.pid,
        *kernel.value("[c.pid for c in __import__('psutil').Process().children(recursive=True)]"),
    ]
    for pid in processes:
        assert CANARY.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        assert CANARY.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    kernel.close()
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "pgpass"]
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
    postgres.sql("DROP ROLE sealed")


def test_a_server_that_falls_silent_delays_no_cell_and_no_end(new_kernel, postgres, team):
    """It takes the connection and then says nothing more, the whole session long."""
    proxy = Proxy(postgres.port)
    proxy.passes, proxy.how = 0, "silent"
    kernel = loaded(new_kernel, f"postgresql://alice@127.0.0.1:{proxy.port}/{team}")
    try:
        kernel.run(METERED)
        assert proxy.cut.wait(60)  # the publisher hangs now
        assert [kernel.run(METERED).result for _ in range(5)] == ["44999850000"] * 5
        process = kernel.manager.provisioner.process
        kernel.client.shutdown()  # asked, and not killed: it ends by itself
        assert wait_for(lambda: process.poll() is not None, 30)
        assert process.returncode == 0
    finally:
        proxy.close()
    assert local(kernel, "SELECT DISTINCT status FROM run") == [("ok",)]
    assert local(kernel, "SELECT count(*) FROM run WHERE published_us IS NULL") == [(6,)]
    assert rows(postgres, team) == 0


def test_a_dashboard_over_the_server_is_for_its_role(new_kernel, postgres, team):
    alice = loaded(new_kernel, postgres.address("alice", team))
    alice.run(METERED)
    refused = alice.run("%footprint team")
    assert "ipyfootprint_dashboard" in said(refused) and refused.shown == []
    wait_for(lambda: rows(postgres, team) == 1)
    viewer = loaded(
        new_kernel,
        postgres.address("viewer", team),
        IPYFOOTPRINT_LEDGER=os.fspath(Path(alice.env["HOME"]) / "viewer.db"),
    )
    shown = viewer.run("%footprint team")
    assert "Footprint of the team" in said(shown)
