import csv
from pathlib import Path

import pytest

import ipyfootprint.grid
from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import country_of, yearly
from ipyfootprint.grid.averages import WORLD_BAND

TABLE = Path(ipyfootprint.grid.__file__).with_name("data") / "yearly.csv"


def test_an_unknown_place_is_the_world_with_a_wide_band():
    world = yearly(None)
    assert world.g_per_kwh == 458
    assert (world.low_g_per_kwh, world.high_g_per_kwh) == WORLD_BAND == (86, 676)
    assert world.estimated and world.zone == "WOR" and world.resolution == "year"


@pytest.mark.parametrize("text", ["DEU", "DE", "de", " Germany ", "deu"])
def test_a_country_is_found_by_code_or_name(text):
    assert yearly(text).zone == "DEU"
    assert 300 < yearly(text).g_per_kwh < 400
    assert not yearly(text).estimated


def test_the_bounds_of_a_country_are_where_its_hours_lie():
    france = yearly("FR")
    assert france.low_g_per_kwh < 0.7 * france.g_per_kwh
    assert france.high_g_per_kwh > 1.3 * france.g_per_kwh


def test_a_country_without_a_figure_is_never_a_clean_grid():
    missing = yearly("CAF")
    assert missing.g_per_kwh == 458 and missing.low_g_per_kwh >= WORLD_BAND[0]
    assert missing.estimated and "no figure for Central African Republic" in missing.source


def test_us_states_are_tagged_as_direct_emissions():
    assert yearly("US-CA").basis == "direct"
    assert yearly("USA").basis == yearly("US").basis == "lifecycle"


def test_a_part_of_a_country_gets_the_country_s_figure_and_says_so():
    part = yearly("SE-SE3")
    assert part.g_per_kwh == yearly("SWE").g_per_kwh
    assert part.estimated and part.zone == "SE-SE3" and "Sweden" in part.source


@pytest.mark.parametrize(
    ("typed", "offered"), [("GERMNY", "DEU"), ("US-CX", "US-C"), ("FRANCEE", "FRA"), ("XX", "ISO")]
)
def test_an_unknown_zone_offers_the_nearest(typed, offered):
    with pytest.raises(ConfigError, match=offered) as caught:
        yearly(typed)
    assert caught.value.remedy


@pytest.mark.parametrize("typed", ["", "  ", "DE/../..", "1", "US-"])
def test_what_is_no_zone_at_all_is_refused(typed):
    with pytest.raises(ConfigError):
        yearly(typed)


def test_the_table_is_whole():
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    zones = [row["zone"] for row in rows]
    assert len(zones) == len(set(zones)) == 213 + 1 + 52
    for row in rows:
        shown = yearly(row["zone"])
        assert 0 < shown.low_g_per_kwh < shown.g_per_kwh < shown.high_g_per_kwh < 2000
        assert shown.basis == row["basis"]


def test_a_zone_knows_its_country():
    assert country_of("DE") == "DEU"
    assert country_of("US-CA") == country_of("US-CAL-CISO") == "USA"
    assert country_of(None) is None and country_of("WOR") is None
