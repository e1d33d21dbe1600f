"""RAPL energy counters through the kernel's perf events, where powercap is denied."""

from __future__ import annotations

import os
import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.files import number, text, under
from ipyfootprint.sensors.integral import Register
from ipyfootprint.sensors.modelled import ModelledSensor
from ipyfootprint.sensors.parts import Part, PartsSensor
from ipyfootprint.sensors.powercap import EXPOSES, PERIOD_S, STILL_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from ipyfootprint.model import Kind
    from ipyfootprint.sensors.base import Sensor

    class Event(Protocol):
        """An open counter."""

        def count(self) -> int:
            """Its value; raises OSError."""

        def close(self) -> None:
            """Release it."""


FOLDER = "/sys/bus/event_source/devices/power"
PARANOID = "/proc/sys/kernel/perf_event_paranoid"
REMEDY = (
    'sudo setcap cap_perfmon+ep "$(readlink -f "$(which python)")" for this Python alone, or'
    " sudo sysctl kernel.perf_event_paranoid=0 for everyone"
)
# perf_event_open has no wrapper in the C library: its number by machine (Linux syscall tables).
_SYSCALL = {"x86_64": 298, "i386": 336, "i686": 336, "aarch64": 241, "riscv64": 241}
_FLAG_CLOEXEC = 8


class PerfEvent:
    """One event of one CPU, counted for every process.

    Raises:
        OSError: the kernel refuses it.
    """

    def __init__(self, kind: int, config: int, cpu: int) -> None:
        import ctypes

        call = _SYSCALL.get(os.uname().machine)
        if call is None:
            raise OSError(f"perf_event_open is not known on {os.uname().machine}")
        # struct perf_event_attr, first published size (64 bytes): type, size, config, zeros.
        attributes = kind.to_bytes(4, "little") + (64).to_bytes(4, "little")
        attributes += config.to_bytes(8, "little") + bytes(48)
        library = ctypes.CDLL(None, use_errno=True)
        handle = library.syscall(
            ctypes.c_long(call),
            ctypes.c_char_p(attributes),
            ctypes.c_int(-1),
            ctypes.c_int(cpu),
            ctypes.c_int(-1),
            ctypes.c_ulong(_FLAG_CLOEXEC),
        )
        if handle < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        self._handle = handle

    def count(self) -> int:
        """The event's value since it was opened."""
        return int.from_bytes(os.read(self._handle, 8), "little")

    def close(self) -> None:
        """Close it; harmless when called twice."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


class PerfSensor(PartsSensor):
    """Package, DRAM or platform energy as events of the power PMU.

    Args:
        events: (event, joules per count, kind, channel name) of each counter.
        clock: nanoseconds that only grow.
        model: opens what stands in for a counter that is found frozen.
    """

    name = "perf"

    def __init__(
        self,
        events: tuple[tuple[Event, float, Kind, str], ...],
        clock: Callable[[], int] = time.monotonic_ns,
        model: Callable[[], Sensor] | None = None,
    ) -> None:
        def close() -> None:
            for event, *_ in events:
                event.close()

        parts = [
            Part(
                Channel(name, kind, "counter", self.name, label="power PMU", period_s=PERIOD_S),
                event.count,
                Register(unit_j),
                STILL_S,
            )
            for event, unit_j, kind, name in events
        ]
        super().__init__(parts, clock, close, model)


def find(
    root: str = "/",
    clock: Callable[[], int] = time.monotonic_ns,
    opener: Callable[[int, int, int], Event] = PerfEvent,
) -> PerfSensor | Absence:
    """The sensor of this machine's power PMU, or why there is none.

    Args:
        root: folder that stands for "/".
        clock: nanoseconds that only grow.
        opener: opens an event from (PMU type, config, CPU); raises OSError.
    """
    folder = under(root, FOLDER)
    kind = number(f"{folder}/type")
    if kind is None:
        return Absence(PerfSensor.name, "the kernel offers no power events (no RAPL power PMU)")
    cpus = _cpu_list(text(f"{folder}/cpumask") or "0")
    wanted = _wanted(folder, cpus)
    if not wanted:
        return Absence(PerfSensor.name, "the power PMU counts neither packages nor the platform")
    parts: list[tuple[Event, float, Kind, str]] = []
    try:
        for config, unit_j, cpu, label, name in wanted:
            parts.append((opener(kind, config, cpu), unit_j, label, name))
    except OSError as error:
        for event, *_ in parts:
            event.close()
        level = number(under(root, PARANOID))
        reason = f"the kernel refuses power events ({error}; perf_event_paranoid is {level})"
        return Absence(PerfSensor.name, reason, REMEDY, EXPOSES)
    return PerfSensor(tuple(parts), clock, lambda: ModelledSensor(root, clock))


def _wanted(folder: str, cpus: list[int]) -> list[tuple[int, float, int, Kind, str]]:
    """(config, joules per count, CPU, kind, channel): psys holds the packages, so never both."""
    found: list[tuple[int, float, int, Kind, str]] = []
    events: tuple[tuple[str, Kind], ...] = (("energy-pkg", "cpu"), ("energy-ram", "dram"))
    for event, kind in events:
        config, unit_j = _config(folder, event), _unit_j(folder, event)
        if config is not None and unit_j is not None:
            found += [(config, unit_j, cpu, kind, f"{kind}{i}") for i, cpu in enumerate(cpus)]
    if any(kind == "cpu" for *_, kind, _ in found):
        return found
    config, unit_j = _config(folder, "energy-psys"), _unit_j(folder, "energy-psys")
    if config is None or unit_j is None:
        return []
    return [(config, unit_j, cpus[0], "other", "psys0")]


def _config(folder: str, event: str) -> int | None:
    for part in (text(f"{folder}/events/{event}") or "").split(","):
        key, _, value = part.partition("=")
        if key == "event":
            try:
                return int(value, 0)
            except ValueError:
                return None
    return None


def _unit_j(folder: str, event: str) -> float | None:
    if (text(f"{folder}/events/{event}.unit") or "Joules") != "Joules":
        return None
    try:
        return float(text(f"{folder}/events/{event}.scale") or "")
    except ValueError:
        return None


def _cpu_list(mask: str) -> list[int]:
    """The CPUs of a list such as "0,16" or "0-1"."""
    cpus: list[int] = []
    for part in mask.split(","):
        first, _, last = part.partition("-")
        if first.isdigit():
            cpus += range(int(first), int(last or first) + 1)
    return cpus or [0]
