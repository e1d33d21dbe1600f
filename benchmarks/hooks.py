"""What metering adds to an empty cell, and to a cell while the GPU's driver hangs.

Cells are executed by a real IPython shell, in bursts of 40 as by "Run all": without metering,
under `%%time`, and with `%footprint on`, in turns. A GPU with a counter of 20 ms and powercap
registers are there (simulated). The peers measure an empty block in between.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml, simulated_powercap
from ipyfootprint.testing import constant, square

BURST, TURNS, PAUSE_S = 40, 15, 0.3
HANG_S, HANGS_AFTER_S = 0.7, 8.0


def ours(ledger: str, root: str, turns: int, wait_until_s: float) -> list[list[float]]:
    """Medians, turn by turn, of a plain cell, one under %%time, a metered one, and its hooks.

    The last row has every metered cell's time.
    """
    from benchmarks import _shell

    begun = time.monotonic()
    _shell.with_registers(root)
    shell = _shell.metered(ledger)
    time.sleep(max(1.0, wait_until_s - (time.monotonic() - begun)))
    rows, all_metered = [], []
    in_hooks = timed_hooks(shell)
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(turns):
            row = []
            for source, auto in (("pass", False), ("%%time\npass", False), ("pass", True)):
                shell._ipyfootprint.extension.auto = auto
                times = _shell.timed_us(shell, source, BURST)
                row.append(statistics.median(times))
                time.sleep(PAUSE_S)
            before, after = in_hooks["pre_run_cell"], in_hooks["post_run_cell"]
            row.append(
                statistics.median(map(sum, zip(before[-BURST:], after[-BURST:], strict=True)))
            )
            all_metered += times
            rows.append(row)
    return [*rows, all_metered]


def timed_hooks(shell: Any) -> dict[str, list[float]]:
    """Microseconds of each call of our two hooks, from now on."""
    extension = shell._ipyfootprint.extension
    found: dict[str, list[float]] = {}
    for event, hook in (("pre_run_cell", extension.before), ("post_run_cell", extension.after)):

        def timed(argument: Any, hook: Any = hook, event: str = event) -> None:
            start = time.perf_counter_ns()
            hook(argument)
            found[event].append((time.perf_counter_ns() - start) / 1000)

        found[event] = []
        callbacks = shell.events.callbacks[event]
        callbacks[callbacks.index(hook)] = timed
    return found


def peer(tool: str, count: int, wait_until_s: float) -> list[float]:
    """Microseconds that an empty block costs with a peer."""
    begun = time.monotonic()
    begin, end = _PEERS[tool]()
    time.sleep(max(0.0, wait_until_s - (time.monotonic() - begun)))
    found = []
    for number in range(count):
        start = time.perf_counter_ns()
        begin(str(number))
        end(str(number))
        found.append((time.perf_counter_ns() - start) / 1000)
    return found


def _zeus() -> tuple[Callable[[str], Any], Callable[[str], Any]]:
    from zeus.monitor import ZeusMonitor

    monitor = ZeusMonitor(cpu_indices=[])
    return (
        lambda name: monitor.begin_window(name, sync_execution=False),
        lambda name: monitor.end_window(name, sync_execution=False),
    )


def _codecarbon() -> tuple[Callable[[str], Any], Callable[[str], Any]]:
    from codecarbon import OfflineEmissionsTracker

    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="critical"
    )
    return tracker.start_task, tracker.stop_task


_WHERE = {"memory": "in memory", "disk": "on disk"}
_PEERS = {"zeus": _zeus, "codecarbon": _codecarbon}


def _milli(microseconds: float) -> str:
    return f"{microseconds / 1000:.3f}"


def main() -> None:
    """Print the tables."""
    heading("What metering adds to a cell", "ipython", *_PEERS)
    load = [square(1, 60, 300)]
    with (
        tempfile.TemporaryDirectory() as folder,
        simulated_nvml(load) as gpus,
        simulated_powercap({"package-0": constant(40.0), "dram0": constant(4.0)}) as cpus,
    ):
        rows = []
        for title, ledger in (("memory", ":memory:"), ("disk", str(Path(folder) / "l.db"))):
            found = in_child("benchmarks.hooks:ours", ledger, cpus.root, TURNS, 0.0, env=gpus.env)
            *turns, _ = found
            added = [row[2] - row[0] for row in turns]
            if not rows:
                timed = [row[1] - row[0] for row in turns]
                plain = statistics.median(row[0] for row in turns)
                rows.append(["`%%time`", *_spread(timed)])
            rows.append([f"`%footprint on`, ledger {_WHERE[title]}", *_spread(added)])
            rows.append(["... of it in our two hooks", *_spread([row[3] for row in turns])])
        for tool in _PEERS:
            times = in_child("benchmarks.hooks:peer", tool, 60, 0.0, env=gpus.env)
            if times:
                times.sort()
                rows.append([tool, *map(_milli, (times[len(times) // 2], times[0], times[-1]))])
        print(f"Milliseconds added to an empty cell (which takes {_milli(plain)} ms by itself).\n")
        table(["with", "median", "quietest turn", "noisiest turn"], rows)

        rows = []
        with simulated_nvml(load, hang_s=HANG_S, hang_from_s=HANGS_AFTER_S) as hanging:
            late = HANGS_AFTER_S + 1.0
            found = in_child(
                "benchmarks.hooks:ours", ":memory:", cpus.root, 5, late, env=hanging.env
            )
            *turns, metered = found
            plain = statistics.median(row[0] for row in turns)
            metered.sort()
            rows.append(
                [
                    "`%footprint on`",
                    _milli(statistics.median(row[2] - row[0] for row in turns)),
                    _milli(metered[len(metered) * 99 // 100] - plain),
                    _milli(metered[-1] - plain),
                ]
            )
        for tool in _PEERS:
            with simulated_nvml(load, hang_s=HANG_S, hang_from_s=HANGS_AFTER_S) as hanging:
                times = in_child("benchmarks.hooks:peer", tool, 3, late, env=hanging.env)
            if times:
                times.sort()
                rows.append([tool, _milli(times[1]), "", _milli(times[-1])])
        print("The same while every call of the GPU's driver takes 700 ms.\n")
        table(["with", "median", "99th percentile", "longest"], rows)


def _spread(values: list[float]) -> list[str]:
    return [_milli(v) for v in (statistics.median(values), min(values), max(values))]
