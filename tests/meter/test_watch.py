"""The sampler's loop: what wakes it, what it does then, and when it ends."""

import os
import queue
import threading

import pytest

from ipyfootprint.meter.board import Board, anonymous_file
from ipyfootprint.meter.sampler import watch


class Sampling:
    """What `watch` needs of a sampler; it is told to close at its last look."""

    def __init__(self, looks):
        self.board = Board(anonymous_file())
        self.did, self._looks = [], looks

    def wake(self):
        self.did.append("wake")

    def look(self):
        self.did.append("look")
        self._looks -= 1
        if not self._looks:
            self.board.ask_to_close()


class Keeping:
    """In place of the keeper: it tells what it was made of and what it was asked."""

    told = queue.SimpleQueue()

    def __init__(self, *made_of):
        self.told.put(made_of)

    def loop(self):
        self.told.put(("loop", threading.get_ident()))

    def finish(self):
        self.told.put("finish")


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


@pytest.fixture
def watched(monkeypatch, pipe):
    """Calls `watch` as the child of its own parent, at whatever priority the test has."""
    batch = []
    monkeypatch.setattr(os, "sched_setscheduler", lambda *how: batch.append(how), raising=False)
    monkeypatch.setattr("ipyfootprint.meter.sampler.LOOK_S", 0.01)
    monkeypatch.setattr("ipyfootprint.meter.keeper.Keeper", Keeping)
    monkeypatch.setattr(Keeping, "told", queue.SimpleQueue())
    boards = []

    def call(looks, *, pid=None, ledger="", before=lambda sampler: None):
        sampler = Sampling(looks)
        boards.append(sampler.board)
        before(sampler)
        watch(sampler, pipe[0], pid or os.getppid(), ledger)
        return sampler

    call.batch = batch
    yield call
    for board in boards:
        board.close()


def test_an_edge_is_read_at_once_and_edges_that_wait_are_read_together(watched, pipe):
    os.write(pipe[1], b"!!!")
    assert watched(1).did == ["wake", "look"]
    ((process, policy, _),) = watched.batch
    assert (process, policy) == (0, os.SCHED_BATCH), "it does not push the cell aside"


def test_without_an_edge_it_looks_once_a_second(watched):
    assert watched(1).did == ["look"]


def test_it_ends_when_it_is_told_to_and_when_its_kernel_is_gone(watched):
    assert watched(9, before=lambda sampler: sampler.board.ask_to_close()).did == []
    assert watched(9, pid=os.getpid()).did == [], "somebody else's child"


def test_a_pipe_that_was_closed_is_not_read_again(watched):
    read, write = os.pipe()
    os.close(write)
    sampler = Sampling(2)
    watch(sampler, read, os.getppid(), "")
    assert sampler.did == ["wake", "look", "look"]
    sampler.board.close()
    os.close(read)


def test_a_running_cell_s_progress_is_kept_from_a_thread_of_its_own(watched, pipe):
    os.write(pipe[1], b"!")
    sampler = watched(3, ledger="a/ledger", before=lambda s: s.board.begin("r", 1, 0))
    assert Keeping.told.get(timeout=30) == (sampler.board, os.getppid(), "a/ledger")
    word, thread = Keeping.told.get(timeout=30)
    assert word == "loop" and thread != threading.get_ident()
    assert Keeping.told.empty(), "one keeper, and a kernel that closes keeps its own rows"


@pytest.mark.parametrize(("ledger", "runs"), [("", True), ("a/ledger", False)])
def test_without_a_ledger_or_a_run_nothing_is_kept(watched, ledger, runs):
    def before(sampler):
        if runs:
            sampler.board.begin("r", 1, 0)

    watched(1, ledger=ledger, before=before)
    assert Keeping.told.empty()


def test_what_a_kernel_that_is_gone_left_open_is_finished(watched, monkeypatch, pipe):
    parents = iter([1000, 1000, 1])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    os.write(pipe[1], b"!")
    watched(9, pid=1000, ledger="a/ledger", before=lambda s: s.board.begin("r", 1, 0))
    assert "finish" in [Keeping.told.get(timeout=30) for _ in range(3)]
