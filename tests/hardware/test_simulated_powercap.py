"""Powercap counters that a small program moves: no RAPL needed."""

import os
import time

import pytest
from simulator.powercap import simulated_powercap

from ipyfootprint.model import Absence
from ipyfootprint.sensors.powercap import PowercapSensor, find
from ipyfootprint.testing import constant, square

pytestmark = pytest.mark.hardware


def watched(sensor: PowercapSensor, seconds: float) -> tuple[int, int, list[tuple[float, ...]]]:
    from_ns, rows = time.monotonic_ns(), [sensor.read()]
    while time.monotonic_ns() - from_ns < seconds * 1e9:
        time.sleep(0.02)
        to_ns = time.monotonic_ns()
        rows.append(sensor.read())
    return from_ns, to_ns, rows


def test_package_and_dram_follow_their_traces() -> None:
    zones = {"package-0": square(7, 20, 120), "dram0": constant(10), "core0": constant(15)}
    with simulated_powercap(zones) as sim:
        sensor = find(sim.root)
        assert isinstance(sensor, PowercapSensor)
        from_ns, to_ns, rows = watched(sensor, 1.0)
        package_j, dram_j = (b - a for a, b in zip(rows[0], rows[-1], strict=True))
        assert package_j == pytest.approx(sim.exact_j(from_ns, to_ns, "package-0"), abs=1.0)
        assert dram_j == pytest.approx(sim.exact_j(from_ns, to_ns, "dram0"), rel=0.03)
        sensor.close()


def test_wraps_are_invisible() -> None:
    with simulated_powercap({"package-0": constant(500)}, wrap_uj=200_000_000) as sim:
        sensor = find(sim.root)
        from_ns, to_ns, rows = watched(sensor, 1.5)
        totals = [row[0] for row in rows]
        assert totals == sorted(totals)
        assert totals[-1] - totals[0] == pytest.approx(sim.exact_j(from_ns, to_ns), rel=0.02)
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
