"""Energy of the CPU and memory from a model, where no counter can be read."""

from __future__ import annotations

import time
from itertools import pairwise

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.machine import chip_tdp, cpu_name, load_of, logical_cpus, memory_gb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ipyfootprint.model import Kind

# Share of the thermal design power at idle, 10, 50 and 100 % load: Davy, "Building an AWS EC2
# carbon emissions dataset", Teads (2021), as carried by Boavizta.
CURVE = ((0.0, 0.12), (0.1, 0.32), (0.5, 0.75), (1.0, 1.02))
# Watts of one logical CPU, idle and full: middle of the SPECpower-based coefficients per
# virtual CPU of Cloud Carbon Footprint (2026) without their two outliers, .45-1.9 and 1.6-6.0.
IDLE_W, FULL_W = 0.7, 3.8
# Cloud Carbon Footprint (2021): 0.392 W per GB from Crucial's and Micron's data; 3 W per 8 GB.
RAM_W_PER_GB = 0.38
SPREAD = 2.0
PATIENCE_S = 2.0
# The kernel accounts CPU time in ticks of a hundredth of a second.
TICK_S = 0.01


def chip_w(busy: float, tdp_w: float) -> float:
    """Watts of whole processors at a busy share of 0..1, given their summed TDP."""
    for (low, low_f), (high, high_f) in pairwise(CURVE):
        if busy <= high:
            return tdp_w * (low_f + (high_f - low_f) * max(0.0, busy - low) / (high - low))
    return tdp_w * CURVE[-1][1]


def logical_w(busy: float, count: int) -> float:
    """Watts of part of a processor: so many logical CPUs at a busy share of 0..1."""
    return count * (IDLE_W + (FULL_W - IDLE_W) * min(1.0, max(0.0, busy)))


class ModelledSensor:
    """CPU and memory energy from the busy share of all logical CPUs and the memory installed.

    Args:
        root: folder that stands for "/".
        clock: nanoseconds that only grow.
        load: seconds (busy, total) of all logical CPUs since some moment; None: unreadable.
    """

    name = "modelled"
    verified = True

    def __init__(
        self,
        root: str = "/",
        clock: Callable[[], int] = time.monotonic_ns,
        load: Callable[[], tuple[float, float] | None] | None = None,
    ) -> None:
        self._clock = clock
        self._load = load or load_of(root)
        self._count = logical_cpus(root)
        self._tdp_w, note = chip_tdp(root)
        self._ram_w = (memory_gb(root) or 0.0) * RAM_W_PER_GB
        label = cpu_name(root) or "CPU"
        cpu = _channel("cpu0", "cpu", label, note)
        ram = _channel("dram0", "dram", "memory", f"{RAM_W_PER_GB} W per GB")
        self.channels: tuple[Channel, ...] = (cpu, ram) if self._ram_w else (cpu,)
        self._cpu_j = self._ram_j = 0.0
        self._fault: str | None = None
        self._at_ns = clock()
        self._last = self._load()

    def watts(self, busy: float) -> float:
        """Watts of the CPU at a busy share of 0..1."""
        if self._tdp_w is not None:
            return chip_w(busy, self._tdp_w)
        return logical_w(busy, self._count)

    def read(self) -> tuple[float | None, ...]:
        """Joules per channel since it was opened."""
        now_ns, load = self._clock(), self._load()
        seconds = max(0.0, (now_ns - self._at_ns) / 1e9)
        if load is None or (self._last is not None and load[1] <= self._last[1]):
            # The kernel accounts in ticks: wait for the next, but not for ever.
            if load is None or seconds > PATIENCE_S:
                self._fault = "the load of the CPU cannot be read"
                return (None,) * len(self.channels)
            return self._energies()
        if self._last is not None:
            busy = (load[0] - self._last[0]) / (load[1] - self._last[1])
            self._cpu_j += self.watts(min(1.0, max(0.0, busy))) * seconds
            self._ram_j += self._ram_w * seconds
        self._fault, self._at_ns, self._last = None, now_ns, load
        return self._energies()

    def _energies(self) -> tuple[float, ...]:
        return (self._cpu_j, self._ram_j)[: len(self.channels)]

    def doubt(self) -> tuple[float, ...]:
        """None beyond the model's own spread."""
        return (0.0,) * len(self.channels)

    def faults(self) -> tuple[str | None, ...]:
        """Why the load cannot be read now."""
        return (self._fault,) * len(self.channels)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """Unknown: shared by CPU time and by resident memory."""
        return (None,) * len(self.channels)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Not said here: shared by CPU time and by resident memory."""
        return (False,) * len(self.channels)

    def close(self) -> None:
        """There is nothing to release."""


def _channel(name: str, kind: Kind, label: str, note: str) -> Channel:
    return Channel(
        name=name,
        kind=kind,
        method="modelled",
        sensor=ModelledSensor.name,
        label=label,
        period_s=TICK_S,
        error=0.0,
        spread=SPREAD,
        note=note,
    )


def find(root: str = "/", clock: Callable[[], int] = time.monotonic_ns) -> ModelledSensor | Absence:
    """The model of this machine, or why not even that can be had."""
    if load_of(root)() is None:
        return Absence(
            ModelledSensor.name, "the load of the CPU cannot be read, so it cannot be modelled"
        )
    return ModelledSensor(root, clock)
