"""A stand-in for the module pynvml: GPUs that a test moves by hand."""

from __future__ import annotations

from types import SimpleNamespace


class NVMLError(Exception):
    """An NVML return code, as pynvml raises it."""

    def __init__(self, value: int) -> None:
        super().__init__(f"code {value}")
        self.value = value


class FakeGpu:
    """One GPU: what it answers, and the code it fails with."""

    def __init__(self, name: str = "NVIDIA Fake A100") -> None:
        self.name = name
        self.energy_mj: int | None = 5_000_000
        self.power_mw: int | None = 100_000
        self.instant_mw: int | None = None
        self.is_mig = 0
        self.code = 0
        self.sm_percent: dict[int, int] = {}

    def checked(self, value: int | None) -> int:
        if self.code:
            raise NVMLError(self.code)
        if value is None:
            raise NVMLError(3)
        return value


class FakeNvml:
    """The functions that the sensor calls, over a list of GPUs."""

    NVMLError = NVMLError
    NVML_DEVICE_MIG_ENABLE = 1

    def __init__(self, *gpus: FakeGpu, init_code: int = 0) -> None:
        self.gpus = gpus
        self.init_code = init_code
        self.open = 0
        self.asked_scope: int | None = None

    def nvmlInit(self) -> None:
        if self.init_code:
            raise NVMLError(self.init_code)
        self.open += 1

    def nvmlShutdown(self) -> None:
        if not self.open:
            raise NVMLError(1)
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:
        self.gpus[index].checked(0)
        return self.gpus[index]

    def nvmlDeviceGetName(self, gpu: FakeGpu) -> str:
        gpu.checked(0)
        return gpu.name

    def nvmlDeviceGetMigMode(self, gpu: FakeGpu) -> tuple[int, int]:
        return gpu.checked(gpu.is_mig), gpu.is_mig

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu: FakeGpu) -> int:
        return gpu.checked(gpu.energy_mj)

    def nvmlDeviceGetPowerUsage(self, gpu: FakeGpu) -> int:
        return gpu.checked(gpu.power_mw)

    def nvmlDeviceGetFieldValues(self, gpu: FakeGpu, fields: list) -> list:
        gpu.checked(0)
        self.asked_scope = fields[0][1]
        there = gpu.instant_mw is not None
        value = SimpleNamespace(uiVal=gpu.instant_mw if there else 0)
        return [SimpleNamespace(nvmlReturn=0 if there else 3, value=value)]

    def nvmlDeviceGetProcessUtilization(self, gpu: FakeGpu, since_us: int) -> list:
        if not gpu.sm_percent:
            raise NVMLError(6)
        return [
            SimpleNamespace(pid=pid, smUtil=sm, timeStamp=since_us + 1)
            for pid, sm in gpu.sm_percent.items()
        ]

    def nvmlDeviceGetComputeRunningProcesses(self, gpu: FakeGpu) -> list:
        gpu.checked(0)
        return [SimpleNamespace(pid=pid) for pid in gpu.sm_percent]
