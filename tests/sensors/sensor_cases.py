"""Every sensor on a fake of what it reads: a test draws power, breaks and heals them all alike."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from fake_machines import VIRTUAL, rapl_zone
from fake_nvml import FakeGpu, FakeNvml

from ipyfootprint.sensors import amdgpu, apple, nvml, perf, powercap, windows
from ipyfootprint.sensors.modelled import ModelledSensor
from ipyfootprint.testing import FakeClock, FakeSensor, ReplaySensor, constant

WATTS = 100.0


class Case:
    """One sensor on its fake; every channel draws WATTS while `burn` runs."""

    resets = True
    breaks = True
    may_rest: tuple[str, ...] = ()

    def __init__(self, clock: FakeClock, folder: Path) -> None:
        self.ticks = 100
        self.clock = clock
        self.folder = folder
        self.joules = 0.0
        self.broken = False
        self.sensor = self.open()

    def write(self, files: dict[str, str]) -> str:
        for name, body in files.items():
            path = self.folder / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
        return str(self.folder)

    def burn(self, seconds: float, steps: int = 1) -> None:
        """Draw power; the sensor is read after each step."""
        for _ in range(steps):
            self.clock.advance(seconds / steps)
            self.joules += WATTS * seconds / steps
            self.show()
            self.sensor.read()

    def open(self):
        raise NotImplementedError

    def show(self) -> None:
        """Let the fake hardware show `joules`, or fail while `broken`."""

    def reset(self) -> None:
        """Let the fake register start again at 0."""
        self.joules = 0.0
        self.show()

    def rest(self, seconds: float, steps: int) -> None:
        """The register stands still; whatever else shows power goes on."""
        for _ in range(steps):
            self.clock.advance(seconds / steps)
            self.ticks += 100 * seconds / steps
            half = round(self.ticks / 2)
            self.write({"/proc/stat": f"cpu {half} 0 0 {half} 0\ncpu0 {half} 0 0 {half} 0\n"})
            self.sensor.read()


class Powercap(Case):
    def open(self):
        zones = rapl_zone("intel-rapl:0", "package-0", 0) | rapl_zone("intel-rapl:0:0", "dram", 0)
        return powercap.find(self.write(zones), self.clock)

    def show(self) -> None:
        body = "\n" if self.broken else f"{round(self.joules * 1e6)}\n"
        for zone in ("intel-rapl:0", "intel-rapl:0:0"):
            self.write({f"/sys/class/powercap/{zone}/energy_uj": body})


class Perf(Case):
    def open(self):
        folder = "/sys/bus/event_source/devices/power"
        root = self.write(
            {
                f"{folder}/type": "22",
                f"{folder}/cpumask": "0",
                f"{folder}/events/energy-pkg": "event=0x02",
                f"{folder}/events/energy-pkg.scale": "1e-6",
                f"{folder}/events/energy-pkg.unit": "Joules",
            }
        )
        return perf.find(root, self.clock, lambda *_: self)

    def count(self) -> int:
        if self.broken:
            raise OSError("gone")
        return round(self.joules * 1e6)

    def close(self) -> None:
        self.broken = True


class Nvml(Case):
    def open(self):
        self.gpus = (FakeGpu(), FakeGpu())
        self.show()
        return nvml.find("/", self.clock, FakeNvml(*self.gpus))

    def show(self) -> None:
        for gpu in self.gpus:
            gpu.energy_mj = round(self.joules * 1e3)
            gpu.code = 15 if self.broken else 0

    def reset(self) -> None:
        self.joules = 1.0
        self.show()


class NvmlPower(Nvml):
    resets = False

    def open(self):
        self.gpus = (FakeGpu(),)
        self.gpus[0].energy_mj = None
        return nvml.find("/", self.clock, FakeNvml(*self.gpus))

    def show(self) -> None:
        self.gpus[0].code = 15 if self.broken else 0


class AmdFiles(Case):
    CARD = "/sys/class/drm/card1/device"

    def open(self):
        files = {f"{self.CARD}/vendor": "0x1002\n", f"{self.CARD}/hwmon/hwmon3/energy1_input": "0"}
        return amdgpu.find(self.write(files), self.clock)

    def show(self) -> None:
        body = "" if self.broken else str(round(self.joules * 1e6))
        self.write({f"{self.CARD}/hwmon/hwmon3/energy1_input": body})


class AmdPower(AmdFiles):
    resets = False

    def open(self):
        files = {
            f"{self.CARD}/vendor": "0x1002\n",
            f"{self.CARD}/hwmon/hwmon3/power1_average": f"{round(WATTS * 1e6)}\n",
        }
        return amdgpu.find(self.write(files), self.clock)

    def show(self) -> None:
        body = "" if self.broken else f"{round(WATTS * 1e6)}\n"
        self.write({f"{self.CARD}/hwmon/hwmon3/power1_average": body})


class AmdLibrary(Case):
    """Answers as recorded from the library's documentation: ticks of 15.3 microjoules."""

    TICK_UJ = 15.3

    def open(self):
        root = self.write({"/sys/class/drm/card0/device/vendor": "0x1002\n",
                           "/sys/class/drm/card0/device/hwmon/hwmon0/name": "amdgpu"})  # fmt: skip
        library = SimpleNamespace(
            amdsmi_init=lambda: None,
            amdsmi_shut_down=lambda: None,
            amdsmi_get_processor_handles=lambda: ["handle"],
            amdsmi_get_gpu_asic_info=lambda _gpu: {"market_name": "AMD Instinct MI300X"},
            amdsmi_get_energy_count=self.count,
        )
        return amdgpu.find(root, self.clock, 0, library)

    def count(self, _gpu: str) -> dict[str, float]:
        if self.broken:
            raise RuntimeError("AMDSMI_STATUS_NOT_INIT")
        ticks = round(self.joules * 1e6 / self.TICK_UJ) + 1
        return {"energy_accumulator": ticks, "counter_resolution": self.TICK_UJ, "timestamp": 1}


class Apple(Case):
    """One report of a chip with every field the sensor takes, and a cluster it must not add."""

    may_rest = ("dram0", "gpu0", "ane0")

    def open(self):
        return apple.find(
            str(self.folder), self.clock, SimpleNamespace(AppleEnergyMonitor=lambda: self)
        )

    def get_cumulative_energy(self) -> SimpleNamespace:
        if self.broken:
            raise RuntimeError("IOReport failed")
        mj = self.joules * 1e3
        return SimpleNamespace(
            cpu_total_mj=mj, efficiency_cluster_mj=mj, dram_mj=mj, gpu_mj=mj, ane_mj=mj
        )


def emi_v2(*names: str) -> bytes:
    """The description that a meter of version 2 gives of its channels, byte by byte."""
    body = "Maker".encode("utf-16-le").ljust(32, b"\0") + "Model".encode("utf-16-le").ljust(
        32, b"\0"
    )
    body += (1).to_bytes(2, "little") + len(names).to_bytes(2, "little")
    for name in names:
        text = (name + "\0").encode("utf-16-le")
        body += (0).to_bytes(4, "little") + len(text).to_bytes(2, "little") + text
    return body


class Windows(Case):
    """The channels of one socket as Windows 11 names them."""

    NAMES = ("RAPL_Package0_PKG", "RAPL_Package0_DRAM", "RAPL_Package0_PP0", "RAPL_Package0_PP1")

    def open(self):
        return windows.find(str(self.folder), self.clock, lambda: [self])

    def ask(self, code: int, size: int) -> bytes:
        if self.broken:
            raise OSError("the meter refuses (error 5)")
        described = emi_v2(*self.NAMES)
        energy = round(self.joules / 3600e-12).to_bytes(8, "little")
        answers = {
            windows.VERSION: (2).to_bytes(2, "little"),
            windows.METADATA_SIZE: len(described).to_bytes(4, "little"),
            windows.METADATA: described,
            windows.MEASUREMENT: (energy + bytes(8)) * len(self.NAMES),
        }
        return answers[code][:size]

    def close(self) -> None:
        self.broken = True


class Modelled(Case):
    """30 W of load make 100 W no counter could show: it is held against its own curve."""

    resets = False

    def open(self):
        files = dict(VIRTUAL)
        files["/proc/meminfo"] = "MemTotal: 0 kB\n"
        self.busy_s = self.total_s = 0.0
        # 4 logical CPUs busy at (100/4 - .7)/3.1 would be beyond full: so 100 of them
        self.cpus = 100
        share = (WATTS / self.cpus - 0.7) / 3.1
        self.share = share
        files["/proc/stat"] = "cpu 1 0 0 1 0\n" + "".join(
            f"cpu{n} 1 0 0 1 0\n" for n in range(self.cpus)
        )
        return ModelledSensor(self.write(files), self.clock, self.load)

    def load(self) -> tuple[float, float] | None:
        if self.broken:
            return None
        seconds = self.joules / WATTS
        return seconds * self.cpus * self.share, seconds * self.cpus


class Replay(Case):
    resets = breaks = False

    def open(self):
        return ReplaySensor({"gpu0": constant(WATTS)}, "demo", self.clock)


class Fake(Case):
    resets = False

    def open(self):
        case = self

        class Breakable(FakeSensor):
            def _outage(self) -> str | None:
                return "broken" if case.broken else None

        return Breakable({"gpu0": constant(WATTS)}, self.clock)


CASES: dict[str, type[Case]] = {
    "powercap": Powercap,
    "perf": Perf,
    "nvml counter": Nvml,
    "nvml power": NvmlPower,
    "amdgpu file": AmdFiles,
    "amdgpu power": AmdPower,
    "amdgpu library": AmdLibrary,
    "apple": Apple,
    "windows": Windows,
    "modelled": Modelled,
    "replay": Replay,
    "fake": Fake,
}
