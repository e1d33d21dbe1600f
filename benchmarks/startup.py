"""What metering adds to the start of a session: loading it, and the first metered cell.

Each figure is the median of fresh interpreters. A kernel has loaded asyncio, subprocess and the
like by then; so has the shell here, which has executed a cell before. One interpreter more has
compiled the bytecode.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml
from ipyfootprint.testing import square

TURNS = 9
PEERS = {
    "codecarbon": "from codecarbon import OfflineEmissionsTracker\n"
    "tracker = OfflineEmissionsTracker(country_iso_code='FRA', save_to_file=False,"
    " log_level='critical')",
    "zeus": "from zeus.monitor import ZeusMonitor\nmonitor = ZeusMonitor(cpu_indices=[])",
    "carbontracker": "from carbontracker.tracker import CarbonTracker\n"
    "tracker = CarbonTracker(epochs=9, components='gpu')",
}
FIRST = {
    "codecarbon": "tracker.start_task('c')\npass\n_ = tracker.stop_task('c')",
    "zeus": "monitor.begin_window('c', sync_execution=False)\npass\n"
    "_ = monitor.end_window('c', sync_execution=False)",
    "carbontracker": "tracker.epoch_start()\npass\n_ = tracker.epoch_end()",
}


def _shell():
    """A shell that holds what every kernel has loaded, after its first cell."""
    import asyncio
    import importlib.metadata
    import subprocess  # noqa: F401

    from ipykernel.inprocess.ipkernel import InProcessInteractiveShell
    from IPython.core.interactiveshell import InteractiveShell

    del asyncio, importlib, InProcessInteractiveShell
    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    shell = InteractiveShell.instance()
    shell.display_pub.publish = lambda *_, **__: None
    shell.run_cell("pass", store_history=True)
    return shell


def start(tool: str) -> tuple[float, float]:
    """Milliseconds to load a tool, and those of the first cell that it measures."""
    shell = _shell()
    load = "%load_ext ipyfootprint" if tool == "ipyfootprint" else PEERS[tool]
    cell = "%%footprint\npass" if tool == "ipyfootprint" else FIRST[tool]
    times = []
    for source in (load, cell):
        begun = time.perf_counter()
        shell.run_cell(source, store_history=True)
        times.append(1000 * (time.perf_counter() - begun))
    return times[0], times[1]


def main() -> None:
    """Print the table."""
    heading("Start of a session", "ipython", *PEERS)
    rows = []
    with simulated_nvml([square(1, 60, 300)]) as gpus:
        for tool, turns in (("ipyfootprint", TURNS), *((peer, 3) for peer in PEERS)):
            _compile, *found = [
                in_child("benchmarks.startup:start", tool, env=gpus.env) for _ in range(turns + 1)
            ]
            loads, firsts = zip(*filter(None, found), strict=True)
            both = [load + first for load, first in zip(loads, firsts, strict=True)]
            rows.append([tool, *map(_spread, (loads, firsts, both))])
    print(f"Milliseconds: median (quickest) of {TURNS} interpreters; of 3 for the others.\n")
    head = ["with", "loading", "first measured cell", "both"]
    table(head, rows)


def _spread(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.0f} ({min(times):.0f})"
