"""Powercap counters that a small program moves: no RAPL needed."""

import os
import time
from pathlib import Path

import pytest
from simulator.powercap import SimulatedPowercap, simulated_powercap

from ipyfootprint.model import Absence
from ipyfootprint.sensors.powercap import PowercapSensor, find
from ipyfootprint.testing import constant, square

pytestmark = pytest.mark.hardware


class Watched:
    """A sensor read for a while, with what its registers showed at the first and last reading.

    The program that moves the registers may come late on a busy machine. So the sensor is held
    against the registers, to the microjoule, and the registers against their traces, loosely.
    """

    def __init__(self, sim: SimulatedPowercap, sensor: PowercapSensor, seconds: float) -> None:
        self._files = [Path(channel.path or "") for channel in sensor.channels]
        from_ns = time.monotonic_ns()
        first_uj, first_j = self._at_rest(sensor)
        rows = [first_j]
        while time.monotonic_ns() - from_ns < seconds * 1e9:
            time.sleep(0.02)
            rows.append(sensor.read())
        last_uj, last_j = self._at_rest(sensor)
        to_ns = time.monotonic_ns()
        self.rows = [*rows, last_j]
        self.read_j = [b - a for a, b in zip(first_j, last_j, strict=True)]
        self.shown_j = [(b - a) * 1e-6 for a, b in zip(first_uj, last_uj, strict=True)]
        zones = [c.label if c.label.startswith("package") else c.name for c in sensor.channels]
        self.exact_j = [sim.exact_j(from_ns, to_ns, zone) for zone in zones]

    def _at_rest(self, sensor: PowercapSensor) -> tuple[list[int], tuple[float, ...]]:
        """A reading between two looks at the registers that showed the same."""
        while True:
            before = self._registers()
            energies = sensor.read()
            if before == self._registers():
                return before, energies

    def _registers(self) -> list[int]:
        return [int(file.read_text()) for file in self._files]


def test_package_and_dram_follow_their_traces() -> None:
    zones = {"package-0": square(7, 20, 120), "dram0": constant(10), "core0": constant(15)}
    with simulated_powercap(zones) as sim:
        sensor = find(sim.root)
        assert isinstance(sensor, PowercapSensor)
        seen = Watched(sim, sensor, 1.0)
        assert seen.read_j == pytest.approx(seen.shown_j, abs=1e-6)
        assert seen.shown_j == pytest.approx(seen.exact_j, rel=0.3)
        sensor.close()


def test_wraps_are_invisible() -> None:
    wrap_j = 200.0
    with simulated_powercap({"package-0": constant(500)}, wrap_uj=200_000_000) as sim:
        sensor = find(sim.root)
        seen = Watched(sim, sensor, 1.5)
        totals = [row[0] for row in seen.rows]
        assert totals == sorted(totals)
        rounds = (seen.read_j[0] - seen.shown_j[0]) / wrap_j
        assert rounds == pytest.approx(round(rounds), abs=1e-6)
        assert seen.read_j[0] == pytest.approx(seen.exact_j[0], abs=wrap_j / 2)
        assert sensor.doubt() == (0,)
        sensor.close()


def test_two_sockets_psys_and_the_twin_are_counted_once() -> None:
    zones = {name: constant(50) for name in ("package-0", "package-1", "dram0", "dram1", "psys")}
    with simulated_powercap(zones, has_mmio_twin=True) as sim:
        sensor = find(sim.root)
        assert [c.name for c in sensor.channels] == ["cpu0", "dram0", "cpu1", "dram1"]
        sensor.close()


def test_a_user_who_may_not_read_is_told_how(tmp_path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    with simulated_powercap({"package-0": constant(50)}, readable=False) as sim:
        answer = tmp_path / "answer"
        answer.touch()
        answer.chmod(0o666)
        handle = os.open(answer, os.O_WRONLY)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            found = find(sim.root)
            text = found.reason + found.remedy if isinstance(found, Absence) else "read"
            os.write(handle, text.encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(handle)
        assert "only root may read them" in answer.read_text()
        assert "udev" in answer.read_text()


def test_the_mover_ends_with_its_block() -> None:
    with simulated_powercap({"package-0": constant(50)}) as sim:
        pass
    assert not os.access(sim.root, os.F_OK)
