"""RAPL energy counters of Intel and AMD processors through the kernel's powercap files."""

from __future__ import annotations

import os
import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.files import names, number, text, under
from ipyfootprint.sensors.integral import Register
from ipyfootprint.sensors.modelled import ModelledSensor
from ipyfootprint.sensors.parts import Part, PartsSensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ipyfootprint.model import Kind
    from ipyfootprint.sensors.base import Sensor

FOLDER = "/sys/class/powercap"
# RAPL updates about every millisecond (Intel SDM, volume 3B, "Package RAPL domain").
PERIOD_S = 0.001
STILL_S = 0.1
EXPOSES = (
    "fine-grained CPU power, from which other programs that may read it can infer keys and "
    "other secrets being computed on this machine (PLATYPUS, CVE-2020-8694)"
)
# One command: a group for those who may read, a udev rule that survives a restart, its effect now.
REMEDY = (
    'sudo groupadd -f energy && sudo usermod -aG energy "$USER" && echo \'SUBSYSTEM=="powercap",'
    ' ACTION=="add|change", RUN+="/usr/bin/find /sys%p -name energy_uj'
    " -exec chgrp energy {} + -exec chmod 0440 {} +\"' | sudo tee"
    " /etc/udev/rules.d/60-rapl-energy.rules && sudo udevadm control --reload"
    " && sudo udevadm trigger --subsystem-match=powercap --action=change (then log in again)"
)


class PowercapSensor(PartsSensor):
    """Package, DRAM or platform energy from files that stay open and cannot block.

    Args:
        zones: powercap folders with the kind and number of what each counts.
        clock: nanoseconds that only grow.
        model: opens what stands in for a counter that is found frozen.

    Raises:
        OSError: a counter cannot be opened.
    """

    name = "powercap"

    def __init__(
        self,
        zones: tuple[tuple[str, Kind, str], ...],
        clock: Callable[[], int] = time.monotonic_ns,
        model: Callable[[], Sensor] | None = None,
    ) -> None:
        self._handles: list[int] = []
        try:
            parts = [self._open(*zone) for zone in zones]
        except OSError:
            self._close_files()
            raise
        super().__init__(parts, clock, self._close_files, model)

    def _open(self, folder: str, kind: Kind, name: str) -> Part:
        path = f"{folder}/energy_uj"
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._handles.append(handle)
        wrap = number(f"{folder}/max_energy_range_uj")
        channel = Channel(
            name=name,
            kind=kind,
            method="counter",
            sensor=self.name,
            label=text(f"{folder}/name") or "",
            period_s=PERIOD_S,
            path=path,
            wrap_j=None if wrap is None else wrap * 1e-6,
        )
        return Part(channel, lambda: self._count(handle), Register(1e-6, wrap), STILL_S)

    def _count(self, handle: int) -> int:
        if not self._handles:
            raise OSError("it is closed")  # its number may be another file's by now
        return int(os.pread(handle, 32, 0))

    def _close_files(self) -> None:
        while self._handles:
            os.close(self._handles.pop())


def find(root: str = "/", clock: Callable[[], int] = time.monotonic_ns) -> PowercapSensor | Absence:
    """The sensor of this machine's powercap zones, or why there is none."""
    zones = chosen(under(root, FOLDER))
    if not zones:
        return _nothing(root)
    try:
        return PowercapSensor(zones, clock, lambda: ModelledSensor(root, clock))
    except PermissionError as error:
        return Absence(
            PowercapSensor.name,
            f"the CPU energy counters exist and only root may read them ({error.filename})",
            REMEDY,
            EXPOSES,
        )
    except OSError as error:
        return Absence(PowercapSensor.name, f"the CPU energy counters do not open ({error})")


def chosen(folder: str) -> tuple[tuple[str, Kind, str], ...]:
    """The zones to add up: (folder, kind, channel name), none of them holding another.

    Packages and their DRAM; the platform zone (psys) holds them all and is taken only where
    there is no package. Cores and uncore are part of their package. The memory-mapped twin
    (intel-rapl-mmio) repeats the package and is taken only where the other is missing.
    """
    for prefix in ("intel-rapl:", "intel-rapl-mmio:"):
        zones = [f"{folder}/{name}" for name in names(folder) if name.startswith(prefix)]
        labels = [(path, text(f"{path}/name") or "") for path in zones]
        packages = [path for path, label in labels if label.startswith("package-")]
        psys = [path for path, label in labels if label == "psys"]
        if packages:
            return _numbered(packages)
        if psys:
            return ((psys[0], "other", "psys0"),)
    return ()


def _numbered(packages: list[str]) -> tuple[tuple[str, Kind, str], ...]:
    packages = sorted(packages, key=lambda path: int(path.rpartition(":")[2]))
    found: list[tuple[str, Kind, str]] = []
    for index, package in enumerate(packages):
        found.append((package, "cpu", f"cpu{index}"))
        parent, _, own = package.rpartition("/")
        for place in (package, parent):  # nested on the device side, flat on the class side
            inner = [n for n in names(place) if n.startswith(f"{own}:")]
            drams = [n for n in inner if text(f"{place}/{n}/name") == "dram"]
            if drams:
                found.append((f"{place}/{drams[0]}", "dram", f"dram{index}"))
                break
    return tuple(found)


def _nothing(root: str) -> Absence:
    flags = text(under(root, "/proc/cpuinfo")) or ""
    if " hypervisor" in flags:
        return Absence(
            PowercapSensor.name,
            "this is a virtual machine: the host keeps its CPU energy counters to itself",
        )
    return Absence(
        PowercapSensor.name,
        "the kernel shows no CPU energy counters (no intel-rapl zone with a package or psys)",
        "sudo modprobe intel_rapl_msr (in a container: run it with the host's /sys unmasked)",
        EXPOSES,
    )
