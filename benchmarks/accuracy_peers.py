"""Energy of GPUs against the exact integral: ipyfootprint and three peers, on the same counters.

The GPUs are simulated in C (tests/hardware/simulator) and loaded by each tool through its own
binding.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks._machine import heading
from benchmarks._simulated import SimulatedNvml, simulated_nvml
from ipyfootprint.testing import Trace, square, training

# Not multiples of a period, so that no tool is right by luck of the edges.
WINDOWS_S = (1.3, 2.17, 0.71, 1.9)
PAUSE_S = 0.37
OURS = "ipyfootprint"
TOOLS = (OURS, "zeus", "codecarbon", "carbontracker")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the power of each GPU and how its counters behave."""

    name: str
    traces: Sequence[Trace]
    options: dict[str, object] = field(default_factory=dict)


# A gauge that never moves at all exists in no machine, and one peer waits for it to move.
STEADY = Trace([(0.37, 249.5, 250.5), (0.37, 250.5, 249.5)])
LOADS = (
    Row("constant", [STEADY]),
    Row("1 Hz square", [square(1, 60, 300)]),
    Row("7 Hz square", [square(7, 60, 300)]),
    Row("training-like", [training()]),
    Row("4 GPUs", [STEADY, square(1, 60, 300), square(7, 60, 300), training()]),
)
COUNTER = {"period_s": 0.1, "power_period_s": 0.1, "window_s": 1.0, "has_instant": True}
POWER_ONLY = {"has_energy": False, "power_period_s": 0.02}


def seen_by(tool: str, sim: SimulatedNvml, seconds: Sequence[float]) -> list[tuple]:
    """(edge, edge, joules) of each window, or none when the tool failed."""
    command = [sys.executable, "-m", "benchmarks._tools", tool]
    command += [",".join(map(str, seconds)), str(PAUSE_S)]
    done = subprocess.run(
        command, env={**os.environ, **sim.env}, capture_output=True, text=True, timeout=120
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        print(f"{tool}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return []
    return json.loads(lines[-1])


def errors_pct(seen: list[tuple], sim: SimulatedNvml) -> tuple[float, float]:
    """Error of the sum over all windows, and of the first window, in per cent."""
    exact = [sim.exact_j(int(start), int(end)) for start, end, _ in seen]
    total = sum(joules for *_, joules in seen) / sum(exact) - 1
    return 100 * total, 100 * (seen[0][2] / exact[0] - 1)


def cells(row: Row, options: dict[str, object], tools: Sequence[str]) -> list[str]:
    """What a row of the table says of each tool; two run at a time."""
    with (
        simulated_nvml(row.traces, **{**options, **row.options}) as sim,
        ThreadPoolExecutor(2) as pool,
    ):
        answers = list(pool.map(lambda tool: seen_by(tool, sim, WINDOWS_S), tools))
        pairs = [errors_pct(seen, sim) if seen else None for seen in answers]
    return ["failed" if pair is None else f"{pair[0]:+.2f} ({pair[1]:+.1f})" for pair in pairs]


def table(title: str, options: dict[str, object], rows: Sequence[Row]) -> None:
    """Print a table, line by line as it comes."""
    print(f"\n{title}:\n\n| load | " + " | ".join(TOOLS) + " |")
    print("|---|" + "---|" * len(TOOLS), flush=True)
    for row in rows:
        print(f"| {row.name} | " + " | ".join(cells(row, options, TOOLS)) + " |", flush=True)


def main() -> None:
    """Print the tables."""
    heading("Energy of GPUs beside three other tools", *TOOLS[1:])
    windows = " + ".join(f"{length} s" for length in WINDOWS_S)
    print(f"Error in % of the energy of {windows}; in brackets that of the first window.")
    table("Energy counter, updated every 100 ms", COUNTER, LOADS)
    table("Power only, updated every 20 ms", POWER_ONLY, LOADS)
