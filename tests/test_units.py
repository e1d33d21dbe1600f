import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate
from ipyfootprint.units import (
    Amount,
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    kwh,
    length_text,
    mass_text,
    parse_amount,
    percent_text,
    power_text,
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
        (Estimate(0.5, 0.3, 0.8), "500 mJ (300-800)"),
        (Estimate(123.4, 123.2, 123.4), "123 J (123-123)"),
        (Estimate(100.0, 96.0, 104.0), "100 J (96.0-104)"),
        (3e-9, "0.00300 µJ"),
        (7.2e9, "2.00 MWh"),
        (21, "21.0 J"),
        (0, "0 J"),
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
    [
        (0.0851, "85.1 ms"),
        (0.9994, "999 ms"),
        (0.9995, "1 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min 00 s"),
        (60.4, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (220_000, "61 h 06 min"),
    ],
)
def test_durations_are_read_in_the_unit_people_use(seconds, text):
    assert duration_text(seconds) == text


def test_a_change_is_a_percentage_or_a_multiple():
    assert change_text(88, 100) == "-12 %"
    assert change_text(310, 100) == "x3.1"
    assert (change_text(200, 100), change_text(250, 100)) == ("x2", "x2.5")
    assert (change_text(100, 100), change_text(0.5, 1)) == ("+0 %", "-50 %")
    assert change_text(199, 100) == "+99 %" and change_text(0, 100) == "-100 %"
    assert change_text(None, 100) == change_text(5, 0) == change_text(5, None) == ""


def test_amounts_are_typed_with_their_unit():
    assert (parse_amount("500 Wh").value, parse_amount("500 Wh").kind) == (1.8e6, "energy")
    assert (parse_amount(".2kg").value, parse_amount("5 L").kind) == (200, "water")
    assert [parse_amount(text).value for text in ("2 MWh", "2 mWh", "1e3 mg")] == [7.2e9, 7.2, 1.0]


def test_an_amount_is_written_in_its_own_unit():
    assert str(Amount(1.8e6, "energy")) == "500 Wh"
    assert str(Amount(200, "carbon")) == "200 g CO2e"
    assert str(Amount(5, "water")) == "5.00 L"


def test_every_kind_of_quantity_has_its_words():
    assert (power_text(85.0), power_text(None)) == ("85.0 W", "not measured")
    assert (water_text(Estimate(0.04, 0.03, 0.05)), water_text(2e6)) == ("40 mL (30-50)", "2.00 ML")
    assert (length_text(1234.0), length_text(None)) == ("1.23 km", "unknown")
    assert (mass_text(0.003), mass_text(None)) == ("3.00 mg", "unknown")
    assert (percent_text(0.314), percent_text(None)) == ("31 %", "unknown")
    assert kwh(1.8e6) == 0.5


@pytest.mark.parametrize("bad", ["500", "-3 Wh", "0 g", "five Wh", "3 apples", ""])
def test_an_amount_that_is_not_one_is_refused_with_the_way_out(bad):
    with pytest.raises(ConfigError) as refused:
        parse_amount(bad)
    assert str(refused.value) == (
        f"{bad!r} is not an amount; nothing was changed. Type e.g. 500 Wh, 200 g or 5 L."
    )


def test_a_sum_may_ask_for_more_digits_than_its_bounds_bear():
    wide = Estimate(21.4, 10.7, 42.8)
    assert energy_text(wide, 2) == "21 J (11-43)" and energy_text(wide) == "20 J (10-40)"
    assert carbon_text(wide, 2) == "21 g CO2e (11-43)"
    assert water_text(wide, 2) == "21 L (11-43)"
    assert mass_text(wide) == "20 g (10-40)"
    assert energy_text(Estimate(0.5, 0.49, 0.51)) == "500 mJ (490-510)"
