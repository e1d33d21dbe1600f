"""What metering takes while it runs: the sampler's time and memory, and what a kernel holds.

The sampler is read from outside: CPU time of its process over a cell and over a pause, and its
private memory (USS). The kernel is a fresh interpreter with a shell, before and after loading.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml, simulated_powercap
from ipyfootprint.testing import constant, square

CELL_S = 20.0
MIB = 1 << 20


def used(root: str) -> dict[str, Any]:
    """Figures of one session with a cell and a pause of so many seconds."""
    import psutil

    from benchmarks import _shell

    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    kernel = psutil.Process()
    bare = _shell.InteractiveShell.instance()
    bare.run_cell("import time", store_history=True)
    gc.collect()
    before = kernel.memory_full_info().uss, threading.active_count(), kernel.num_fds()
    if root:
        _shell.with_registers(root)
    shell = _shell.metered()
    for _ in range(20):
        shell.run_cell("%%footprint\npass", store_history=True)
    time.sleep(3.0)
    gc.collect()
    after = kernel.memory_full_info().uss, threading.active_count(), kernel.num_fds()
    meter = shell._ipyfootprint.tracker.meter
    sampler = psutil.Process(meter.sampler_pid)

    def share_of_core() -> float:
        times = sampler.cpu_times()
        return times.user + times.system

    def cost(cell: str) -> float:
        start, busy = time.monotonic(), share_of_core()
        shell.run_cell(cell, store_history=True)
        return 100 * (share_of_core() - busy) / (time.monotonic() - start)

    shell._ipyfootprint.extension.auto = True
    running = cost(f"time.sleep({CELL_S})")
    shell._ipyfootprint.extension.auto = False
    time.sleep(3.0)
    idle = cost(f"time.sleep({CELL_S})")
    return {
        "channels": [channel.name for channel in meter.channels()],
        "running": running,
        "idle": idle,
        "uss": sampler.memory_full_info().uss / MIB,
        "kernel": (after[0] - before[0]) / MIB,
        "threads": after[1] - before[1],
        "handles": after[2] - before[2],
    }


def main() -> None:
    """Print the table."""
    heading("What the sampler takes, and what a kernel holds", "ipython")
    rows = []
    load = [square(1, 60, 300)]
    zones = {"package-0": constant(40.0), "dram0": constant(4.0)}
    with simulated_nvml(load) as gpus, simulated_powercap(zones) as cpus:
        for title, root, env in (
            ("no counter (modelled)", "", {}),
            ("powercap", cpus.root, {}),
            ("NVML", "", gpus.env),
        ):
            found = in_child("benchmarks.resources:used", root, env=env)
            rows.append(
                [
                    title,
                    ", ".join(found["channels"]),
                    *(f"{found[key]:.2f}" for key in ("running", "idle")),
                    *(f"{found[key]:.1f}" for key in ("uss", "kernel")),
                    *(found[key] for key in ("threads", "handles")),
                ]
            )
    head = ["sensor", "channels", "sampler in a cell, % of a core", "idle, %", "its USS, MiB"]
    table([*head, "kernel's USS added, MiB", "threads added", "handles added"], rows)
