"""How the sampler serves its kernel: woken at edges, looking once a second, gone with it."""

import os

import pytest

from ipyfootprint.meter import sampler as room
from ipyfootprint.meter.sampler import watch


class Board:
    def __init__(self):
        self.closing = False
        self.active = ()


class Sampler:
    """Counts what it is asked, and ends after so many looks."""

    def __init__(self, looks):
        self.board, self._looks = Board(), looks
        self.woken = self.looked = 0

    def wake(self):
        self.woken += 1

    def look(self):
        self.looked += 1
        self.board.closing = self.looked >= self._looks


@pytest.fixture
def pipe(monkeypatch):
    monkeypatch.setattr(room, "LOOK_S", 0.005)
    monkeypatch.setattr(os, "sched_setscheduler", lambda *_: None)
    ends = list(os.pipe())
    yield ends
    for end in ends:
        if end >= 0:
            os.close(end)


def test_an_edge_wakes_it_and_every_second_it_looks(pipe):
    served = Sampler(3)
    os.write(pipe[1], b"!!")
    watch(served, pipe[0], os.getppid(), "")
    assert (served.woken, served.looked) == (1, 3), "edges that come together are read together"


def test_a_kernel_that_closed_its_end_is_still_looked_after(pipe):
    os.close(pipe[1])
    pipe[1] = -1
    served = Sampler(4)
    watch(served, pipe[0], os.getppid(), "")
    assert (served.woken, served.looked) == (1, 4)


def test_it_ends_with_the_kernel_that_started_it(pipe):
    served = Sampler(9)
    watch(served, pipe[0], os.getpid(), "")  # whose parent we are not
    assert (served.woken, served.looked) == (0, 0)


def test_a_system_without_the_finer_calls_is_served_too(pipe, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    monkeypatch.delattr(os, "SCHED_BATCH", raising=False)
    served = Sampler(2)
    watch(served, pipe[0], os.getppid(), "")
    assert served.looked == 2


def test_a_keeper_is_there_from_the_first_run_on_and_finishes_what_was_left(pipe, monkeypatch):
    told = []

    class Keeper:
        def __init__(self, board, pid, ledger):
            told.append((pid, ledger))

        def loop(self):
            pass

        def finish(self):
            told.append("finished")

    monkeypatch.setattr("ipyfootprint.meter.keeper.Keeper", Keeper)
    closed, left = Sampler(3), Sampler(3)
    closed.board.active = left.board.active = ("a run",)
    watch(closed, pipe[0], os.getppid(), "ledger.db")
    assert told == [(os.getppid(), "ledger.db")], "a kernel that closed kept its runs itself"
    pid, parents = os.getppid(), [os.getppid()] * 2
    monkeypatch.setattr(os, "getppid", lambda: parents.pop() if parents else 0)
    watch(left, pipe[0], pid, "ledger.db")
    assert told[1:] == [(pid, "ledger.db"), "finished"]
