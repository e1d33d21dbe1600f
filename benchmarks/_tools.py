"""How each tool measures windows of time: one process a tool, what it saw as JSON on a line.

Called by accuracy_peers: `python -m benchmarks._tools TOOL SECONDS,SECONDS,... PAUSE`. A window's
edges are the moments after its begin and before its end was called: what a user would mean.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence

Window = tuple[int, int, float]
KWH_J = 3.6e6
SETTLED_AFTER_S = 1.5


def windows_of(
    begin: Callable[[], object],
    end: Callable[[object], float],
    seconds: Sequence[float],
    pause_s: float,
) -> list[Window]:
    """Edges in ns and joules of each window."""
    found = []
    for length_s in seconds:
        time.sleep(pause_s)
        token = begin()
        from_ns = time.monotonic_ns()
        time.sleep(length_s)
        to_ns = time.monotonic_ns()
        found.append((from_ns, to_ns, end(token)))
    return found


def ipyfootprint(seconds: Sequence[float], pause_s: float) -> list[Window]:
    """`track` around each window; the whole energy of the GPUs, once settled."""
    import ipyfootprint

    ipyfootprint.runs()  # opens the session, as the others are made before their first window

    def begin() -> object:
        block = ipyfootprint.track("window")
        block.__enter__()
        return block

    def end(block: object) -> float:
        block.__exit__(None, None, None)  # type: ignore[attr-defined]
        return 0.0

    edges = windows_of(begin, end, seconds, pause_s)
    time.sleep(SETTLED_AFTER_S)
    return [
        (from_ns, to_ns, sum(d.energy_j or 0.0 for d in run.devices.values() if d.kind == "gpu"))
        for (from_ns, to_ns, _), run in zip(edges, ipyfootprint.runs(), strict=True)
    ]


def zeus(seconds: Sequence[float], pause_s: float) -> list[Window]:
    """ZeusMonitor over all GPUs, without synchronising a framework that is not used."""
    from zeus.monitor import ZeusMonitor

    monitor = ZeusMonitor(cpu_indices=[])

    def end(_token: object) -> float:
        return float(monitor.end_window("w", sync_execution=False).total_energy)

    return windows_of(
        lambda: monitor.begin_window("w", sync_execution=False), end, seconds, pause_s
    )


def codecarbon(seconds: Sequence[float], pause_s: float) -> list[Window]:
    """Task mode, polling each second; the energy of the GPUs alone."""
    from codecarbon import OfflineEmissionsTracker

    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="critical", measure_power_secs=1
    )
    names = iter(f"window {number}" for number in range(len(seconds)))

    def begin() -> str:
        name = next(names)
        tracker.start_task(name)
        return name

    def end(name: object) -> float:
        return float(tracker.stop_task(name).gpu_energy) * KWH_J

    return windows_of(begin, end, seconds, pause_s)


def carbontracker(seconds: Sequence[float], pause_s: float) -> list[Window]:
    """Epochs of the GPUs alone, at its shortest interval, before its data-centre factor."""
    from carbontracker.tracker import CarbonTracker

    tracker = CarbonTracker(
        epochs=10**6, components="gpu", update_interval=1, monitor_epochs=-1, epochs_before_pred=0
    )
    found = windows_of(tracker.epoch_start, lambda _: tracker.epoch_end() or 0.0, seconds, pause_s)
    thread = tracker.tracker
    (gpu,) = thread.components
    energies = gpu.energy_usage(thread.epoch_times)
    return [
        (from_ns, to_ns, float(kwh) * KWH_J)
        for (from_ns, to_ns, _), kwh in zip(found, energies, strict=True)
    ]


TOOLS = {
    "ipyfootprint": ipyfootprint,
    "zeus": zeus,
    "codecarbon": codecarbon,
    "carbontracker": carbontracker,
}

if __name__ == "__main__":
    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    tool, lengths, pause = sys.argv[1:]
    rows = TOOLS[tool]([float(part) for part in lengths.split(",")], float(pause))
    print(json.dumps(rows), flush=True)
    os._exit(0)  # some of them keep threads that wait for the network
