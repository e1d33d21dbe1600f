"""A cell that holds the interpreter for seconds: how much of it is seen.

`pow` of large integers and a regular expression hold the GIL in C without a break. A thread
that samples ten times a second, as most tools have one, runs beside it in the same process.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml
from ipyfootprint.testing import square

PER_S = 10
TURNS = 3


def _power() -> object:
    return pow(3, 12_000_000).bit_length()


def _regex() -> object:
    import re

    return re.match(r"(a+)+b", "a" * 26)


CELLS: dict[str, Callable[[], object]] = {"big integers": _power, "regular expression": _regex}


def hold(name: str, turns: int) -> list[tuple[int, int, float, float, float]]:
    """(edge, edge, joules, share of samples seen, share a thread got) of each run."""
    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    from ipyfootprint import api

    tracker = api.recording().tracker
    ticks: list[int] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(1 / PER_S):
            ticks.append(time.monotonic_ns())

    threading.Thread(target=tick, daemon=True).start()
    time.sleep(2.0)
    spans = []
    for _ in range(turns):
        span = tracker.begin(tracker.new_run())
        CELLS[name]()
        tracker.end(span, "ok")
        spans.append(span)
        time.sleep(1.0)
    stop.set()
    found = []
    (track, _), *_ = tracker.meter._reader.tracks()
    for span, run in zip(spans, tracker.runs(), strict=True):
        start, end = span.start.t_ns, span.end.t_ns
        expected = (end - start) / 1e9 * PER_S
        seen = [sample.t_ns for sample in track.between(start, end) if start < sample.t_ns < end]
        tenths = len({(t_ns - start) * PER_S // 10**9 for t_ns in seen})
        threads = sum(start < t_ns < end for t_ns in ticks)
        joules = run.devices["gpu0"].energy_j or 0.0
        found.append((start, end, joules, tenths / expected, threads / expected))
    return found


def main() -> None:
    """Print the table."""
    heading("Cells that hold the interpreter")
    rows = []
    for name in CELLS:
        with simulated_nvml([square(1, 60, 300)]) as gpus:
            found = in_child("benchmarks.gil:hold", name, TURNS, env=gpus.env)
            exact = [gpus.exact_j(start, end) for start, end, *_ in found]
        error = sum(run[2] for run in found) / sum(exact) - 1
        rows.append(
            [
                name,
                " ".join(f"{(run[1] - run[0]) / 1e9:.1f}" for run in found),
                f"{100 * min(1.0, statistics.median(run[3] for run in found)):.0f}",
                f"{100 * statistics.median(run[4] for run in found):.0f}",
                f"{100 * error:+.2f}",
            ]
        )
    head = ["cell", "seconds", "tenths of a second sampled, %", "by a thread, %"]
    table([*head, "energy error, %"], rows)
