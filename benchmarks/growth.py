"""Cost of a cell with 100 000 recorded runs over that with 100: of its hooks, and of all work.

The ledger is a file that holds so many runs of 40 experiments before the session starts. "All
work" is the CPU time of the process a cell: hooks, settling and the ledger's transactions.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml
from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import DeviceEnergy, Run, Session
from ipyfootprint.testing import square

SIZES = (100, 100_000)
TURNS, BURST = 12, 25


def fill(path: str, count: int) -> None:
    """Record so many closed runs, some every quarter of an hour of the last months."""
    ledger = SqliteLedger(path)
    start = datetime.now(UTC) - timedelta(minutes=count)
    gpu = DeviceEnergy(50.0, 48.0, 52.0, 1.0, "counter", "gpu", "GPU")
    ledger.open_session(Session(session_id="old", user_id="u", started_at=start))
    ledger._db.execute("PRAGMA synchronous = OFF")
    for number in range(count):
        at = start + timedelta(minutes=number)
        ledger.close_run(
            Run(
                run_id=uuid7(round(at.timestamp() * 1e9)),
                session_id="old",
                user_id="u",
                started_at=at,
                number=number + 1,
                lineage=f"cell-{number % 40}",
                code_hash=f"code-{number % 40}",
                config_hash=f"config-{number % 400}",
                status="ok",
                duration_s=1.0,
                energy_j=50.0,
                energy_low_j=48.0,
                energy_high_j=52.0,
                node_energy_j=50.0,
                devices={"gpu0": gpu},
                method="counter",
                settled=True,
            )
        )
    ledger.close()


def cost(path: str) -> tuple[float, float]:
    """(median microseconds of a metered cell, CPU microseconds of all work a cell)."""
    from benchmarks import _shell

    shell = _shell.metered(path)
    shell._ipyfootprint.extension.auto = True
    time.sleep(1.5)
    hooks, work = [], []
    for _ in range(TURNS):
        busy = time.process_time()
        hooks.append(statistics.median(_shell.timed_us(shell, "pass", BURST)))
        time.sleep(0.3)
        shell._ipyfootprint.tracker.settle()
        work.append(1e6 * (time.process_time() - busy) / BURST)
    return statistics.median(hooks), statistics.median(work)


def main() -> None:
    """Print the table."""
    heading("Cost of a cell as the ledger grows")
    rows, found = [], {}
    with tempfile.TemporaryDirectory() as folder, simulated_nvml([square(1, 60, 300)]) as gpus:
        paths = {size: str(Path(folder) / f"{size}.db") for size in SIZES}
        for size, path in paths.items():
            fill(path, size)
        turns = {size: [] for size in SIZES}
        for _ in range(3):
            for size, path in paths.items():
                turns[size].append(in_child("benchmarks.growth:cost", path, env=gpus.env))
        for size in SIZES:
            found[size] = [min(side) for side in zip(*turns[size], strict=True)]
            rows.append([f"{size:,}".replace(",", " "), *(f"{value:.0f}" for value in found[size])])
        small, large = (found[size] for size in SIZES)
        rows.append(["ratio", *(f"{b / a:.2f}" for a, b in zip(small, large, strict=True))])
    table(["recorded runs", "a metered empty cell, us", "all work a cell, CPU us"], rows)
