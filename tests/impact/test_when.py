from datetime import UTC, datetime, timedelta, timezone

import pytest

from ipyfootprint.grid import Averages, Profile, yearly
from ipyfootprint.impact.when import advice_text, advise, best_start, mean_intensity
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
