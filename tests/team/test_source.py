"""Aggregates equal what the runs themselves add up to, whatever the filters."""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import made_up_team
import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.team.filters import FORMATS, Filters, cover
from ipyfootprint.team.queries import OTHERS
from ipyfootprint.team.source import DatabaseSource

MADE = made_up_team.runs()
NAMES = {"project": "project", "person": "user_id", "hardware": "hardware_id", "phase": "phase"}


@pytest.fixture(scope="module")
def source():
    ledger = made_up_team.ledger_of(MADE)
    made_up_team.session_with_gap(ledger, MADE[0])
    statements = []
    fetch = ledger.reader()

    def watched(sql, values):
        statements.append(sql)
        return fetch(sql, values)

    made = DatabaseSource(watched, runs=True)
    made.statements = statements
    return made


def asked(**known):
    return Filters(
        **{"since": date(2026, 3, 3), "until": date(2026, 4, 20), "zone": "UTC", **known}
    )


def chosen(filters):
    """The runs that the filters mean, by the clock of their zone."""
    zone = ZoneInfo(filters.zone)
    low = datetime.combine(filters.since, datetime.min.time(), zone)
    high = datetime.combine(filters.until, datetime.min.time(), zone)
    return [
        run
        for run in MADE
        if low <= run.started_at < high
        and all(
            getattr(filters, name) in (None, getattr(run, column) or "")
            for name, column in NAMES.items()
        )
    ]


CASES = [
    {},
    {"zone": "America/Los_Angeles"},
    {"zone": "Pacific/Auckland", "since": date(2026, 3, 20), "until": date(2026, 4, 10)},
    {"since": date(2026, 1, 1), "until": date(2026, 6, 30), "zone": "Asia/Tokyo"},
    {"since": date(2026, 3, 3), "until": date(2026, 3, 4)},
    {"project": "vision"},
    {"project": "", "by": "person"},
    {"person": "u3", "by": "phase"},
    {"hardware": "h2", "phase": "", "by": "hardware"},
]


@pytest.mark.parametrize("known", CASES, ids=str)
def test_totals_are_the_sums_over_the_runs(source, known):
    filters = asked(**known)
    found = source(filters)
    for sums, period in ((found.now, filters), (found.before, filters.previous)):
        runs = chosen(period)
        energy = sum(run.energy_j or 0 for run in runs)
        assert sums.n == len(runs)
        assert sums.n_failed == sum(run.status != "ok" for run in runs)
        assert sums.n_energy == sum(run.energy_j is not None for run in runs)
        assert sums.n_carbon == sum(run.operational_g is not None for run in runs)
        assert sums.energy_j == pytest.approx(energy, abs=1e-3)
        assert sums.energy_high_j == pytest.approx(2 * energy, abs=1e-3)
        assert sums.failed_j == pytest.approx(
            sum(run.energy_j or 0 for run in runs if run.status != "ok"), abs=1e-3
        )
        assert sums.measured_j == pytest.approx(
            sum(run.energy_j or 0 for run in runs if run.method == "counter"), abs=1e-3
        )
        assert sums.operational_g == pytest.approx(sum(run.operational_g or 0 for run in runs))


@pytest.mark.parametrize("known", CASES, ids=str)
def test_the_series_splits_the_total_by_group_and_local_day(source, known):
    filters = asked(**known)
    found = source(filters)
    column = NAMES[filters.by]
    expected = defaultdict(float)
    form = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m"}[found.bin_size]
    for run in chosen(filters):
        start = run.started_at.astimezone(ZoneInfo(found.bin_zone)).strftime(form)
        expected[start, getattr(run, column) or ""] += run.energy_j or 0
    # months of a long period are UTC's: their edges are not the period's
    got = {(b.start, b.group): b.sums.energy_j for b in found.bins}
    if found.bin_zone == filters.zone:
        assert got == pytest.approx(dict(expected))
    assert sum(group.now.energy_j for group in found.groups) == pytest.approx(
        sum(expected.values())
    )


def test_small_groups_are_one_in_the_series(source, monkeypatch):
    monkeypatch.setattr("ipyfootprint.team.queries.NAMED", 2)
    found = source(asked(by="person"))
    shown = {b.group for b in found.bins}
    assert shown == {found.groups[0].name, found.groups[1].name, OTHERS}
    assert sum(b.sums.energy_j for b in found.bins) == pytest.approx(found.now.energy_j)


def test_experiments_compare_whole_weeks(source):
    filters = asked()
    before, now, end = filters.weeks
    assert (now - before, end - now) == (timedelta(weeks=6), timedelta(weeks=6))
    assert end <= filters.until and before.weekday() == 0
    found = {(e.project, e.lineage): e for e in source(filters).experiments}
    runs = [run for run in MADE if now <= run.started_at.date() < end and run.lineage == "vision 1"]
    volume = found["vision", "vision 1"].now
    weekly = {
        (run.user_id, run.config_hash, run.started_at.date().isocalendar()[:2]) for run in runs
    }
    assert volume.runs == len(runs) and volume.work == 10.0 * len(runs)
    assert volume.people == len({run.user_id for run in runs})
    assert volume.configs == len(weekly)
    assert volume.carbon_g is None, "some runs' carbon is unknown, so the sum is"


def test_the_time_between_runs_is_counted_with_its_session(source):
    found = source(Filters(since=date(2026, 1, 1), until=date(2026, 6, 30)))
    assert (found.now.n_gap, found.now.gap_s, found.now.gap_j) == (1, 50.0, 100.0)


def test_nothing_recorded_is_absent_not_zero():
    found = DatabaseSource(made_up_team.ledger_of([]).reader())(asked())
    assert found.now.energy is None and found.now.carbon is None and found.now.measured is None
    assert not (found.bins or found.groups or found.experiments or found.courses)


def test_no_question_of_the_dashboard_reads_single_runs(source):
    source.statements.clear()
    source(asked())
    assert source.statements
    assert not [sql for sql in source.statements if re.search(r"\b(FROM|JOIN) run\b", sql)]


def test_a_drill_down_pages_through_everything_once(source, monkeypatch):
    monkeypatch.setattr("ipyfootprint.team.source.PAGE_ROWS", 4)
    filters = asked()
    page, seen = source.experiments(filters), []
    while True:
        seen += [(row[0], row[1], row[3].energy_j) for row in page.rows]
        if page.after is None:
            break
        page = source.experiments(filters, page.after)
    assert (
        len(seen) == len(set(seen)) == sum(e.now is not None for e in source(filters).experiments)
    )
    assert [row[2] for row in seen] == sorted((row[2] for row in seen), reverse=True)
    page, ids = source.runs("vision 1"), []
    while True:
        ids += [row[0] for row in page.rows]
        if page.after is None:
            break
        page = source.runs("vision 1", page.after)
    wanted = [run for run in MADE if run.lineage == "vision 1"]
    wanted.sort(key=lambda run: (run.started_at, run.run_id), reverse=True)
    assert ids == [run.run_id for run in wanted]


def test_a_source_of_sums_alone_refuses_single_runs():
    with pytest.raises(ConfigError, match="sums, not single runs"):
        DatabaseSource(lambda sql, values: []).runs("x")


def test_hostile_values_are_values(source):
    hostile = "x'; DROP TABLE run; --"
    assert source(asked(project=hostile, person=hostile)).now.n == 0
    assert source.runs(hostile).rows == []


@pytest.mark.parametrize(
    ("known", "what"),
    [
        ({"until": date(2026, 3, 3)}, "no period"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"by": "shoe size"}, "tells no runs apart"),
    ],
)
def test_filters_that_cannot_be_used_say_so(known, what):
    with pytest.raises(ConfigError, match=what):
        asked(**known)


def hours(rollup, low, high):
    """Every hour of the buckets from one to before another."""
    form = FORMATS[rollup]
    at = datetime.strptime(low, form)
    while (name := at.strftime(form)) < high:
        if name >= low:
            yield at
        at += timedelta(hours=1)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kolkata"])
@pytest.mark.parametrize("days", [1, 2, 7, 16, 28, 31, 90, 182, 400])
def test_a_period_is_covered_without_hole_or_overlap(zone, days):
    for shift in range(0, 40, 3):
        since = date(2026, 1, 20) + timedelta(days=shift)
        filters = asked(since=since, until=since + timedelta(days=days), zone=zone)
        covered = defaultdict(int)
        for rollup, low, high, sign in cover(filters.start, filters.stop):
            for hour in hours(rollup, low, high):
                covered[hour] += sign
        begun, ended = (
            when.replace(minute=0, tzinfo=None) for when in (filters.start, filters.stop)
        )
        assert {hour: count for hour, count in covered.items() if count} == {
            begun + timedelta(hours=n): 1 for n in range(int((ended - begun) / timedelta(hours=1)))
        }


def test_a_long_period_is_read_from_few_days_and_hours():
    filters = asked(since=date(2026, 1, 20), until=date(2026, 5, 3), zone="Asia/Tokyo")
    assert cover(filters.start, filters.stop) == [
        ("hour", "2026-01-19T15", "2026-01-20T00", 1),
        ("hour", "2026-05-02T15", "2026-05-03T00", -1),
        ("day", "2026-01-20", "2026-02-01", 1),
        ("month", "2026-02", "2026-05", 1),
        ("day", "2026-05-01", "2026-05-03", 1),
    ]
    week = asked(since=date(2026, 1, 12), until=date(2026, 1, 19))
    assert cover(week.start, week.stop) == [("day", "2026-01-12", "2026-01-19", 1)]
