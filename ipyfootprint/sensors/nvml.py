"""NVIDIA GPUs through the driver's own library and `nvidia-ml-py` (module pynvml)."""

from __future__ import annotations

import sys
import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.nvml_errors import explained
from ipyfootprint.sensors.nvml_gpu import Gpu

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

LIBRARY = "libnvidia-ml.so.1"


class NvmlSensor:
    """The energy of every NVIDIA GPU: its counter, or its power integrated.

    Only the sampler calls it: a driver that hangs delays no cell.

    Args:
        gpus: the GPUs, opened.
        nvml: the module `pynvml`, initialised; closed with the sensor.
    """

    name = "nvml"
    verified = False

    def __init__(self, gpus: tuple[Gpu, ...], nvml: ModuleType) -> None:
        self._gpus = gpus
        self._nvml: ModuleType | None = nvml
        self.covers_cpu = any(gpu.is_module for gpu in gpus)
        self._states = tuple(gpu.state for gpu in gpus)
        self.channels = self._described()

    def _described(self) -> tuple[Channel, ...]:
        return tuple(_channel(index, gpu) for index, gpu in enumerate(self._gpus))

    def read(self) -> tuple[float | None, ...]:
        """Joules per GPU since it was opened."""
        energies = tuple(gpu.read() if self._nvml else None for gpu in self._gpus)
        states = tuple(gpu.state for gpu in self._gpus)
        if states != self._states:
            self._states, self.channels = states, self._described()
        return energies

    def doubt(self) -> tuple[float, ...]:
        """Joules per GPU that resets, gaps and disagreement leave open."""
        return tuple(gpu.doubt_j for gpu in self._gpus)

    def faults(self) -> tuple[str | None, ...]:
        """Why a GPU does not answer now."""
        return tuple(gpu.fault for gpu in self._gpus)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """Share of each GPU's activity since the last call that these processes cause."""
        return tuple(gpu.own(pids) if self._nvml else None for gpu in self._gpus)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Whether other processes compute on a GPU now."""
        return tuple(gpu.shared(pids) if self._nvml else False for gpu in self._gpus)

    def close(self) -> None:
        """Let the driver's library go."""
        nvml, self._nvml = self._nvml, None
        if nvml is None:
            return
        try:
            nvml.nvmlShutdown()
        except nvml.NVMLError:
            return  # it was gone already


def _channel(index: int, gpu: Gpu) -> Channel:
    notes = []
    if gpu.demoted:
        notes.append("its energy counter is frozen: power integrated instead")
    elif not gpu.counts:
        notes.append("no energy counter: power integrated")
    if gpu.is_mig:
        notes.append("MIG: the whole GPU, which has no meter per instance")
    if gpu.is_module:
        notes.append("the whole Grace Hopper module, CPU included")
    notes += gpu.past
    return Channel(
        name=f"gpu{index}",
        kind="gpu",
        method="counter" if gpu.counts else "integrated",
        sensor=NvmlSensor.name,
        label=gpu.label,
        note="; ".join(notes),
    )


def find(
    root: str = "/",
    clock: Callable[[], int] = time.monotonic_ns,
    nvml: ModuleType | None = None,
) -> NvmlSensor | Absence:
    """The sensor of this machine's NVIDIA GPUs, or why there is none.

    Args:
        root: not used: the driver is a library, not a file.
        clock: nanoseconds that only grow.
        nvml: stands in for the module `pynvml`.
    """
    if nvml is None:
        found = _binding()
        if isinstance(found, Absence):
            return found
        nvml = found
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        return _absence(error.value)
    try:
        count = nvml.nvmlDeviceGetCount()
        gpus = tuple(Gpu(nvml, index, clock) for index in range(count))
    except nvml.NVMLError as error:
        nvml.nvmlShutdown()
        return _absence(error.value)
    if any(gpu.fault is None for gpu in gpus):
        return NvmlSensor(gpus, nvml)
    nvml.nvmlShutdown()
    if gpus:
        return _absence(gpus[0].code)
    return Absence(NvmlSensor.name, "the NVIDIA driver sees no GPU", "nvidia-smi -L")


def _absence(code: int) -> Absence:
    error = explained(code)
    return Absence(NvmlSensor.name, error.what, error.remedy)


def _binding() -> ModuleType | Absence:
    """The module pynvml, imported only where the driver's library can be loaded."""
    if sys.platform == "linux":
        import _ctypes  # the whole of ctypes would weigh half a mebibyte where there is no GPU

        try:
            _ctypes.dlopen(LIBRARY, 0)
        except OSError:
            return Absence(NvmlSensor.name, "no NVIDIA driver is installed here", "")
    try:
        import pynvml
    except ImportError:
        return Absence(
            NvmlSensor.name,
            "the binding to the NVIDIA driver is not installed",
            "pip install nvidia-ml-py",
        )
    module: ModuleType = pynvml
    return module
