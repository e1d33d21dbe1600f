"""Live services against a real HTTP server on the loopback that answers as documented."""

import base64
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from ipyfootprint.errors import GridError
from ipyfootprint.grid import live
from ipyfootprint.grid.choose import live_sources, sources
from ipyfootprint.grid.live import Live
from ipyfootprint.grid.providers import (
    EIA,
    ENTSOE,
    ElectricityMaps,
    EnergyCharts,
    GreatBritain,
    WattTime,
)
from ipyfootprint.grid.providers import PROVIDERS as SHIPPED
from ipyfootprint.grid.providers.base import Secret

NOW = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)
KEY = "s3cret-t0ken"
HOUR = timedelta(hours=1)


@dataclass
class Service:
    """What the server answers, and what it was asked."""

    url: str = ""
    answers: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def answer(self, body, status=200, headers=None, delay=0.0):
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        data = text.encode() if isinstance(text, str) else text
        self.answers.append((status, headers or {}, data, delay))


@pytest.fixture
def service():
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            split = urlsplit(self.path)
            told.asked.append((split.path, parse_qs(split.query), dict(self.headers)))
            index = min(len(told.asked), len(told.answers)) - 1
            status, headers, data, delay = told.answers[index]
            time.sleep(delay)
            try:
                self.send_response(status)
                length = headers.pop("Content-Length", len(data))
                for name, value in {**headers, "Content-Length": length}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def stamp(when, seconds=True):
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z" if seconds else "%Y-%m-%dT%H:%MZ")


HALF = NOW.replace(minute=0)


def gb(*rows):
    rows = rows or ((HALF - HOUR, 210, 200), (HALF, 190, None), (HALF + HOUR, 120, None))
    return {
        "data": [
            {
                "from": stamp(when, False),
                "to": stamp(when + HOUR / 2, False),
                "intensity": {"forecast": ahead, "actual": actual, "index": "moderate"},
            }
            for when, ahead, actual in rows
        ]
    }


def energy_charts():
    times = [int((HALF + n * timedelta(minutes=15)).timestamp()) for n in range(-4, 8)]
    return {
        "unix_seconds": times,
        "co2eq": [300.0 + n for n in range(6)] + [None] * 6,
        "co2eq_forecast": [None] * 6 + [250.0] * 5 + [None],
        "deprecated": False,
    }


def electricity_maps(zone="DE", figure=312):
    rows = [
        {
            "zone": zone,
            "carbonIntensity": figure,
            "datetime": stamp(HALF - n * HOUR),
            "updatedAt": stamp(NOW),
            "emissionFactorType": "lifecycle",
            "isEstimated": n == 0,
            "estimationMethod": None,
            "temporalGranularity": "hourly",
        }
        for n in range(24)
    ]
    return {"zone": zone, "history": rows, "temporalGranularity": "hourly"}


def eia(respondent="CISO"):
    values = [("NG", "8000"), ("SUN", 6000), ("NUC", "2000"), ("OTH", None), ("WAT", "")]
    return {
        "response": {
            "total": "10",
            "data": [
                {
                    "period": when.strftime("%Y-%m-%dT%H"),
                    "respondent": respondent,
                    "fueltype": fuel,
                    "value": value,
                }
                for when in (HALF - HOUR, HALF)
                for fuel, value in values
            ],
        }
    }


def entsoe(area="10Y1001A1001A82H", quantity="1000"):
    def series(kind, points, resolution="PT60M", direction="in"):
        rows = "".join(
            f"<Point><position>{at}</position><quantity>{mw}</quantity></Point>"
            for at, mw in points
        )
        return (
            f"<TimeSeries><{direction}BiddingZone_Domain.mRID codingScheme='A01'>{area}"
            f"</{direction}BiddingZone_Domain.mRID><curveType>A03</curveType>"
            f"<MktPSRType><psrType>{kind}</psrType></MktPSRType><Period><timeInterval>"
            f"<start>{stamp(HALF - 2 * HOUR, False)}</start>"
            f"<end>{stamp(HALF + HOUR, False)}</end></timeInterval>"
            f"<resolution>{resolution}</resolution>{rows}</Period></TimeSeries>"
        )

    body = series("B05", [(1, quantity), (3, "3000")])
    body += series("B19", [(1, "1000")], "PT15M")
    body += series("B10", [(1, "9000")])
    body += series("B05", [(1, "50")], direction="out")
    space = "urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"
    return f'<?xml version="1.0"?><GL_MarketDocument xmlns="{space}">{body}</GL_MarketDocument>'


def watttime(region="CAISO_NORTH"):
    points = [HALF + n * timedelta(minutes=5) for n in range(12)]
    return {
        "data": [{"point_time": when.isoformat(), "value": 1000.0} for when in points],
        "meta": {"region": region, "signal_type": "co2_moer", "units": "lbs_co2_per_mwh"},
    }


PROVIDERS = {
    "gb": (GreatBritain, "GB", [gb()], 190.0),
    "energy-charts": (EnergyCharts, "DE", [energy_charts()], 304.0),
    "electricity-maps": (ElectricityMaps, "DE", [electricity_maps()], 312.0),
    "eia": (EIA, "US-CAL-CISO", [eia()], (8 * 490 + 6 * 45 + 2 * 12) / 16),
    "entsoe": (ENTSOE, "DE", [entsoe()], (3 * 820 + 1 * 11) / 4),
    "watttime": (WattTime, "US-CAL-CISO", [{"token": "jwt"}, watttime()], 453.59237),
}


def test_every_service_is_tried_here():
    assert {kind for kind, _, _, _ in PROVIDERS.values()} == {type(each) for each in SHIPPED}


def asked_of(service, slug, **given):
    kind, zone, _, _ = PROVIDERS[slug]
    provider = kind(service.url)
    key = Secret(f"me:{KEY}" if slug == "watttime" else KEY)
    return Live(
        provider,
        provider.place(zone),
        **{"key": lambda: key, "now": lambda: NOW, "start": lambda work: work(), **given},
    )


def answering(service, slug):
    for body in PROVIDERS[slug][2]:
        service.answer(body)
    return asked_of(service, slug)


@pytest.mark.parametrize("slug", PROVIDERS)
def test_each_service_s_documented_answer_becomes_a_tagged_intensity(service, slug):
    source = answering(service, slug)
    source.refresh()
    assert source.problems() == ()
    found = source.at(NOW)
    assert found.g_per_kwh == pytest.approx(PROVIDERS[slug][3])
    assert found.low_g_per_kwh < found.g_per_kwh < found.high_g_per_kwh
    assert source.provider.name in found.source
    assert found.accounting == ("marginal" if slug == "watttime" else "average")
    assert found.resolution in ("5min", "15min", "30min", "hour")


@pytest.mark.parametrize("slug", PROVIDERS)
def test_a_cell_s_path_never_waits_for_the_network(service, slug):
    source = answering(service, slug)
    work = []
    source._start = work.append
    assert source.at(NOW) is None and source.at(NOW) is None
    assert len(work) == 1 and service.asked == []
    work.pop()()
    assert source.at(NOW) is not None


def test_the_question_names_the_zone_and_turns_the_look_up_of_the_caller_off(service):
    answering(service, "electricity-maps").refresh()
    path, query, headers = service.asked[0]
    assert path == "/v3/carbon-intensity/history"
    assert query["zone"] == ["DE"] and query["disableCallerLookup"] == ["true"]
    assert headers["auth-token"] == KEY


def test_watttime_logs_in_and_is_asked_with_its_token(service):
    answering(service, "watttime").refresh()
    (login, _, first), (path, query, second) = service.asked
    assert login == "/login" and path == "/v3/forecast"
    assert base64.b64decode(first["Authorization"].split()[1]).decode() == f"me:{KEY}"
    assert second["Authorization"] == "Bearer jwt" and query["region"] == ["CAISO_NORTH"]


def test_a_measured_value_wins_over_its_forecast_and_both_are_tagged(service):
    source = answering(service, "gb")
    source.refresh()
    assert source.at(NOW - HOUR).g_per_kwh == 200 and not source.at(NOW - HOUR).estimated
    assert source.at(NOW).estimated and source.at(NOW).basis == "direct"
    assert [slot.intensity.g_per_kwh for slot in source.forecast()] == [190, 120]


def test_a_quarter_without_any_figure_is_left_out(service):
    source = answering(service, "energy-charts")
    source.refresh()
    assert len(source.forecast()) == 7
    assert source.at(HALF + timedelta(minutes=20)).g_per_kwh == 305


def test_an_omitted_point_repeats_the_one_before_and_storage_is_left_out(service):
    source = answering(service, "entsoe")
    source.refresh()
    assert source.at(NOW - HOUR).g_per_kwh == pytest.approx((820 + 11) / 2)


BROKEN = {
    "nothing": "",
    "truncated": None,
    "wrong shape": {"data": "soon"},
    "a list": [],
    "text": "<html>busy</html>",
    "not utf-8": b"\xff\xfe{",
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("slug", PROVIDERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_damaged_answer_is_one_problem_and_no_figure(service, slug, broken):
    body = BROKEN[broken]
    if body is None:
        whole = PROVIDERS[slug][2][-1]
        text = whole if isinstance(whole, str) else json.dumps(whole)
        body = text[: len(text) // 2]
    for good in PROVIDERS[slug][2][:-1]:
        service.answer(good)
    service.answer(body)
    source = asked_of(service, slug)
    source.refresh()
    assert source.at(NOW) is None
    (problem,) = source.problems()
    assert "cannot be read" in problem.what and problem.instead == "using the bundled averages"
    assert source.problems() == ()


@pytest.mark.parametrize("figure", [-5, 1e9, float("nan"), float("inf"), "312", True, {}])
def test_an_impossible_figure_is_no_figure(service, figure):
    service.answer(electricity_maps(figure=figure))
    source = asked_of(service, "electricity-maps")
    source.refresh()
    assert source.at(NOW) is None and len(source.problems()) == 1


def test_null_figures_are_left_out_without_a_problem(service):
    service.answer(electricity_maps(figure=None))
    source = asked_of(service, "electricity-maps")
    source.refresh()
    assert source.at(NOW) is None and source.problems() == ()


@pytest.mark.parametrize(
    ("slug", "body"),
    [
        ("electricity-maps", electricity_maps(zone="FR")),
        ("eia", eia(respondent="PJM")),
        ("entsoe", entsoe(area="10YFR-RTE------C")),
        ("watttime", watttime(region="UK")),
    ],
)
def test_an_answer_for_another_place_is_refused(service, slug, body):
    for good in PROVIDERS[slug][2][:-1]:
        service.answer(good)
    service.answer(body)
    source = asked_of(service, slug)
    source.refresh()
    assert source.at(NOW) is None
    assert "another" in source.problems()[0].what


@pytest.mark.parametrize("slug", ["gb", "electricity-maps", "entsoe"])
def test_an_answer_for_another_time_is_refused(service, slug):
    source = answering(service, slug)
    source._now = lambda: NOW + timedelta(days=30)
    source.refresh()
    assert source.at(NOW) is None
    assert "another time" in source.problems()[0].what


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 302])
@pytest.mark.parametrize("slug", ["electricity-maps", "eia", "entsoe", "watttime"])
def test_a_refusal_is_told_once_and_shows_no_key(service, slug, status, caplog):
    service.answer({"error": f"bad {KEY}"}, status, {"Location": "http://127.0.0.1:9/"})
    source = asked_of(service, slug)
    source.refresh()
    source.refresh()
    (problem,) = source.problems()
    assert KEY not in f"{problem!s}{problem!r}{source.__dict__}{caplog.text}"
    assert str(status) in problem.what
    assert bool(problem.remedy) == (status in (401, 403))
    assert problem.__cause__ is None and problem.__context__ is None


def test_a_service_that_is_busy_is_left_alone_for_as_long_as_it_asks(service):
    service.answer("", 429, {"Retry-After": "120"})
    source = asked_of(service, "gb")
    source.at(NOW)
    for later, asked in ((60, 1), (119, 1), (121, 2)):
        source._now = lambda at=later: NOW + timedelta(seconds=at)
        source.at(NOW)
        assert len(service.asked) == asked


def test_failures_are_asked_again_less_and_less_often(service):
    service.answer("", 500)
    source = asked_of(service, "gb")
    times = []
    for minute in range(0, 120):
        source._now = lambda at=minute: NOW + timedelta(minutes=at)
        before = len(service.asked)
        source.at(NOW + timedelta(minutes=minute))
        if len(service.asked) > before:
            times.append(minute)
    assert times == [0, 5, 15, 35, 75]


def test_a_slow_service_is_given_up_on_in_the_background(service, monkeypatch):
    monkeypatch.setattr(live, "TIMEOUT_S", 0.2)
    service.answer(gb(), delay=1.0)
    source = asked_of(service, "gb")
    source.refresh()
    assert "did not answer within" in source.problems()[0].what


def test_a_body_that_ends_early_is_a_problem(service):
    service.answer(json.dumps(gb())[:40], headers={"Content-Length": 4000})
    source = asked_of(service, "gb")
    source.refresh()
    assert len(source.problems()) == 1 and source.at(NOW) is None


def test_a_body_without_end_is_cut_off(service, monkeypatch):
    monkeypatch.setattr(live, "LARGEST_BODY", 10_000)
    service.answer("x" * 500_000)
    source = asked_of(service, "gb")
    source.refresh()
    assert "sent too much" in source.problems()[0].what


def test_nobody_there_is_a_problem(service):
    source = Live(
        GreatBritain("http://127.0.0.1:9"), "GB", now=lambda: NOW, start=lambda work: work()
    )
    assert source.at(NOW) is None
    assert "could not be reached" in source.problems()[0].what


def test_a_missing_key_is_a_problem_with_the_name_of_the_variable():
    source = Live(EIA(), "CISO", now=lambda: NOW, start=lambda work: work())
    assert source.at(NOW) is None
    assert "IPYFOOTPRINT_EIA_KEY" in str(source.problems()[0])


def test_when_the_service_fails_the_last_value_stands_in_with_its_age(service):
    source = answering(service, "energy-charts")
    source.refresh()
    later = HALF + timedelta(hours=4)
    found = source.at(later)
    assert "last known, 2 h 15 min old" in found.source and found.estimated
    assert found.high_g_per_kwh > 1.2 * found.g_per_kwh
    assert source.at(HALF + timedelta(hours=12)) is None


def test_answers_are_kept_on_disk_by_zone_and_hour(service, tmp_path):
    service.answer(gb())
    asked_of(service, "gb", folder=tmp_path).refresh()
    again = asked_of(service, "gb", folder=tmp_path)
    assert again.at(NOW - HOUR).g_per_kwh == 200
    assert len(service.asked) == 1, "what is known is not asked again"
    (file,) = tmp_path.iterdir()
    assert file.name == "gb-GB.json"


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"start": 1e99}]', "null"])
def test_a_damaged_cache_is_written_anew(service, tmp_path, text):
    (tmp_path / "gb-GB.json").write_text(text)
    service.answer(gb())
    source = asked_of(service, "gb", folder=tmp_path)
    source.refresh()
    assert source.at(NOW) is not None
    assert json.loads((tmp_path / "gb-GB.json").read_text())


def test_no_key_is_written_to_disk(service, tmp_path):
    for slug, (_, _, bodies, _) in PROVIDERS.items():
        service.answers, service.asked = [], []
        for body in bodies:
            service.answer(body)
        asked_of(service, slug, folder=tmp_path).refresh()
    assert len(list(tmp_path.iterdir())) == len(PROVIDERS)
    assert not any(KEY in file.read_text() for file in tmp_path.iterdir())


def test_a_secret_shows_itself_nowhere():
    secret = Secret(KEY)
    assert KEY not in f"{secret!r} {secret!s} {secret.__reduce__()}"
    assert secret.reveal() == KEY


def test_the_network_is_off_unless_turned_on(tmp_path):
    assert not any(isinstance(source, Live) for source in sources("DE").sources)
    on = sources("DE", network=True, folder=tmp_path, env={"IPYFOOTPRINT_ENTSOE_KEY": KEY})
    names = [source.name for source in on.sources]
    assert names == ["Energy-Charts", "ENTSO-E", "month-by-hour shape", "yearly average"]
    assert KEY not in repr(on.__dict__)


def test_marginal_services_are_only_for_advice(tmp_path):
    env = {"IPYFOOTPRINT_WATTTIME_KEY": f"me:{KEY}", "IPYFOOTPRINT_EIA_KEY": KEY}
    totals = live_sources("US-CAL-CISO", folder=tmp_path, env=env)
    advice = live_sources("US-CAL-CISO", folder=tmp_path, env=env, advice=True)
    assert [source.name for source in totals] == ["EIA"]
    assert [source.name for source in advice] == ["WattTime"]


def test_a_figure_of_your_own_wins():
    assert sources("DE", g_per_kwh=20).at(NOW).g_per_kwh == 20


def test_one_thread_asks_and_ends(service):
    service.answer(gb())
    source = asked_of(service, "gb", start=live._in_background)
    before = threading.active_count()
    source.at(NOW)
    for thread in threading.enumerate():
        if thread.name == "ipyfootprint-grid":
            thread.join(5)
    assert source.at(NOW).g_per_kwh == 190
    assert threading.active_count() <= before + 1  # the server's own


@pytest.mark.parametrize("slug", ["electricity-maps", "eia", "entsoe", "watttime"])
def test_a_service_that_needs_a_key_asks_nothing_without_one(slug):
    provider = PROVIDERS[slug][0]()

    def never(*_, **__):
        raise AssertionError("asked without a key")

    assert provider.needs_key
    with pytest.raises(GridError, match="needs a key"):
        provider.fetch(never, "DE", NOW - HOUR, NOW, None)


def told_by(service, slug, *answers, **given):
    """The one problem that these answers make."""
    for answer in answers:
        service.answer(answer)
    source = asked_of(service, slug, **given)
    source.refresh()
    assert source.at(NOW) is None
    (problem,) = source.problems()
    return problem.what


def test_a_key_of_watttime_is_a_name_and_a_password(service):
    what = told_by(service, "watttime", {}, key=lambda: Secret(KEY))
    assert what == "WattTime needs a key of the form user:password" and not service.asked


@pytest.mark.parametrize("token", [{}, {"token": ""}, {"token": 5}])
def test_a_login_without_a_token_ends_there(service, token):
    assert "cannot be read" in told_by(service, "watttime", token)
    assert len(service.asked) == 1


@pytest.mark.parametrize("meta", [{"units": "kg_co2_per_mwh"}, {"signal_type": "health_damage"}])
def test_a_signal_or_unit_that_was_not_asked_for_is_no_figure(service, meta):
    body = watttime()
    body["meta"].update(meta)
    assert "cannot be read" in told_by(service, "watttime", {"token": "jwt"}, body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<Acknowledgement_MarketDocument/>", "has no data for this area and time"),
        ("<Other_MarketDocument/>", "cannot be read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + entsoe(), "cannot be read"),
        (entsoe().replace("PT60M", "P1Y"), "cannot be read"),
        (entsoe(quantity="many"), "cannot be read"),
        (entsoe().replace("<position>1<", "<position>one<"), "cannot be read"),
    ],
)
def test_a_document_that_is_not_the_one_asked_for_is_no_figure(service, body, says):
    assert says in told_by(service, "entsoe", body)


def test_generation_below_nothing_is_nothing(service):
    service.answer(entsoe(quantity="-500"))
    source = asked_of(service, "entsoe")
    source.refresh()
    # at two hours before, coal took from the grid: wind's quarter hour and water are left
    assert source.at(NOW).g_per_kwh == pytest.approx((3 * 820 + 1 * 11) / 4)


@pytest.mark.parametrize("value", ["many", 1e12, "-inf"])
def test_an_amount_that_is_none_is_no_figure(service, value):
    body = eia()
    body["response"]["data"][0]["value"] = value
    assert "cannot be read" in told_by(service, "eia", body)


def test_what_a_service_raises_of_its_own_is_one_problem_and_no_traceback(service):
    source = answering(service, "gb")

    def broken(*_):
        raise ZeroDivisionError

    source.provider = SimpleNamespace(
        fetch=broken, needs_key=False, url=service.url, slug="gb", name="GB"
    )
    source.refresh()
    (problem,) = source.problems()
    assert "cannot be read" in problem.what


def test_an_interpreter_that_starts_no_more_threads_is_asked_again(service):
    def refused(work):
        raise RuntimeError("can't start new thread")

    source = answering(service, "gb")
    source._start = refused
    assert source.at(NOW) is None and source.problems() == ()
    source._start = lambda work: work()
    source.at(NOW)
    assert source.at(NOW).g_per_kwh == 190


@pytest.mark.parametrize("stored", [KEY, None, ""])
def test_a_key_may_be_kept_in_a_keyring(stored, tmp_path, monkeypatch):
    asked = []
    keyring = SimpleNamespace(get_password=lambda *place: asked.append(place) or stored)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    found = [source.name for source in live_sources("US-CAL-CISO", folder=tmp_path, env={})]
    assert found == (["Electricity Maps", "EIA"] if stored else [])
    assert asked == [("ipyfootprint", "electricity-maps"), ("ipyfootprint", "eia")]


def test_a_keyring_that_fails_is_no_key(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert live_sources("US-CAL-CISO", folder=tmp_path, env={}) == []
