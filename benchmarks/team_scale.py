"""The dashboard on a large team: time of all five blocks with cold filters, and what it sends.

    python -m benchmarks team_scale [--full]

Fills a SQLite ledger and a PostgreSQL of its own with a million (--full: ten million) runs of 200
people over a year, then asks for the dashboard with filters that were not asked before. Nothing is
kept between two questions but pages, by the database and the system.
"""

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks._machine import heading, table
from benchmarks._team_fill import PROJECTS, fill
from ipyfootprint.ledger.reading import read_server
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.team.filters import DIMENSIONS, Filters
from ipyfootprint.team.source import DatabaseSource

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata")
INDEXES = ("run_by_session", "run_by_lineage", "run_by_start", "run_open", "run_by_config")


def fill_sqlite(path: str, runs: int, **known) -> None:
    """A ledger file with so many runs; its indexes of runs are made after them."""
    SqliteLedger(path).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    marks = ", ".join("?" * len(INDEXES))
    kept = db.execute(f"SELECT sql FROM sqlite_master WHERE name IN ({marks})", INDEXES).fetchall()
    for name in INDEXES:
        db.execute(f"DROP INDEX {name}")

    def write(table, columns, rows):
        places = ", ".join("?" * len(columns))
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        db.execute("COMMIT")

    fill(write, runs, **known)
    for (sql,) in kept:
        db.execute(sql)
    db.execute("ANALYZE")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def fill_postgres(server, name: str, runs: int, **known) -> None:
    """A team's database with the same rows, copied in by its owner past the triggers."""
    import psycopg

    server.new_team(name)
    with psycopg.connect(server.address("postgres", name)) as db:
        db.execute("SET search_path = ipyfootprint")
        db.execute("SET session_replication_role = replica")

        def write(table, columns, rows):
            if table == "hardware":
                table, columns = "hardware_name", ("user_id", *columns)
                rows = [("person", *row) for row in rows]
            with db.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

        fill(write, runs, **known)
        db.commit()
        db.autocommit = True
        db.execute("ANALYZE")


def cold_filters(count: int, seed: int = 3, last: date = date(2026, 1, 4)):
    """Filters that differ from each other, as people would set them; the year's last days most."""
    rng = random.Random(seed)
    for _ in range(count):
        days = rng.choice([1, 7, 28, 30, 30, 90, 182])
        until = last - timedelta(days=rng.choice([0, 0, 1, 7, 30]))
        chosen = {}
        if rng.random() < 0.4:
            chosen["project"] = f"project {rng.randrange(PROJECTS)}"
        if rng.random() < 0.2:
            chosen["person"] = f"person{rng.randrange(200):06d}"
        if rng.random() < 0.2:
            chosen["phase"] = rng.choice(["training", "tuning"])
        yield Filters(
            since=until - timedelta(days=days),
            until=until,
            zone=rng.choice(ZONES),
            by=rng.choice(DIMENSIONS),
            **chosen,
        )


def timings(source, count: int = 60, server_s=lambda: 0.0):
    """Milliseconds of each question and of drawing it, and bytes of what a browser gets.

    Args:
        source: what is asked.
        count: how many questions.
        server_s: processor seconds that a server has taken until now.

    Returns:
        (asked, drawn, processor time of asking) a question, and the sizes.
    """
    from ipyfootprint.team.payload import payload

    times, sizes = [], []
    for filters in cold_filters(count):
        begun, cpu = time.perf_counter(), time.thread_time() + server_s()
        found = source(filters)
        asked, cpu = time.perf_counter(), time.thread_time() + server_s() - cpu
        sent = payload(found, "carbon")
        sizes.append(len(json.dumps(sent)))
        times.append((1e3 * (asked - begun), 1e3 * (time.perf_counter() - asked), 1e3 * cpu))
    return times, sizes


HEAD = ("60 dashboards, ms", "median", "95 of 100", "goal", "longest", "processor, median")
HEAD += ("processor, 95 of 100", "draw", "largest payload", "load before")


def report(name: str, goal: int, load: float, times, sizes) -> tuple[str, ...]:
    """One row of the table."""
    asked, drawn, cpu = (sorted(column) for column in zip(*times, strict=True))
    last = round(0.95 * (len(asked) - 1))
    times = (statistics.median(asked), asked[last], goal, asked[-1])
    times += (statistics.median(cpu), cpu[last], statistics.median(drawn))
    return (name, *(f"{one:.0f}" for one in times), f"{max(sizes) / 1e3:.0f} kB", f"{load:.1f}")


def sqlite(runs: int, folder: str) -> tuple[str, ...]:
    """The row of a ledger file."""
    path = str(Path(folder) / "team.db")
    begun = time.perf_counter()
    fill_sqlite(path, runs)
    size = Path(path).stat().st_size / 1e9
    print(
        f"{runs} runs of 200 people in a file of {size:.2f} GB, filled in"
        f" {time.perf_counter() - begun:.0f} s. Processor time is that of asking, the server's"
        " included.\n",
        flush=True,
    )
    source = DatabaseSource(SqliteLedger(path).reader(), runs=True)
    load = os.getloadavg()[0]
    return report("SQLite", 300, load, *timings(source))


def postgres(runs: int, raw: bool) -> tuple[str, ...]:
    """The row of a PostgreSQL of our own, asked by the dashboard's role."""
    import importlib

    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    servers = importlib.import_module("postgres_server")
    # one process answers a question, so that its processor time is all there is
    server = servers.PostgresServer(
        next(iter(servers.installations().values())),
        shared_buffers="1GB",
        work_mem="64MB",
        max_parallel_workers_per_gather=0,
    )
    try:
        fill_postgres(server, "team", runs, raw=raw)
        fetch = read_server(server.address("viewer", "team"))
        pid = fetch("SELECT pg_backend_pid() AS pid", {})[0]["pid"]
        ran = Path(f"/proc/{pid}/schedstat")
        load = os.getloadavg()[0]
        found = timings(
            DatabaseSource(fetch), server_s=lambda: int(ran.read_text().split()[0]) / 1e9
        )
        return report("PostgreSQL", 200, load, *found)
    finally:
        server.close()


def main() -> None:
    """`python -m benchmarks team_scale`: a million runs; --full: ten million."""
    runs = 10_000_000 if "--full" in sys.argv else 1_000_000
    heading("The dashboard of a large team", "psycopg", "sqlalchemy")
    with tempfile.TemporaryDirectory() as folder:
        first = sqlite(runs, folder)
    # no question reads a run, so the server gets the rollups of as many runs alone
    table(HEAD, [first, postgres(runs, raw=False)])


if __name__ == "__main__":
    main()
