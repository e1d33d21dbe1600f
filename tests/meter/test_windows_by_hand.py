"""Windows over samples written by hand, against sums done by hand."""

import math

import pytest

from ipyfootprint.meter.board import Board, Description, anonymous_file
from ipyfootprint.meter.reader import Edge, Reader
from ipyfootprint.meter.ring import Sample
from ipyfootprint.model import Channel, Estimate
from ipyfootprint.testing import FakeClock

S = 1_000_000_000
NAN = math.nan
# A reading a second; between the second and the third second 30 W, else 10 W.
ENERGIES = (0.0, 10.0, 20.0, 50.0, 60.0, 70.0, 80.0)


class Bench:
    """A board of one sensor, written by the test; times are in seconds."""

    def __init__(self, *channels):
        self.board = Board(anonymous_file())
        self.channels = channels
        (cpu, self.cpu), (base, self.track) = self.board.tracks([1, len(channels)])
        places = [(cpu, 1, "cputime"), (base, len(channels), "fake")]
        self.board.describe(Description(places, channels, (), (None,)))
        self.clock = FakeClock(60 * S)
        self.reader = Reader(self.board, self.clock)

    def see(self, seconds, *values, flags=0):
        self.track.fine.append(Sample(round(seconds * S), 0, flags, values))

    def see_cpu(self, seconds, busy_ns, tree_ns, kernel_ns=0.0):
        self.cpu.fine.append(Sample(round(seconds * S), 0, 0, (busy_ns, tree_ns, kernel_ns, 0.0)))

    def window(self, start_s, end_s, own=(0, 0), **options):
        edges = Edge(round(start_s * S), own[0]), Edge(round(end_s * S), own[1])
        return self.reader.window(*edges, **options)


def counter(name="gpu0", **fields):
    return Channel(name, "gpu", "counter", "fake", **{"error": 0.0, **fields})


@pytest.fixture
def bench():
    made = []

    def make(*channels, energies=ENERGIES):
        one = Bench(*channels)
        made.append(one)
        for second, energy in enumerate(energies):
            one.see(second, energy, 0.0, 0.0, 0.0)
        return one

    yield make
    for one in made:
        one.board.close()


def bounds(device):
    return (device.low_j, device.energy_j, device.high_j)


def test_energy_is_interpolated_and_bounded_by_what_the_counter_showed(bench):
    device = bench(counter()).window(1.5, 4.5).devices["gpu0"]
    # 65 J - 15 J. At most what it showed after, less what it showed before: 70 J - 10 J; at
    # least 60 J - 20 J. The doubt of the edges, 2 x sqrt(2) x 20 W / sqrt(12), is wider.
    assert bounds(device) == pytest.approx((40, 50, 60))
    assert device.method == "counter"


def test_where_the_edges_are_surer_than_the_counter_s_steps_they_are_the_bounds(bench):
    steady = bench(counter(), energies=[0.0, 10.0, 20.0, 30.5, 40.5, 50.5, 60.5])
    doubt = 2 * math.hypot(0.5 / math.sqrt(12), 0.5 / math.sqrt(12))
    device = steady.window(1.5, 4.5).devices["gpu0"]
    assert bounds(device) == pytest.approx((30.5 - doubt, 30.5, 30.5 + doubt))


def test_a_sensor_s_error_what_it_missed_and_a_model_s_spread_widen_the_bounds(bench):
    erring = bench(counter(error=0.1)).window(1.5, 4.5).devices["gpu0"]
    assert bounds(erring) == pytest.approx((36, 50, 66))
    spread = bench(counter(error=0.1, spread=2.0)).window(1.5, 4.5).devices["gpu0"]
    assert bounds(spread) == pytest.approx((18, 50, 132))
    missing = bench(counter(error=0.1, spread=2.0), energies=())
    for second, energy in enumerate(ENERGIES):
        missing.see(second, energy, 0.5 * second, 0.0, 0.0)
    # Between the first readings after the edges, at 2 s and 5 s, 1.5 J were missed.
    device = missing.window(1.5, 4.5).devices["gpu0"]
    assert bounds(device) == pytest.approx(((36 - 1.5) / 2, 50, (66 + 1.5) * 2))
    wild = bench(counter(error=2.0)).window(1.5, 4.5).devices["gpu0"]
    assert bounds(wild) == pytest.approx((0, 50, 180)), "never below nothing"


def test_every_channel_of_a_sensor_has_its_own_column(bench):
    both = bench(counter("gpu0"), counter("gpu1"), energies=())
    for second in range(7):
        both.see(
            second, 10.0 * second, 0.0, 1.0 * second, 0.5 * second, 30.0 * second, 0, 0, 0, flags=2
        )
    window = both.window(1.5, 4.5)
    assert window.devices["gpu0"].energy_j == pytest.approx(30)
    assert window.devices["gpu1"].energy_j == pytest.approx(90)
    assert window.own_j == {"gpu0": pytest.approx(3.0)}, "gpu1's driver says nothing of ours"
    assert window.shared == {"gpu1"}


def test_what_is_ours_is_never_more_than_there_was(bench):
    one = bench(counter(), energies=())
    for second in range(7):
        one.see(second, 10.0 * second, 0.0, 99.0 * second, 1.0 * second)
    assert one.window(1.5, 4.5).own_j["gpu0"] == one.window(1.5, 4.5).devices["gpu0"].energy_j


def test_a_device_used_by_others_at_either_end_is_shared(bench):
    for shared_at in (2, 5):
        one = bench(counter(), energies=())
        for second, energy in enumerate(ENERGIES):
            one.see(second, energy, 0, 0, 0, flags=int(second == shared_at))
        assert one.window(1.5, 4.5).shared == {"gpu0"}
    assert bench(counter()).window(1.5, 4.5).shared == frozenset()


def test_idle_energy_is_the_quietest_power_over_the_window_and_never_more_than_the_whole(bench):
    one = bench(counter())

    def idle():
        return one.window(1.5, 4.5).idle_j["gpu0"]

    assert idle() == Estimate(25, 0, 50), "nothing is known: between none and all"
    one.track.set_idle(0, math.inf, 6.0)
    assert idle() == Estimate(9, 0, 18)
    one.track.set_idle(0, 8.0, 6.0)
    assert idle() == Estimate(24, 0, 24)
    one.track.set_idle(0, 80.0, 60.0)
    assert idle() == Estimate(50, 0, 50)
    one.track.set_idle(0, math.inf, 60.0)
    assert idle() == Estimate(25, 0, 50)


def test_cpu_time_of_node_and_tree_is_interpolated_between_looks(bench):
    one = bench(counter())
    for second, (busy, tree) in enumerate([(0, 0), (4e9, 1e9), (6e9, 1e9), (9e9, 3e9)]):
        one.see_cpu(second, busy, tree, 2e9 + second)
    window = one.window(0.5, 2.5, own=(100, 350))
    assert window.busy_ns == pytest.approx(7.5e9 - 2e9)
    assert window.own_ns == pytest.approx(250 + 2e9 - 0.5e9)
    assert one.reader.kernel_ns() == 2_000_000_003
    # An edge on a look is that look; after the last look, the last is all there is.
    window = one.window(1.0, 3.0)
    assert (window.busy_ns, window.own_ns) == (5_000_000_000, 2_000_000_000)
    window = one.window(2.5, 9.0)
    assert (window.busy_ns, window.own_ns) == (1_500_000_000, 1_000_000_000)


def test_without_a_look_the_node_s_time_is_not_known_and_the_kernel_s_own_is(bench):
    one = bench(counter())
    assert one.reader.kernel_ns() == 0
    window = one.window(1.5, 4.5, own=(100, 350))
    assert window.busy_ns is None and window.own_ns == 250
    one.see_cpu(1, NAN, 1e9)
    one.see_cpu(5, NAN, 5e9)
    window = one.window(2, 4, own=(500, 350))
    assert window.busy_ns is None and window.own_ns == 2_000_000_000, "time never falls"


def test_the_end_of_cpu_time_is_looked_up_again_until_a_look_has_followed_it(bench):
    one = bench(counter())
    one.see_cpu(58, 0, 0)
    one.see_cpu(59.5, 3e9, 0)
    edges = Edge(58 * S, 0), Edge(round(59.8 * S), 0)
    assert one.reader.window(*edges).busy_ns == 3_000_000_000
    one.see_cpu(60, 4e9, 0)
    assert one.reader.window(*edges).busy_ns == pytest.approx(3.6e9)
    one.see_cpu(61, 99e9, 0)
    assert one.reader.window(*edges).busy_ns == pytest.approx(3.6e9), "and is kept from then on"


def test_a_window_is_settled_when_each_edge_of_each_device_is(bench):
    one = bench(counter())
    one.track.set_steps(0, S, 0, 0)
    one.clock.now_ns = 5 * S
    assert one.window(1.5, 4.5).settled
    assert not one.window(1.5, 5.5).settled
    one.clock.now_ns = round(6.5 * S)
    assert one.window(1.5, 5.5).settled, "patience has ended"


def test_a_board_without_a_sensor_is_never_settled():
    board = Board(anonymous_file())
    reader = Reader(board, FakeClock(60 * S))
    window = reader.window(Edge(0, 0), Edge(3 * S, 0))
    assert not window.settled and window.devices == {} and window.busy_ns is None
    assert window.duration_s == 3 and reader.description() is None and reader.tracks() == []
    board.close()


def test_a_device_that_never_answered_has_no_energy_and_holds_up_nobody_for_long(bench):
    silent = bench(counter(), energies=[NAN] * 7)
    window = silent.window(1.5, 4.5)
    assert window.devices == {} and window.settled and window.trace is None
    silent.clock.now_ns = 5 * S
    assert not silent.window(1.5, 4.5).settled
    empty = bench(counter(), energies=())
    assert not empty.window(1.5, 4.5).settled


def test_a_device_that_was_lost_may_have_used_more(bench):
    lost = bench(counter(), energies=[0.0, 10.0, 20.0, 30.0])
    device = lost.window(1.5, 5.0).devices["gpu0"]
    # Known to 30 J at 3 s; 10 W for two more seconds, or twice that, are possible.
    assert device.energy_j == pytest.approx(15)
    assert device.high_j == pytest.approx(30 + 40 - 10)
    assert lost.window(8.0, 9.0).devices == {}


def test_edges_that_windows_share_are_worked_out_once(bench):
    one = bench(counter())
    a, b = Edge(round(1.5 * S), 0), Edge(round(4.5 * S), 0)
    before = one.reader.window(a, b).devices["gpu0"].energy_j
    assert a.known["gpu0"].energy_j == 15 and b.known["gpu0"].energy_j == 65
    one.see(7, 900.0, 0, 0, 0)
    assert one.reader.window(a, b).devices["gpu0"].energy_j == before
    assert repr(a) == "Edge(1.500000 s)"


def test_a_window_carries_its_length_labels_and_trace(bench):
    one = bench(counter(label="a card"))
    window = one.window(1.5, 4.5)
    assert window.duration_s == 3 and window.labels == {"gpu0": "a card"}
    assert window.trace.dt_s == pytest.approx(0.1)
    assert one.window(1.5, 4.5, with_trace=False).trace is None
    assert one.window(4.5, 1.5).duration_s == 0


def test_power_over_a_window_is_told_in_equal_steps(bench):
    watts = bench(counter()).window(1.0, 4.0).trace.watts["gpu0"]
    assert len(watts) == 30
    assert watts[:10] == pytest.approx([10] * 10)
    assert watts[10:20] == pytest.approx([30] * 10)
    assert watts[20:] == pytest.approx([10] * 10)
    assert sum(watts) * 0.1 == pytest.approx(50)


def test_a_trace_has_at_most_two_hundred_and_forty_steps_and_none_under_a_fifth_of_a_second(bench):
    long = bench(counter(), energies=[10.0 * second for second in range(61)])
    trace = long.window(1.0, 59.0).trace
    assert len(trace.watts["gpu0"]) == 240 and trace.dt_s == pytest.approx(58 / 240)
    assert long.window(1.0, 1.19).trace is None
    assert len(long.window(1.0, 1.2).trace.watts["gpu0"]) == 2
    assert len(long.window(1.0, 1.29).trace.watts["gpu0"]) == 2


def test_where_a_device_was_not_seen_its_trace_has_a_hole(bench):
    gap = bench(counter(), energies=[0.0, 10.0, 20.0])
    watts = gap.window(1.0, 5.0).trace.watts["gpu0"]
    assert watts[:20] == pytest.approx([10] * 20), "carried on for as long as the last step"
    assert watts[20:] == (None,) * 20
    alone = bench(counter("gpu0"), counter("gpu1"), energies=())
    for second in range(7):
        alone.see(second, 10.0 * second, 0, 0, 0, 5.0 if second == 3 else NAN, 0, 0, 0)
    assert set(alone.window(1.0, 4.0).trace.watts["gpu1"]) == {None}


def test_the_newest_description_is_the_one_that_counts(bench):
    one = bench(counter())
    assert one.reader.description().channels == one.channels
    (place,) = [place for place in one.board.description().tracks if place[2] == "fake"]
    renamed = counter("gpu7")
    one.board.describe(Description([place], [renamed], (), (None,)))
    assert one.reader.description().channels == (renamed,)
    assert set(one.window(1.5, 4.5).devices) == {"gpu7"}
    assert one.reader.description() is one.reader.description()


def test_an_edge_before_the_first_reading_takes_the_power_of_the_first_moments(bench):
    one = bench(counter(), energies=())
    # From 1 s on a reading every 2 ms: 100 W for 0.3 s, then 900 W.
    for step in range(501):
        at = 0.002 * step
        one.see(1 + at, 100 * at + 800 * max(0.0, at - 0.3), 0, 0, 0)
    device = one.window(0.5, 1.2).devices["gpu0"]
    assert device.energy_j == pytest.approx(50 + 20, rel=0.01)
    assert device.low_j == pytest.approx(20, rel=0.02)
    assert device.high_j == pytest.approx(20 + 100, rel=0.02)


def test_a_counter_s_knots_are_sought_three_periods_to_each_side(bench):
    one = bench(counter(), energies=())
    one.track.set_steps(0, S, 0, S // 100)
    # Polled four times a period; it steps by 10 J a second, by 50 J at 3 s and at 10 s.
    steps = {3: 50.0, 10: 50.0}
    energy = 0.0
    for poll in range(60):
        second, quarter = divmod(poll, 4)
        if quarter == 0 and second:
            energy += steps.get(second, 10.0)
        one.see(poll / 4, energy, 0, 0, 0)
    edge = Edge(round(6.5 * S), 0)
    window = one.reader.window(edge, Edge(round(7.5 * S), 0))
    # Two steps to each side of 6 s to 7 s there are 10 W alone: nothing is in doubt.
    assert edge.known["gpu0"].doubt_j == pytest.approx(0.0)
    assert window.devices["gpu0"].energy_j == pytest.approx(10.0)


def test_less_than_a_joule_has_its_bounds_and_its_trace_like_any_other(bench):
    one = bench(counter(), energies=[energy / 100 for energy in ENERGIES])
    window = one.window(1.5, 4.5)
    assert bounds(window.devices["gpu0"]) == pytest.approx((0.4, 0.5, 0.6))
    assert sum(window.trace.watts["gpu0"]) * 0.1 == pytest.approx(0.5)
    still = bench(counter(), energies=[7.0] * 7)
    window = still.window(1.5, 4.5)
    assert bounds(window.devices["gpu0"]) == (0, 0, 0)
    assert window.own_j == {} and set(window.trace.watts["gpu0"]) == {0.0}


def test_each_device_has_its_own_trace(bench):
    both = bench(counter("gpu0"), counter("gpu1"), energies=())
    for second in range(7):
        both.see(second, 10.0 * second, 0.0, 0.0, 0.0, 30.0 * second, 500.0, 0.0, 0.0)
    watts = both.window(1.5, 4.5).trace.watts
    assert watts["gpu0"] == pytest.approx([10] * 30)
    assert watts["gpu1"] == pytest.approx([30] * 30)


def test_a_silent_device_hides_no_other_of_its_sensor(bench):
    both = bench(counter("gpu0"), counter("gpu1"), energies=())
    for second in range(7):
        both.see(second, NAN, 0.0, 0.0, 0.0, 30.0 * second, 0.0, 2.0 * second, 0.5 * second)
    window = both.window(1.5, 2.5)
    assert set(window.devices) == {"gpu1"} and window.settled
    assert window.own_j == {"gpu1": pytest.approx(2.0)}, "half a second of answers is enough"


def test_a_node_that_rested_was_busy_for_no_time(bench):
    one = bench(counter())
    for second in range(7):
        one.see_cpu(second, 5e9, 1e9)
    window = one.window(1.5, 4.5, own=(100, 350))
    assert (window.busy_ns, window.own_ns) == (0, 250)


def test_without_a_track_of_cpu_time_the_kernel_s_own_is_all_that_is_known():
    board = Board(anonymous_file())
    (base, track), *_ = board.tracks([1])
    board.describe(Description([(base, 1, "fake")], [counter()], (), (None,)))
    track.fine.append(Sample(S, 0, 0, (0.0, 0.0, 0.0, 0.0)))
    window = Reader(board, FakeClock(60 * S)).window(Edge(S, 100), Edge(2 * S, 350))
    assert window.busy_ns is None and window.own_ns == 250
    board.close()
