"""NVIDIA GPUs that do not exist, for any program that loads the driver's library."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simulator.build import nvml_library

from ipyfootprint.testing import Trace

FOREVER = 1e12


@dataclass(frozen=True, slots=True)
class Options:
    """How one GPU behaves; times in seconds since the simulation's epoch.

    Args:
        name: the GPU's name.
        has_energy: whether there is an energy counter (mJ).
        has_power: whether `GetPowerUsage` answers (mW).
        has_instant: whether field 186, the power of the moment, answers.
        period_s: update period of the energy counter; 0: at any moment.
        phase_s: offset of the updates.
        power_period_s: update period of the power gauge.
        window_s: `GetPowerUsage` is the mean over this time (1 s on Ampere and newer).
        duty: share of each power period that the sensor sees; 1: all of it.
        start_mj: the counter at the epoch.
        reset_at_s: when the counter starts again at 0; 0: never.
        frozen_at_s: when the counter stops moving; 0: never.
        error: NVML code that every call returns from `error_from_s` to `error_to_s`.
        hang_s: how long every call hangs from `hang_from_s` to `hang_to_s`.
        is_mig: whether it is split by MIG.
    """

    name: str = "NVIDIA Simulated H100"
    has_energy: bool = True
    has_power: bool = True
    has_instant: bool = False
    period_s: float = 0.02
    phase_s: float = 0.0
    power_period_s: float = 0.02
    window_s: float = 0.0
    duty: float = 1.0
    start_mj: int = 123_456_789
    reset_at_s: float = 0.0
    frozen_at_s: float = 0.0
    error: int = 0
    error_from_s: float = 0.0
    error_to_s: float = FOREVER
    hang_s: float = 0.0
    hang_from_s: float = 0.0
    hang_to_s: float = FOREVER
    is_mig: bool = False


class SimulatedNvml:
    """A running simulation.

    Attributes:
        env: what a program's environment needs to see these GPUs.
        epoch_ns: `time.monotonic_ns` at which every trace begins.
        traces: the power of each GPU.
    """

    def __init__(self, folder: Path, traces: Sequence[Trace], options: Sequence[Options],
                 init: Mapping[str, float]) -> None:  # fmt: skip
        self.traces = tuple(traces)
        self._folder = folder
        self._library = nvml_library()
        self.epoch_ns = time.monotonic_ns()
        self._write(options, init)
        # Some programs look for the driver's tool before they try its library.
        tool = folder / "nvidia-smi"
        tool.write_text("#!/bin/sh\nexit 0\n")
        tool.chmod(0o755)
        self.env = {
            "LD_LIBRARY_PATH": _joined(str(self._library.parent), "LD_LIBRARY_PATH"),
            "PATH": _joined(str(folder), "PATH"),
            "NVML_SIM": str(self._config),
        }

    def _write(self, options: Sequence[Options], init: Mapping[str, float]) -> None:
        self._config = self._folder / "nvml.conf"
        lines = [f"epoch_ns {self.epoch_ns}", f"count {len(self.traces)}"]
        lines += [f"{key} {value}" for key, value in init.items()]
        for index, (trace, option) in enumerate(zip(self.traces, options, strict=True)):
            path = self._folder / f"gpu{index}.trace"
            path.write_text(trace.to_text())
            lines += [f"gpu {index}", f"trace {path}", f"processes {self._processes(index)}"]
            for key, value in asdict(option).items():
                lines.append(f"{key} {int(value) if isinstance(value, bool) else value}")
        self._config.write_text("\n".join(lines) + "\n")

    def _processes(self, gpu: int) -> Path:
        return self._folder / f"gpu{gpu}.processes"

    def now_s(self) -> float:
        """Seconds since the epoch."""
        return (time.monotonic_ns() - self.epoch_ns) / 1e9

    def exact_j(self, from_ns: int, to_ns: int, gpu: int | None = None) -> float:
        """True joules of one GPU, or of all, between two times of `time.monotonic_ns`."""
        start_s, end_s = (from_ns - self.epoch_ns) / 1e9, (to_ns - self.epoch_ns) / 1e9
        traces = self.traces if gpu is None else (self.traces[gpu],)
        return sum(trace.energy_j(end_s) - trace.energy_j(start_s) for trace in traces)

    def run_processes(self, gpu: int, sm_percent: Mapping[int, int]) -> None:
        """From now on these processes, by pid, use a GPU."""
        fresh = self._folder / "fresh"
        fresh.write_text("".join(f"{pid} {sm}\n" for pid, sm in sm_percent.items()))
        fresh.replace(self._processes(gpu))

    def load(self) -> None:
        """Let this very process see the GPUs: before it first loads the driver's library."""
        os.environ["NVML_SIM"] = self.env["NVML_SIM"]
        ctypes.CDLL(str(self._library), mode=ctypes.RTLD_GLOBAL)


def _joined(first: str, variable: str) -> str:
    return ":".join(filter(None, [first, os.environ.get(variable, "")]))


@contextmanager
def simulated_nvml(
    trace: Trace | Sequence[Trace],
    gpus: Sequence[Mapping[str, object]] | None = None,
    *,
    init_error: int = 0,
    init_hang_s: float = 0.0,
    **options: object,
) -> Iterator[SimulatedNvml]:
    """Simulated GPUs, one a trace, for as long as the block runs.

    Args:
        trace: the power of one GPU, or of several.
        gpus: options of single GPUs, over those of all.
        init_error: NVML code with which the library refuses to start; 0: it starts.
        init_hang_s: how long the library takes to start.
        **options: fields of `Options`, for all GPUs.
    """
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    base = replace(Options(), **options)  # type: ignore[arg-type]
    each = [replace(base, **own) for own in gpus or [{} for _ in traces]]  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="nvml-sim-") as folder:
        init = {"init_error": init_error, "init_hang_s": init_hang_s}
        yield SimulatedNvml(Path(folder), traces, each, init)
