"""Past runs restated by rows of their own when a service knows their hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ipyfootprint.errors import GridError
from ipyfootprint.grid import Averages, Chain
from ipyfootprint.late import Late
from ipyfootprint.ledger import open_ledger
from ipyfootprint.model import CarbonIntensity, Run, Session

KWH = 3.6e6
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
TABLE = CarbonIntensity(400, 300, 500, zone="DEU", source="a table")
MEASURED = CarbonIntensity(250, 240, 260, zone="DE", source="a service", resolution="hour")


class Service:
    """A live source whose knowledge a test sets."""

    name = "a service"

    def __init__(self, known=None):
        self.known, self.failed, self.on_answer = known, [], None

    def settled(self, when):
        return self.known

    def problems(self):
        taken, self.failed = self.failed, []
        return taken


class FakeTracker:
    """A tracker's ledger, listeners and notices."""

    def __init__(self):
        self.ledger, _ = open_ledger(":memory:")
        self.ledger.open_session(Session(session_id="s", user_id="u", started_at=START))
        self.listeners, self.notices = [], []
        self.notice = self.notices.append


@pytest.fixture
def tracker():
    made = FakeTracker()
    yield made
    made.ledger.close()


def kept(tracker, **fields):
    run = Run(
        run_id=fields.pop("run_id", "r"),
        session_id="s",
        user_id="u",
        number=1,
        started_at=START,
        status="ok",
        duration_s=600.0,
        energy_j=KWH,
        pue=1.0,
        intensity=TABLE,
        operational_g=400.0,
        operational_low_g=300.0,
        operational_high_g=500.0,
        method="counter",
        settled=True,
    )
    tracker.ledger.begin(replace(run, status="started"))
    tracker.ledger.close_run(replace(run, **fields))


def following(tracker, service):
    late = Late(tracker)
    late.follow(Chain([service, Averages("DE")]))
    return late


def carbon(tracker):
    return [run.operational_g for run in tracker.ledger.runs()]


def test_a_better_figure_is_added_once_and_the_run_stays_as_written(tracker):
    kept(tracker)
    service = Service(MEASURED)
    following(tracker, service)
    service.on_answer()
    service.on_answer()
    (run,) = tracker.ledger.runs()
    assert run.operational_g == pytest.approx(250) and run.intensity == TABLE
    added = tracker.ledger._read("SELECT d_operational_ug, reason FROM run_adjust")
    assert [tuple(row) for row in added] == [(-150_000_000, "carbon restated: a service")]


@pytest.mark.parametrize(
    "known",
    [
        None,
        replace(MEASURED, basis="direct"),
        replace(MEASURED, accounting="marginal"),
        replace(MEASURED, method="market"),
        replace(MEASURED, zone="FR"),
    ],
)
def test_what_does_not_compare_restates_nothing(tracker, known):
    kept(tracker)
    following(tracker, Service(known)).restate()
    assert carbon(tracker) == [400]


def test_a_figure_that_a_person_set_stays(tracker):
    kept(tracker, intensity=replace(TABLE, source="set by you"))
    following(tracker, Service(MEASURED)).restate()
    assert carbon(tracker) == [400]


def test_a_run_without_carbon_and_one_still_running_are_left_alone(tracker):
    kept(tracker, operational_g=None)
    kept(tracker, run_id="open", status="started")
    following(tracker, Service(MEASURED)).restate()
    assert set(carbon(tracker)) == {None, 400} and tracker.notices == []


def test_why_a_service_failed_is_told_at_the_end_of_a_run(tracker):
    service = Service()
    following(tracker, service)
    service.failed.append(GridError("a service could not be reached"))
    (hear,) = tracker.listeners
    hear("started", None)
    assert tracker.notices == []
    hear("ended", None)
    assert [notice.what for notice in tracker.notices] == ["a service could not be reached"]


def test_nothing_raised_while_restating_leaves_its_thread(tracker):
    kept(tracker)
    late = following(tracker, Service(MEASURED))
    tracker.ledger.close()
    late.restate()
    assert len(tracker.notices) == 1
    tracker.ledger, _ = open_ledger(":memory:")
