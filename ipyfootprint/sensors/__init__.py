"""Energy counters of this machine behind one protocol; `discover` chooses among them.

This package is imported by the sampler, whose memory is counted: nothing here may import more
than it needs before a sensor is really there (no pathlib, re, json or ctypes up here).
"""

from __future__ import annotations

import _thread
import importlib
import os
import sys
import time
from dataclasses import dataclass

from ipyfootprint.model import Absence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ipyfootprint.sensors.amdgpu import AmdGpuSensor
    from ipyfootprint.sensors.apple import AppleSensor
    from ipyfootprint.sensors.base import Sensor
    from ipyfootprint.sensors.modelled import ModelledSensor
    from ipyfootprint.sensors.nvml import NvmlSensor
    from ipyfootprint.sensors.perf import PerfSensor
    from ipyfootprint.sensors.powercap import PowercapSensor
    from ipyfootprint.sensors.replay import ReplaySensor
    from ipyfootprint.sensors.windows import WindowsSensor

    # The type checker holds each of them against the protocol.
    _linux: tuple[type[Sensor], ...] = (NvmlSensor, AmdGpuSensor, PowercapSensor, PerfSensor)
    _others: tuple[type[Sensor], ...] = (AppleSensor, WindowsSensor, ModelledSensor, ReplaySensor)

REPLAY = "IPYFOOTPRINT_REPLAY"
# In the order of choice; the first that is there counts the CPU.
CPU = {"powercap": "linux", "perf": "linux", "apple": "darwin", "windows": "win32"}
STILL = (
    "its energy counters are there and stand still, as in virtual machines whose host leaves"
    " them at 0: the next sensor that moves is used, else the model"
)
GPU = ("nvml", "amdgpu")
NAMES = (*GPU, *CPU, "modelled")
# A driver at rest may take seconds to wake its GPUs, and a broken one never answers: the CPU is
# counted from the start, and GPUs from when they are found.
GPU_PATIENCE_S = 0.5
SLOW = "its driver has not answered yet: other devices are metered, and it is when it answers"
LATE_MODULE = (
    "it answered late, and its counter holds the CPU, which is counted already: neither is"
    " counted twice"
)
# Tested on recordings and simulations; nobody has run them on the hardware itself yet.
UNVERIFIED = ("nvml", "amdgpu", *CPU)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The sensors that count this machine's energy once, and why the others do not.

    Args:
        sensors: open sensors; no device is in two of them.
        absences: one for every sensor that was not chosen.
        search: the one for GPUs, where it goes on.
    """

    sensors: tuple[Sensor, ...]
    absences: tuple[Absence, ...]
    search: GpuSearch | None = None


class GpuSearch:
    """Looks for GPUs in a thread of its own, so that nothing else waits for their drivers.

    Args:
        root: folder that stands for "/", for the kernel's files.
        clock: nanoseconds that only grow.
    """

    def __init__(self, root: str, clock: Callable[[], int]) -> None:
        self._found: Discovery | None = None
        self._done = _thread.allocate_lock()
        self._done.acquire()
        _thread.start_new_thread(self._look, (root, clock))

    def _look(self, root: str, clock: Callable[[], int]) -> None:
        sensors: list[Sensor] = []
        absences: list[Absence] = []
        for name in GPU:
            # Drivers number their own GPUs from 0: a second one goes on where the first ended.
            taken = sum(len(sensor.channels) for sensor in sensors)
            found = _find(name, root, clock, *((taken,) if name == "amdgpu" else ()))
            if isinstance(found, Absence):
                absences.append(found)
            else:
                sensors.append(found)
        self._found = Discovery(tuple(sensors), tuple(absences))
        self._done.release()

    def found(self, patience_s: float = 0.0) -> Discovery | None:
        """The GPUs' sensors; None while no driver has answered."""
        if self._found is None:
            self._done.acquire(True, patience_s)
        return self._found


def discover(
    root: str = "/",
    env: Mapping[str, str] = os.environ,
    clock: Callable[[], int] = time.monotonic_ns,
    pause: Callable[[float], None] = time.sleep,
    patience_s: float = GPU_PATIENCE_S,
) -> Discovery:
    """The sensors of this machine, so chosen that nothing is counted twice. Never raises.

    The CPU comes from the first of powercap, perf, Apple's or Windows' meter, and from the
    model where none can be read, unless a GPU's counter holds the CPU already. One whose
    counters stand still is not chosen. GPUs whose driver is slow are found later: `late`.

    Args:
        root: folder that stands for "/", for the kernel's files.
        env: environment; IPYFOOTPRINT_REPLAY names a recording that is played instead.
        clock: nanoseconds that only grow, for sensors that keep time themselves.
        pause: waits so many seconds, for a counter to move.
        patience_s: how long the GPUs' drivers are waited for.
    """
    unplayed: tuple[Absence, ...] = ()
    if env.get(REPLAY):
        played = _find("replay", env[REPLAY], clock)
        if not isinstance(played, Absence):
            reason = "a recording is played instead of this machine"
            return Discovery((played,), _refused(NAMES, reason, f"unset {REPLAY}"))
        unplayed = (played,)
    search = GpuSearch(root, clock)
    gpus = search.found(patience_s)
    waiting = search if gpus is None else None
    gpus = gpus or Discovery((), _refused(GPU, SLOW))
    cpu = _cpu(root, clock, pause, any(map(_holds_cpu, gpus.sensors)))
    return Discovery(
        (*gpus.sensors, *cpu.sensors), (*unplayed, *gpus.absences, *cpu.absences), waiting
    )


def late(before: Discovery) -> Discovery:
    """What is known now that GPUs may have been found after all; `before` while they are not."""
    gpus = before.search.found() if before.search else None
    if gpus is None:
        return before
    sensors = list(before.sensors)
    absences = [absence for absence in before.absences if absence.sensor not in GPU]
    absences += gpus.absences
    for sensor in gpus.sensors:
        if _holds_cpu(sensor):
            sensor.close()
            absences += _refused((sensor.name,), LATE_MODULE, "restart the kernel")
        else:
            sensors.append(sensor)
    return Discovery(tuple(sensors), tuple(absences))


def _holds_cpu(sensor: Sensor) -> bool:
    return bool(getattr(sensor, "covers_cpu", False))


def _cpu(
    root: str, clock: Callable[[], int], pause: Callable[[float], None], is_held: bool
) -> Discovery:
    """The one sensor of the CPU; none where a GPU's counter holds it."""
    from ipyfootprint.sensors.selfcheck import moves

    if is_held:
        reason = "the GPU's counter holds the CPU of its module already"
        return Discovery((), _refused((*CPU, "modelled"), reason))
    chosen: Sensor | None = None
    absences: list[Absence] = []
    for name, platform in CPU.items():
        if sys.platform != platform:
            absences += _refused((name,), f"it exists on {platform} only")
            continue
        if chosen is not None:
            absences += _refused((name,), f"the CPU is counted by {chosen.name} already")
            continue
        found = _find(name, root, clock)
        if isinstance(found, Absence):
            absences.append(found)
        elif moves(found, pause):
            chosen = found
        else:
            found.close()
            absences += _refused((name,), STILL)
    if chosen is None:
        found = _find("modelled", root, clock)
        if isinstance(found, Absence):
            return Discovery((), (*absences, found))
        return Discovery((found,), tuple(absences))
    reason = f"no model is needed: the CPU is counted by {chosen.name}"
    return Discovery((chosen,), (*absences, *_refused(("modelled",), reason)))


def _refused(names: Iterable[str], reason: str, remedy: str = "") -> tuple[Absence, ...]:
    return tuple(Absence(name, reason, remedy) for name in names)


def _find(name: str, *arguments: object) -> Sensor | Absence:
    """What the sensor's own module finds; its failure is a reason too."""
    try:
        find: Callable[..., Sensor | Absence] = importlib.import_module(
            f"ipyfootprint.sensors.{name}"
        ).find
        return find(*arguments)
    except Exception as error:
        return Absence(name, f"looking for it failed ({type(error).__name__}: {error})")
