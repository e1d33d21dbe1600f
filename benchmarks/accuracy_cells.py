"""Energy of short cells: 200 of 20-500 ms, against the exact integral.

The counter of a simulated GPU is updated every 20 or every 100 ms. "Plain" is what a difference
of the counter, read at the same edges, says: what a tool does that reads it when a cell starts
and ends. The last column is how far runs and the time between them, added up, are from the
session's own counter difference.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml
from ipyfootprint.testing import Trace, square, training

CELLS = 200
LOADS = {
    "1 Hz square": square(1, 60, 300),
    "7 Hz square": square(7, 60, 300),
    "training-like": training(),
}
Cell = tuple[int, int, float, float]


def cells(seed: int) -> tuple[list[Cell], float]:
    """(edge, edge, our joules, plain joules) of each cell, and by how much the sum is off."""
    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    import pynvml

    from ipyfootprint import api

    tracker = api.recording().tracker
    opened = tracker._edge
    pynvml.nvmlInit()
    gpu = pynvml.nvmlDeviceGetHandleByIndex(0)
    time.sleep(2.0)
    drawn = random.Random(seed)
    seen = []
    for _ in range(CELLS):
        time.sleep(drawn.uniform(0.01, 0.12))
        span = tracker.begin(tracker.new_run())
        before = pynvml.nvmlDeviceGetTotalEnergyConsumption(gpu)
        time.sleep(drawn.uniform(0.02, 0.5))
        tracker.end(span, "ok")
        after = pynvml.nvmlDeviceGetTotalEnergyConsumption(gpu)
        seen.append((span.start.t_ns, span.end.t_ns, (after - before) / 1000))
    time.sleep(1.5)
    runs = tracker.runs()
    found = [
        (start, end, run.devices["gpu0"].energy_j or 0.0, plain)
        for (start, end, plain), run in zip(seen, runs, strict=True)
    ]
    whole = tracker.meter.window(opened, tracker._edge)
    metered = sum(device.energy_j for device in whole.devices.values())
    total = sum(run.node_energy_j or 0.0 for run in runs) + (tracker.gap().node_energy_j or 0.0)
    return found, total - metered


def _errors(found: list[Cell], exact: list[float], column: int) -> list[float]:
    return sorted(
        100 * abs(cell[column] - true) / true for cell, true in zip(found, exact, strict=True)
    )


def _both(errors: list[float]) -> str:
    return f"{statistics.median(errors):.1f} / {errors[len(errors) * 9 // 10]:.1f}"


def row(name: str, trace: Trace, period_s: float) -> list[str]:
    """One line of the table."""
    with simulated_nvml(trace, period_s=period_s, power_period_s=period_s, window_s=0.0) as gpus:
        found, off_j = in_child("benchmarks.accuracy_cells:cells", 7, env=gpus.env)
        exact = [gpus.exact_j(start, end) for start, end, *_ in found]
    total = sum(cell[2] for cell in found) / sum(exact) - 1
    return [
        name,
        f"{1000 * period_s:.0f} ms",
        _both(_errors(found, exact, 2)),
        _both(_errors(found, exact, 3)),
        f"{100 * total:+.2f}",
        f"{off_j:+.1e}",
    ]


def main() -> None:
    """Print the table."""
    heading("Energy of short cells")
    print(f"{CELLS} cells of 20-500 ms. Error of a cell in %: median / 90th percentile.\n")
    with ThreadPoolExecutor(2) as pool:
        rows = pool.map(
            lambda job: row(*job),
            [(name, trace, period) for period in (0.02, 0.1) for name, trace in LOADS.items()],
        )
        head = ["load", "counter", "ipyfootprint", "plain difference", "all cells together, %"]
        table([*head, "sum off by, J"], rows)
