import math
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint import probes
from ipyfootprint.probes.counts import (
    BATCHES,
    FITS,
    ITERATIONS,
    KINDS,
    LOOPS,
    SAMPLES,
    STEPS,
    Work,
    WorkDone,
)


@pytest.fixture
def work():
    return Work()


def test_a_run_without_work_has_none(work):
    assert work.since(work.mark()) is None


def test_only_what_was_counted_since_the_mark_is_the_runs(work):
    work.count(STEPS, 5)
    mark = work.mark()
    work.count(STEPS, 2)
    assert work.since(mark) == WorkDone(2, STEPS)


def test_marks_nest(work):
    outer = work.mark()
    work.count(STEPS)
    inner = work.mark()
    work.count(STEPS, 3)
    assert work.since(inner).units == 3
    assert work.since(outer).units == 4


@given(st.dictionaries(st.sampled_from([k for k in KINDS if k != ITERATIONS]), st.integers(1, 99)))
def test_the_first_kind_counted_names_the_work_whatever_the_amounts(counts):
    work = Work()
    mark = work.mark()
    for kind, n in counts.items():
        work.count(kind, n)
    done = work.since(mark)
    if not counts:
        assert done is None
        return
    first = min(counts, key=KINDS.index)
    assert (done.kind, done.units) == (first, counts[first])
    assert done.others == {k: n for k, n in counts.items() if k != first}


def test_declared_work_comes_before_counted_work_and_adds_up(work):
    mark = work.mark()
    work.count(STEPS, 100)
    work.declare(3, "epochs")
    work.declare(4, " epochs ")
    assert work.since(mark) == WorkDone(7, "epochs", declared=True, others={STEPS: 100})


def test_of_several_declared_units_the_last_one_names_the_run(work):
    mark = work.mark()
    work.declare(3, "epochs")
    work.declare(9, "images")
    work.declare(1, "epochs")
    assert work.since(mark).kind == "epochs"
    assert work.since(mark).units == 4


def test_work_declared_in_an_earlier_run_stays_there(work):
    work.declare(3, "epochs")
    mark = work.mark()
    work.count(LOOPS)
    assert work.since(mark).kind == LOOPS


def test_two_counters_of_the_same_steps_are_not_added(work):
    mark = work.mark()
    work.count(STEPS, 10, "torch")
    work.count(STEPS, 9, "transformers")
    assert work.since(mark).units == 10


@pytest.mark.parametrize(
    ("fits", "kind", "units"),
    [([12.0, 8.0], ITERATIONS, 20), ([12.0, None], FITS, 2), ([None], FITS, 1)],
)
def test_iterations_name_the_work_only_where_every_fit_told_them(work, fits, kind, units):
    mark = work.mark()
    for iterations in fits:
        work.count_fit(iterations)
    done = work.since(mark)
    assert (done.kind, done.units) == (kind, units)


def test_threads_count_without_losing_one(work):
    mark = work.mark()

    def count():
        for _ in range(20_000):
            work.count(STEPS)
            work.count(SAMPLES, 2)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = work.since(mark)
    assert done.units == 80_000
    assert done.others == {SAMPLES: 160_000}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_while_another_thread_counts_can_count_on(work):
    stop = threading.Event()

    def count():
        while not stop.is_set():
            work.count(BATCHES)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                work.count(BATCHES)
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    ("n", "unit"), [(-1, "epochs"), (math.nan, "epochs"), ("3", "epochs"), (3, ""), (3, None)]
)
def test_work_that_is_none_is_noted_and_never_raised(work, n, unit):
    mark = work.mark()
    work.declare(n, unit)
    assert work.since(mark) is None
    assert len(work.notes()) == 1


def test_the_last_finite_metric_of_the_run_stays(work):
    work.declare_metric("acc", 0.5)
    work.mark()
    assert work.metric() is None
    work.declare_metric("acc", 0.8)
    work.declare_metric("acc", math.nan)
    work.declare_metric("", 1)
    assert work.metric() == ("acc", 0.8)
    assert len(work.notes()) == 2


def test_a_note_is_told_once(work):
    work.note("a")
    work.note("a")
    assert work.notes() == ["a"]
    assert work.notes() == []


def test_the_users_own_bar_tells_progress_before_a_library(work):
    work.progress["keras"] = lambda: (3, 4)
    assert work.how_far() == (3, 4)
    work.progress["tqdm"] = lambda: (1, 10)
    assert work.how_far() == (1, 10)
    work.progress["tqdm"] = lambda: 1 / 0
    assert work.how_far() == (3, 4)
    assert "tqdm" in work.notes()[0]


def test_the_public_functions_share_one_set_of_counters():
    mark = probes.start()
    probes.work(2, "epochs")
    probes.metric("acc", 0.9)
    assert probes.take() == probes.take(mark) == WorkDone(2, "epochs", declared=True)
    assert probes.declared_metric() == ("acc", 0.9)
    assert probes.progress() is None
    probes.metric("acc", math.inf)
    assert "acc" in probes.notes()[0]
