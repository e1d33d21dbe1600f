"""The memory that the kernel and its sampler share, seen from both sides."""

import os
from pathlib import Path

import pytest

from ipyfootprint.meter.board import (
    DESCRIPTION,
    ENDED,
    RUNNING,
    SIZE,
    STARTING,
    TRACKS,
    Board,
    Description,
    anonymous_file,
)
from ipyfootprint.meter.ring import HEAD, WORD, Ring, Sample, Track
from ipyfootprint.model import Absence, Channel


def descriptors():
    return {entry.name for entry in os.scandir("/proc/self/fd")}


@pytest.fixture
def kernel():
    board = Board(anonymous_file())
    yield board
    board.close()


@pytest.fixture
def sampler(kernel):
    board = Board(os.dup(kernel.fd))
    yield board
    board.close()


def test_the_memory_has_no_name_and_goes_with_its_descriptor():
    before = descriptors()
    fd = anonymous_file()
    assert os.fstat(fd).st_size == SIZE and os.fstat(fd).st_nlink == 0
    assert not os.get_inheritable(fd)
    board = Board(fd)
    board.close()
    board.close()
    assert board.fd == -1
    assert descriptors() == before


def test_where_there_is_no_memory_file_one_is_unlinked_at_once(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    board = Board(anonymous_file())
    assert os.fstat(board.fd).st_size == SIZE
    assert list(tmp_path.iterdir()) == []
    board.beat(7)
    assert board.beat_ns == 7
    board.close()


def test_what_one_side_says_of_itself_the_other_reads(kernel, sampler):
    assert (kernel.state, kernel.closing, kernel.beat_ns) == (STARTING, False, 0)
    sampler.state = RUNNING
    sampler.beat(123)
    assert (kernel.state, kernel.beat_ns) == (RUNNING, 123)
    sampler.state = ENDED
    assert kernel.state == ENDED and not sampler.closing
    kernel.ask_to_close()
    assert sampler.closing


def test_an_order_holds_both_edges_of_the_newest_run(kernel, sampler):
    assert sampler.order() is None and not sampler.active and sampler.edge_ns == 0
    kernel.begin("first", 100, 7)
    order = sampler.order()
    assert (order.run_id, order.active, order.start_ns, order.own_start_ns) == (
        "first",
        True,
        100,
        7,
    )
    assert sampler.active and (sampler.edge_ns, sampler.start_ns) == (100, 100)
    kernel.end("interrupted", 250, 9)
    order = sampler.order()
    assert (order.run_id, order.active, order.status) == ("first", False, "interrupted")
    assert (order.start_ns, order.end_ns) == (100, 250)
    assert (order.own_start_ns, order.own_end_ns) == (7, 9)
    assert not sampler.active and (sampler.edge_ns, sampler.start_ns) == (250, 100)
    kernel.begin("second", 300, 11)
    order = sampler.order()
    assert (order.run_id, order.active, order.status) == ("second", True, "started")
    assert sampler.edge_ns == 300


@pytest.mark.parametrize("status", ["started", "ok", "error", "interrupted", "lost"])
def test_every_status_arrives(kernel, sampler, status):
    kernel.begin("r", 1, 0)
    kernel.end(status, 2, 0)
    assert sampler.order().status == status


def test_a_run_s_name_is_kept_to_sixty_four_bytes_and_a_shorter_one_leaves_no_rest(kernel, sampler):
    kernel.begin("x" * 70, 1, 0)
    assert sampler.order().run_id == "x" * 64
    kernel.begin("y", 1, 0)
    assert sampler.order().run_id == "y"


def test_an_order_that_is_being_written_is_not_read(kernel, sampler):
    kernel.begin("r", 1, 0)
    kernel.words[64] += 1  # the sequence of the order is odd while it is written
    assert sampler.order() is None
    kernel.words[64] += 1
    assert sampler.order().run_id == "r"


CHANNEL = Channel(
    "gpu0", "gpu", "counter", "nvml", "a card", 0.1, 0.02, 1.5, "/a/path", 262.0, "a note"
)


def test_a_description_arrives_whole_and_anew(kernel, sampler):
    assert kernel.description() is None and kernel.described == 0
    absence = Absence("perf", "no permission", "sudo it", "who runs what")
    sampler.describe(Description([(16384, 1, "nvml")], [CHANNEL], [absence], [None]))
    found = kernel.description()
    assert found.tracks == ((16384, 1, "nvml"),)
    assert found.channels == (CHANNEL,) and found.absences == (absence,)
    assert found.faults == (None,)
    seen = kernel.described
    sampler.describe(Description([], [], [], ["lost"]))
    found = kernel.description()
    assert kernel.described > seen
    assert (found.tracks, found.channels, found.absences, found.faults) == ((), (), (), ("lost",))


def test_a_description_that_is_being_written_is_not_read(kernel, sampler):
    sampler.describe(Description([], [], [], ["lost"]))
    kernel.words[32] += 1
    assert kernel.description() is None


def test_a_description_that_does_not_fit_is_refused_before_anything_is_written(kernel, sampler):
    sampler.describe(Description([], [], [], ["as before"]))
    most = TRACKS - DESCRIPTION
    with pytest.raises(ValueError, match=r"a description of \d+ bytes"):
        sampler.describe(Description([], [], [], ["x" * most]))
    assert kernel.description().faults == ("as before",)
    sampler.describe(Description([], [], [], ["x" * (most - 100)]))
    assert len(kernel.description().faults[0]) == most - 100


def test_tracks_lie_apart_from_each_other_and_from_the_description(kernel):
    sizes = [1, 3, 9]
    made = kernel.tracks(sizes)
    assert made[0][0] * WORD == TRACKS
    ends = [base + Track.size(count) for (base, _), count in zip(made, sizes, strict=True)]
    for end, (base, _) in zip(ends, made[1:], strict=False):
        assert 0 <= base - end < 512 and base * WORD % 4096 == 0
    assert ends[-1] * WORD <= SIZE


def test_what_is_written_to_a_track_is_read_on_the_other_side(kernel, sampler):
    (base, mine), *_ = sampler.tracks([2])
    theirs = Track(kernel.words, kernel.reals, base, 2)
    mine.fine.append(Sample(10, 3, 2, (1.0, 0.1, 0.5, 0.25, 2.0, 0.2, 0.6, 0.35)))
    (found,) = theirs.newest(5)
    assert (found.t_ns, found.took_ns, found.flags) == (10, 3, 2)
    assert list(found.values) == [1.0, 0.1, 0.5, 0.25, 2.0, 0.2, 0.6, 0.35]
    assert theirs.steps(1) == (0, 0, 0)
    mine.set_steps(1, 100, 42, 7)
    mine.set_steps(0, 50, 41, 6)
    assert (theirs.steps(0), theirs.steps(1)) == ((50, 41, 6), (100, 42, 7))
    assert theirs.idle(0) == (float("inf"), float("inf"))
    mine.set_idle(1, 12.5, 9.0)
    assert theirs.idle(1) == (12.5, 9.0) and theirs.idle(0) == (float("inf"), float("inf"))
    assert theirs.steps(1) == (100, 42, 7)


def ring_of(kernel, slots, channels=1):
    return Ring(kernel.words, kernel.reals, TRACKS // WORD, channels, slots)


def times(ring, count, every=10):
    for index in range(count):
        ring.append(Sample(index * every, 0, 0, (float(index), 0.0, 0.0, 0.0)))


def test_a_ring_finds_the_first_sample_after_a_time(kernel):
    ring = ring_of(kernel, 64)
    assert (ring.count, ring.oldest(), ring.place(5)) == (0, 0, 0)
    times(ring, 20)
    assert [ring.place(t) for t in (-1, 0, 9, 10, 95, 190, 500)] == [0, 1, 1, 2, 10, 20, 20]
    assert ring.time(7) == 70


def test_a_ring_gives_what_is_there_of_what_is_asked_for(kernel):
    ring = ring_of(kernel, 64)
    times(ring, 20)
    assert [s.t_ns for s in ring.slice(-5, 2)] == [0, 10]
    assert [s.t_ns for s in ring.slice(18, 99)] == [180, 190]
    assert ring.slice(7, 7) == []
    times(ring, 80)
    # 100 were written; 64 fit, of which the oldest four may be written over while they are read.
    assert ring.oldest() == 40 and len(ring.slice(0, 1000)) == 60


def test_a_ring_takes_its_words_and_no_more(kernel):
    assert Ring.size(2, 10) == HEAD + 10 * (3 + 8)
    ring = ring_of(kernel, 8)
    after = TRACKS // WORD + Ring.size(1, 8)
    kernel.words[after] = 77
    times(ring, 30)
    assert kernel.words[after] == 77


def test_a_track_of_many_channels_keeps_fewer_samples(kernel):
    assert (Track.fine_slots(4), Track.fine_slots(5)) == (4096, 2048)


def energies(ring):
    return [sample.values[0] for sample in ring.slice(0, ring.count)]


NAN = float("nan")


@pytest.mark.parametrize(
    ("shown", "bridged"),
    [
        ([0, 5, 5, 5], [0, 5, 10, 15]),  # 20 J at 40 ns, from where it last moved
        ([0, 5, NAN, NAN], [0, 5, 10, 15]),
        ([5, 5, 5, 5], [5, 8.75, 12.5, 16.25]),
        ([0, 1, 2, 3], [0, 1, 2, 3]),
    ],
)
def test_what_a_counter_missed_is_bridged_to_what_is_known_now(kernel, shown, bridged):
    ring = ring_of(kernel, 64)
    for index, energy in enumerate(shown):
        ring.append(Sample(index * 10, 0, 0, (float(energy), 0.5, 0.0, 0.0)))
    ring.bridge(0, 40, 20.0)
    assert energies(ring) == pytest.approx(bridged)
    assert {sample.values[1] for sample in ring.slice(0, 9)} == {0.5}


def test_only_the_field_that_is_meant_is_bridged(kernel):
    ring = ring_of(kernel, 64, channels=2)
    for index in range(4):
        row = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
        ring.append(Sample(index * 10, 0, 0, row))
    ring.bridge(4, 40, 25.0)
    samples = ring.slice(0, 4)
    assert [sample.values[4] for sample in samples] == pytest.approx([5, 10, 15, 20])
    assert {tuple(sample.values[:4] + sample.values[5:]) for sample in samples} == {
        (1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0)
    }
    ring.bridge(4, 30, 35.0)
    assert ring.slice(3, 4)[0].values[4] == pytest.approx(20), "known at that very moment"


def test_where_nothing_was_ever_read_nothing_is_bridged(kernel):
    ring = ring_of(kernel, 64)
    ring.bridge(0, 40, 20.0)
    ring.append(Sample(0, 0, 0, (NAN, 0.0, 0.0, 0.0)))
    ring.bridge(0, 40, 20.0)
    assert energies(ring) != energies(ring), "still not a number"


def track_of(kernel, seconds):
    """A track with a sample every tenth in the fine ring and every second in the coarse one."""
    (_, track), *_ = kernel.tracks([1])
    for tenth in range(seconds * 10 + 1):
        sample = Sample(tenth * 100_000_000, 0, 0, (tenth * 10.0, 0.0, 0.0, 0.0))
        track.fine.append(sample)
        if tenth % 10 == 0:
            track.coarse.append(sample)
    return track


S = 1_000_000_000


def in_s(samples):
    return [sample.t_ns / S for sample in samples]


def test_samples_around_a_time_come_from_the_fine_ring_as_far_as_it_reaches(kernel):
    track = track_of(kernel, 600)
    assert in_s(track.around(590 * S, 2, 2)) == [589.9, 590.0, 590.1, 590.2]
    assert in_s(track.around(3 * S, 2, 2)) == [2, 3, 4, 5], "long ago: by the second"
    assert in_s(track.around(-1, 2, 2)) == [0, 1]
    assert in_s(track.between(595 * S, round(595.2 * S))) == [595.0, 595.1, 595.2, 595.3]
    assert in_s(track.between(5 * S, 7 * S)) == [5, 6, 7, 8]
    assert in_s(track.newest(2)) == [599.9, 600.0]
    first = track.fine.time(track.fine.oldest()) / S
    assert in_s(track.between(round((first + 1) * S), round((first + 1) * S)))[0] == pytest.approx(
        first + 1
    )


def test_a_young_track_answers_before_its_first_sample(kernel):
    track = track_of(kernel, 2)
    assert in_s(track.around(-5, 2, 3)) == [0.0, 0.1, 0.2]


def test_readable_energies_are_found_however_far_away(kernel):
    (_, track), *_ = kernel.tracks([1])
    for second, energy in enumerate((1.0, 2.0, NAN, NAN, NAN, 7.0, NAN, 9.0, 11.0)):
        track.fine.append(Sample(second * S, 0, 0, (energy, 0.0, 0.0, 0.0)))
    found = track.readable(0, 3 * S)
    assert [(t / S, energy) for t, energy in found] == [(0, 1), (1, 2), (5, 7), (7, 9)]
    assert track.readable(0, 8 * S)[-1] == (8 * S, 11.0)
    coarse = track_of(kernel, 600)
    assert coarse.readable(0, 3 * S)[1] == (3 * S, 300.0)


def test_the_memory_is_named_for_those_who_look_for_it_and_holds_signed_numbers(kernel, sampler):
    assert Path(f"/proc/self/fd/{kernel.fd}").readlink().name == "memfd:ipyfootprint (deleted)"
    kernel.begin("r", -5, -(1 << 62))
    assert (sampler.order().start_ns, sampler.order().own_start_ns) == (-5, -(1 << 62))
