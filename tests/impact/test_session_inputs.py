"""A session's inputs by hand: what stands in the ledger of two runs, with words and bounds."""

from dataclasses import astuple, replace
from datetime import UTC, datetime

import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.assumptions import Assumption, Factor, total
from ipyfootprint.impact.session import assume, parse_changes, session_ledger
from ipyfootprint.model import CarbonIntensity, Run

KWH = 3.6e6
YEAR_H = 8760
GRID = CarbonIntensity(400, 300, 500, zone="DE", source="a table", year=2024)
CLEAN = replace(GRID, g_per_kwh=100, low_g_per_kwh=90, high_g_per_kwh=120, year=2025)


def rows(ledger):
    return [astuple(line) for line in ledger]


def approx(*fields):
    """A line whose figures may differ by rounding."""
    return tuple(pytest.approx(each) if isinstance(each, float) else each for each in fields)


def run(number, **fields):
    made = Run(
        run_id=f"r{number}",
        session_id="s",
        user_id="u",
        number=number,
        started_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        status="ok",
        duration_s=1800.0,
        energy_j=KWH,
        energy_low_j=0.9 * KWH,
        energy_high_j=1.2 * KWH,
        method="counter",
        pue=1.5,
        intensity=GRID,
        operational_g=600.0,
        embodied_g=50.0,
        water_l=3.5,
    )
    return replace(made, **fields)


# 1 kWh x 1.5 at 400 g and 3 kWh x 1.1 at 100 g.
TWO = (
    run(1),
    run(
        2,
        energy_j=3 * KWH,
        energy_low_j=2 * KWH,
        energy_high_j=4 * KWH,
        pue=1.1,
        intensity=CLEAN,
        operational_g=330.0,
        embodied_g=250.0,
        duration_s=5400.0,
        water_l=7.5,
    ),
)
KNOWN = (
    Assumption("pue", 1.54, "", "a survey", 2025, "default", 1.07, 1.67),
    Assumption("wue_l_per_kwh", 0.5, "L/kWh", "a provider", 2024, "you"),
    Assumption("water_l_per_kwh", 2.0, "L/kWh", "a table of water", 2020),
    Assumption("lifetime_years", 5, "years", "by choice", 2023),
    Assumption("utilisation", 0.5, "", "by choice", 2023, "you", 0.4, 0.6),
    Assumption("share_of_host", 0.25, "", "cores", None, "recognised"),
    Assumption("host_kg", 1000, "kg CO2e", "a server", 2023, "recognised", 500, 2000),
    Assumption("gpu0_kg", 250, "kg CO2e", "a card", 2025, "typed", 125, 375),
)


def place(zone):
    basis = "direct" if zone == "US" else "lifecycle"
    return CarbonIntensity(50, 40, 60, zone=zone, basis=basis), {"FR": "FRA"}.get(zone)


def refused(words, runs=TWO):
    with pytest.raises(ConfigError) as error:
        assume(runs, words, place, KNOWN)
    return str(error.value)


def test_every_line_of_a_session_by_hand():
    grams = 930 / 4.8  # g over facility kWh
    litres = (11 - 4 * 0.5) / 4.8  # all water but the cooling, over facility kWh
    held = 0.3 * 5 * YEAR_H * 0.5 / 2  # kg whose part of a life of 5 years at half use is 300 g
    assert rows(session_ledger(TWO, KNOWN)) == [
        approx("energy_kwh", 4, "kWh", "2 runs, failed ones included", None, "measured", 2.9, 5.2),
        approx("pue", 1.2, "", "a survey", 2025, "default", 1.07, 1.67),
        approx(
            "intensity_g_per_kwh",
            grams,
            "g/kWh",
            "average, lifecycle, generation-based, location-based, by year, a table, 2024"
            " | average, lifecycle, generation-based, location-based, by year, a table, 2025",
            2025,
            "default",
            90,
            500,
        ),
        approx("wue_l_per_kwh", 0.5, "L/kWh", "a provider", 2024, "you", None, None),
        approx("water_l_per_kwh", litres, "L/kWh", "a table of water", 2020, "default", None, None),
        # A quarter of the host and the card: 500 kg, 250 to 875.
        approx(
            "device_kg",
            held,
            "kg CO2e",
            "a server; a card",
            None,
            "recognised, typed",
            held / 2,
            held * 1.75,
        ),
        approx("hours", 2, "h", "the session's runs", None, "measured", None, None),
        approx("lifetime_years", 5, "years", "by choice", 2023, "default", None, None),
        approx("utilisation", 0.5, "", "by choice", 2023, "you", 0.4, 0.6),
    ]


def test_those_inputs_give_the_rows_totals_again():
    of = total(session_ledger(TWO, KNOWN))
    assert of.operational_g == pytest.approx(930)
    assert of.embodied_g == pytest.approx(300)
    assert of.water_l == pytest.approx(11)
    bare = total(session_ledger(TWO))
    assert (bare.operational_g, bare.embodied_g) == pytest.approx((930, 300))
    assert bare.water_l == pytest.approx(11)


def test_without_a_context_the_rows_are_the_source():
    lines = {line.name: line for line in session_ledger(TWO)}
    assert astuple(lines["pue"]) == approx(
        "pue", 1.2, "", "the runs' rows", None, "default", None, None
    )
    assert lines["wue_l_per_kwh"].value == 0
    assert [lines[name].unit for name in ("wue_l_per_kwh", "water_l_per_kwh")] == ["L/kWh"] * 2
    assert (lines["lifetime_years"].unit, lines["utilisation"].unit) == ("years", "")
    assert (lines["lifetime_years"].value, lines["utilisation"].value) == (6, 0.85)
    device = lines["device_kg"]
    assert (device.source, device.set_by) == ("this user's share", "recognised")
    assert device.low == device.high == device.value
    assert lines["intensity_g_per_kwh"].set_by == "default"
    set_by_hand = (Assumption("intensity_g_per_kwh", 1, set_by="you"),)
    lines = {line.name: line for line in session_ledger(TWO, set_by_hand)}
    assert lines["intensity_g_per_kwh"].set_by == "you"


def test_what_a_row_does_not_say_counts_as_nothing_and_its_overhead_as_none():
    bare = run(1, pue=None, water_l=None, operational_g=400.0, duration_s=90.0)
    of = {line.name: line for line in session_ledger([bare], KNOWN)}
    assert of["pue"].value == 1 and of["intensity_g_per_kwh"].value == 400
    assert of["water_l_per_kwh"].value == 0, "the cooling alone is more than was recorded"
    assert of["hours"].value == pytest.approx(0.025)
    untimed = run(2, duration_s=None, embodied_g=0.0, energy_j=0.0, operational_g=0.0)
    of = {line.name: line for line in session_ledger([run(1), untimed], KNOWN)}
    assert (of["energy_kwh"].value, of["hours"].value) == (1, 0.5)
    assert total(session_ledger([run(1), untimed], KNOWN)).embodied_g == pytest.approx(50)


def test_without_its_share_a_host_is_this_user_s_whole():
    host, card = KNOWN[-2:]
    of = {line.name: line for line in session_ledger([run(1)], [host, card])}
    # 1250 kg between 625 and 2375.
    device = of["device_kg"]
    assert (device.low / device.value, device.high / device.value) == pytest.approx((0.5, 1.9))


def test_a_run_without_carbon_counts_its_time_and_its_device_only():
    unknown = run(3, operational_g=None, intensity=None, water_l=99.0)
    of = {line.name: line for line in session_ledger([*TWO, unknown], KNOWN)}
    assert of["energy_kwh"].value == 4
    assert of["energy_kwh"].source == "2 runs, failed ones included"
    assert of["hours"].value == 2.5
    unmade = run(3, embodied_g=None, duration_s=7200.0)
    of = {line.name: line for line in session_ledger([*TWO, unmade], KNOWN)}
    assert of["hours"].value == 2 and of["energy_kwh"].value == 5
    untimed = [run(1, embodied_g=None)]
    assert "device_kg" not in {line.name for line in session_ledger(untimed, KNOWN)}


def test_bounds_of_energy_hold_the_middle_and_a_bound_of_nothing_stays_one():
    def energy(*runs):
        (line,) = [line for line in session_ledger(runs) if line.name == "energy_kwh"]
        return line.low, line.value, line.high

    assert energy(run(1, energy_low_j=None, energy_high_j=None)) == (1, 1, 1)
    assert energy(run(1, energy_low_j=0.0)) == pytest.approx((0, 1, 1.2))
    one = energy(run(1, energy_low_j=None), run(2, energy_high_j=None))
    assert one == pytest.approx((1.9, 2, 2.2))


def test_how_the_energy_came_about_is_named_in_words():
    def how(*methods):
        runs = [run(n, method=method) for n, method in enumerate(methods)]
        return session_ledger(runs)[0].set_by

    assert how("counter", "counter") == "measured"
    assert how("counter", "integrated") == "integrated and measured"
    assert how("modelled", "counter") == "measured and modelled"
    assert how("modelled") == "modelled"
    assert session_ledger([run(1)])[0].source == "1 run, failed ones included"


def test_no_run_is_no_energy_and_nothing_else():
    assert session_ledger([]) == (
        Assumption("energy_kwh", 0, "kWh", "0 runs, failed ones included", None, "measured", 0, 0),
    )


def test_mixed_bases_are_said_to_be_mixed():
    direct = run(3, intensity=replace(GRID, basis="direct"))
    lines = {line.name: line for line in session_ledger([run(1), direct])}
    assert lines["intensity_g_per_kwh"].source.endswith(
        "by year, a table, 2024 (mixed bases: direct and lifecycle, not blended)"
    )
    undated = run(3, intensity=replace(GRID, year=None))
    lines = {line.name: line for line in session_ledger([undated])}
    assert lines["intensity_g_per_kwh"].year is None


def test_other_assumptions_and_what_each_alone_does_to_the_total():
    compared = assume(TWO, ["pue=2.4", "lifetime=10y", "wue=5"], place, KNOWN)
    assert compared.before == session_ledger(TWO, KNOWN)
    assert (compared.was.total_g, compared.now.total_g) == pytest.approx((1230, 1860 + 150))
    # Twice the overhead adds 930 g, twice the life takes 150 g; water moves no carbon.
    assert compared.moved == (
        Factor("pue", pytest.approx(1.2), 2.4, pytest.approx(2160 / 1230)),
        Factor("lifetime_years", 5, 10, pytest.approx(1080 / 1230)),
    )
    assert compared.notes == ()
    after = {line.name: line for line in compared.after}
    assert after["pue"].set_by == after["lifetime_years"].set_by == "assumed here"
    assert after["utilisation"].set_by == "you"


def test_without_a_device_operational_carbon_alone_is_compared():
    bare = [run(1, embodied_g=None)]
    (moved,) = assume(bare, ["pue=3"], place).moved
    assert moved == Factor("pue", 1.5, 3, pytest.approx(2))
    nothing = [run(1, embodied_g=None, operational_g=0.0)]
    assert assume(nothing, ["pue=3"], place).moved == ()


def test_a_zone_brings_its_intensity_and_its_water():
    changes = parse_changes(["zone=FR"], place)
    assert changes == {"intensity_g_per_kwh": 50, "water_l_per_kwh": 3.6737}
    assert parse_changes(["zone=nowhere"], place)["water_l_per_kwh"] == 3.908
    assert parse_changes(["zone=FR", "water=1"], place)["water_l_per_kwh"] == 1
    assert parse_changes(["water=1", "zone=FR", "pue=2"], place)["pue"] == 2


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("lifetime=4 Years", 4),
        ("lifetime=4year", 4),
        ("lifetime=4Y", 4),
        ("lifetime= 4 ", 4),
        ("intensity=300 G/KWH", 300),
        ("wue=0.5 l/kwh", 0.5),
        ("device=150 KG", 150),
        ("utilisation=50 %", 0.5),
        ("pue=120%", 1.2),
    ],
)
def test_units_are_read_in_any_case(word, value):
    assert list(parse_changes([word], place).values()) == [pytest.approx(value)]


def test_what_is_refused_is_said_with_the_way_out():
    assert refused(["pou=2"]) == (
        "'pou=2' is not an assumption; nothing was changed. Did you mean pue=...?"
    )
    assert refused(["xyzzy=2"]) == (
        "'xyzzy=2' is not an assumption; nothing was changed. Type one of pue, zone, intensity,"
        " lifetime, utilisation, wue, water, device=..."
    )
    assert refused(["pue"]) == (
        "'pue' is not an assumption; nothing was changed. Did you mean pue=...?"
    )
    assert refused(["pue=much"]) == (
        "'pue=much' holds no number; nothing was changed. Type e.g. pue=1.2 or lifetime=4y."
    )
    assert refused(["pue=2", "device=3kg", "lifetime=2"], [run(1, embodied_g=None)]) == (
        "this session has nothing that device_kg, lifetime_years would change; nothing was"
        " changed. Run a metered cell first."
    )


def test_only_a_zone_known_on_another_basis_is_noted():
    assert assume(TWO, ["pue=2", "zone=FR"], place, KNOWN).notes == ()
    assert assume(TWO, ["pue=2", "zone=US"], place, KNOWN).notes == (
        "US is known by direct emissions, this session by lifecycle",
    )
    unknown = [run(1, intensity=None)]
    assert assume(unknown, ["zone=US"], place, KNOWN).notes == ()
