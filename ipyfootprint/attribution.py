"""This user's share of a shared machine: dynamic, idle, and the rest.

The dynamic part of a device's energy, what lies above its idle power, goes by use: own CPU
time over the node's. Its idle part goes by the cores granted. Whatever is left is the rest's.
The three add up to the node.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ipyfootprint.model import DeviceEnergy, Estimate, Kind, Measurement, Method, Window, weakest

# Energy per unit of use of two programs on one device differs (clock, vector width, memory
# traffic): taken as within this factor either way. An assumption; it moves bounds only, and
# moves nothing where a program has the machine for itself.
USE_SPREAD = 1.5
# The node's CPU time comes in 10-ms ticks, one sum at each edge.
TICK_DOUBT_NS = 20_000_000


@dataclass(frozen=True, slots=True)
class Cores:
    """Logical CPUs this process may use (a quota may be a fraction), and those of the node."""

    granted: float
    total: int

    @property
    def fraction(self) -> float:
        """The part of the node that is granted, 0 to 1."""
        return min(1.0, self.granted / self.total)


@dataclass(frozen=True, slots=True)
class Parts:
    """A node's energy in three parts, in joules; their sum is the node's."""

    dynamic_j: float
    idle_j: float
    rest_j: float


@dataclass(frozen=True, slots=True)
class Totals:
    """A run's energy over all devices, in joules; None where no device was read.

    `energy_j` is the user's own, `idle_j` the part of it that is idle power, `node_j` what
    the devices used altogether.
    """

    energy_j: float | None
    low_j: float | None
    high_j: float | None
    node_j: float | None
    idle_j: float | None
    method: Method
    parts: Parts | None


@dataclass(frozen=True, slots=True)
class _Split:
    """One device: the fractions of its dynamic and of its idle energy that are this user's."""

    use: Estimate
    idle: Estimate
    shared: bool = False


def granted_cores(root: str = "/", affinity: int | None = None) -> Cores:
    """The cores this process may use: affinity, and cgroup quotas (v1 and v2) up to the root.

    Args:
        root: where `/proc` and `/sys` are.
        affinity: CPUs in the affinity mask; by default this process's own.
    """
    total = _node_cpus(Path(root)) or os.cpu_count() or 1
    if affinity is None:
        has = hasattr(os, "sched_getaffinity")
        affinity = len(os.sched_getaffinity(0)) if has else total
    granted = min([float(affinity), float(total), *_quotas(Path(root))])
    return Cores(granted, total)


def _node_cpus(root: Path) -> int:
    try:
        lines = (root / "proc/stat").read_text().splitlines()
    except OSError:
        return 0
    return sum(line.startswith("cpu") and line[3:4].isdigit() for line in lines)


def _quotas(root: Path) -> list[float]:
    """Every CPU quota, in cores, on the way from this process's cgroups to the root."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found: list[float] = []
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            tops = [mounted, mounted / "unified"]
        elif "cpu" in controllers.split(","):
            tops = [mounted / controllers, mounted / "cpu"]
        else:
            continue
        # In a container the path may be the host's, unknown here: its own group is the top.
        where = Path(path.lstrip("/"))
        for top in tops:
            found += [q for level in (where, *where.parents) if (q := _quota(top / level))]
    return found


def _quota(group: Path) -> float | None:
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text().split()
        else:
            quota = (group / "cpu.cfs_quota_us").read_text().strip()
            period = (group / "cpu.cfs_period_us").read_text().strip()
        cores = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None  # no such file, "max", or a half-written line
    return cores if cores > 0 else None


def attribute(window: Window, cores: Cores) -> dict[str, DeviceEnergy]:
    """Each device's whole energy over a window with this user's fraction of it.

    The user's energy is `energy_j * share`; its bounds come from `totals`.
    """
    devices = {}
    for name, whole in window.devices.items():
        split = _split(name, window, cores)
        dynamic_j, idle_j = _mine(whole, _idle(name, window), split)
        devices[name] = DeviceEnergy(
            energy_j=whole.energy_j,
            low_j=whole.low_j,
            high_j=whole.high_j,
            share=min(1.0, (dynamic_j + idle_j) / whole.energy_j) if whole.energy_j else 0.0,
            method=whole.method,
            kind=kind_of(name),
            label=window.labels.get(name, ""),
            shared=split.shared,
        )
    return devices


def totals(devices: Mapping[str, DeviceEnergy], window: Window, cores: Cores) -> Totals:
    """A run's energy with its bounds, and the node's in three parts.

    Bounds of devices add up: their errors may have one cause.
    """
    seen = {name: d for name, d in devices.items() if name in window.devices}
    if not seen:
        return Totals(None, None, None, None, None, "unavailable", None)
    energy_j = math.fsum((d.energy_j or 0.0) * d.share for d in seen.values())
    node_j = math.fsum(d.energy_j or 0.0 for d in seen.values())
    idle_j = low_j = high_j = 0.0
    for name in seen:
        whole, idle = window.devices[name], _idle(name, window)
        split = _split(name, window, cores)
        idle_j += _mine(whole, idle, split)[1]
        low, high = _bounds(whole, idle, split)
        low_j, high_j = low_j + low, high_j + high
    idle_j = min(idle_j, energy_j)
    return Totals(
        energy_j,
        min(low_j, energy_j),
        max(high_j, energy_j),
        node_j,
        idle_j,
        weakest(d.method for d in seen.values()),
        Parts(energy_j - idle_j, idle_j, node_j - energy_j),
    )


def kind_of(channel: str) -> Kind:
    """What a device is, from its channel's name: "gpu0", "cpu1", "dram0", else "other"."""
    stem = channel.rstrip("0123456789")
    return stem if stem in ("gpu", "cpu", "dram") else "other"  # type: ignore[return-value]


def _idle(name: str, window: Window) -> Estimate:
    """Idle energy of a device; unknown is 0 with bounds to the whole."""
    whole = window.devices[name]
    known = window.idle_j.get(name)
    return known if known is not None else Estimate(0.0, 0.0, whole.high_j)


def _split(name: str, window: Window, cores: Cores) -> _Split:
    if kind_of(name) == "gpu":
        return _split_gpu(name, window, cores)
    return _Split(_cpu_use(window, cores), Estimate.exact(cores.fraction))


def _cpu_use(window: Window, cores: Cores) -> Estimate:
    """Own CPU time over the node's, with the doubt of ticks and of unlike programs."""
    own = float(max(0, window.own_ns))
    if window.busy_ns is None:
        # Nobody else is known of: all of it, and at least what the capacity says.
        capacity = max(own, window.duration_s * 1e9 * cores.total, 1.0)
        return Estimate(1.0, own / capacity, 1.0)
    if own == 0:
        return Estimate.exact(0.0)
    others = max(0.0, window.busy_ns - own)
    most, least = others + TICK_DOUBT_NS, max(0.0, others - TICK_DOUBT_NS)
    return Estimate(
        own / (own + others),
        own / (own + most * USE_SPREAD),
        own / (own + least / USE_SPREAD),
    )


def _split_gpu(name: str, window: Window, cores: Cores) -> _Split:
    """A GPU goes by what its driver attributes, else it is whole.

    One that nobody else used is ours, idle power included; one that the driver saw idle in
    every process is split like the rest of the machine.
    """
    own_j, whole_j = window.own_j.get(name), window.devices[name].energy_j
    if name not in window.shared:
        if own_j == 0:
            idle = Estimate(cores.fraction, 0.0, 1.0)
            return _Split(idle, idle)
        return _Split(Estimate.exact(1.0), Estimate.exact(1.0))
    if own_j is None:
        return _Split(Estimate(1.0, 0.0, 1.0), Estimate(1.0, 0.0, 1.0), shared=True)
    part = min(1.0, max(0.0, own_j / whole_j)) if whole_j else 0.0
    by = Estimate(
        part,
        part / (part + (1 - part) * USE_SPREAD),
        part / (part + (1 - part) / USE_SPREAD),
    )
    return _Split(by, by, shared=True)


def _mine(whole: Measurement, idle: Estimate, split: _Split) -> tuple[float, float]:
    """This user's dynamic and idle joules of a device."""
    idle_j = min(idle.mid, whole.energy_j)
    return split.use.mid * (whole.energy_j - idle_j), split.idle.mid * idle_j


def _bounds(whole: Measurement, idle: Estimate, split: _Split) -> tuple[float, float]:
    """The least and most of `use (E - I) + share I` over the bounds of all of them.

    It grows with E, use and share; with I it grows or falls as share is above use or below.
    """

    def mine(energy_j: float, use: float, share: float, idle_j: float) -> float:
        idle_j = min(idle_j, energy_j)
        return use * (energy_j - idle_j) + share * idle_j

    ends = (idle.low, idle.high)
    low = min(mine(whole.low_j, split.use.low, split.idle.low, end) for end in ends)
    high = max(mine(whole.high_j, split.use.high, split.idle.high, end) for end in ends)
    return low, high


def boundary(devices: Mapping[str, DeviceEnergy]) -> str:
    """What was metered, to be named with every total: "GPU + CPU + DRAM"; "" for nothing."""
    kinds = {_named(name, d.kind) for name, d in devices.items() if d.energy_j is not None}
    return " + ".join(k for k in ("GPU", "platform", "CPU", "DRAM", "other") if k in kinds)


def _named(name: str, kind: Kind) -> str:
    return "platform" if name.startswith("psys") else {"other": "other"}.get(kind, kind.upper())
