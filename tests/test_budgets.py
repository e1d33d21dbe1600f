"""A session's budget: what is counted, what is predicted, and when it is spoken of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ipyfootprint.budgets import REFRESH_S, BudgetWatch
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import Run, Session
from ipyfootprint.rebound.budget import Budget

START = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)


class Tracker:
    """Rows and listeners of a session, with a real ledger in memory."""

    def __init__(self):
        self.session = Session(session_id="here", user_id="u", started_at=START)
        self.ledger, _ = open_ledger(":memory:")
        self.ledger.open_session(self.session)
        self.listeners = []
        self._rows = {}

    def kept(self, write):
        return write()

    def runs(self):
        return list(self._rows.values())

    def keep(self, run):
        """A run that another session, or this one, has closed."""
        self.ledger.begin(replace(run, status="started"))
        self.ledger.close_run(run)

    def end(self, run, event="ended"):
        self._rows[run.run_id] = run
        for listener in self.listeners:
            listener(event, run)


class Clock:
    def __init__(self):
        self.now, self.seconds = START, 0.0

    def advance(self, **by):
        self.now += timedelta(**by)
        self.seconds += timedelta(**by).total_seconds()


def run(number, energy_j, *, session="here", at=START, lineage="train", **fields):
    fields = {"status": "ok", "config_hash": "k", **fields}
    return Run(
        run_id=f"{session}-{number}",
        session_id=session,
        user_id="u",
        number=number,
        started_at=at,
        lineage=lineage,
        duration_s=1.0,
        energy_j=energy_j,
        energy_low_j=energy_j and energy_j * 0.9,
        energy_high_j=energy_j and energy_j * 1.1,
        method="counter",
        **fields,
    )


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tracker():
    return Tracker()


def watching(tracker, clock, typed):
    budget = Budget.parse(typed) if typed else None
    return BudgetWatch(
        tracker, budget, now=lambda: clock.now, clock=lambda: clock.seconds, zone=UTC
    )


def test_a_run_counts_once_and_as_it_settled(tracker, clock):
    watch = watching(tracker, clock, "1000 J")
    tracker.end(run(1, 100.0))
    tracker.end(run(1, 120.0), "settled")
    tracker.end(run(2, None))
    now = watch.usage()
    assert (now.used.mid, now.runs, now.unknown) == (pytest.approx(120), 1, 1)
    assert now.used.low == pytest.approx(108)


def test_a_budget_set_late_counts_its_whole_period(tracker, clock):
    watch = watching(tracker, clock, None)
    tracker.end(run(1, 100.0))
    assert watch.usage() is None and watch.after(run(1, 100.0), shown=True) is None
    watch.set(Budget.parse("1000 J"))
    assert watch.usage().used.mid == 100


def test_a_day_counts_other_sessions_and_a_new_day_begins_at_nothing(tracker, clock):
    tracker.keep(run(1, 300.0, session="other", at=START - timedelta(hours=1)))
    tracker.keep(run(2, 999.0, session="other", at=START - timedelta(days=1)))
    watch = watching(tracker, clock, "1000 J per day")
    tracker.end(run(1, 100.0, at=START + timedelta(minutes=1)))
    assert watch.usage().used.mid == pytest.approx(400)
    clock.advance(days=1)
    assert watch.usage().used is None


def test_own_runs_that_the_ledger_has_too_count_once(tracker, clock):
    mine = run(1, 300.0)
    tracker.keep(mine)
    watch = watching(tracker, clock, "1000 J per day")
    tracker.end(mine, "settled")
    assert watch.usage().used.mid == pytest.approx(300)


def test_what_runs_beside_is_asked_for_once_a_minute_where_runs_settle(tracker, clock):
    watch = watching(tracker, clock, "1000 J per day")
    assert watch.usage().used is None
    tracker.keep(run(1, 300.0, session="other", at=START + timedelta(seconds=1)))
    tracker.end(run(1, 10.0, at=START), "settled")
    assert watch.usage().used.mid == 10
    clock.advance(seconds=REFRESH_S)
    tracker.end(run(2, 10.0, at=START), "settled")
    assert watch.usage().used.mid == pytest.approx(320)


def test_a_cell_that_would_pass_is_told_from_its_history_across_sessions(tracker, clock):
    watch = watching(tracker, clock, "1000 J --action confirm")
    assert watch.before("train", "k") is None, "nothing is known of a new cell"
    tracker.keep(run(1, 600.0, session="earlier", at=START - timedelta(days=9)))
    assert watch.before("train", "k") is None, "600 J fit"
    tracker.end(run(1, 500.0))
    said = watch.before("train", "k")
    assert "likely to use 600 J (400-700)" in said and "its last 2 runs" in said
    assert "500 J of the 1000 J per session is left" in said
    assert watch.before("plot", "k") is None


def test_a_cell_too_small_to_matter_is_never_asked_about(tracker, clock):
    watch = watching(tracker, clock, "1000 J --action confirm")
    tracker.end(run(1, 2000.0))
    tracker.end(run(2, 0.5, lineage="small"))
    assert watch.before("small", "k") is None
    assert "nothing of the 1000 J" in watch.before("train", "k")


def test_near_the_limit_every_shown_run_says_so_and_a_silent_one_at_the_crossing(tracker, clock):
    watch = watching(tracker, clock, "1000 J")
    said = []
    for number in range(1, 13):
        one = run(number, 100.0)
        tracker.end(one)
        said.append(watch.after(one, shown=number in (9, 12)))
    assert said[:7] == [None] * 7
    assert said[7].startswith("Budget nearly used: 800 J")
    assert said[8].startswith("Budget nearly used: 900 J")
    assert said[9].startswith("Budget passed: 1000 J")
    assert said[10] is None and said[11].startswith("Budget passed")
