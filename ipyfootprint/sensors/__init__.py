"""Energy counters of this machine behind one protocol; `discover` chooses among them.

This package is imported by the sampler, whose memory is counted: nothing here may import more
than it needs before a sensor is really there (no pathlib, re, json or ctypes up here).
"""

from __future__ import annotations

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
NAMES = ("nvml", "amdgpu", *CPU, "modelled")
# Tested on recordings and simulations; nobody has run them on the hardware itself yet.
UNVERIFIED = ("nvml", "amdgpu", *CPU)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The sensors that count this machine's energy once, and why the others do not.

    Args:
        sensors: open sensors; no device is in two of them.
        absences: one for every sensor that was not chosen.
    """

    sensors: tuple[Sensor, ...]
    absences: tuple[Absence, ...]


def discover(
    root: str = "/",
    env: Mapping[str, str] = os.environ,
    clock: Callable[[], int] = time.monotonic_ns,
    pause: Callable[[float], None] = time.sleep,
) -> Discovery:
    """The sensors of this machine, so chosen that nothing is counted twice. Never raises.

    The CPU comes from the first of powercap, perf, Apple's or Windows' meter, and from the
    model where none can be read, unless a GPU's counter holds the CPU already. One whose
    counters stand still is not chosen.

    Args:
        root: folder that stands for "/", for the kernel's files.
        env: environment; IPYFOOTPRINT_REPLAY names a recording that is played instead.
        clock: nanoseconds that only grow, for sensors that keep time themselves.
        pause: waits so many seconds, for a counter to move.
    """
    from ipyfootprint.sensors.selfcheck import moves

    sensors: list[Sensor] = []
    absences: list[Absence] = []

    def ask(name: str, *arguments: object) -> None:
        found = _find(name, *arguments)
        if isinstance(found, Absence):
            absences.append(found)
        else:
            sensors.append(found)

    def refuse(names: Iterable[str], reason: str, remedy: str = "") -> None:
        absences.extend(Absence(name, reason, remedy) for name in names)

    if env.get(REPLAY):
        ask("replay", env[REPLAY], clock)
        if sensors:
            refuse(NAMES, "a recording is played instead of this machine", f"unset {REPLAY}")
            return Discovery(tuple(sensors), tuple(absences))
    ask("nvml", root, clock)
    ask("amdgpu", root, clock, sum(len(sensor.channels) for sensor in sensors))
    if any(getattr(sensor, "covers_cpu", False) for sensor in sensors):
        refuse((*CPU, "modelled"), "the GPU's counter holds the CPU of its module already")
        return Discovery(tuple(sensors), tuple(absences))
    gpus = len(sensors)
    for name, platform in CPU.items():
        if sys.platform != platform:
            refuse((name,), f"it exists on {platform} only")
        elif len(sensors) > gpus:
            refuse((name,), f"the CPU is counted by {sensors[-1].name} already")
        else:
            ask(name, root, clock)
            if len(sensors) > gpus and not moves(sensors[-1], pause):
                sensors.pop().close()
                refuse((name,), STILL)
    if len(sensors) > gpus:
        refuse(("modelled",), f"no model is needed: the CPU is counted by {sensors[-1].name}")
    else:
        ask("modelled", root, clock)
    return Discovery(tuple(sensors), tuple(absences))


def _find(name: str, *arguments: object) -> Sensor | Absence:
    """What the sensor's own module finds; its failure is a reason too."""
    try:
        find: Callable[..., Sensor | Absence] = importlib.import_module(
            f"ipyfootprint.sensors.{name}"
        ).find
        return find(*arguments)
    except Exception as error:
        return Absence(name, f"looking for it failed ({type(error).__name__}: {error})")
