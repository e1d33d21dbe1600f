"""What a table says of the machine and the versions it was measured with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version

from ipyfootprint.sensors.machine import cpu_name, is_virtual, logical_cpus, memory_gb


def heading(title: str, *packages: str) -> None:
    """Print a section's title and one line on the machine, its load and the versions."""
    kind = "virtual machine" if is_virtual() else "machine"
    seen = [
        f"{kind} with {logical_cpus()} CPUs ({cpu_name() or 'unknown'}) and {memory_gb():.0f} GB",
        f"load {os.getloadavg()[0]:.1f} at the start",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("ipyfootprint", *packages)),
    ]
    print(f"### {title}\n\n{'; '.join(seen)}.\n", flush=True)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table, line by line as the rows come."""
    head = list(head)
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)
    print(flush=True)
