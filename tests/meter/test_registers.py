"""Registers that are read in the kernel at an edge, and what they say of it."""

import os
from pathlib import Path

import pytest

from ipyfootprint.meter.reader import Edge
from ipyfootprint.meter.registers import Registers
from ipyfootprint.meter.settle import Point
from ipyfootprint.model import Channel


def descriptors():
    return {entry.name for entry in os.scandir("/proc/self/fd")}


@pytest.fixture
def registers():
    made = Registers()
    yield made
    made.close()


@pytest.fixture
def channel(tmp_path):
    (tmp_path / "energy_uj").write_text("5000000\n")
    return Channel("cpu0", "cpu", "counter", "powercap", path=str(tmp_path / "energy_uj"))


def wrapping(channel, wrap_j):
    return Channel("cpu0", "cpu", "counter", "powercap", path=channel.path, wrap_j=wrap_j)


def edge(raw_j, name="cpu0"):
    return Edge(0, 0, {name: raw_j})


def point(energy_j, **fields):
    known = {"doubt_j": 0.5, "low_j": energy_j - 1, "high_j": energy_j + 1, "settled": True}
    return Point(energy_j, **{**known, **fields})


def test_microjoules_are_read_from_the_open_file_as_they_are_now(registers, channel):
    assert registers.read() is None
    registers.open([channel])
    assert registers.read() == {"cpu0": pytest.approx(5.0)}
    Path(channel.path).write_text("7250000")
    assert registers.read() == {"cpu0": pytest.approx(7.25)}


def test_a_file_is_opened_once_and_closed_once(registers, channel):
    before = descriptors()
    registers.open([channel])
    registers.open([channel])
    assert len(descriptors() - before) == 1
    registers.close()
    registers.close()
    assert descriptors() == before and registers.read() is None


def test_what_cannot_be_opened_or_read_is_left_out(registers, channel, tmp_path):
    gone = Channel("cpu1", "cpu", "counter", "powercap", path=str(tmp_path / "none"))
    bare = Channel("gpu0", "gpu", "counter", "nvml")
    (tmp_path / "words").write_text("no number")
    words = Channel("cpu2", "cpu", "counter", "powercap", path=str(tmp_path / "words"))
    registers.open([gone, bare])
    assert registers.read() is None
    registers.open([gone, words, channel])
    assert registers.read() == {"cpu0": pytest.approx(5.0)}


def test_the_first_settled_edge_fixes_the_offset_for_good(registers, channel):
    first = registers.refine(edge(5.0), channel, point(100.0))
    assert (first.energy_j, first.doubt_j, first.low_j, first.high_j) == (100.0, 0.0, 100.0, 100.0)
    assert first.settled
    later = registers.refine(edge(8.5), channel, point(104.0))
    assert later.energy_j == 103.5, "by the register's difference, not the sampler's"


@pytest.mark.parametrize("fields", [{"settled": False}, {"seen": False}])
def test_a_point_that_is_not_known_yet_is_left_as_it_is(registers, channel, fields):
    vague = point(100.0, **fields)
    assert registers.refine(edge(5.0), channel, vague) is vague
    # And it has fixed no offset.
    assert registers.refine(edge(5.0), channel, point(200.0)).energy_j == 200.0


def test_an_edge_without_its_register_is_left_as_it_is(registers, channel):
    known = point(100.0)
    assert registers.refine(Edge(0, 0), channel, known) is known
    assert registers.refine(edge(5.0, "cpu1"), channel, known) is known
    bare = Channel("cpu0", "cpu", "counter", "perf")
    assert registers.refine(edge(5.0), bare, known) is known


def test_a_register_that_wrapped_is_brought_to_the_sampler_s_turn(registers, channel):
    wraps = wrapping(channel, 262.0)
    registers.refine(edge(200.0), wraps, point(1000.0))
    assert registers.refine(edge(3.0), wraps, point(1064.5)).energy_j == pytest.approx(1065.0)
    assert registers.refine(edge(10.0), wraps, point(1000 + 262 * 3 + 71)).energy_j == (
        pytest.approx(1000 - 190 + 262 * 4)
    )


def test_a_register_that_started_again_is_taken_anew(registers, channel):
    registers.refine(edge(500.0), channel, point(1000.0))
    restarted = point(1010.0)
    assert registers.refine(edge(0.0), channel, restarted) is restarted
    assert registers.refine(edge(5.0), channel, point(1020.0)).energy_j == 1020.0
    assert registers.refine(edge(9.0), channel, point(1025.0)).energy_j == 1024.0


def test_what_flows_while_an_edge_is_looked_at_is_no_restart(registers, channel):
    registers.refine(edge(500.0), channel, point(1000.0))
    # 50 J, and 2 J between what the point was at least and at most.
    assert registers.refine(edge(500.0), channel, point(1052.0)).energy_j == 1000.0
    assert registers.refine(edge(500.0), channel, point(948.0)).energy_j == 1000.0
    beyond = point(1052.5)
    assert registers.refine(edge(500.0), channel, beyond) is beyond
