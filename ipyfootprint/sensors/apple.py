"""Apple silicon through `zeus-apple-silicon`, which reads the chip's own energy report."""

from __future__ import annotations

import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.integral import Register
from ipyfootprint.sensors.modelled import ModelledSensor
from ipyfootprint.sensors.parts import Part, PartsSensor, at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from ipyfootprint.model import Kind

# Fields of its answer in millijoules and what they are; the clusters are part of the CPU's total.
FIELDS: tuple[tuple[str, Kind, str], ...] = (
    ("cpu_total_mj", "cpu", "cpu0"),
    ("dram_mj", "dram", "dram0"),
    ("gpu_mj", "gpu", "gpu0"),
    ("ane_mj", "other", "ane0"),
)

# The CPU that runs this is never without power; the other parts may rest.
STILL_S = 1.0


class AppleSensor(PartsSensor):
    """CPU, memory, GPU and neural engine of one chip."""

    name = "apple"


def find(
    root: str = "/",
    clock: Callable[[], int] = time.monotonic_ns,
    library: ModuleType | None = None,
) -> AppleSensor | Absence:
    """The sensor of this Mac, or why there is none.

    Args:
        root: folder that stands for "/", for the model where the report stands still.
        clock: nanoseconds that only grow.
        library: stands in for the module `zeus_apple_silicon`.
    """
    if library is None:
        try:
            import zeus_apple_silicon
        except ImportError:
            return Absence(
                AppleSensor.name,
                "the library that reads Apple's energy report is not installed",
                "pip install zeus-apple-silicon",
            )
        library = zeus_apple_silicon
    try:
        monitor = library.AppleEnergyMonitor()
        first = monitor.get_cumulative_energy()
        there = [field for field in FIELDS if _field(first, field[0]) is not None]
    except Exception as error:
        return Absence(AppleSensor.name, f"Apple's energy report does not open ({error})")
    if not any(kind == "cpu" for _, kind, _ in there):
        return Absence(AppleSensor.name, "Apple's energy report names no CPU on this chip")

    def take() -> Sequence[float]:
        report = monitor.get_cumulative_energy()
        return [_field(report, name) or 0.0 for name, _, _ in there]

    values = at_once(take, clock)
    parts = [
        Part(
            Channel(name, kind, "counter", AppleSensor.name, label=f"Apple silicon {name}"),
            lambda index=index: values()[index],  # type: ignore[misc]
            Register(1e-3),
            STILL_S if kind == "cpu" else None,
        )
        for index, (_, kind, name) in enumerate(there)
    ]
    return AppleSensor(parts, clock, None, lambda: ModelledSensor(root, clock))


def _field(report: object, name: str) -> float | None:
    value = getattr(report, name, None)
    return None if value is None else float(value)
