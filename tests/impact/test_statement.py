import json
from dataclasses import replace

import pytest
import yaml
from session_rows import CONTEXT, made_up_run

from ipyfootprint.impact.statement import model_card, statement, tags_text
from ipyfootprint.model import Gap

RUNS = [
    made_up_run(1, phase="training", work_units=10.0, work_kind="epoch"),
    made_up_run(2, phase="training", status="error", work_units=2.0, work_kind="epoch"),
    made_up_run(3, phase="evaluation", status="interrupted"),
]
GAP = Gap(session_id="s", duration_s=600.0, energy_j=3600.0, node_energy_j=7200.0)


def test_failed_and_abandoned_runs_are_inside_every_figure():
    text = statement(RUNS, CONTEXT.assumptions, hardware="8 x H100", gap=GAP, version="1.2")
    assert "ipyfootprint 1.2 metered 3 runs (2 failed or abandoned, all counted)" in text
    assert "8 x H100" in text and "3.0 kWh (2.7-3.3)" in text
    assert "| training | 2 | 1 |" in text and "| evaluation | 1 | 1 |" in text
    assert "| all | 3 | 2 |" in text and "| between runs | " in text


def test_the_paragraph_names_overhead_intensity_and_its_tags():
    text = statement(RUNS)
    assert "PUE of 1.54 and 400 g/kWh: average, lifecycle, generation-based, location-based" in text
    assert "a table" in text and "of the total" in text and "100 % measured" in text


def test_the_score_per_unit_of_work_counts_operation_and_production():
    carbon = sum(run.operational_g + run.embodied_g for run in RUNS)
    assert "per epoch (12 in all" in statement(RUNS)
    text = statement(RUNS, unit=(1000, "user"))
    assert "per user (1000 in all" in text
    grams = float(text.split("SCI: ")[1].split()[0])
    assert grams == pytest.approx(carbon / 1000, rel=0.03)  # as many digits as its bounds bear out
    assert "SCI" not in statement([replace(run, work_units=None) for run in RUNS])


def test_every_assumption_is_listed_with_its_source():
    text = statement(RUNS, CONTEXT.assumptions)
    for line in CONTEXT.assumptions:
        assert f"- {line.name}: " in text


def test_without_carbon_nothing_is_invented():
    bare = [
        replace(run, operational_g=None, embodied_g=None, water_l=None, intensity=None)
        for run in RUNS
    ]
    text = statement(bare)
    assert "unknown" in text and "Operational carbon is" not in text and "SCI" not in text
    assert model_card(bare) == ""
    assert "nothing to state" in statement([])


def test_mixed_kinds_of_intensity_are_named():
    other = replace(RUNS[0], intensity=replace(RUNS[0].intensity, basis="direct"))
    assert "figures of different kinds" in statement([*RUNS, other])
    assert "direct" in tags_text(other.intensity)


def test_a_model_card_holds_grams_of_all_runs_as_yaml():
    card = yaml.safe_load(model_card(RUNS, hardware='4 "A100"', version="1.2"))
    block = card["co2_eq_emissions"]
    total = sum(run.operational_g + run.embodied_g for run in RUNS)
    assert block["emissions"] == pytest.approx(total, rel=1e-5)
    assert block["hardware_used"] == '4 "A100"' and block["geographical_location"] == "DE"
    assert json.dumps(block)
