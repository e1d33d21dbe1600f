from datetime import UTC, datetime, timedelta

import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import Averages, Chain, Fixed, Profile, bundled, yearly
from ipyfootprint.grid.profiles import shape
from ipyfootprint.model import CarbonIntensity
from ipyfootprint.testing import FakeGrid

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
DUSK = datetime(2026, 1, 20, 18, tzinfo=UTC)


class Told:
    def __init__(self, intensity: CarbonIntensity | None) -> None:
        self.name = "told"
        self.intensity = intensity

    def at(self, when: datetime) -> CarbonIntensity | None:
        return self.intensity


SOURCES = [
    FakeGrid(),
    FakeGrid(range(24)),
    Averages("DE"),
    Averages(None),
    Profile("DE"),
    Profile("JP"),
    Fixed(100),
    bundled("FR"),
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("when", [NOON, DUSK, datetime(2024, 2, 29, 23, 59, tzinfo=UTC)])
def test_a_source_answers_with_a_tagged_figure_or_none(source, when):
    found = source.at(when)
    assert source.name
    if found is not None:
        assert found.source and found.zone
        assert 0 <= found.low_g_per_kwh <= found.g_per_kwh <= found.high_g_per_kwh
        assert source.at(when) is found, "the same hour is the same value"


def test_a_sunny_noon_is_cleaner_than_a_winter_evening_in_germany():
    german = Profile("DEU")
    assert german.at(NOON).g_per_kwh < 0.85 * german.at(DUSK).g_per_kwh
    assert german.at(NOON).resolution == "month-hour" and german.at(NOON).estimated
    assert "2019" in german.at(NOON).source


def test_a_shape_keeps_the_level_of_the_year():
    hours = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(8760)]
    profile = Profile("DE")
    mean = sum(profile.at(when).g_per_kwh for when in hours) / len(hours)
    assert mean == pytest.approx(yearly("DE").g_per_kwh, rel=0.01)


def test_twenty_five_zones_have_a_shape_and_others_none():
    assert len(shape("SE-SE3")) == 288
    assert Profile("JPN").at(NOON) is None and Profile(None).at(NOON) is None
    with pytest.raises(ConfigError):
        Profile("nowhere").at(NOON)


def test_the_bundled_order_is_shape_then_average_then_world():
    assert bundled("DE").at(NOON).resolution == "month-hour"
    assert bundled("JP").at(NOON) == yearly("JP")
    assert bundled(None).at(NOON) == yearly(None)


@pytest.mark.parametrize("tags", [{"accounting": "marginal"}, {"method": "market"}])
def test_figures_that_may_not_enter_a_total_are_passed_over(tags):
    advice = CarbonIntensity(10, 10, 10, zone="DE", **tags)
    assert Chain([Told(None), Told(advice), Averages("DE")]).at(NOON) == yearly("DE")
    assert Chain([Told(advice)]).at(NOON) is None


@pytest.mark.parametrize("grams", [-1, 2001, float("nan")])
def test_an_absurd_figure_cannot_be_set(grams):
    with pytest.raises(ConfigError, match="no grid"):
        Fixed(grams)
