"""The dashboard on a large team: time of all five blocks with cold filters, and what it sends.

    python -m benchmarks team_scale [runs] [file or address]

Fills a SQLite ledger (or a PostgreSQL whose address is given) with so many runs of 200 people
over a year, unless it is filled already, then asks for the dashboard with filters that were not
asked before. Nothing is cached between two questions but pages, by the database and the system.
"""

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.team_fill import PROJECTS, fill
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


def timings(source, count: int = 60):
    """Milliseconds of each question, with the figures drawn, and bytes of what a browser gets."""
    from ipyfootprint.team.payload import payload

    times, sizes = [], []
    for filters in cold_filters(count):
        begun = time.perf_counter()
        found = source(filters)
        asked = time.perf_counter()
        sent = payload(found, "carbon")
        sizes.append(len(json.dumps(sent)))
        times.append((1e3 * (asked - begun), 1e3 * (time.perf_counter() - asked)))
    return times, sizes


def report(name: str, times, sizes) -> str:
    """One line of the table."""
    asked = sorted(a for a, _ in times)
    drawn = statistics.median(d for _, d in times)
    p95 = asked[round(0.95 * (len(asked) - 1))]
    return (
        f"{name:<28} {statistics.median(asked):8.0f} {p95:8.0f} {asked[-1]:8.0f}"
        f" {drawn:8.0f} {max(sizes) / 1000:9.0f}"
    )


HEAD = f"{'':<28} {'median':>8} {'p95':>8} {'max ms':>8} {'draw ms':>8} {'payload kB':>9}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[2] if len(sys.argv) > 2 else str(Path(folder) / "team.db")
        if not Path(path).exists():
            begun = time.perf_counter()
            fill_sqlite(path, runs)
            size = Path(path).stat().st_size / 1e9
            print(f"filled {runs} runs in {time.perf_counter() - begun:.0f} s, {size:.2f} GB")
        source = DatabaseSource(SqliteLedger(path).reader(), runs=True)
        print(HEAD)
        print(report(f"SQLite, {runs} runs", *timings(source)))


if __name__ == "__main__":
    main()
