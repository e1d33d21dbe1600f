"""Windows' Energy Meter Interface (EMI): processor energy without a driver of our own.

Windows 11 shows the processor's RAPL counters through it; Windows 10 only dedicated meters.
"""

from __future__ import annotations

import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.integral import Register
from ipyfootprint.sensors.modelled import ModelledSensor
from ipyfootprint.sensors.parts import Part, PartsSensor, at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from ipyfootprint.model import Kind

    class Device(Protocol):
        """An open energy meter."""

        def ask(self, code: int, size: int) -> bytes:
            """The answer to a control code; raises OSError."""

        def close(self) -> None:
            """Release it."""


# Control codes and layouts of emi.h in the Windows SDK.
VERSION, METADATA_SIZE, METADATA, MEASUREMENT = 0x224000, 0x224004, 0x224008, 0x22400C
CHANNEL_BYTES = 16
# Energy is in picowatt-hours.
UNIT_J = 3600e-12
# A processor is never without power.
STILL_S = 1.0


class WindowsSensor(PartsSensor):
    """Package and DRAM energy of the processors."""

    name = "windows"


def find(
    root: str = "/",
    clock: Callable[[], int] = time.monotonic_ns,
    opener: Callable[[], Sequence[Device]] | None = None,
) -> WindowsSensor | Absence:
    """The sensor of this machine's energy meters, or why there is none.

    Args:
        root: folder that stands for "/", for the model where the meter stands still.
        clock: nanoseconds that only grow.
        opener: opens the meters that are present; raises OSError.
    """
    try:
        devices = (opener or _open)()
    except OSError as error:
        return Absence(WindowsSensor.name, f"Windows' energy meter does not open ({error})")
    parts: list[Part] = []
    used = []
    for device in devices:
        try:
            found = _parts(device, clock, parts)
        except (OSError, ValueError):
            found = []
        if found:
            parts += found
            used.append(device)
        else:
            device.close()
    if not parts:
        return Absence(
            WindowsSensor.name,
            "Windows shows no energy meter of the processor (Windows 11 on bare metal does)",
        )

    def close() -> None:
        for device in used:
            device.close()

    return WindowsSensor(parts, clock, close, lambda: ModelledSensor(root, clock))


def _open() -> Sequence[Device]:
    from ipyfootprint.sensors.emi_device import EmiDevice, meters

    return [EmiDevice(path) for path in meters()]


def _parts(device: Device, clock: Callable[[], int], before: list[Part]) -> list[Part]:
    names = channel_names(device)
    values = at_once(lambda: energies(device.ask(MEASUREMENT, CHANNEL_BYTES * len(names))), clock)
    found: list[Part] = []
    for index, label in enumerate(names):
        kind = _kind(label)
        if kind is None:
            continue
        number = sum(part.channel.kind == kind for part in (*before, *found))
        channel = Channel(f"{kind}{number}", kind, "counter", WindowsSensor.name, label=label)
        found.append(Part(channel, _at(values, index), Register(UNIT_J), STILL_S))
    return found


def _at(values: Callable[[], Sequence[float]], index: int) -> Callable[[], float]:
    return lambda: values()[index]


def _kind(label: str) -> Kind | None:
    """Packages and DRAM; cores (PP0) and graphics (PP1) are part of their package."""
    if label.endswith("_PKG"):
        return "cpu"
    return "dram" if label.endswith("_DRAM") else None


def channel_names(device: Device) -> list[str]:
    """The names of a meter's channels; version 1 has one.

    Raises:
        OSError: the meter refuses.
        ValueError: its description is cut short.
    """
    version = int.from_bytes(device.ask(VERSION, 2), "little")
    size = int.from_bytes(device.ask(METADATA_SIZE, 4), "little")
    body = device.ask(METADATA, size)
    if version == 1:  # unit (4), maker (32), model (32), revision (2), size of the name (2), name
        return [_text(body, 70)[0]]
    count = int.from_bytes(body[66:68], "little")
    names, at = [], 68  # maker (32), model (32), revision (2), count (2), then the channels
    for _ in range(count):
        name, at = _text(body, at + 4)  # unit (4), size of the name (2), name
        names.append(name)
    return names


def _text(body: bytes, at: int) -> tuple[str, int]:
    """The text after its 2-byte size, and where the next field begins."""
    size = int.from_bytes(body[at : at + 2], "little")
    end = at + 2 + size
    if len(body) < end:
        raise ValueError(f"a description of {len(body)} bytes where {end} were announced")
    return body[at + 2 : end].decode("utf-16-le").rstrip("\0"), end


def energies(body: bytes) -> list[float]:
    """Picowatt-hours per channel of a measurement: 8 bytes each, then 8 of time."""
    starts = range(0, len(body) - CHANNEL_BYTES + 1, CHANNEL_BYTES)
    return [float(int.from_bytes(body[at : at + 8], "little")) for at in starts]
