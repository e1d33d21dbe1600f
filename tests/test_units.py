import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    parse_amount,
    water_text,
)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(21.4, 10.7, 42.8), "20 J (10-40)"),
        (Estimate(76_000, 72_200, 79_800), "21 Wh (20-22)"),
        (Estimate.exact(3.6e6), "1.00 kWh"),
        (Estimate(999.7, 999.7, 999.7), "1000 J"),
        (Estimate(0.0042, 0.002, 0.009), "4 mJ (2-9)"),
        (Estimate(0, 0, 5), "0 J (0-5)"),
        (None, "not measured"),
    ],
)
def test_an_energy_shows_no_more_digits_than_its_bounds_allow(estimate, text):
    assert energy_text(estimate) == text


def test_absent_is_a_word_and_never_zero():
    assert (energy_text(None), carbon_text(None), water_text(None), duration_text(None)) == (
        "not measured",
        "unknown",
        "unknown",
        "unknown",
    )


def test_carbon_names_what_it_is():
    assert carbon_text(Estimate(6.21, 5.9, 6.6)) == "6.2 g CO2e (5.9-6.6)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0851, "85.1 ms"), (12.34, "12.3 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_are_read_in_the_unit_people_use(seconds, text):
    assert duration_text(seconds) == text


def test_a_change_is_a_percentage_or_a_multiple():
    assert change_text(88, 100) == "-12 %"
    assert change_text(310, 100) == "x3.1"
    assert change_text(None, 100) == change_text(5, 0) == ""


def test_amounts_are_typed_with_their_unit():
    assert (parse_amount("500 Wh").value, parse_amount("500 Wh").kind) == (1.8e6, "energy")
    assert (parse_amount(".2kg").value, parse_amount("5 L").kind) == (200, "water")


@pytest.mark.parametrize("bad", ["500", "-3 Wh", "0 g", "five Wh", "3 apples", ""])
def test_an_amount_that_is_not_one_is_refused_with_the_way_out(bad):
    with pytest.raises(ConfigError, match="is not an amount"):
        parse_amount(bad)
