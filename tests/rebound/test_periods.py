"""Stretches of runs: how they are named, and that their sums decompose exactly."""

from datetime import UTC, timedelta

import pytest
from rows import START, row

from ipyfootprint.errors import ConfigError
from ipyfootprint.rebound.periods import around, compare, select, stretch

NOW = START + timedelta(hours=5)
DAY = timedelta(days=1)


def chosen(text, here, everything=None):
    found = select(text, here, lambda: everything or here, NOW, UTC)
    return [run.number for run in found.runs]


def session():
    return [
        row(n, phase="training" if n % 2 else None, label="new" if n > 6 else "old")
        for n in range(1, 13)
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1-4", [1, 2, 3, 4]),
        ("#11-", [11, 12]),
        ("5", [5]),
        ("9:03-9:05", [3, 4, 5]),
        ("9:11-", [11, 12]),
        ("training", [1, 3, 5, 7, 9, 11]),
        ("phase:training", [1, 3, 5, 7, 9, 11]),
        ("new", [7, 8, 9, 10, 11, 12]),
        ("label:old", [1, 2, 3, 4, 5, 6]),
        ("2026-05-06", list(range(1, 13))),
        ("today", list(range(1, 13))),
        ("this-week", list(range(1, 13))),
    ],
)
def test_a_stretch_is_named_by_number_time_day_phase_or_label(text, numbers):
    assert chosen(text, session()) == numbers


def test_days_and_labels_reach_beyond_the_session():
    monday = row(90, session_id="earlier", started_at=START - 2 * DAY, label="distil")
    sunday = row(91, session_id="earlier", started_at=START - 3 * DAY, label="distil")
    everything = [sunday, monday, *session()]
    assert chosen("yesterday", session(), [row(95, started_at=START - DAY)]) == [95]
    assert chosen("last-week", session(), everything) == [91]
    assert chosen("2026-05-03..2026-05-04", session(), everything) == [91, 90]
    assert chosen("distil", session(), everything) == [91, 90]


@pytest.mark.parametrize(
    "text", ["lunch", "40-50", "2026-13-01", "2026-05-08", "2026-05-06..2026-05-01", "25:00-26:00"]
)
def test_what_names_no_run_says_what_can_be_typed(text):
    with pytest.raises(ConfigError, match=r"nothing was compared.*Name cells"):
        chosen(text, session())


def test_days_count_those_without_a_run_and_not_those_to_come():
    runs = [row(1, started_at=START - DAY), row(2)]
    found = select("this-week", runs, lambda: runs, NOW, UTC)
    assert found.days == 3
    assert found.energy_per_day.mid == pytest.approx(2000 / 3)


def test_pauses_count_up_to_ten_minutes_also_those_before_the_first_of_a_stretch():
    runs = [row(1, minutes=0), row(2, minutes=2), row(3, minutes=60)]
    assert stretch("all", runs, runs).period.hours == pytest.approx((30 + 120 + 630) / 3600)
    assert stretch("last", runs[2:], runs).period.hours == pytest.approx(630 / 3600)


def test_work_counts_where_every_run_that_worked_counted_one_unit():
    counted = [row(n, work_units=4.0, work_kind="epochs") for n in (1, 2)]
    failed = row(3, status="error", work_units=None)
    assert stretch("a", [*counted, failed], counted).period.work == 8
    assert stretch("b", [*counted, row(4)], counted).period.work is None
    other = row(5, work_units=1.0, work_kind="steps")
    assert stretch("c", [*counted, other], counted).period.work is None


def test_the_parts_add_up_and_two_units_of_work_are_not_mixed():
    a = [row(n, 1000, work_units=10, work_kind="epochs") for n in (1, 2, 3)]
    b = [row(n, 700, work_units=20, work_kind="epochs", config_hash=f"{n}") for n in (4, 5)]
    found = compare(stretch("a", a, a + b), stretch("b", b, a + b))
    assert sum(f.part for f in found.change.factors) == pytest.approx(found.change.change)
    assert "work per run" in [f.name for f in found.change.factors]
    assert found.grid == pytest.approx((360, 360))
    steps = stretch("c", [row(6, work_units=1, work_kind="steps")], a)
    assert "energy per run" in [f.name for f in compare(stretch("a", a, a), steps).change.factors]


def test_a_lineage_before_and_since_its_gain():
    class Gain:
        lineage, since = "train", 6

    runs = [*session(), row(13, lineage="plots"), row(14, status="started")]
    found = around(Gain, runs)
    assert [r.number for r in found.before.runs] == [1, 2, 3, 4, 5, 6]
    assert [r.number for r in found.after.runs] == [7, 8, 9, 10, 11, 12]
    assert around(Gain, runs[:6]) is None
