"""Stretches of runs: how they are named, and that their sums decompose exactly."""

from datetime import UTC, timedelta, timezone

import pytest
from pytest import approx
from rows import START, row

from ipyfootprint.errors import ConfigError
from ipyfootprint.rebound.decompose import Period
from ipyfootprint.rebound.periods import GRAMMAR, around, compare, select, stretch

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


EAST = timezone(timedelta(hours=5))  # where the session begins at 14:00


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" 1-4 ", "cells 1-4"),
        ("1 - 4", "cells 1 - 4"),
        ("#1-#4", "cells #1-#4"),
        ("#5", "cell 5"),
        ("11-", "cells 11-"),
        ("9:03-9:05", "9:03-9:05"),
        ("today", "today"),
        ("label:old", "old"),
        ("phase:training", "training"),
        ("train", "train"),
    ],
)
def test_a_stretch_is_called_as_it_was_named(text, name):
    assert select(text, session(), session, NOW, UTC).name == name


def test_a_time_is_that_of_the_person():
    found = select("14:03-14:05", session(), session, NOW, EAST)
    assert [run.number for run in found.runs] == [3, 4, 5]
    own = START.astimezone() + timedelta(minutes=3)
    assert select(f"{own:%H:%M}-", session(), session, NOW).runs[0].number == 3
    with pytest.raises(ConfigError):
        select("9:03-9:05", session(), session, NOW, EAST)


def test_a_day_is_that_of_the_person():
    late = row(1, started_at=START.replace(hour=20))  # tomorrow in the east
    night = START.replace(hour=22)
    assert select("today", [late], lambda: [late], night, EAST).days == 1
    with pytest.raises(ConfigError):
        select("today", [late], lambda: [late], START.replace(hour=16), EAST)


def test_the_ledger_is_asked_only_where_the_session_does_not_know():
    def never():
        raise AssertionError("the ledger was read")

    for text in ("1-4", "9:03-9:05", "training", "old"):
        assert select(text, session(), never, NOW, UTC).runs


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("lunch", "'lunch' names no run"),
        ("phase:old", "'phase:old' names no run"),
        ("label:tuning", "'label:tuning' names no run"),
        ("40-50", "No metered run in cells 40-50"),
        ("40", "No metered run in cell 40"),
        ("13:00-13:30", "No metered run in 13:00-13:30"),
        ("yesterday", "No metered run in yesterday"),
        ("25:00-26:00", "'25:00' is no time"),
        ("9:00-9:61", "'9:61' is no time"),
        ("2026-13-01", "'2026-13-01' is no day"),
        ("2026-05-01..2026-05-32", "'2026-05-01..2026-05-32' is no day"),
        ("2026-05-07", "'2026-05-07' holds no day"),
        ("2026-05-02..2026-05-01", "'2026-05-02..2026-05-01' holds no day"),
    ],
)
def test_what_names_no_run_says_so_in_three_parts(text, what):
    with pytest.raises(ConfigError) as refused:
        select(text, session(), session, NOW, UTC)
    assert (refused.value.what, refused.value.instead) == (what, "nothing was compared")
    labels = " Labels of this session: new, old." if "names no run" in what else ""
    assert refused.value.remedy == GRAMMAR + labels


def test_without_labels_none_are_listed():
    with pytest.raises(ConfigError) as refused:
        select("lunch", [row(1, label=None)], list, NOW, UTC)
    assert refused.value.remedy == GRAMMAR


def test_a_label_may_be_the_name_of_a_phase():
    runs = [row(1, phase="training"), row(2, label="training"), row(3, lineage="mine")]
    assert [chosen(text, runs) for text in ("training", "label:training", "mine")] == [
        [1],
        [2],
        [3],
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-05-06", 1),
        ("2026-05-01..2026-05-06", 6),
        ("2026-05-01..2026-06-30", 6),
        ("this-week", 3),
        ("today", 1),
        ("1-3", 1),
    ],
)
def test_days_to_come_are_not_counted(text, days):
    assert select(text, session(), session, NOW, UTC).days == days


def test_the_days_of_a_stretch_are_those_between_its_first_and_last_run():
    runs = [row(1, started_at=START - 2 * DAY), row(2)]
    assert stretch("a", runs[::-1], runs, zone=UTC).days == 3
    assert [run.number for run in stretch("a", runs[::-1], runs).runs] == [1, 2]
    late = [row(1, started_at=START.replace(hour=12)), row(2, started_at=START.replace(hour=20))]
    assert stretch("a", late, late, zone=UTC).days == 1
    assert stretch("a", late, late, zone=EAST).days == 2
    assert stretch("a", runs, runs, days=9).days == 9
    assert stretch("a", [], []).days == 1


def test_the_sums_of_a_stretch():
    runs = [
        row(1, 1000.0, work_units=4.0, work_kind="epochs"),
        row(2, 2000.0, work_units=6.0, work_kind="epochs", method="modelled", config_hash="x"),
        row(3, None, config_hash="y"),
    ]
    found = stretch("a", runs, runs)
    assert (found.name, found.work_kind, found.method) == ("a", "epochs", "modelled")
    assert found.period == Period(approx(150 / 3600), 3, 3, 10.0, 3000.0, approx(0.3))
    assert (found.energy.low, found.energy.mid, found.energy.high) == approx((2700, 3000, 3300))
    assert found.energy_per_day.mid == approx(3000)


def test_what_is_not_known_is_none():
    nothing = stretch("a", [row(1, None)], [])
    assert nothing.energy is None and nothing.energy_per_day is None
    assert (nothing.period.energy_j, nothing.period.carbon_g) == (0, 0)
    assert (nothing.work_kind, nothing.period.work, nothing.method) == (None, None, "unavailable")
    unpriced = [row(1), row(2, operational_g=None)]
    assert stretch("a", unpriced, unpriced).period.carbon_g is None
    assert stretch("a", unpriced, unpriced).carbon is None and nothing.carbon is None


def test_a_run_that_is_not_among_its_session_has_its_duration():
    assert stretch("a", [row(1), row(2, seconds=None)], []).period.hours == approx(30 / 3600)


def test_two_units_of_work_leave_all_other_factors():
    a = [row(n, 1000, work_units=10, work_kind="epochs") for n in (1, 2, 3)]
    dirty = {"operational_g": 0.4, "operational_low_g": 0.3, "operational_high_g": 0.6}
    b = [row(n, 1000, work_units=20, work_kind="steps", **dirty) for n in (4, 5, 6)]
    found = compare(stretch("a", a, a + b), stretch("b", b, a + b))
    names = ["configurations", "runs per configuration", "energy per run", "grid"]
    assert [f.name for f in found.change.factors] == names
    assert found.grid == approx((360, 1440))
    assert found.change.before == approx(0.3 / ((30 + 60 + 60) / 3600))
    carbon = found.after.carbon
    assert (carbon.mid, carbon.low, carbon.high) == approx((1.2, 0.9, 1.8))


def test_a_grid_that_is_not_known_is_none():
    a = [row(1, operational_g=None)]
    assert compare(stretch("a", a, a), stretch("b", a, a)).grid is None
    assert compare(stretch("a", [row(1, 0.0)], []), stretch("b", [row(2)], [])).grid is None


def test_a_gain_is_looked_at_with_the_pauses_of_its_session():
    class Gain:
        lineage, since = "train", 1

    runs = [row(1), row(2, lineage="plots"), row(3), row(4, status="started"), row(5)]
    found = around(Gain, runs)
    assert (found.before.name, found.after.name) == ("before the gain", "since the gain")
    assert [run.number for run in found.after.runs] == [3, 5]
    assert found.after.period.hours == approx((60 + 60) / 3600)
    assert around(Gain, runs[2:]) is None


def test_a_stretch_over_midnight_has_two_days_where_the_person_is():
    # 12:00 and 20:00 UTC are one day, and two in the east
    late = [
        row(1, started_at=START.replace(hour=12), phase="data"),
        row(2, started_at=START.replace(hour=20), phase="data"),
    ]
    night = START.replace(hour=21)
    for text in ("1-2", "data", "train"):
        assert select(text, late, list, night, UTC).days == 1
        assert select(text, late, list, night, EAST).days == 2
    assert [run.number for run in select("1:00-1:30", late, list, night, EAST).runs] == [2]
    assert select("this-week", late, lambda: late, night, UTC).days == 3
    assert select("this-week", late, lambda: late, night, EAST).days == 4


def test_a_week_is_seven_days_and_an_open_end_is_far():
    runs = [row(n, started_at=START - n * DAY) for n in (2, 3, 9, 10)]  # a Wednesday less n days
    assert chosen("last-week", runs) == [9, 3]
    assert chosen("9-", [row(n) for n in (8, 9, 5000)]) == [9, 5000]
