"""A powercap tree whose counters move as those of a processor would."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from simulator.build import powercap_mover

from ipyfootprint.testing import Trace

RANGE_UJ = 262_143_328_850


class SimulatedPowercap:
    """A running simulation.

    Attributes:
        root: the folder that stands for "/".
        epoch_ns: `time.monotonic_ns` at which every trace begins.
    """

    def __init__(self, root: Path, epoch_ns: int, traces: Mapping[str, Trace],
                 mover: subprocess.Popen[bytes]) -> None:  # fmt: skip
        self.root = str(root)
        self.epoch_ns = epoch_ns
        self._traces = dict(traces)
        self._mover = mover

    def freeze(self) -> None:
        """From now on no counter moves."""
        self._mover.send_signal(signal.SIGSTOP)

    def exact_j(self, from_ns: int, to_ns: int, zone: str | None = None) -> float:
        """True joules of one zone, or of packages and DRAM, between two monotonic times."""
        start_s, end_s = (from_ns - self.epoch_ns) / 1e9, (to_ns - self.epoch_ns) / 1e9
        chosen = [
            trace
            for name, trace in self._traces.items()
            if name == zone or (zone is None and name.rstrip("0123456789") in ("package-", "dram"))
        ]
        return sum(trace.energy_j(end_s) - trace.energy_j(start_s) for trace in chosen)


@contextmanager
def simulated_powercap(
    traces: Mapping[str, Trace],
    *,
    wrap_uj: int = RANGE_UJ,
    start_uj: int = 1_000_000,
    period_us: int = 1000,
    has_mmio_twin: bool = False,
    readable: bool = True,
) -> Iterator[SimulatedPowercap]:
    """A powercap tree below a folder, for as long as the block runs.

    Args:
        traces: power by zone: "package-0", "dram0" and "core0" inside it, "psys".
        wrap_uj: where the counters start again at 0.
        start_uj: the counters at the beginning.
        period_us: microseconds between two updates.
        has_mmio_twin: whether `intel-rapl-mmio` repeats the first package.
        readable: False: only the owner may read the counters, as on most machines.
    """
    with tempfile.TemporaryDirectory(prefix="powercap-sim-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "proc").symlink_to("/proc")
        epoch_ns = time.monotonic_ns()
        arguments = [str(powercap_mover()), str(epoch_ns), str(period_us)]
        for zone, trace in _zones(traces, has_mmio_twin).items():
            counter = _make(root, zone, wrap_uj, start_uj, readable)
            path = root / f"{zone.rpartition('/')[2]}.trace"
            path.write_text(trace[1].to_text())
            (counter.parent / "name").write_text(f"{trace[0]}\n")
            arguments += [str(counter), str(path), str(start_uj), str(wrap_uj)]
        mover = subprocess.Popen(arguments, stdin=subprocess.PIPE)
        try:
            yield SimulatedPowercap(root, epoch_ns, traces, mover)
        finally:
            assert mover.stdin is not None
            mover.send_signal(signal.SIGCONT)
            mover.stdin.close()
            mover.wait(timeout=5)


def _zones(traces: Mapping[str, Trace], has_mmio_twin: bool) -> dict[str, tuple[str, Trace]]:
    """Folder below the powercap device and (name, trace) of each zone."""
    found: dict[str, tuple[str, Trace]] = {}
    inner: dict[str, int] = {}
    packages = sorted(name for name in traces if name.startswith("package-"))
    for index, name in enumerate(packages):
        found[f"intel-rapl/intel-rapl:{index}"] = (name, traces[name])
    for name, trace in traces.items():
        stem = name.rstrip("0123456789")
        if stem in ("dram", "core"):
            package = f"intel-rapl/intel-rapl:{name[len(stem) :]}"
            number = inner[package] = inner.get(package, -1) + 1
            found[f"{package}/{package.rpartition('/')[2]}:{number}"] = (stem, trace)
        elif name == "psys":
            found[f"intel-rapl/intel-rapl:{len(packages)}"] = (name, trace)
    if has_mmio_twin:
        found["intel-rapl-mmio/intel-rapl-mmio:0"] = (packages[0], traces[packages[0]])
    return found


def _make(root: Path, zone: str, wrap_uj: int, start_uj: int, readable: bool) -> Path:
    device = root / "sys/devices/virtual/powercap" / zone
    device.mkdir(parents=True, exist_ok=True)
    counter = device / "energy_uj"
    counter.write_text(f"{start_uj:020d}\n")
    counter.chmod(0o644 if readable else 0o600)
    (device / "max_energy_range_uj").write_text(f"{wrap_uj}\n")
    links = root / "sys/class/powercap"
    links.mkdir(parents=True, exist_ok=True)
    (links / device.name).symlink_to(device)
    return counter
