"""One sensor at the pace a run needs: when it is read, what is kept, and what is said of it."""

import math
import threading
from dataclasses import replace
from itertools import pairwise

import pytest

from ipyfootprint.meter.board import Board, anonymous_file
from ipyfootprint.meter.source import Quiet, Source
from ipyfootprint.testing import FakeClock, FakeSensor, constant

S = 1_000_000_000
MS = 1_000_000


class SlowSensor(FakeSensor):
    """A driver that takes its time to answer."""

    takes_s = 0.0

    def read(self):
        self._clock.advance(self.takes_s)
        return super().read()


class Bench:
    def __init__(self, traces, made_of=SlowSensor, **options):
        self.clock = FakeClock(100 * S)
        self.board = Board(anonymous_file())
        self.sensor = made_of(traces, self.clock, **options)
        (_, self.track), *_ = self.board.tracks([len(self.sensor.channels)])
        self.changes = []
        self.source = Source(
            self.sensor,
            self.track,
            self.board,
            lambda: frozenset({7}),
            self.clock,
            lambda: self.changes.append(self.clock.now_ns),
        )

    def until(self, seconds):
        """Read as the sampler would, until so many seconds after the start; returns the waits."""
        waits = []
        while self.sensor.elapsed_s < seconds - 1e-9:
            waits.append(self.source.step())
            left_s = seconds - self.sensor.elapsed_s
            self.clock.advance(max(0.0, min(waits[-1], left_s)))
        return waits

    def kept(self):
        """Times of all samples of the fine ring, in s since the start."""
        ring = self.track.fine
        return [(ring.time(index) - 100 * S) / S for index in range(ring.count)]


@pytest.fixture
def bench():
    made = []

    def make(*args, **options):
        made.append(Bench(*args, **options))
        return made[-1]

    yield make
    for one in made:
        one.board.close()


def gauge(bench, **options):
    return bench({"gpu0": constant(100.0)}, method="integrated", **options)


@pytest.mark.parametrize(("takes_ms", "back_ms"), [(0, 0), (2, 1), (4, 2), (100, 2)])
def test_a_reading_is_dated_at_its_middle_or_just_before_its_end(bench, takes_ms, back_ms):
    one = gauge(bench)
    one.sensor.takes_s = takes_ms / 1000
    one.source.step()
    (sample,) = one.track.newest(9)
    assert sample.t_ns == one.clock.now_ns - back_ms * MS
    assert sample.took_ns == takes_ms * MS


def test_the_time_that_a_reading_took_is_not_waited_again(bench):
    one = gauge(bench)
    assert one.source.step() == pytest.approx(0.02)
    one.sensor.takes_s = 0.015
    assert one.source.step() == pytest.approx(0.005)
    one.sensor.takes_s = 3.0
    assert one.source.step() == 0.0005, "a driver that hangs does not leave a busy loop"


def test_a_counter_is_probed_at_first_and_less_often_once_its_steps_are_known(bench):
    one = bench({"gpu0": constant(100.0)}, period_s=0.1)
    waits = one.until(0.6)
    assert waits[0] == pytest.approx(0.002) and max(waits[:150]) == pytest.approx(0.002)
    assert one.track.steps(0)[0] == pytest.approx(100 * MS, rel=0.03)
    assert waits[-1] == pytest.approx(0.02)
    assert len(one.kept()) == len(waits), "every reading of the first moments is kept"
    smooth = bench({"gpu0": constant(100.0)})
    assert smooth.until(0.1)[-1] == pytest.approx(0.02)
    assert smooth.track.steps(0) == (0, 0, 0)


def test_what_has_no_counter_is_not_probed(bench):
    assert gauge(bench).until(0.5) == pytest.approx([0.02] * 25)
    modelled = bench({"cpu0": constant(10.0)}, method="modelled")
    assert modelled.until(0.5) == pytest.approx([0.02] * 25)


@pytest.mark.parametrize(
    ("method", "idle_s", "run_s"),
    [("counter", 1.0, 0.1), ("integrated", 1.0, 0.02), ("modelled", 1.0, 0.25)],
)
def test_it_reads_seldom_between_runs_and_at_its_own_pace_in_one(bench, method, idle_s, run_s):
    one = bench({"gpu0": constant(100.0)}, method=method)
    one.until(3.0)
    assert one.source.step() == pytest.approx(idle_s)
    one.board.begin("r", one.clock.now_ns, 0)
    one.until(4.0)
    assert one.source.step() == pytest.approx(run_s)
    one.board.end("ok", one.clock.now_ns, 0)
    one.until(8.0)
    assert one.source.step() == pytest.approx(idle_s)


def test_around_an_edge_a_counter_is_polled_by_the_quarter_of_its_period(bench):
    one = bench({"gpu0": constant(100.0)}, period_s=0.1)
    one.until(3.0)
    one.board.begin("r", one.clock.now_ns, 0)
    waits = one.until(3.35)
    assert waits[1:-1] == pytest.approx([0.025] * len(waits[1:-1]), rel=0.03)
    assert len(waits) >= 13
    one.until(3.5)
    assert one.source.step() == pytest.approx(0.1)


def test_at_an_edge_anything_is_read_twice_at_once(bench):
    for method in ("integrated", "modelled"):
        one = bench({"gpu0": constant(100.0)}, method=method)
        one.until(3.0)
        one.board.begin("r", one.clock.now_ns, 0)
        before = len(one.kept())
        assert one.source.step() == pytest.approx(0.01)
        one.clock.advance(0.01)
        assert one.source.step() == pytest.approx(0.01)
        one.clock.advance(0.01)
        assert one.source.step() == pytest.approx({"integrated": 0.02, "modelled": 0.25}[method])
        assert len(one.kept()) == before + 2


def test_a_gauge_is_read_on_for_a_second_after_a_run(bench):
    one = gauge(bench)
    one.until(3.0)
    one.board.begin("r", one.clock.now_ns, 0)
    one.until(4.0)
    one.board.end("ok", one.clock.now_ns, 0)
    one.until(4.95)
    kept = len(one.kept())
    assert one.source.step() == pytest.approx(0.02)
    assert len(one.kept()) == kept + 1, "and all of it is kept"
    one.until(5.02)
    assert one.source.step() == pytest.approx(1.0)
    counter = bench({"gpu0": constant(100.0)})
    counter.until(3.0)
    counter.board.begin("r", counter.clock.now_ns, 0)
    counter.board.end("ok", counter.clock.now_ns, 0)
    counter.until(3.5)
    assert counter.source.step() == pytest.approx(1.0)


def test_in_a_run_ten_samples_a_second_are_kept(bench):
    one = gauge(bench)
    one.until(3.0)
    one.board.begin("r", one.clock.now_ns, 0)
    one.until(10.0)
    kept = [t for t in one.kept() if t > 4.0]
    gaps = [b - a for a, b in pairwise(kept)]
    assert gaps == pytest.approx([0.1] * len(gaps))


def test_long_runs_are_kept_by_the_second_and_very_long_ones_by_a_three_hundredth(bench):
    one = bench({"cpu0": constant(10.0)}, method="modelled")
    one.until(3.0)
    one.board.begin("r", one.clock.now_ns, 0)

    def coarse_gap():
        ring = one.track.coarse
        return (ring.time(ring.count - 1) - ring.time(ring.count - 2)) / S

    one.until(60.0)
    assert coarse_gap() == pytest.approx(1.0)
    one.until(903.0)
    assert coarse_gap() == pytest.approx(3.0, abs=0.26)
    one.board.end("ok", one.clock.now_ns, 0)
    one.until(930.0)
    assert coarse_gap() == pytest.approx(1.0)


def test_a_device_that_went_silent_is_asked_again_soon_and_then_as_before(bench):
    one = bench({"gpu0": constant(10.0)}, outages=[(5.5, 20.0, "lost"), (30.5, 31.0, "lost")])
    one.until(5.5)
    waits = one.until(6.0)
    assert waits[1:] == pytest.approx([0.1] * len(waits[1:]))
    one.until(9.0)
    assert one.source.step() == pytest.approx(1.0)
    one.until(30.5)
    assert one.until(30.9)[-1] <= 0.1 + 1e-9, "a second silence is asked soon again"


def test_a_silence_is_kept_as_one(bench):
    one = bench({"gpu0": constant(10.0)}, outages=[(3.0, 9.0, "lost")])
    one.until(5.0)
    assert math.isnan(one.track.newest(1)[0].values[0])


def test_a_sensor_s_doubt_is_kept_beside_its_energy(bench):
    one = gauge(bench)
    one.sensor.doubt_j = 0.75
    one.clock.advance(2.0)
    one.source.step()
    assert list(one.track.newest(1)[0].values) == pytest.approx([200.0, 0.75, 0.0, 0.0])


def test_a_counter_found_frozen_has_no_steps_and_is_bridged_and_said(bench):
    one = bench({"gpu0": constant(100.0), "gpu1": constant(100.0)}, period_s=0.1)
    one.until(3.0)
    assert one.track.steps(0)[0] and one.track.steps(1)[0] and one.changes == []
    first, second = one.sensor.channels
    one.sensor.channels = (first, replace(second, method="integrated"))
    one.source.step()
    assert one.changes == [one.clock.now_ns]
    assert one.track.steps(0)[0] and one.track.steps(1) == (0, 0, 0)
    one.source.step()
    assert len(one.changes) == 1, "it is said once"
    one.until(6.0)
    assert one.track.steps(1) == (0, 0, 0), "what is integrated has no steps"


def test_what_a_frozen_counter_missed_is_written_anew(bench):
    class Frozen(SlowSensor):
        is_frozen = True

        def read(self):
            (energy,) = super().read()
            return (42.0,) if self.is_frozen else (42.0 + energy,)

    one = bench({"gpu0": constant(10.0)}, Frozen)
    one.until(2.0)
    assert {sample.values[0] for sample in one.track.newest(99)} == {42.0}
    one.sensor.channels = (replace(one.sensor.channels[0], method="integrated"),)
    one.sensor.is_frozen = False
    one.source.step()
    for sample in one.track.newest(99):
        assert sample.values[0] == pytest.approx(42.0 + 10.0 * (sample.t_ns - 100 * S) / S)


def test_whose_activity_it_was_is_asked_once_a_second_and_adds_up(bench):
    one = bench({"gpu0": constant(100.0), "gpu1": constant(40.0)}, own_share=0.25)
    one.until(5.02)
    values = one.track.newest(1)[0].values
    # The first answer starts the count; four seconds of it have been asked for since.
    assert values[2] == pytest.approx(0.25 * 100 * values[3])
    assert values[6] == pytest.approx(0.25 * 40 * values[7])
    assert 3.0 <= values[3] <= 5.0 and values[3] == values[7]


def test_without_an_answer_nothing_is_taken_for_ours(bench):
    one = bench({"gpu0": constant(100.0)}, own_share=None)
    one.until(5.0)
    assert list(one.track.newest(1)[0].values[2:]) == [0.0, 0.0]
    assert one.track.newest(1)[0].flags == 0


def test_a_second_without_energy_is_left_out_of_what_is_ours(bench):
    one = bench({"gpu0": constant(100.0)}, own_share=0.5, outages=[(3.5, 6.5, "lost")])
    one.until(10.5)
    joules, seconds = one.track.newest(1)[0].values[2:]
    assert joules == pytest.approx(0.5 * 100 * seconds) and 4.0 <= seconds <= 7.0


def test_each_device_that_others_use_has_its_flag(bench):
    one = bench({"gpu0": constant(100.0), "gpu1": constant(1.0), "gpu2": constant(1.0)})
    one.sensor.shared = lambda pids: (pids != {7}, True, True)
    one.until(3.0)
    assert one.track.newest(1)[0].flags == 0b110


def test_only_a_gpu_is_asked_whose_activity_it_was(bench):
    cpu = bench({"cpu0": constant(100.0)}, own_share=0.5, shared=True)
    cpu.until(5.0)
    assert cpu.track.newest(1)[0].flags == 0
    assert list(cpu.track.newest(1)[0].values[2:]) == [0.0, 0.0]


def test_idle_power_is_said_of_each_device(bench):
    one = bench({"gpu0": constant(100.0), "gpu1": constant(40.0)})
    one.until(0.9)
    assert one.track.idle(0) == (math.inf, math.inf)
    one.until(5.0)
    assert one.track.idle(0) == (math.inf, pytest.approx(100.0))
    one.until(15.0)
    assert one.track.idle(0) == pytest.approx((100.0, 100.0))
    assert one.track.idle(1) == pytest.approx((40.0, 40.0))


def test_idle_power_is_no_mean_over_a_silence(bench):
    one = bench({"gpu0": constant(100.0)}, outages=[(8.0, 30.0, "lost")])
    one.until(35.0)
    assert one.track.idle(0)[0] == math.inf, "ten seconds on end have not been seen"
    one.until(45.0)
    assert one.track.idle(0)[0] == pytest.approx(100.0)


def test_quiet_is_the_lowest_and_never_below_nothing():
    quiet = Quiet()
    assert (quiet.idle_w, quiet.lowest_w) == (math.inf, math.inf)
    quiet.see(0, 50.0)
    assert quiet.lowest_w == math.inf, "one energy is no power"
    quiet.see(2 * S, 70.0)
    assert quiet.lowest_w == 10.0
    quiet.see(3 * S, 60.0)
    assert quiet.lowest_w == 0.0, "a counter that fell"
    quiet.see(9 * S + 999_999_999, 950.0)
    assert quiet.idle_w == math.inf, "not ten seconds yet"
    quiet.see(10 * S, 950.0)
    assert quiet.idle_w == pytest.approx(90.0)
    quiet.see(13 * S, 970.0)
    assert quiet.idle_w == pytest.approx(90.0), "since 3 s it was 91 W"
    quiet.see(30 * S, 970.0)
    assert quiet.idle_w == pytest.approx(0.0)


def test_a_loop_reads_until_it_is_stopped_and_at_once_when_it_is_woken(bench):
    one = gauge(bench)
    read, go_on = threading.Semaphore(0), []

    def step():
        go_on.append(1)
        read.release()
        return 3600.0

    one.source.step = step
    thread = threading.Thread(target=one.source.loop)
    thread.start()
    assert read.acquire(timeout=30)
    one.source.wake()
    assert read.acquire(timeout=30)
    one.source.wake()
    one.source.wake()
    assert read.acquire(timeout=30)
    one.source.stop()
    thread.join(30)
    assert not thread.is_alive()
