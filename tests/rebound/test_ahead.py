"""The predicted total of a running cell, from its own progress or from its last run's work."""

import io

import pytest
from rows import row
from tqdm import tqdm

from ipyfootprint import probes
from ipyfootprint.ahead import Ahead


@pytest.fixture(autouse=True)
def counting():
    probes.install()
    probes.start()
    yield
    probes.uninstall()


def running(joules):
    return row(2, joules, seconds=joules / 10, status="started")


def test_a_progress_bar_tells_the_total():
    ahead = Ahead()
    with tqdm(total=10, file=io.StringIO(), mininterval=0) as bar:
        bar.update(2)
        ahead.predicted(running(20.0))
        bar.update(2)
        total, left_s = ahead.predicted(running(40.0))
    assert total.mid == pytest.approx(100) and left_s == pytest.approx(6)
    assert total.low < 100 < total.high


def test_without_a_total_the_work_of_the_last_run_like_it_stands():
    previous = row(1, 100.0, work_units=10.0, work_kind="epochs")
    probes.work(5, "epochs")
    total, left_s = Ahead().predicted(running(60.0), previous)
    assert total.mid == pytest.approx(120) and left_s == pytest.approx(6)


@pytest.mark.parametrize(
    "changes",
    [{"config_hash": "other"}, {"work_kind": "steps"}, {"work_units": None}, {"status": "error"}],
)
def test_a_run_unlike_it_tells_nothing(changes):
    previous = row(1, 100.0, **{"work_units": 10.0, "work_kind": "epochs", **changes})
    probes.work(5, "epochs")
    assert Ahead().predicted(running(60.0), previous) is None


def test_a_run_that_tells_nothing_is_not_predicted():
    assert Ahead().predicted(running(60.0)) is None
    assert Ahead().predicted(row(2, None, status="started")) is None
