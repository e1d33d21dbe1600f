"""A sensor read at the pace a run needs, and windows read back; on a clock that only we move."""

from itertools import pairwise

import pytest

from ipyfootprint.meter.board import RUNNING, Board, Description, anonymous_file
from ipyfootprint.meter.reader import Edge, Reader
from ipyfootprint.meter.ring import Sample
from ipyfootprint.meter.source import Quiet, Source
from ipyfootprint.testing import FakeClock, FakeSensor, constant, square

S = 1_000_000_000


class Bench:
    """A board with one sensor, whose clock moves from reading to reading."""

    def __init__(self, traces, **options):
        self.clock = FakeClock()
        self.board = Board(anonymous_file())
        self.sensor = FakeSensor(traces, self.clock, **options)
        count = len(self.sensor.channels)
        (cpu_base, self.cpu), (base, track) = self.board.tracks([1, count])
        self.source = Source(self.sensor, track, self.board, lambda: frozenset({1}), self.clock)
        self.reader = Reader(self.board, self.clock)
        places = [(cpu_base, 1, "cputime"), (base, count, "fake")]
        self.board.describe(Description(places, self.sensor.channels, (), (None,) * count))
        self.board.state = RUNNING
        self.start_ns = self.clock.now_ns
        self.waits = []

    def seconds(self):
        return (self.clock.now_ns - self.start_ns) / 1e9

    def until(self, seconds):
        """Read as the sampler would until then."""
        while True:
            wait_s = self.source.step()
            self.waits.append(wait_s)
            if self.seconds() + wait_s >= seconds:
                self.clock.advance(max(0.0, seconds - self.seconds()))
                return
            self.clock.advance(wait_s)

    def edge(self):
        return Edge(self.clock.now_ns, 0)

    def begin(self, name="run"):
        edge = self.edge()
        self.board.begin(name, edge.t_ns, 0)
        return edge

    def end(self):
        edge = self.edge()
        self.board.end("ok", edge.t_ns, 0)
        return edge


@pytest.fixture
def bench():
    made = []

    def make(*args, **options):
        made.append(Bench(*args, **options))
        return made[-1]

    yield make
    for one in made:
        one.board.close()


@pytest.mark.parametrize("period_s", [None, 0.001, 0.02, 0.1])
def test_constant_power_is_metered_within_half_a_percent(bench, period_s):
    one = bench({"gpu0": constant(250.0)}, period_s=period_s)
    one.until(3.0)
    start = one.begin()
    one.until(5.0)
    end = one.end()
    one.until(6.5)
    window = one.reader.window(start, end)
    assert window.settled
    assert window.devices["gpu0"].energy_j == pytest.approx(500.0, rel=0.005)
    assert window.devices["gpu0"].method == "counter"


@pytest.mark.parametrize("period_s", [0.02, 0.1])
def test_cells_under_changing_power_add_up_and_lie_within_their_bounds(bench, period_s):
    one = bench({"gpu0": square(7.0, 60.0, 300.0)}, period_s=period_s, phase_s=0.004)
    one.until(2.0)
    edges, at_s = [one.begin()], [one.seconds()]
    for length in (0.05, 0.2, 0.11, 0.31, 0.07):
        one.until(one.seconds() + length)
        edges.append(one.end())
        at_s.append(one.seconds())
        one.board.begin("next", one.clock.now_ns, 0)
    one.end()
    one.until(one.seconds() + 2.0)
    found = [one.reader.window(a, b).devices["gpu0"] for a, b in pairwise(edges)]
    exact = [one.sensor.exact_j("gpu0", a, b) for a, b in pairwise(at_s)]
    whole = one.reader.window(edges[0], edges[-1]).devices["gpu0"]
    assert sum(part.energy_j for part in found) == pytest.approx(whole.energy_j, rel=1e-9)
    for part, true_j in zip(found, exact, strict=True):
        assert part.low_j <= true_j <= part.high_j


def test_a_run_is_provisional_until_the_counter_has_stepped_on(bench):
    one = bench({"gpu0": constant(100.0)}, period_s=0.1)
    one.until(2.03)
    start = one.begin()
    one.until(2.53)
    end = one.end()
    assert not one.reader.window(start, end).settled
    one.until(2.9)
    assert one.reader.window(start, end).settled


def test_it_reads_often_in_a_run_seldom_between_and_quickly_at_edges(bench):
    one = bench({"gpu0": constant(100.0)}, period_s=0.1)
    one.until(3.0)
    one.waits.clear()
    one.until(8.0)
    assert max(one.waits) == pytest.approx(1.0, rel=0.01)
    one.begin()
    one.waits.clear()
    one.until(8.3)
    assert max(one.waits) <= 0.026
    one.until(9.0)
    one.waits.clear()
    one.until(12.0)
    assert max(one.waits) == pytest.approx(0.1, rel=0.05)


def test_a_gauge_is_read_fifty_times_a_second_in_a_run(bench):
    one = bench({"gpu0": constant(100.0)}, method="integrated")
    one.until(2.0)
    one.begin()
    one.until(2.5)
    one.waits.clear()
    one.until(4.0)
    assert max(one.waits) == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("lost_s", [0.3, 1.0, 4.0, 60.0])
def test_a_device_that_is_lost_keeps_what_it_was_known_to_have_used(bench, lost_s):
    one = bench({"gpu0": constant(100.0)}, period_s=0.02, outages=[(4.0, 4.0 + lost_s + 9, "gone")])
    one.until(2.0)
    start = one.begin()
    one.until(4.0 + lost_s)
    end = one.end()
    one.until(4.0 + lost_s + 2.0)
    window = one.reader.window(start, end)
    assert window.settled
    device = window.devices["gpu0"]
    assert device.energy_j == pytest.approx(200.0, rel=0.06)
    assert device.high_j >= 100.0 * (2.0 + lost_s)


def test_a_device_that_comes_back_has_counted_on(bench):
    one = bench({"gpu0": constant(100.0)}, period_s=0.02, outages=[(4.0, 9.0, "gone")])
    one.until(2.0)
    start = one.begin()
    one.until(12.0)
    end = one.end()
    one.until(14.0)
    device = one.reader.window(start, end).devices["gpu0"]
    assert device.energy_j == pytest.approx(1000.0, rel=0.005)


def test_idle_power_is_the_lowest_mean_of_ten_seconds():
    quiet = Quiet()
    energy, seconds = 0.0, 0
    for watts, length in ((50.0, 15), (20.0, 5), (50.0, 10), (30.0, 12)):
        for _ in range(length):
            quiet.see(seconds * S, energy)
            seconds, energy = seconds + 1, energy + watts
    assert quiet.idle_w == pytest.approx(30.0)
    assert quiet.lowest_w == pytest.approx(20.0)
    quiet.gap()
    quiet.see(seconds * S, energy + 1.0)
    assert quiet.lowest_w == pytest.approx(20.0)


def test_a_device_that_others_use_is_said_to_be_shared_and_ours_is_counted(bench):
    one = bench({"gpu0": constant(100.0)}, own_share=0.25, shared=True)
    one.until(3.0)
    start = one.begin()
    one.until(9.0)
    end = one.end()
    one.until(11.0)
    window = one.reader.window(start, end)
    assert window.shared == {"gpu0"}
    assert window.own_j["gpu0"] == pytest.approx(0.25 * 600.0, rel=0.2)


def test_the_ring_drops_what_may_be_overwritten_and_finds_the_rest(bench):
    one = bench({"gpu0": constant(1.0)})
    ring = one.cpu.fine
    for index in range(3 * ring.slots):
        ring.append(Sample(index * 10, 0, 0, (float(index), 0.0, 0.0, 0.0)))
    assert ring.count == 3 * ring.slots and ring.oldest() > 2 * ring.slots
    place = ring.place(ring.time(ring.count - 5))
    assert place == ring.count - 4
    assert [s.values[0] for s in ring.slice(place, place + 2)] == [place, place + 1]
    assert ring.slice(0, ring.oldest()) == []
    assert len(one.cpu.newest(7)) == 7
