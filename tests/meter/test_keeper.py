"""The sampler's hand on the ledger: a running cell's progress, and its end with its kernel."""

import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.meter.board import KEPT_ORDERS, Board, Description, anonymous_file
from ipyfootprint.meter.keeper import Keeper
from ipyfootprint.meter.ring import Sample
from ipyfootprint.meter.source import Source
from ipyfootprint.model import Run
from ipyfootprint.testing import FakeClock, FakeSensor, constant

S = 1_000_000_000


@pytest.fixture
def ledger(tmp_path):
    ledger = SqliteLedger(str(tmp_path / "ledger.db"))
    ledger.begin(
        Run(
            run_id="r", session_id="s", user_id="u", number=1, started_at=datetime.now(UTC), pue=1.2
        )
    )
    yield ledger
    ledger.close()


@pytest.fixture
def board():
    """A board whose sampler has read 100 W for five seconds, three of them in the run "r"."""
    clock = FakeClock(time.monotonic_ns() - 7_000_000_000)
    board = Board(anonymous_file())
    sensor = FakeSensor({"gpu0": constant(100.0)}, clock)
    (cpu_base, cpu), (base, track) = board.tracks([1, 1])
    source = Source(sensor, track, board, frozenset, clock)
    board.describe(
        Description([(cpu_base, 1, "cputime"), (base, 1, "fake")], sensor.channels, (), (None,))
    )
    for tenth in range(51):
        if tenth == 20:
            board.begin("r", clock.now_ns, round(0.5 * S))
        source.step()
        # Of each second the children used 0.5 s of CPU time and the kernel 0.25 s.
        row = (tenth * 0.2 * S, tenth * 0.05 * S, tenth * 0.025 * S, 0.0)
        cpu.fine.append(Sample(clock.now_ns, 0, 0, row))
        board.beat(clock.now_ns)
        clock.advance(0.1)
    yield board
    board.close()


def finished(keeper):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(keeper.loop()))
    thread.start()
    keeper.finish()
    thread.join(10)
    assert ended == [None]  # not by an exception


def test_a_run_whose_kernel_died_is_closed_as_lost_with_what_it_used(ledger, board, tmp_path):
    finished(Keeper(board, os.getpid(), str(tmp_path / "ledger.db")))
    (run,) = ledger.runs()
    assert run.status == "lost"
    assert run.duration_s == pytest.approx(3.0, abs=0.2)
    assert run.devices["gpu0"].energy_j == pytest.approx(300.0, rel=0.1)
    assert run.devices["gpu0"].label == "fake gpu0"
    assert (run.devices["gpu0"].kind, run.devices["gpu0"].method) == ("gpu", "counter")
    assert run.devices["gpu0"].low_j <= 300.0 <= run.devices["gpu0"].high_j
    # The kernel had used 1.25 s at the last look, 0.5 s of them before the run.
    assert run.cpu_time_s == pytest.approx(1.25 - 0.5 + 3.0 * 0.5, rel=0.05)


def test_a_device_that_others_use_is_kept_as_shared(board, tmp_path):
    keeper = Keeper(board, os.getpid(), str(tmp_path / "ledger.db"))
    window = keeper._window(board.order(), board.beat_ns, 0)
    used = keeper._devices(replace(window, shared=frozenset({"gpu0"})))
    assert used["gpu0"].shared and not keeper._devices(window)["gpu0"].shared


def test_a_run_that_had_ended_keeps_its_own_status(ledger, board, tmp_path):
    board.end("error", board.beat_ns, round(1.7 * S))
    finished(Keeper(board, os.getpid(), str(tmp_path / "ledger.db")))
    (run,) = ledger.runs()
    assert run.status == "error" and run.energy_j == pytest.approx(300.0, rel=0.1)
    assert run.cpu_time_s == pytest.approx(1.7 - 0.5 + 3.0 * 0.5, rel=0.05)
    assert run.duration_s == pytest.approx(3.0, abs=0.01)


def test_every_run_of_the_last_second_keeps_its_energy(ledger, board, tmp_path):
    (begun,) = ledger.runs()
    start_ns = board.start_ns
    board.end("ok", start_ns + 1_000_000_000, 0)
    for number, status in ((2, "error"), (3, None)):
        run = Run(**{**fields_of(begun), "run_id": f"r{number}", "number": number})
        ledger.begin(run)
        board.begin(run.run_id, start_ns + (number - 1) * 1_000_000_000, 0)
        if status:
            board.end(status, start_ns + number * 1_000_000_000, 0)
    finished(Keeper(board, os.getpid(), str(tmp_path / "ledger.db")))
    runs = sorted(ledger.runs(), key=lambda run: run.number)
    assert [run.status for run in runs] == ["ok", "error", "lost"]
    assert [run.energy_j for run in runs] == pytest.approx([100.0] * 3, rel=0.1)


def test_the_board_keeps_the_newest_runs_only():
    board = Board(anonymous_file())
    for number in range(100):
        board.begin(f"run {number}", number, 0)
        board.end("ok", number, 0)
    kept = [order.run_id for order in board.orders()]
    assert kept == [f"run {number}" for number in range(100 - KEPT_ORDERS, 100)]
    assert board.order().run_id == "run 99"
    board.close()


def test_a_run_that_its_kernel_closed_is_not_touched(ledger, board, tmp_path):
    (begun,) = ledger.runs()
    ledger.close_run(Run(**{**fields_of(begun), "status": "ok", "energy_j": 1.0}))
    finished(Keeper(board, os.getpid(), str(tmp_path / "ledger.db")))
    (run,) = ledger.runs()
    assert (run.status, run.energy_j) == ("ok", 1.0)


def test_progress_is_kept_while_the_run_goes_on(ledger, board, tmp_path, monkeypatch):
    monkeypatch.setattr("ipyfootprint.meter.keeper.EVERY_S", 0.02)
    keeper = Keeper(board, os.getpid(), str(tmp_path / "ledger.db"))
    thread = threading.Thread(target=keeper.loop)
    thread.start()
    deadline = time.monotonic() + 10
    while not ledger.runs()[0].energy_j and time.monotonic() < deadline:
        time.sleep(0.01)
    (run,) = ledger.runs()
    assert run.status == "started" and run.energy_j >= 250.0
    keeper.finish()
    thread.join(10)
    assert ledger.runs()[0].status == "lost"


def test_a_ledger_that_cannot_be_written_is_not_made_and_costs_the_run_nothing(
    ledger, board, tmp_path
):
    finished(Keeper(board, os.getpid(), str(tmp_path / "no" / "ledger.db")))
    assert not (tmp_path / "no").exists()
    assert ledger.runs()[0].status == "started"
    finished(Keeper(board, os.getpid(), str(tmp_path / "ledger.db")))  # what was kept for later
    (run,) = ledger.runs()
    assert run.status == "lost" and run.energy_j == pytest.approx(300.0, rel=0.1)


def test_without_a_run_there_is_nothing_to_close(ledger, tmp_path):
    empty = Board(anonymous_file())
    finished(Keeper(empty, os.getpid(), str(tmp_path / "ledger.db")))
    empty.close()
    assert ledger.runs()[0].status == "started"


def test_a_look_that_fails_is_followed_by_the_next(ledger, board, tmp_path, monkeypatch):
    monkeypatch.setattr("ipyfootprint.meter.keeper.EVERY_S", 0.01)
    keeper = Keeper(board, os.getpid(), str(tmp_path / "ledger.db"))
    look, looks = keeper._reader.window, []

    def window(*edges, **options):
        looks.append(edges)
        if len(looks) == 1:
            raise OSError("the memory was written over")
        return look(*edges, **options)

    keeper._reader.window = window
    thread = threading.Thread(target=keeper.loop)
    thread.start()
    deadline = time.monotonic() + 10
    while not ledger.runs()[0].energy_j and time.monotonic() < deadline:
        time.sleep(0.01)
    keeper.finish()
    thread.join(10)
    assert len(looks) > 2 and ledger.runs()[0].status == "lost"
    assert looks[1][0] is looks[2][0], "a run's start is worked out once"


def test_nothing_is_written_of_a_run_that_has_ended(ledger, board, tmp_path):
    keeper = Keeper(board, os.getpid(), str(tmp_path / "ledger.db"))
    board.end("ok", board.beat_ns, 0)
    keeper._keep_progress()
    assert ledger.runs()[0].energy_j is None


def test_the_next_run_starts_at_its_own_edge(ledger, board, tmp_path):
    keeper = Keeper(board, os.getpid(), str(tmp_path / "ledger.db"))
    first = keeper._window(board.order(), board.beat_ns, 0)
    again = keeper._window(board.order(), board.beat_ns - S, 0)
    assert (first.duration_s, again.duration_s) == pytest.approx((3.0, 2.0), abs=0.01)
    assert first.trace is None, "charts are the kernel's"
    board.end("ok", board.beat_ns - 2 * S, 0)
    board.begin("next", board.beat_ns - S, 0)
    assert keeper._window(board.order(), board.beat_ns, 0).duration_s == pytest.approx(1.0)


def fields_of(run):
    from dataclasses import fields

    return {field.name: getattr(run, field.name) for field in fields(run)}
