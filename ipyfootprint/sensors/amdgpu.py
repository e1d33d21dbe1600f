"""AMD GPUs: the kernel's own files where they count energy, else the library `amdsmi`."""

from __future__ import annotations

import os
import time

from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors.files import names, number, text, under
from ipyfootprint.sensors.integral import Gauge, Register
from ipyfootprint.sensors.parts import Part, PartsSensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ipyfootprint.model import Method

DRM = "/sys/class/drm"
AMD = "0x1002"
# A GPU that answers draws power: a counter that rests so long says nothing.
STILL_S = 1.0


class AmdGpuSensor(PartsSensor):
    """The energy of every AMD GPU: its counter, or its power integrated."""

    name = "amdgpu"


def find(
    root: str = "/",
    clock: Callable[[], int] = time.monotonic_ns,
    first: int = 0,
    amdsmi: ModuleType | None = None,
) -> AmdGpuSensor | Absence:
    """The sensor of this machine's AMD GPUs, or why there is none.

    Args:
        root: folder that stands for "/".
        clock: nanoseconds that only grow.
        first: number of the first GPU, after those of other makers.
        amdsmi: stands in for the module of that name.
    """
    folders, integrated = _monitors(under(root, DRM))
    if not folders:
        if integrated:
            return Absence(
                AmdGpuSensor.name,
                "the AMD GPU is part of the processor: its power holds the CPU's",
            )
        return Absence(AmdGpuSensor.name, "the kernel shows no AMD GPU")
    if all(number(f"{folder}/energy1_input") is not None for folder in folders):
        parts = [
            _file_part(f"{folder}/energy1_input", first + index, Register(1e-6))
            for index, folder in enumerate(folders)
        ]
        return AmdGpuSensor(parts, clock)
    library = _library() if amdsmi is None else amdsmi
    if library is not None:
        found = _from_library(library, first, clock)
        if found is not None:
            return found
    powers = [_power_file(folder) for folder in folders]
    if not any(powers):
        return Absence(
            AmdGpuSensor.name,
            "the AMD GPU shows neither energy nor power",
            "pip install amdsmi (of the installed ROCm release)",
        )
    parts = [
        _file_part(path, first + index, Gauge())
        for index, path in enumerate(powers)
        if path is not None
    ]
    return AmdGpuSensor(parts, clock)


def _monitors(drm: str) -> tuple[list[str], int]:
    """The hwmon folder of each AMD card, and how many cards are part of a processor."""
    folders, integrated = [], 0
    cards = [name for name in names(drm) if name[:4] == "card" and name[4:].isdigit()]
    for card in sorted(cards, key=lambda name: int(name[4:])):
        device = f"{drm}/{card}/device"
        if text(f"{device}/vendor") != AMD:
            continue
        for monitor in names(f"{device}/hwmon")[:1]:
            folder = f"{device}/hwmon/{monitor}"
            # Only a processor with a GPU inside shows the voltage of its north bridge.
            if text(f"{folder}/in1_label") == "vddnb":
                integrated += 1
            else:
                folders.append(folder)
    return folders, integrated


def _power_file(folder: str) -> str | None:
    paths = (f"{folder}/power1_average", f"{folder}/power1_input")
    return next((path for path in paths if number(path) is not None), None)


def _channel(index: int, method: Method, label: str) -> Channel:
    note = "" if method == "counter" else "no energy counter: power integrated"
    return Channel(f"gpu{index}", "gpu", method, AmdGpuSensor.name, label=label, note=note)


def _file_part(path: str, index: int, total: Register | Gauge) -> Part:
    """Microjoules of a counter, or microwatts of a gauge, from a file."""
    scale = 1.0 if isinstance(total, Register) else 1e-6

    def read() -> float:
        value = number(path)
        if value is None:
            raise OSError(f"{path} does not answer")
        return value * scale

    name = text(f"{os.path.dirname(path)}/device/product_name") or "AMD GPU"
    still_s = STILL_S if isinstance(total, Register) else None
    channel = _channel(index, "counter" if scale == 1.0 else "integrated", name)
    return Part(channel, read, total, still_s)


def _library() -> ModuleType | None:
    try:
        import amdsmi
    except Exception:  # without its driver the import fails in ways of its own
        return None
    module: ModuleType = amdsmi
    return module


def _from_library(amdsmi: ModuleType, first: int, clock: Callable[[], int]) -> AmdGpuSensor | None:
    try:
        amdsmi.amdsmi_init()
        handles = amdsmi.amdsmi_get_processor_handles()
        parts = [_smi_part(amdsmi, gpu, first + index) for index, gpu in enumerate(handles)]
    except Exception:
        return None
    return AmdGpuSensor(parts, clock, amdsmi.amdsmi_shut_down) if parts else None


def _smi_part(amdsmi: ModuleType, gpu: object, index: int) -> Part:
    label = str(amdsmi.amdsmi_get_gpu_asic_info(gpu).get("market_name") or "AMD GPU")
    try:
        unit_j = _count(amdsmi, gpu)[1] * 1e-6
    except Exception:
        return Part(_channel(index, "integrated", label), lambda: _watts(amdsmi, gpu), Gauge())
    channel = _channel(index, "counter", label)
    return Part(channel, lambda: _count(amdsmi, gpu)[0], Register(unit_j), STILL_S)


def _count(amdsmi: ModuleType, gpu: object) -> tuple[int, float]:
    """Ticks of the energy accumulator and microjoules a tick; named `power` before ROCm 6."""
    answer = amdsmi.amdsmi_get_energy_count(gpu)
    ticks = answer.get("energy_accumulator", answer.get("power"))
    if not ticks or not answer.get("counter_resolution"):
        raise OSError("the energy accumulator stands at 0")
    return int(ticks), float(answer["counter_resolution"])


def _watts(amdsmi: ModuleType, gpu: object) -> float:
    answer = amdsmi.amdsmi_get_power_info(gpu)
    for key in ("current_socket_power", "average_socket_power", "socket_power"):
        if isinstance(answer.get(key), int | float):
            return float(answer[key])
    raise OSError("it shows no power")
