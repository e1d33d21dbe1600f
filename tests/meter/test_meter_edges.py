"""The kernel's side of metering, over a sampler that lives in the test."""

import os
import time

import pytest

import ipyfootprint.meter as meter_room
from ipyfootprint.meter import meter as metering
from ipyfootprint.meter.board import RUNNING, Board, Description
from ipyfootprint.meter.reader import Edge
from ipyfootprint.meter.source import Source
from ipyfootprint.model import Absence, Run
from ipyfootprint.testing import FakeClock, FakeSensor, constant

S = 1_000_000_000


class SamplerHere:
    """In place of the sampler's process: 100 W sampled over the last seven seconds."""

    pid = 4242

    def __init__(self, board_fd, root, ledger, env):
        self.asked = (root, ledger, env)
        self.woken = self.ended = 0
        self.board = Board(os.dup(board_fd))
        self.clock = FakeClock(time.monotonic_ns() - 7 * S)

    def wake(self):
        self.woken += 1

    def end(self):
        self.ended += 1
        assert self.board.closing
        self.board.close()

    def describe(self, channels=None, absences=(), faults=(None,)):
        self.board.describe(
            Description(self.places, channels or self.sensor.channels, absences, faults)
        )

    def sample(self):
        self.sensor = FakeSensor({"gpu0": constant(100.0)}, self.clock)
        (cpu, _), (base, track) = self.board.tracks([1, 1])
        self.places = [(cpu, 1, "cputime"), (base, 1, "fake")]
        source = Source(self.sensor, track, self.board, frozenset, self.clock)
        self.describe(absences=[Absence("perf", "no permission")])
        for _ in range(61):
            source.step()
            self.clock.advance(0.1)
        self.board.state = RUNNING


@pytest.fixture
def meter(monkeypatch):
    monkeypatch.setattr(metering, "Child", SamplerHere)
    meter = metering.Meter("ledger.db", root="/a/root", env={"A": "B"})
    yield meter
    meter.close()


@pytest.fixture
def sampler(meter):
    return meter._child


def past(seconds):
    return Edge(time.monotonic_ns() - round(seconds * S), 0)


def test_a_sampler_is_started_for_this_ledger_root_and_environment(meter, sampler):
    assert sampler.asked == ("/a/root", "ledger.db", {"A": "B"})
    assert (meter.state, meter.sampler_pid) == ("starting", 4242)
    sampler.sample()
    assert meter.state == "running"


def test_the_kernel_s_side_is_imported_when_it_is_asked_for():
    assert meter_room.Meter is metering.Meter and meter_room.Edge is Edge
    with pytest.raises(AttributeError) as refused:
        _ = meter_room.Metre
    assert str(refused.value) == "module 'ipyfootprint.meter' has no attribute 'Metre'"


def test_without_a_ledger_the_sampler_writes_none(monkeypatch):
    monkeypatch.setattr(metering, "Child", SamplerHere)
    meter = metering.Meter()
    root, ledger, env = meter._child.asked
    assert (root, ledger) == ("/", "") and env == os.environ
    meter.close()


def test_what_the_sampler_found_is_told(meter, sampler):
    assert meter.channels() == meter.absences() == meter.faults() == ()
    sampler.sample()
    assert meter.channels() == sampler.sensor.channels
    assert meter.absences() == (Absence("perf", "no permission"),)
    assert meter.faults() == ()
    sampler.describe(faults=(None, "gpu1 is lost"))
    assert meter.faults() == ("gpu1 is lost",)


def test_an_edge_holds_the_time_and_the_cpu_time_of_now(meter):
    before, cpu = time.monotonic_ns(), time.process_time_ns()
    edge = meter.mark()
    assert before <= edge.t_ns <= time.monotonic_ns()
    assert cpu <= edge.own_ns <= time.process_time_ns()
    assert edge.raws is None


def test_a_run_s_edges_reach_the_sampler_and_wake_it(meter, sampler):
    start = meter.begin("a run")
    order = sampler.board.order()
    assert (order.run_id, order.active) == ("a run", True)
    assert (order.start_ns, order.own_start_ns) == (start.t_ns, start.own_ns)
    assert sampler.woken == 1
    end = meter.end("error")
    order = sampler.board.order()
    assert (order.active, order.status) == (False, "error")
    assert (order.end_ns, order.own_end_ns) == (end.t_ns, end.own_ns)
    assert sampler.woken == 2 and end.t_ns > start.t_ns
    meter.end()
    assert sampler.board.order().status == "ok"
    meter.mark()
    assert sampler.woken == 3, "a mark is no run's edge"


def test_a_run_is_known_by_its_id(meter, sampler):
    from datetime import UTC, datetime

    run = Run(run_id="r7", session_id="s", user_id="u", number=1, started_at=datetime.now(UTC))
    meter.begin(run)
    assert sampler.board.order().run_id == "r7"


def test_a_window_of_the_past_is_what_was_sampled(meter, sampler):
    start, end = past(5), past(2)
    assert meter.window(start, end).devices == {} and not meter.window(start, end).settled
    sampler.sample()
    window = meter.window(start, end)
    assert window.settled
    assert window.devices["gpu0"].energy_j == pytest.approx(300, rel=0.01)
    assert window.duration_s == pytest.approx(3, abs=0.01)


def test_registers_of_described_channels_are_read_at_every_edge_from_then_on(
    meter, sampler, tmp_path
):
    from dataclasses import replace

    (tmp_path / "energy_uj").write_text("3000000")
    sampler.sample()
    (channel,) = sampler.sensor.channels
    sampler.describe(channels=[replace(channel, path=str(tmp_path / "energy_uj"))])
    assert meter.mark().raws is None
    meter.window(past(5), past(2))
    start = meter.mark()
    assert start.raws == {"gpu0": pytest.approx(3.0)}
    (tmp_path / "energy_uj").write_text("7000000")
    assert meter.mark().raws == {"gpu0": pytest.approx(7.0)}
    a, b = past(5), past(2)
    a.raws, b.raws = {"gpu0": 3.0}, {"gpu0": 303.5}
    window = meter.window(a, b)
    assert window.devices["gpu0"].energy_j == pytest.approx(300.5), "the registers' difference"


def test_where_no_process_can_be_started_a_thread_is_woken_and_ended_in_its_place(monkeypatch):
    class ThreadHere:
        def __init__(self, board, root, env):
            self.asked, self.did = (board, root, env), []

        def wake(self):
            self.did.append("wake")

        def close(self):
            self.did.append("close")

    def refuse(*_):
        raise OSError("no process here")

    monkeypatch.setattr(metering, "Child", refuse)
    monkeypatch.setattr("ipyfootprint.meter.local.LocalSampler", ThreadHere)
    meter = metering.Meter(root="/a/root", env={"A": "B"})
    assert (meter.state, meter.sampler_pid) == ("in-kernel", None)
    thread = meter._local
    assert thread.asked == (meter._board, "/a/root", {"A": "B"})
    meter.begin("r")
    meter.end()
    meter.close()
    assert thread.did == ["wake", "wake", "close"] and meter.state == "closed"


def test_a_closed_meter_knows_nothing_and_breaks_nothing(meter, sampler):
    sampler.sample()
    start, end = past(5), past(2)
    start.own_ns, end.own_ns = 100, 350
    meter.close()
    meter.close()
    assert sampler.ended == 1 and meter.state == "closed"
    assert meter.channels() == meter.absences() == meter.faults() == ()
    assert meter.begin("r").t_ns < meter.end().t_ns and sampler.woken == 0
    window = meter.window(start, end)
    assert window.devices == window.idle_j == window.own_j == {} and window.shared == frozenset()
    assert window.busy_ns is None and window.own_ns == 250 and window.settled
    assert window.duration_s == pytest.approx(3, abs=0.01)
    backwards = meter.window(end, start)
    assert (backwards.duration_s, backwards.own_ns) == (0, 0)


def test_a_fork_of_the_kernel_leaves_its_sampler_alone(meter, sampler, monkeypatch):
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    meter.close()
    assert meter.state == "closed" and sampler.ended == 0 and not sampler.board.closing
    sampler.board.close()
