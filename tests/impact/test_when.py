from datetime import UTC, datetime, timedelta, timezone

import pytest

from ipyfootprint.grid import Averages, Profile, yearly
from ipyfootprint.impact.when import (
    Advice,
    Start,
    advice_text,
    advise,
    best_start,
    mean_intensity,
)
from ipyfootprint.model import CarbonIntensity
from ipyfootprint.testing import FakeGrid

EVENING = datetime(2026, 5, 4, 18, tzinfo=UTC)
DAY = FakeGrid([400.0] * 10 + [100.0] * 4 + [400.0] * 10)


def test_the_best_start_covers_the_whole_run_with_clean_hours():
    start = best_start(DAY.at, 4 * 3600, EVENING, EVENING + timedelta(hours=24))
    assert start.at.hour == 10 and start.g_per_kwh == pytest.approx(100)


def test_of_equal_starts_the_first_is_taken():
    flat = FakeGrid(300.0)
    assert best_start(flat.at, 60, EVENING, EVENING + timedelta(hours=9)).at == EVENING


def test_without_data_for_the_whole_run_there_is_no_start():
    def known_until_nine(when):
        return DAY.at(when) if when.hour < 21 else None

    assert mean_intensity(known_until_nine, EVENING, 4 * 3600) is None
    assert best_start(lambda when: None, 60, EVENING, EVENING + timedelta(hours=1)) is None


def test_advice_names_the_hour_the_place_and_what_it_rests_on():
    places = {"SE": yearly("SE"), "PL": yearly("PL"), "US-WA": yearly("US-WA")}
    advice = advise(
        [lambda when: None, Profile("DE").at], 3600, EVENING, here=yearly("DE"), elsewhere=places
    )
    assert 0.1 < advice.saving < 0.9 and 8 <= advice.best.at.hour <= 14
    assert [name for name, _ in advice.places] == ["SE", "PL"], "another basis does not compare"
    text = advice_text(advice, zone=timezone(timedelta(hours=2)))
    assert f"at {(advice.best.at.hour + 2) % 24:02d}:" in text
    assert "in SE 89 % less" in text and "PL" not in text
    assert "2019" in text and "no total holds it" in text


def test_a_flat_source_has_no_better_hour():
    advice = advise([Averages("DE").at], 3600, EVENING)
    assert advice.saving == pytest.approx(0) and advice.best.at == EVENING
    assert "no hour of the window is cleaner" in advice_text(advice).lower()


def test_without_any_data_the_advice_says_so():
    assert "No data say" in advice_text(advise([lambda when: None], 60, EVENING))


def test_marginal_figures_are_named_as_such():
    def marginal(when):
        return CarbonIntensity(9.0 + when.hour, 1, 99, zone="X", accounting="marginal", source="W")

    assert "marginal figures of W" in advice_text(advise([marginal], 60, EVENING))


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOURS = FakeGrid([float(100 + hour) for hour in range(24)])


def asked(duration_s):
    """The times at which the intensity of a run from noon is asked for, in s after noon."""
    times = []

    def at(when):
        times.append((when - NOON).total_seconds())
        return HOURS.at(when)

    mean_intensity(at, NOON, duration_s)
    return times


def test_a_run_is_looked_at_in_its_quarters_of_an_hour():
    assert asked(60) == [30]
    assert asked(3600) == [450, 1350, 2250, 3150]
    assert asked(2700) == pytest.approx([450, 1350, 2250])
    assert len(asked(30 * 86_400)) == 192, "a month is not looked at in every quarter"
    assert mean_intensity(HOURS.at, NOON, 7200) == pytest.approx(112.5)


def test_a_run_may_start_at_any_quarter_up_to_the_last_moment():
    end = NOON + timedelta(hours=2)
    falling = FakeGrid([float(100 - hour) for hour in range(24)])
    assert best_start(falling.at, 60, NOON, end) == Start(end, 86.0)
    assert best_start(falling.at, 60, NOON, end - timedelta(minutes=1)).at == NOON + timedelta(
        hours=1
    )
    nearly = FakeGrid([100.3] * 14 + [100.2] + [100.3] * 9)
    assert best_start(nearly.at, 60, NOON, NOON + timedelta(hours=3)).at == end
    equal = FakeGrid([100.0] * 14 + [100.0 - 1e-9] + [100.0] * 9)
    assert best_start(equal.at, 60, NOON, NOON + timedelta(hours=3)).at == NOON
    assert best_start(HOURS.at, 60, NOON, NOON) == Start(NOON, 112.0)
    assert best_start(HOURS.at, 60, NOON, NOON - timedelta(minutes=15)) is None


def test_advice_in_full():
    here = yearly("DE")
    advice = advise([HOURS.at], 3600, EVENING, window_s=6 * 3600 + 1, here=here)
    assert advice.now == Start(EVENING, 118.0)
    assert advice.best == Start(EVENING + timedelta(hours=6), 100.0)
    assert advice.saving == pytest.approx(1 - 100 / 118)
    assert advice.hours == (118, 119, 120, 121, 122, 123, 100)
    assert (advice.source, advice.accounting, advice.places) == ("fake grid", "average", ())
    assert advice_text(advice) == (
        "This run again at 00:00 would emit 15 % less."
        " Advice by figures of fake grid; no total holds it."
    )


def test_a_day_is_looked_ahead_and_never_more_than_three():
    assert len(advise([HOURS.at], 60, NOON).hours) == 24
    assert len(advise([HOURS.at], 60, NOON, window_s=30 * 86_400).hours) == 72
    assert len(advise([HOURS.at], 60, NOON, window_s=0).hours) == 1


def test_the_first_that_covers_the_run_answers_alone():
    advice = advise([lambda when: None, HOURS.at, DAY.at], 60, EVENING)
    assert advice.now.g_per_kwh == 118
    none = advise([lambda when: None], 60, EVENING)
    assert (none.now, none.best, none.saving, none.source) == (None, None, None, "")
    assert none.accounting == "average" and none.hours == none.places == ()


def place(grams, basis="lifecycle"):
    return CarbonIntensity(grams, 0, 9999, zone="", basis=basis)


def test_places_are_ranked_by_what_they_save_and_worse_ones_are_negative():
    elsewhere = {"a": place(300), "b": place(100), "c": place(800), "d": place(1, "direct")}
    advice = advise([], 60, EVENING, here=place(400), elsewhere=elsewhere)
    assert advice.places == (("b", 0.75), ("a", 0.25), ("c", -1.0))
    assert advise([], 60, EVENING, here=place(0), elsewhere=elsewhere).places == ()
    assert advise([], 60, EVENING, here=place(0.5), elsewhere={"a": place(0.25)}).places == (
        ("a", 0.5),
    )
    assert advise([], 60, EVENING, elsewhere=elsewhere).places == ()


def test_three_better_places_are_named_and_only_where_it_is_a_percent_or_more():
    elsewhere = {str(grams): place(grams) for grams in (100, 200, 300, 396, 397, 800)}
    advice = advise([], 60, EVENING, here=place(400), elsewhere=elsewhere)
    assert advice_text(advice) == (
        "No data say which hour would be cleaner here; in 100 75 % less; in 200 50 % less;"
        " in 300 25 % less. Advice; no total holds it."
    )
    few = advise([], 60, EVENING, here=place(400), elsewhere={"x": place(396), "y": place(397)})
    assert "in x 1 % less. Advice" in advice_text(few) and "in y" not in advice_text(few)


def test_a_saving_of_less_than_a_percent_is_none():
    start = Start(EVENING, 100.0)
    worth = Advice(start, start, 0.01, (), "")
    assert advice_text(worth) == (
        "This run again at 18:00 would emit 1 % less. Advice; no total holds it."
    )
    nothing = "No hour of the window is cleaner than now. Advice; no total holds it."
    assert advice_text(Advice(start, start, 0.0099, (), "")) == nothing
    assert advice_text(Advice(start, start, None, (), "")) == nothing


def test_a_grid_that_is_clean_already_cannot_save():
    clean = FakeGrid(0.0)
    assert advise([clean.at], 60, EVENING).saving is None
