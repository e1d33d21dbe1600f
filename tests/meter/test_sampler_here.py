"""The sampler's own work, without its process: what it finds, keeps and says."""

import math
import os
import queue
import threading
from dataclasses import replace

import pytest

from ipyfootprint.meter.board import ENDED, RUNNING, STARTING, Board, anonymous_file
from ipyfootprint.meter.reader import Reader
from ipyfootprint.meter.sampler import Sampler
from ipyfootprint.meter.source import Source
from ipyfootprint.model import Absence
from ipyfootprint.sensors import Discovery
from ipyfootprint.sensors.cputime import CpuTimes
from ipyfootprint.testing import FakeClock, FakeSensor, constant

STAT = "cpu  {user} 0 50 900 10 5 5 0 0 0\ncpu0 1 0 0 0 0 0 0 0 0 0\n"
ABSENCES = (Absence("nvml", "no driver"),)


class Bench:
    def __init__(self, tmp_path):
        (tmp_path / "proc").mkdir()
        self.stat = tmp_path / "proc/stat"
        self.busy(100)
        self.clock = FakeClock()
        self.board = Board(anonymous_file())
        self.sensors = (
            FakeSensor({"gpu0": constant(100.0), "gpu1": constant(50.0)}, self.clock, name="a"),
            FakeSensor({"cpu0": constant(20.0)}, self.clock, name="b", outages=[(5, 9, "asleep")]),
        )
        self.asked = []
        self.sampler = Sampler(self.board, os.getpid(), str(tmp_path), {"X": "Y"}, self.find)
        self.reader = Reader(self.board)

    def busy(self, user):
        self.stat.write_text(STAT.format(user=user))

    def find(self, root, env):
        # Before any sensor is found the CPU's time is kept already.
        self.asked.append((root, env, self.board.state, self.board.description()))
        return Discovery(self.sensors, ABSENCES)

    @property
    def cpu(self):
        return self.reader.description() and self.reader._cpu


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.sampler.close()
    bench.board.close()


def test_the_node_s_cpu_time_is_kept_before_the_first_sensor_is_looked_for(bench, tmp_path):
    ((root, env, state, said),) = bench.asked
    assert (root, env, state) == (str(tmp_path), {"X": "Y"}, STARTING)
    assert [name for _, _, name in said.tracks] == ["cputime"] and said.channels == ()
    assert bench.board.state == RUNNING


def test_what_was_found_is_said_with_a_track_for_each_sensor(bench):
    found = bench.board.description()
    assert [(count, name) for _, count, name in found.tracks] == [
        (1, "cputime"),
        (2, "a"),
        (1, "b"),
    ]
    assert [channel.name for channel in found.channels] == ["gpu0", "gpu1", "cpu0"]
    assert found.absences == ABSENCES and found.faults == (None, None, None)
    assert len(bench.sampler.sources) == 2


def test_the_cpu_time_is_that_of_the_session_s_own_processes(tmp_path, monkeypatch):
    asked = []

    class Clock:
        pids = frozenset({8, 9})

        def __init__(self, pid, root, tag):
            asked.append((pid, root, tag))

        def read(self):
            return CpuTimes(None, 5)

        def close(self):
            asked.append("closed")

    monkeypatch.setattr("ipyfootprint.meter.sampler.CpuClock", Clock)
    board = Board(anonymous_file())
    env = {"IPYFOOTPRINT_SESSION": "a session"}
    sampler = Sampler(board, 7, str(tmp_path), env, lambda root, env: Discovery((), ()))
    assert asked == [(7, str(tmp_path), "a session")]
    assert sampler._ours() == {7, 8, 9}
    reader = Reader(board)
    assert reader.kernel_ns() == 0 and math.isnan(reader._cpu.newest(1)[0].values[0])
    assert reader._cpu.newest(1)[0].values[1] == 5
    sampler.close()
    board.close()
    assert asked[1:] == ["closed"]


def test_each_sensor_is_read_into_its_own_track(bench):
    for _ in range(30):
        bench.clock.advance(0.1)
        for source in bench.sampler.sources:
            source.step()
    (first, names), (second, name) = bench.reader.tracks()
    assert [c.name for c in names] == ["gpu0", "gpu1"] and [c.name for c in name] == ["cpu0"]
    assert list(first.newest(1)[0].values[::4]) == pytest.approx([300, 150])
    assert list(second.newest(1)[0].values[::4]) == pytest.approx([60])


def test_cpu_time_is_kept_of_node_descendants_and_kernel(bench):
    tick = 1e9 / os.sysconf("SC_CLK_TCK")
    (first,) = bench.cpu.newest(9)
    assert first.values[0] == pytest.approx(160 * tick), "user, system and interrupts"
    bench.busy(300)
    bench.sampler.see_cpu()
    first, second = bench.cpu.newest(9)
    assert second.values[0] - first.values[0] == pytest.approx(200 * tick)
    assert second.values[2] >= first.values[2] > 0 and second.t_ns > first.t_ns
    assert bench.cpu.coarse.count == 1, "long runs keep one in five seconds"


def test_a_look_beats_and_reads_the_cpu_about_once_a_second(bench, monkeypatch):
    now = bench.cpu.newest(1)[0].t_ns
    monkeypatch.setattr("time.monotonic_ns", lambda: now)
    count = bench.cpu.fine.count
    now += 949_000_000
    bench.sampler.look()
    assert bench.board.beat_ns == now and bench.cpu.fine.count == count
    now += 1_000_000
    bench.sampler.look()
    assert bench.cpu.fine.count == count + 1
    now += 4_000_000_000
    bench.sampler.look()
    assert bench.cpu.coarse.count == 1
    now += 1_000_000_000
    bench.sampler.look()
    assert bench.cpu.coarse.count == 2


def test_a_fault_is_said_when_it_comes_and_when_it_goes_and_not_between(bench):
    said = bench.board.described
    bench.sampler.look()
    assert bench.board.described == said
    bench.clock.advance(6)
    bench.sampler.look()
    bench.sampler.look()
    assert bench.board.description().faults == (None, None, "asleep")
    assert bench.board.described == said + 2
    bench.clock.advance(6)
    bench.sampler.look()
    assert bench.board.description().faults == (None, None, None)


def test_an_edge_wakes_every_source_and_keeps_the_cpu_time(bench):
    count = bench.cpu.fine.count
    assert all(source._wake.locked() for source in bench.sampler.sources)
    bench.sampler.wake()
    assert not any(source._wake.locked() for source in bench.sampler.sources)
    assert bench.cpu.fine.count == count + 1


class SlowDriver:
    """A search for GPUs that comes to its end at the second look."""

    def __init__(self, found):
        self._answers = [None, found]

    def found(self, patience_s=0.0):
        return self._answers.pop(0)


def test_gpus_whose_driver_was_slow_get_a_track_and_a_thread_of_their_own(tmp_path):
    clock, board, begun = FakeClock(), Board(anonymous_file()), queue.SimpleQueue()
    (tmp_path / "proc").mkdir()
    cpu = FakeSensor({"cpu0": constant(20.0)}, clock, name="b")
    gpu = FakeSensor({"gpu0": constant(100.0)}, clock, name="nvml")
    search = SlowDriver(Discovery((gpu,), (Absence("amdgpu", "none"),)))
    found = Discovery((cpu,), ABSENCES, search)
    sampler = Sampler(board, os.getpid(), str(tmp_path), {}, lambda root, env: found)
    for source in sampler.sources:
        source.loop = lambda: None
    sampler.start()
    sampler.look()
    assert [name for _, _, name in board.description().tracks] == ["cputime", "b"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Source, "loop", lambda self: begun.put(self.sensor.name))
        sampler.look()
    assert begun.get(timeout=30) == "nvml" and begun.empty(), "only the new one is started"
    said = board.description()
    assert [(count, name) for _, count, name in said.tracks] == [
        (1, "cputime"),
        (1, "b"),
        (1, "nvml"),
    ]
    assert [channel.name for channel in said.channels] == ["cpu0", "gpu0"]
    assert said.absences == (Absence("amdgpu", "none"),)
    places = [base for base, _, _ in said.tracks]
    assert places == sorted(set(places)), "each has its own memory"
    sampler.look()  # nothing is searched any more
    sampler.close()
    assert gpu.closed and cpu.closed
    board.close()


def test_a_counter_that_was_replaced_is_said_at_once(bench):
    first, second = bench.sensors[0].channels
    bench.sensors[0].channels = (first, replace(second, method="integrated"))
    bench.sampler.sources[0].step()
    assert [c.method for c in bench.board.description().channels[:2]] == ["counter", "integrated"]


def test_each_source_reads_in_a_thread_of_its_own(bench):
    begun = queue.SimpleQueue()
    for source in bench.sampler.sources:
        source.loop = lambda: begun.put(threading.get_ident())
    bench.sampler.start()
    assert threading.get_ident() not in {begun.get(timeout=30), begun.get(timeout=30)}
    assert begun.empty()


def test_the_end_is_said_and_every_source_and_sensor_is_let_go(bench):
    bench.sampler.stop()
    assert bench.board.state == ENDED
    assert all(source._stopped for source in bench.sampler.sources)
    bench.sampler.close()
    assert all(sensor.closed for sensor in bench.sensors)


def test_processes_of_the_kernel_are_ours(bench):
    asked = []
    bench.sensors[0].own = lambda pids: asked.append(pids) or (None, None)
    for _ in range(12):
        bench.clock.advance(0.1)
        bench.sampler.sources[0].step()
    assert asked and os.getpid() in asked[0]
