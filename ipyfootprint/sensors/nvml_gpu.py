"""One NVIDIA GPU seen as an energy counter that only grows."""

from __future__ import annotations

import os

from ipyfootprint.sensors.integral import Gauge, Register
from ipyfootprint.sensors.nvml_errors import explained
from ipyfootprint.sensors.selfcheck import Rest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# A working counter moves every 20 to 100 ms while power flows.
STILL_S = 0.35
AWAKE_W = 1.0
# The counter is held against the power gauge over windows of this length, loosely.
CHECK_S = 30.0
CHECK_EVERY_S = 1.0
CHECK_FACTOR = 2.0
# NVML_FI_DEV_POWER_INSTANT: power now, where `GetPowerUsage` is an average over a second.
POWER_INSTANT = 186
SCOPE_GPU, SCOPE_MODULE = 0, 1
STILL = "the GPU draws power and its energy counter stands still"
NOT_SUPPORTED, FUNCTION_NOT_FOUND = 3, 13


class Gpu:
    """Energy, doubt and processes of one GPU.

    Args:
        nvml: the module `pynvml`, initialised.
        index: number of the GPU in NVML's order.
        clock: nanoseconds that only grow.

    A GPU that does not answer yet has a `fault` and is asked again at each reading.
    """

    def __init__(self, nvml: ModuleType, index: int, clock: Callable[[], int]) -> None:
        self._nvml = nvml
        self._index = index
        self._clock = clock
        self._handle: object = None
        self.label = ""
        self.fault: str | None = None
        self.code = 0
        self.counts = True
        self.demoted = self.is_module = self.is_mig = self._instant = False
        self._register = Register(1e-3)
        self._gauge = Gauge()
        self._shadow = Gauge()
        self._check_from: tuple[int, float] | None = None
        self._checked_ns = 0
        self._seen_us = 0
        self._rest = Rest(STILL_S, clock())
        self._silent_ns = 0
        self._silence_s = 0.0
        self.read()

    def _open(self) -> None:
        nvml = self._nvml
        self._handle = handle = nvml.nvmlDeviceGetHandleByIndex(self._index)
        try:
            name = nvml.nvmlDeviceGetName(handle)
            self.label = name.decode() if isinstance(name, bytes) else str(name)
            self.is_module = "GH200" in self.label or "Grace Hopper" in self.label
            self.is_mig = self._asks_mig()
            self._instant = self._has_instant()
            self.counts = self._has_counter()
        except nvml.NVMLError:
            self._handle = None
            raise

    def _has_counter(self) -> bool:
        try:
            self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)
        except self._nvml.NVMLError as error:
            if error.value in (NOT_SUPPORTED, FUNCTION_NOT_FOUND):
                return False
            raise
        return True

    @property
    def state(self) -> tuple[object, ...]:
        """What its description depends on."""
        return self.label, self.counts, self.demoted, self.is_mig, self.is_module, self.past

    @property
    def past(self) -> tuple[str, ...]:
        """What befell it, in words: how long it was silent, and resets of its counter."""
        told = []
        if self._silence_s:
            told.append(f"no reading for {self._silence_s:.1f} s in all")
        if self._register.resets:
            told.append(f"its counter started again at 0 ({self._register.resets} x)")
        return tuple(told)

    def read(self) -> float | None:
        """Joules since it was opened; None and a `fault` when it does not answer."""
        try:
            if self._handle is None:
                self._open()
            if self.counts and not self._add_counter():
                self._silent(0, STILL)
                return None
            if not self.counts:
                self._gauge.add(self._power_w(), self._clock())
        except self._nvml.NVMLError as error:
            self._silent(error.value, str(explained(error.value)))
            return None
        if self._silent_ns:
            self._silence_s += (self._clock() - self._silent_ns) / 1e9
            self._silent_ns = 0
        self.code, self.fault = 0, None
        return self._register.energy_j + self._gauge.energy_j

    def _silent(self, code: int, fault: str) -> None:
        """It does not answer now, since it last did."""
        self._silent_ns = self._silent_ns or self._clock()
        self.code, self.fault = code, fault

    @property
    def doubt_j(self) -> float:
        """Joules that resets, gaps and disagreement of counter and gauge leave open."""
        return self._register.doubt_j + self._gauge.doubt_j

    def _add_counter(self) -> bool:
        """Whether the counter can be believed now; it is demoted when it is frozen."""
        # The gauge first: a call may hang, and the reading's time is that of its last call.
        watts = self._gauged_w(self._clock())
        raw = int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))
        now_ns = self._clock()
        self._register.add(raw, now_ns)
        self._rest.see(raw, now_ns)
        if watts is None:
            return not self._rest.is_suspect(now_ns)
        self._check(watts, now_ns)
        if not self._rest.is_suspect(now_ns):
            return True
        if watts <= AWAKE_W:
            self._rest.excuse(now_ns)  # it sleeps, and counts again when it wakes
            return True
        if self._rest.is_frozen(now_ns):
            self.counts, self.demoted = False, True
            self._gauge.add(watts, self._rest.moved_ns)
            self._register.doubt_j += watts * (now_ns - self._rest.moved_ns) / 1e9
            return True
        return False

    def _gauged_w(self, now_ns: int) -> float | None:
        """The power to hold the counter against, when it is time to, or it stands still."""
        is_due = now_ns - self._checked_ns >= CHECK_EVERY_S * 1e9
        if not is_due and not self._rest.is_suspect(now_ns):
            return None
        self._checked_ns = now_ns
        try:
            return self._power_w()
        except self._nvml.NVMLError:
            return None

    def _check(self, watts: float, now_ns: int) -> None:
        """Doubt a counter that disagrees with the power gauge."""
        self._shadow.add(watts, now_ns)
        if self._check_from is None:
            self._check_from = (now_ns, self._register.energy_j)
            self._shadow.energy_j = 0.0
        elif now_ns - self._check_from[0] >= CHECK_S * 1e9:
            counted_j = self._register.energy_j - self._check_from[1]
            gauged_j = self._shadow.energy_j
            if not counted_j / CHECK_FACTOR <= gauged_j <= counted_j * CHECK_FACTOR:
                self._register.doubt_j += abs(counted_j - gauged_j)
            self._check_from = None

    def _power_w(self) -> float:
        if self._instant:
            value = self._instant_mw()
            if value is not None:
                return value / 1000
        return float(self._nvml.nvmlDeviceGetPowerUsage(self._handle)) / 1000

    def _instant_mw(self) -> int | None:
        scope = SCOPE_MODULE if self.is_module else SCOPE_GPU
        field = self._nvml.nvmlDeviceGetFieldValues(self._handle, [(POWER_INSTANT, scope)])[0]
        return int(field.value.uiVal) if field.nvmlReturn == 0 else None

    def _has_instant(self) -> bool:
        try:
            return self._instant_mw() is not None
        except (self._nvml.NVMLError, AttributeError):
            return False

    def _asks_mig(self) -> bool:
        try:
            current, _pending = self._nvml.nvmlDeviceGetMigMode(self._handle)
            return bool(current == self._nvml.NVML_DEVICE_MIG_ENABLE)
        except (self._nvml.NVMLError, AttributeError):
            return False

    def own(self, pids: frozenset[int]) -> float | None:
        """Share of the GPU's activity since the last call that these processes cause.

        None where the driver does not say, nothing was active, or it names processes that are
        not in our process table: in a container its numbers are not ours.
        """
        if self._handle is None:
            return None
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(self._handle, self._seen_us)
        except self._nvml.NVMLError:
            return None
        ours = total = 0
        for sample in samples:
            self._seen_us = max(self._seen_us, int(sample.timeStamp))
            if sample.smUtil and not os.access(f"/proc/{sample.pid}", os.F_OK):
                return None
            total += sample.smUtil
            ours += sample.smUtil if sample.pid in pids else 0
        return ours / total if total else None

    def shared(self, pids: frozenset[int]) -> bool:
        """Whether other processes compute on it now; always with MIG, which meters no instance."""
        if self.is_mig:
            return True
        if self._handle is None:
            return False
        try:
            running = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle)
        except self._nvml.NVMLError:
            return False
        return any(process.pid not in pids for process in running)
