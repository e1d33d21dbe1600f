"""What becomes of a session when its hardware fails.

Four cells of 1 s on simulated hardware; what is named in the first column befalls it in the
middle of the second. "Seen" is the energy of all cells over what was truly used; a device that
was lost or never there is missing from it, and the last column is what the session says of it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from benchmarks._child import in_child
from benchmarks._machine import heading, table
from benchmarks._simulated import simulated_nvml, simulated_powercap
from ipyfootprint.testing import constant, square

CELLS = 4
AT_S = 7.5  # after the hardware's start: in the middle of the second cell
BEGIN_S = 6.0
LOST, DENIED, NOT_LOADED = 15, 4, 9  # codes of NVML
GPU: dict[str, Mapping[str, Any] | None] = {
    "none": {},
    "GPU lost": {"error": LOST, "error_from_s": AT_S},
    "GPU away for a second": {"error": LOST, "error_from_s": AT_S, "error_to_s": AT_S + 1},
    "driver hangs for 700 ms, twice": {"hang_s": 0.7, "hang_from_s": AT_S, "hang_to_s": AT_S + 1},
    "counter starts again at 0": {"reset_at_s": AT_S},
    "counter stands still": {"frozen_at_s": AT_S},
    "counter missing": {"has_energy": False},
    "access to the GPU denied": {"error": DENIED},
    "MIG": {"is_mig": True},
    "driver not loaded": None,
}
SLOW_S = BEGIN_S - 2.0


def session(root: str, epoch_ns: int) -> dict[str, Any]:
    """Cells of a second from a moment on; what was seen, what was raised, what is said."""
    os.environ["IPYFOOTPRINT_LEDGER"] = ":memory:"
    from benchmarks import _shell

    if root:
        _shell.with_registers(root)
    from ipyfootprint import api

    tracker = api.recording().tracker
    time.sleep(max(0.0, BEGIN_S - (time.monotonic_ns() - epoch_ns) / 1e9))
    raised, edges = 0, []
    for _ in range(CELLS):
        try:
            span = tracker.begin(tracker.new_run())
            time.sleep(1.0)
            tracker.end(span, "ok")
            edges.append((span.start.t_ns, span.end.t_ns))
        except Exception:
            raised += 1
    time.sleep(1.5)
    runs = tracker.runs()
    meter = tracker.meter
    said = [c.note for c in meter.channels() if c.note and (c.kind == "gpu") == (not root)]
    said += [str(fault) for fault in meter.faults()]
    asked = "powercap" if root else "nvml"
    said += [absence.reason for absence in meter.absences() if absence.sensor == asked]
    return {
        "edges": edges,
        "raised": raised,
        "gpu": [_joules(run, "gpu") for run in runs],
        "cpu": [_joules(run, "cpu") for run in runs],
        "said": said,
    }


def _joules(run: Any, kind: str) -> float | None:
    known = [d.energy_j for d in run.devices.values() if d.kind == kind and d.energy_j is not None]
    return sum(known) if known else None


def _row(name: str, kind: str, hardware: Any, root: str, env: Mapping[str, str]) -> list[str]:
    found = in_child("benchmarks.faults:session", root, hardware.epoch_ns, env=env)
    joules = [energy for energy in found[kind] if energy is not None]
    exact = sum(hardware.exact_j(start, end) for start, end in found["edges"])
    seen = f"{100 * sum(joules) / exact:.1f} %" if joules else "no energy"
    lowest = f"{min(joules):.0f} J" if joules else ""
    said = "; ".join(dict.fromkeys(found["said"])).replace("|", "/")
    return [name, str(found["raised"]), seen, lowest, said]


def _rows() -> list[list[str]]:
    rows = []
    load = square(7, 60, 300)
    for name, options in GPU.items():
        broken = {"init_error": NOT_LOADED} if options is None else options
        with simulated_nvml(load, **broken) as gpus:
            rows.append(_row(name, "gpu", gpus, "", gpus.env))
    with simulated_nvml(load, init_hang_s=SLOW_S) as gpus:
        name = f"driver takes {SLOW_S:.0f} s to start, before the cells"
        rows.append(_row(name, "gpu", gpus, "", gpus.env))
    with ExitStack() as stack:
        zones = {"package-0": constant(100.0)}
        wrapping = stack.enter_context(simulated_powercap(zones, wrap_uj=150_000_000))
        rows.append(_row("powercap: wraps every 1.5 s", "cpu", wrapping, wrapping.root, {}))
    return rows


def main() -> None:
    """Print the table."""
    heading("Hardware that fails")
    head = ["fault", "exceptions in cells", "seen", "least a cell is told", "what the session says"]
    table(head, _rows())
