from dataclasses import replace

import pytest
from session_rows import CONTEXT, KWH, SERVER, grid, made_up_run

from ipyfootprint import impact
from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import country_of, yearly
from ipyfootprint.impact.assumptions import total
from ipyfootprint.impact.session import (
    assume,
    parse_changes,
    session_ledger,
)

CLEAN = impact.context(lambda when: grid(50, basis="direct"), SERVER, country="DEU", pue=1.1)
RUNS = [
    made_up_run(1),
    made_up_run(2, kwh=3, seconds=7200, status="error"),
    made_up_run(3, kwh=0.2, context=CLEAN),
]


def place(zone):
    return yearly(zone), country_of(zone)


def test_the_ledger_s_formulas_give_the_recorded_totals():
    of = total(session_ledger(RUNS, CONTEXT.assumptions))
    assert of.energy_kwh == pytest.approx(sum(run.energy_j for run in RUNS) / KWH)
    assert of.operational_g == pytest.approx(sum(run.operational_g for run in RUNS))
    assert of.embodied_g == pytest.approx(sum(run.embodied_g for run in RUNS))
    assert of.water_l == pytest.approx(sum(run.water_l for run in RUNS))


def test_a_run_without_carbon_leaves_energy_and_carbon_together():
    unmetered = replace(RUNS[0], operational_g=None, intensity=None)
    of = total(session_ledger([*RUNS, unmetered], CONTEXT.assumptions))
    assert of.operational_g / of.facility_kwh == pytest.approx(
        total(session_ledger(RUNS)).operational_g / total(session_ledger(RUNS)).facility_kwh
    )
    assert total(session_ledger([])).energy_kwh == 0


def test_mixed_bases_are_named():
    lines = {line.name: line for line in session_ledger(RUNS, CONTEXT.assumptions)}
    assert "mixed bases: direct and lifecycle" in lines["intensity_g_per_kwh"].source
    assert (
        lines["lifetime_years"].source == "Luccioni et al. for data centres; own machines by choice"
    )


def test_assuming_what_was_recorded_changes_nothing():
    same = impact.context(lambda when: grid(), SERVER, country="DEU", pue=1.54)
    runs = [made_up_run(n, context=same) for n in range(3)]
    compared = assume(runs, ["pue=1.54", "lifetime=6y"], place, same.assumptions)
    assert compared.now.total_g == pytest.approx(compared.was.total_g)


def test_another_overhead_place_and_life_are_recomputed_and_ranked():
    compared = assume(RUNS, ["pue=1.1", "zone=FR", "lifetime=4y"], place, CONTEXT.assumptions)
    assert compared.now.operational_g == pytest.approx(
        compared.was.energy_kwh * 1.1 * yearly("FR").g_per_kwh
    )
    assert compared.now.embodied_g == pytest.approx(compared.was.embodied_g * 6 / 4)
    assert compared.moved[0].name == "intensity_g_per_kwh"
    assert {line.set_by for line in compared.after} >= {"assumed here"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("pue=1.2", {"pue": 1.2}),
        ("lifetime=4y", {"lifetime_years": 4}),
        ("lifetime=4 years", {"lifetime_years": 4}),
        ("utilisation=85%", {"utilisation": 0.85}),
        ("intensity=300g/kWh", {"intensity_g_per_kwh": 300}),
        ("wue=0.5", {"wue_l_per_kwh": 0.5}),
        ("device=150kg", {"device_kg": 150}),
    ],
)
def test_a_typed_assumption_is_understood(word, value):
    assert parse_changes([word], place) == pytest.approx(value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("pou=1.2", "Did you mean pue"),
        ("pue", "Did you mean pue|Type one"),
        ("pue=much", "holds no number"),
        ("pue=0.5", "cannot be"),
        ("lifetime=0y", "cannot be"),
        ("zone=Atlantis", "not a zone"),
        ("intensity=-3", "cannot be"),
        ("utilisation=150%", "cannot be"),
    ],
)
def test_what_cannot_be_assumed_is_refused_and_nothing_changes(word, said):
    with pytest.raises(ConfigError, match=said):
        assume(RUNS, [word], place, CONTEXT.assumptions)


def test_a_session_without_runs_says_so():
    with pytest.raises(ConfigError, match="Run a metered cell"):
        assume([], ["pue=1.2"], place)


def test_a_place_that_is_known_by_another_basis_is_noted():
    (note,) = assume(RUNS[:2], ["zone=US-CA"], place, CONTEXT.assumptions).notes
    assert note == "US-CA is known by direct emissions, this session by lifecycle"
    assert assume(RUNS, ["zone=FR"], place, CONTEXT.assumptions).notes == ()


def test_the_session_s_inputs_carry_bounds_tags_and_how_the_energy_came_about():
    modelled = replace(RUNS[1], method="modelled")
    lines = {line.name: line for line in session_ledger([RUNS[0], modelled])}
    energy = lines["energy_kwh"]
    assert energy.set_by == "measured and modelled"
    assert (energy.low, energy.high) == pytest.approx((3.6, 4.4))
    assert "lifecycle, generation-based, location-based" in lines["intensity_g_per_kwh"].source
    assert lines["intensity_g_per_kwh"].low == pytest.approx(320)


def test_a_session_without_any_energy_lists_none_where_it_would_list_zero():
    runs = [replace(run, energy_j=None, operational_g=None) for run in RUNS]
    ledger = session_ledger(runs, CONTEXT.assumptions)
    assert [line for line in ledger if line.name == "energy_kwh"] == []
    assert total(ledger).energy_kwh is None
