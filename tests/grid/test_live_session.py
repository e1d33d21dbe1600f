"""A whole session over a live service on the loopback: background only, restated, told once."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from test_live_services import service  # noqa: F401

import ipyfootprint
from ipyfootprint.api import recording
from ipyfootprint.grid import providers
from ipyfootprint.grid.providers import EnergyCharts

QUARTER = timedelta(minutes=15)


@pytest.fixture
def session(service, monkeypatch):  # noqa: F811
    """The session's recording, its network on, with one service that asks the loopback."""
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", ":memory:")
    monkeypatch.setenv("IPYFOOTPRINT_NETWORK", "on")
    monkeypatch.setenv("IPYFOOTPRINT_ZONE", "DE")
    monkeypatch.setattr(providers, "PROVIDERS", (EnergyCharts(service.url),))
    open_now = recording()
    assert until(open_now.tracker.meter.channels)
    yield open_now
    open_now.close()


def metered():
    """One run, once it has settled."""
    with ipyfootprint.track("work") as block:
        begun = time.monotonic()
        while time.monotonic() - begun < 0.15:
            sum(range(10_000))
    assert time.monotonic() - begun < 1.0, "a run never waits for a service"
    mine = block.run.run_id
    runs = recording().tracker.runs
    assert until(lambda: [run for run in runs() if run.run_id == mine and run.settled])
    return next(run for run in runs() if run.run_id == mine)


def until(look, within=8.0):
    deadline = time.monotonic() + within
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def answer(grams):
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    times = [int((start + n * QUARTER).timestamp()) for n in range(20)]
    return {
        "unix_seconds": times,
        "co2eq": [grams] * 20,
        "co2eq_forecast": [None] * 20,
        "deprecated": False,
    }


def test_a_figure_that_comes_later_restates_the_run_that_did_not_wait_for_it(service, session):  # noqa: F811
    service.answer(answer(123.0), delay=1.5)
    first = metered()
    assert "month and hour" in first.intensity.source
    live = session.grid.sources[0]
    assert until(lambda: live.settled(first.started_at))
    second = metered()
    assert second.intensity.g_per_kwh == 123 and second.intensity.resolution == "15min"
    assert until(lambda: session.tracker.runs()[0].operational_g != first.operational_g)
    restated = session.tracker.runs()[0]
    assert restated.intensity == first.intensity, "what was written stays"
    assert restated.operational_g == pytest.approx(
        restated.energy_j / 3.6e6 * restated.pue * 123, abs=3e-6
    )
    assert session.tracker.notices == []


def test_a_service_that_fails_leaves_the_totals_and_is_told_once(service, session):  # noqa: F811
    service.answer("busy", status=500)
    metered()
    live = session.grid.sources[0]
    assert until(lambda: live._causes)
    runs = [metered(), metered()]
    assert all(run.operational_g > 0 and "month and hour" in run.intensity.source for run in runs)
    told = [str(notice) for notice in session.tracker.notices]
    assert told == ["Energy-Charts failed (HTTP 500); using the bundled averages."]
