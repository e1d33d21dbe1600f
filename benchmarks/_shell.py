"""An IPython shell without a front end, metered, whose displays go nowhere."""

from __future__ import annotations

import functools
import os
import time
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell


def with_registers(root: str) -> None:
    """Let the meter find the kernel's energy counters below a folder, and the rest in place."""
    from ipyfootprint import api

    if not (Path(root) / "proc").exists():
        (Path(root) / "proc").symlink_to("/proc")
    api.Meter = functools.partial(api.Meter, root=root)  # type: ignore[misc]


def metered(ledger: str = ":memory:", wait_s: float = 10.0) -> Any:
    """A shell with the extension loaded and its counters found."""
    os.environ["IPYFOOTPRINT_LEDGER"] = ledger
    shell = InteractiveShell.instance()
    shell.display_pub.publish = lambda *_, **__: None
    shell.run_line_magic("load_ext", "ipyfootprint")
    meter = shell._ipyfootprint.tracker.meter
    end = time.monotonic() + wait_s
    while not meter.channels() and time.monotonic() < end:
        time.sleep(0.05)
    return shell


def timed_us(shell: Any, source: str, count: int) -> list[float]:
    """Microseconds that each execution of a cell takes."""
    found = []
    for _ in range(count):
        start = time.perf_counter_ns()
        shell.run_cell(source, store_history=True)
        found.append((time.perf_counter_ns() - start) / 1000)
    return found
