"""The pipeline with a meter whose energy is known exactly, and a real ledger in memory."""

import pytest

from ipyfootprint.accounting import Accountant
from ipyfootprint.attribution import Cores
from ipyfootprint.errors import LedgerError
from ipyfootprint.grid import yearly
from ipyfootprint.impact import Hardware, context
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import Estimate, Measurement, Session, Window
from ipyfootprint.testing import FakeClock
from ipyfootprint.tracker import Tracker, status_from

POWER_W = 100.0
CORES = Cores(2, 4)
SETTLES_AFTER_S = 0.1


class FakeMeter:
    """Edges are nanoseconds of a fake clock; power is constant; settling takes 0.1 s."""

    def __init__(self, clock):
        self.clock, self.closed, self.statuses = clock, False, []

    def mark(self):
        return self.clock()

    def begin(self, run):
        return self.clock()

    def end(self, status):
        self.statuses.append(status)
        return self.clock()

    def window(self, start, end):
        seconds = (end - start) / 1e9
        joules = POWER_W * seconds
        return Window(
            duration_s=seconds,
            devices={"cpu0": Measurement(joules, joules * 0.95, joules * 1.05, "counter")},
            idle_j={"cpu0": Estimate.exact(joules * 0.2)},
            own_j={},
            shared=frozenset(),
            busy_ns=int(seconds * 1e9),
            own_ns=int(seconds * 0.5e9),
            settled=self.clock() - end >= SETTLES_AFTER_S * 1e9,
        )

    def close(self):
        self.closed = True


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def tracker(clock, session):
    ledger, warning = open_ledger(":memory:")
    assert warning is None
    made = Tracker(
        session,
        FakeMeter(clock),
        ledger,
        Accountant(CORES, context(lambda when: yearly("DE"), Hardware(logical_cpus=4))),
        clock=lambda: clock() / 1e9,
    )
    yield made
    made.close()


@pytest.fixture
def session():
    from datetime import UTC, datetime

    return Session(session_id="s", user_id="u", started_at=datetime(2026, 1, 1, tzinfo=UTC))


def run_for(tracker, clock, seconds, status="ok", **known):
    span = tracker.begin(tracker.new_run(**known))
    clock.advance(seconds)
    return tracker.end(span, status)


def test_runs_and_gap_add_up_to_the_session(tracker, clock):
    for pause, length in ((1.0, 2.0), (0.5, 0.02), (3.0, 1.0)):
        clock.advance(pause)
        run_for(tracker, clock, length)
    clock.advance(5.0)
    runs = tracker.runs()
    assert [run.settled for run in runs] == [True] * 3
    node = sum(run.node_energy_j for run in runs) + tracker.gap().node_energy_j
    assert node == pytest.approx(POWER_W * (1 + 2 + 0.5 + 0.02 + 3 + 1))


def test_a_run_is_provisional_until_its_counters_have_settled(tracker, clock):
    assert run_for(tracker, clock, 1.0).settled is False
    assert tracker.runs()[0].settled is False and tracker.unsettled
    clock.advance(SETTLES_AFTER_S)
    assert tracker.runs()[0].settled is True and not tracker.unsettled


def test_a_run_that_never_settles_is_closed_a_second_after_its_end(tracker, clock):
    window = tracker.meter.window
    tracker.meter.window = lambda a, b: __import__("dataclasses").replace(
        window(a, b), settled=False
    )
    run_for(tracker, clock, 1.0)
    clock.advance(1.1)
    assert tracker.settle() is False
    assert tracker.runs()[0].settled is False


def test_the_energy_is_this_users_share_and_the_carbon_follows_it(tracker, clock):
    run = run_for(tracker, clock, 36.0)
    # half of the busy time and half of the cores: half of everything
    assert run.energy_j == pytest.approx(1800)
    assert run.node_energy_j == pytest.approx(3600)
    assert sum(d.energy_j * d.share for d in run.devices.values()) == pytest.approx(run.energy_j)
    grams = 1800 / 3.6e6 * run.intensity.g_per_kwh
    assert run.operational_g == pytest.approx(grams)
    assert run.operational_low_g < grams < run.operational_high_g


def test_the_journal_row_is_there_before_the_cell_runs(tracker, clock, tmp_path):
    tracker.ledger, _ = open_ledger(str(tmp_path / "ledger.db"))
    tracker.begin(tracker.new_run(label="slow"))
    (row,) = tracker.ledger.runs("s")
    assert (row.status, row.label, row.intensity.zone) == ("started", "slow", "DEU")
    assert [run.label for run in tracker.runs()] == ["slow"]


def test_a_ledger_in_memory_needs_no_journal_and_the_run_is_listed_all_the_same(tracker, clock):
    tracker.begin(tracker.new_run(label="slow"))
    assert not tracker.ledger.runs("s")
    assert [(run.status, run.label) for run in tracker.runs()] == [("started", "slow")]


def test_what_ended_unseen_is_told_by_whoever_settles_in_the_order_of_the_ends(tracker, clock):
    heard = []
    tracker.listeners.append(lambda event, run: heard.append((event, run.number, run.energy_j)))
    for seconds in (1.0, 2.0):
        span = tracker.begin(tracker.new_run())
        clock.advance(seconds)
        tracker.end_unseen(span, "ok", work_units=3.0)
    assert [event for event, *_ in heard] == ["started", "started"]
    tracker.settle()
    told = [(event, number) for event, number, _ in heard[2:]]
    assert told[:2] == [("ended", 1), ("ended", 2)]
    assert [energy for *_, energy in heard[2:4]] == [pytest.approx(50), pytest.approx(100)]
    clock.advance(1.0)
    runs = tracker.runs()
    assert [(run.status, run.work_units, run.settled) for run in runs] == [("ok", 3.0, True)] * 2


def test_a_long_backlog_is_settled_an_eighth_at_a_time(tracker, clock):
    for _ in range(200):
        tracker.end_unseen(tracker.begin(tracker.new_run()), "ok")
    clock.advance(1.0)
    assert tracker.settle_some() is True
    closed = len(tracker.ledger.runs("s"))
    assert 16 <= closed <= 30  # of 400 spans, runs and the gaps between them, 50
    assert tracker.settle() is False
    assert len(tracker.ledger.runs("s")) == 200


def test_closing_keeps_a_running_cell_as_lost_with_its_energy(tracker, clock):
    ledger = tracker.ledger
    closed = []
    ledger_close, ledger.close = ledger.close, lambda: None
    tracker.begin(tracker.new_run())
    clock.advance(2.0)
    tracker.close()
    (row,) = ledger.runs("s")
    closed.append(row.status)
    assert closed == ["lost"] and row.energy_j == pytest.approx(100)
    assert tracker.meter.closed
    ledger_close()


def test_a_failing_ledger_is_told_once_and_metering_goes_on(tracker, clock):
    def broken(*args, **kwargs):
        raise LedgerError("The disk is full", "runs are kept in memory", "Free some space.")

    tracker.ledger.is_durable, tracker.ledger.begin = True, broken
    first, second = run_for(tracker, clock, 1.0), run_for(tracker, clock, 1.0)
    assert first.energy_j == second.energy_j == pytest.approx(50)
    assert [str(notice) for notice in tracker.notices] == [
        "The disk is full; runs are kept in memory. Free some space."
    ]


def test_a_listener_hears_the_life_of_a_run_and_a_broken_one_is_dropped(tracker, clock):
    heard = []
    tracker.listeners.append(lambda event, run: heard.append((event, run.number)))
    tracker.listeners.append(lambda event, run: 1 / 0)
    run_for(tracker, clock, 1.0)
    clock.advance(1.0)
    tracker.settle()
    assert heard == [("started", 1), ("ended", 1), ("settled", 1)]
    assert "ZeroDivisionError" in str(tracker.notices[0]) and len(tracker.listeners) == 1


def test_a_run_inside_another_is_measured_and_not_recorded_twice(tracker, clock):
    outer = tracker.begin(tracker.new_run())
    clock.advance(1.0)
    inner = run_for(tracker, clock, 2.0)
    tracker.end(outer, "ok")
    clock.advance(1.0)
    (row,) = tracker.runs()
    assert (inner.node_energy_j, row.node_energy_j) == (pytest.approx(200), pytest.approx(300))


def test_how_a_run_ended_comes_from_what_left_it():
    import asyncio

    assert status_from(None) == "ok"
    assert status_from(KeyboardInterrupt()) == "interrupted"
    assert status_from(asyncio.CancelledError()) == "interrupted"
    assert status_from(SystemExit()) == "error"
