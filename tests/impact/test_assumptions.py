import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.assumptions import (
    Assumption,
    Factor,
    changed,
    factors,
    ledger,
    spread,
    tornado,
    total,
)

FULL = ledger(
    energy_kwh=10,
    pue=1.5,
    intensity_g_per_kwh=400,
    wue_l_per_kwh=0.2,
    water_l_per_kwh=2,
    device_kg=300,
    hours=20,
    lifetime_years=4,
    utilisation=0.5,
)


def test_a_total_is_the_formulas_and_nothing_else():
    of = total(FULL)
    assert of.facility_kwh == 15
    assert of.operational_g == 6000
    assert of.water_l == pytest.approx(10 * (0.2 + 1.5 * 2))
    assert of.embodied_g == pytest.approx(300_000 * 20 / (4 * 8760 * 0.5))
    assert of.total_g == of.operational_g + of.embodied_g


def test_what_is_missing_stays_absent():
    of = total(ledger(energy_kwh=1))
    assert of.operational_g is of.embodied_g is of.water_l is of.total_g is None
    assert of.facility_kwh == 1
    assert total(()).energy_kwh is None


def test_a_change_is_marked_with_who_made_it():
    other = {line.name: line for line in changed(FULL, set_by="%footprint assume", pue=1.1)}
    assert other["pue"].value == 1.1 and other["pue"].set_by == "%footprint assume"
    assert other["hours"].set_by == "you"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pue", 0.9),
        ("intensity_g_per_kwh", 2001),
        ("intensity_g_per_kwh", -1),
        ("lifetime_years", 0),
        ("utilisation", 0),
        ("utilisation", 1.5),
        ("nonsense", 1),
        ("energy_kwh", float("nan")),
    ],
)
def test_an_impossible_change_is_refused(name, value):
    with pytest.raises(ConfigError) as caught:
        changed(FULL, **{name: value})
    assert caught.value.remedy


def test_the_input_that_moves_a_total_most_comes_first():
    other = changed(FULL, pue=1.45, intensity_g_per_kwh=50, lifetime_years=3)
    ranked = tornado(FULL, other)
    assert [each.name for each in ranked] == ["intensity_g_per_kwh", "pue", "lifetime_years"]
    assert ranked[0].factor < ranked[1].factor < 1 < ranked[2].factor


def test_an_input_that_takes_a_result_to_zero_comes_first():
    ranked = tornado(FULL, changed(FULL, intensity_g_per_kwh=0, pue=3), "operational_g")
    assert (ranked[0].name, ranked[0].factor) == ("intensity_g_per_kwh", 0)


def test_the_bounds_of_each_input_alone_are_ranked_by_width():
    doubtful = (
        *FULL[:1],
        Assumption("pue", 1.5, low=1.4, high=1.6),
        Assumption("intensity_g_per_kwh", 400, low=100, high=700),
        *FULL[3:],
    )
    swings = spread(doubtful, "operational_g")
    assert swings == [("intensity_g_per_kwh", 1500, 10500), ("pue", 5600, 6400)]


@given(st.lists(st.floats(0.1, 10), min_size=4, max_size=4))
def test_factors_multiply_to_the_ratio_whatever_changes(scale):
    before = FULL
    other = changed(
        before,
        pue=min(10, max(1, 1.5 * scale[0])),
        intensity_g_per_kwh=40 * scale[1],
        device_kg=300 * scale[2],
        lifetime_years=4 * scale[3],
    )
    product = 1.0
    for step in factors(before, other, "total_g"):
        product *= step.factor
    assert product == pytest.approx(total(other).total_g / total(before).total_g)


def test_ledgers_with_different_inputs_cannot_be_compared():
    with pytest.raises(ConfigError, match="device_kg"):
        factors(FULL, ledger(energy_kwh=1))


def test_power_time_and_count_stand_in_for_energy_and_metered_energy_wins():
    of = total(ledger(power_w=200, hours=10, count=3, pue=1.5))
    assert (of.energy_kwh, of.facility_kwh) == (6, 9)
    assert total(ledger(power_w=200, hours=10)).energy_kwh == 2
    assert total(ledger(power_w=200, hours=10, energy_kwh=7)).energy_kwh == 7
    assert total(ledger(power_w=200)).energy_kwh is None
    assert total(ledger(hours=10)).energy_kwh is None


def test_a_share_and_a_busier_life_lower_the_embodied_part():
    made = {"device_kg": 300, "hours": 8760, "lifetime_years": 3}
    assert total(ledger(**made)).embodied_g == pytest.approx(100_000)
    assert total(ledger(**made, share=0.25)).embodied_g == pytest.approx(25_000)
    assert total(ledger(**made, utilisation=0.5)).embodied_g == pytest.approx(200_000)
    for missing in made:
        rest = {name: value for name, value in made.items() if name != missing}
        assert total(ledger(**rest)).embodied_g is None
    assert total(ledger(**{**made, "lifetime_years": 0})).embodied_g is None


def test_carbon_without_a_device_or_a_device_without_energy_is_no_total():
    assert total(ledger(energy_kwh=1, intensity_g_per_kwh=400)).total_g is None
    assert total(ledger(device_kg=1, hours=1, lifetime_years=1)).total_g is None
    assert total(ledger(energy_kwh=10, water_l_per_kwh=2)).water_l == 20


def test_a_bare_ledger_says_who_gave_its_figures():
    assert ledger("Strubell 2019", pue=1.58) == (Assumption("pue", 1.58, set_by="Strubell 2019"),)
    assert ledger(pue=1.58)[0].set_by == "you"


def test_a_change_drops_the_source_it_no_longer_has_and_leaves_the_rest_alone():
    before = (
        Assumption("pue", 1.5, "", "a survey", 2025, "default", 1.1, 1.7),
        Assumption("hours", 3, "h", "a clock", 2024, "measured"),
    )
    pue, hours = changed(before, pue=2)
    assert pue == Assumption("pue", 2, "", "", None, "you", 1.1, 1.7)
    assert hours is before[1]


@pytest.mark.parametrize(
    ("name", "least", "most", "beyond"),
    [
        ("pue", 1, 10, (0.99, 10.1)),
        ("intensity_g_per_kwh", 0, 2000, (2000.5,)),
        ("lifetime_years", 0.1, 100, (0.09, 101)),
        ("utilisation", 0.001, 1, (0.0009, 1.01)),
        ("share", 0, 1, (1.01,)),
        ("wue_l_per_kwh", 0, 100, (100.5,)),
        ("water_l_per_kwh", 0, 100, (100.5,)),
    ],
)
def test_an_input_may_take_the_ends_of_its_range_and_nothing_beyond(name, least, most, beyond):
    before = ledger(**{name: 0.5 if most <= 1 else 1.0})
    for value in (least, most):
        assert changed(before, **{name: value})[0].value == value
    for value in beyond:
        with pytest.raises(ConfigError) as refused:
            changed(before, **{name: value})
        assert str(refused.value) == (
            f"{name} = {value:g} cannot be; nothing was changed. Give {least:g} to {most:g}."
        )


def test_a_refusal_names_the_inputs_that_there_are():
    before = ledger(energy_kwh=1, pue=1.5)
    with pytest.raises(ConfigError) as refused:
        changed(before, life=3)
    assert str(refused.value) == (
        "'life' is not an input of this total; nothing was changed. Inputs: energy_kwh, pue."
    )
    with pytest.raises(ConfigError) as refused:
        changed(before, energy_kwh=-1)
    assert str(refused.value) == ("energy_kwh = -1 cannot be; nothing was changed. Give 0 or more.")
    with pytest.raises(ConfigError) as refused:
        Assumption("hours", -2)
    assert str(refused.value) == "hours = -2 cannot be; nothing was changed. Give 0 or more."
    for value in (float("nan"), float("inf")):
        with pytest.raises(ConfigError):
            Assumption("hours", value)
    assert Assumption("hours", 0).value == 0


def test_each_changed_input_alone_multiplies_the_total_by_its_factor():
    # Operational carbon is 6 kg, embodied 300 kg x 20 h / (4 x 8760 h x 0.5) = 342 g.
    whole, made = 6000 + 342.4658, 342.4658
    other = changed(FULL, pue=3, hours=10, wue_l_per_kwh=5)
    by = {each.name: each for each in tornado(FULL, other)}
    assert by["pue"] == Factor("pue", 1.5, 3, pytest.approx((12_000 + made) / whole))
    assert by["hours"].factor == pytest.approx((6000 + made / 2) / whole)
    assert by["wue_l_per_kwh"].factor == 1
    assert [each.name for each in tornado(FULL, other)] == ["pue", "hours", "wue_l_per_kwh"]
    assert tornado(FULL, FULL) == tornado(FULL, FULL[:-1]) == []
    halved = changed(FULL, pue=1, hours=5)
    assert tornado(FULL, halved, "embodied_g")[0].name == "hours"


def test_without_a_result_there_is_nothing_to_compare_with():
    energy = ledger(energy_kwh=1, pue=1.5)
    for compare in (tornado, factors):
        with pytest.raises(ConfigError) as refused:
            compare(energy, changed(energy, pue=2), "operational_g")
        assert str(refused.value) == (
            "there is no result to compare with; nothing was compared. It takes energy, a PUE and"
            " an intensity, and a device with its life for the total."
        )
    nothing = ledger(energy_kwh=0, pue=1, intensity_g_per_kwh=1)
    with pytest.raises(ConfigError, match="no result"):
        tornado(nothing, changed(nothing, pue=2), "operational_g")


def test_only_inputs_with_two_ends_that_move_the_result_have_a_swing():
    lines = (
        Assumption("energy_kwh", 10, low=9, high=11),
        Assumption("pue", 1.5, low=1.0),
        Assumption("count", 1, high=9),
        Assumption("intensity_g_per_kwh", 400, low=400, high=400),
        Assumption("device_kg", 100, low=50, high=200),
        Assumption("lifetime_years", 4, low=2, high=8),
        Assumption("hours", 8760),
    )
    assert spread(lines, "operational_g") == [("energy_kwh", 5400, 6600)]
    assert spread(lines, "embodied_g") == [
        ("device_kg", pytest.approx(12_500), pytest.approx(50_000)),
        ("lifetime_years", pytest.approx(12_500), pytest.approx(50_000)),
    ]
    assert spread(lines[:2], "total_g") == []
    wider = (lines[0], Assumption("pue", 1.5, low=1.0, high=3.0), *lines[2:])
    assert [name for name, _, _ in spread(wider, "operational_g")] == ["pue", "energy_kwh"]
    assert spread(lines)[0][0] == "device_kg", "by the total, if nothing else is asked for"


def test_factors_follow_the_ledger_s_order_and_each_multiplies_what_came_before():
    other = changed(FULL, intensity_g_per_kwh=200, pue=3, hours=40)
    steps = factors(FULL, other)
    assert steps == [
        Factor("pue", 1.5, 3, 2),
        Factor("intensity_g_per_kwh", 400, 200, 0.5),
        Factor("hours", 20, 40, 1),
    ]


def test_two_ledgers_that_do_not_share_their_inputs_are_told_which():
    with pytest.raises(ConfigError) as refused:
        factors(ledger(energy_kwh=1, pue=1), ledger(energy_kwh=1, hours=2))
    assert str(refused.value) == (
        "the two do not share the inputs hours, pue; nothing was compared."
        " Give both the same inputs; count=1 stands for one device."
    )
