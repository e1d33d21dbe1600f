"""One table from every NVML return code to one of our errors, with what a person can do."""

from __future__ import annotations

from ipyfootprint.errors import DeviceLost, NoPermission, SensorError, SensorTimeout

RELOAD = "restart the machine, or reload the NVIDIA driver"
UPDATE = "update the NVIDIA driver"
GROUP = "ask for read access to /dev/nvidia* (in a container: docker run --gpus all)"
REPORT = "run `ipyfootprint doctor` and report its output"

ERRORS: dict[int, tuple[type[SensorError], str, str]] = {
    1: (SensorError, "the NVIDIA driver library was closed under us", ""),
    2: (SensorError, "the NVIDIA driver refused an argument", REPORT),
    3: (SensorError, "this GPU does not offer the reading", ""),
    4: (NoPermission, "the NVIDIA driver refuses this user", GROUP),
    5: (SensorError, "the NVIDIA driver library was opened twice", REPORT),
    6: (SensorError, "the NVIDIA driver found nothing to answer with", ""),
    7: (SensorError, "the NVIDIA driver wanted a larger buffer", REPORT),
    8: (SensorError, "the GPU's power cables are not all connected", "connect them and restart"),
    9: (SensorError, "the NVIDIA driver is not loaded", "sudo modprobe nvidia"),
    10: (SensorTimeout, "the NVIDIA driver did not answer in time", ""),
    11: (SensorError, "the GPU has an interrupt problem", RELOAD),
    12: (SensorError, "the NVIDIA driver library is not installed", "install the NVIDIA driver"),
    13: (SensorError, "the NVIDIA driver is too old for the reading", UPDATE),
    14: (SensorError, "the GPU's infoROM is damaged", "nvidia-smi -q shows it; ask the vendor"),
    15: (DeviceLost, "the GPU has fallen off the bus", RELOAD),
    16: (
        DeviceLost,
        "the GPU must be reset to answer again",
        "sudo nvidia-smi --gpu-reset",
    ),
    17: (NoPermission, "the operating system blocks the NVIDIA driver", GROUP),
    18: (SensorError, "driver and library of NVIDIA differ in version", RELOAD),
    19: (SensorError, "the GPU is in exclusive use by another program", ""),
    20: (SensorError, "the NVIDIA driver is out of memory", ""),
    21: (SensorError, "the NVIDIA driver has no data yet", ""),
    22: (SensorError, "a virtual GPU does not offer the reading with ECC", ""),
    23: (SensorError, "the NVIDIA driver lacks a resource besides memory", ""),
    24: (SensorError, "the GPU does not support the frequency", ""),
    25: (SensorError, "binding and driver of NVIDIA differ in a structure's version", UPDATE),
    26: (SensorError, "the NVIDIA driver has dropped the reading", "pip install -U nvidia-ml-py"),
    27: (SensorError, "the GPU is not ready yet", ""),
    28: (DeviceLost, "no GPU was found", "nvidia-smi -L lists those that the driver sees"),
    29: (SensorError, "the GPU is in a state that does not offer the reading", ""),
    30: (SensorError, "the GPU does not support this kind of reset", ""),
    999: (SensorError, "the NVIDIA driver failed without a reason", RELOAD),
}


def explained(code: int) -> SensorError:
    """Our error for an NVML code; one we do not know is named by its number."""
    kind, what, remedy = ERRORS.get(
        code, (SensorError, f"the NVIDIA driver failed with code {code}", REPORT)
    )
    return kind(what, remedy=remedy)
