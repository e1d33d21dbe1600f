from dataclasses import replace
from datetime import timedelta

import pytest
from made_up import SESSION, START, made_finding, made_run, made_runs

from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.widgets.gather import assumption_rows, session_summary

NOW = START + timedelta(hours=9)


def training(count, energy_j, seconds, work, first=1, code="a"):
    return [
        made_run(
            number,
            energy_j,
            lineage="train",
            code_hash=code,
            config_hash="c",
            work_units=work,
            work_kind="epochs",
            duration_s=seconds,
            started_at=START + timedelta(seconds=300 * number),
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def after_a_gain():
    """Half the energy an epoch from run 13 on, and 1.8 times the epochs."""
    return [*training(12, 40_000.0, 200.0, 10.0), *training(20, 36_000.0, 180.0, 18.0, 13, "b")]


def rebounds_of(runs):
    detector = Detector()
    for run in runs:
        detector.feed(Observation.from_run(run, run.number - 1))
    return detector.rebounds()


def test_a_finding_brings_the_decomposition_of_its_experiment(after_a_gain):
    summary = session_summary(
        SESSION,
        after_a_gain,
        None,
        now=NOW,
        findings=[made_finding()],
        rebounds=rebounds_of(after_a_gain),
    )
    assert summary.change is not None
    parts = {part.name: part.value for part in summary.change.parts}
    assert sum(parts.values()) == pytest.approx(summary.change.after - summary.change.before)
    assert parts["work per run"] > 0 > parts["energy per work"]


def test_without_a_finding_or_a_gain_there_is_no_decomposition(after_a_gain):
    rebounds = rebounds_of(after_a_gain)
    assert session_summary(SESSION, after_a_gain, None, now=NOW, rebounds=rebounds).change is None
    told = [made_finding()]
    assert session_summary(SESSION, after_a_gain, None, now=NOW, findings=told).change is None


def test_the_totals_inputs_are_listed_with_who_says_so():
    lines = [Assumption("pue", 1.54, "", "survey", 2025, "default", 1.07, 1.67)]
    summary = session_summary(SESSION, made_runs(4), None, now=NOW, assumptions=lines)
    named = {row.name: row for row in summary.assumptions}
    assert "survey, 2025, default" in named["data-centre overhead (PUE)"].source
    assert "344 g/kWh" in named["grid intensity"].value


def test_an_input_without_a_name_of_its_own_keeps_its_own():
    (row,) = assumption_rows([Assumption("gpu0_kg", 150.0, "kg CO2e", "maker")])
    assert (row.name, row.value) == ("gpu0 kg", "150 kg CO2e")


def test_correlations_are_told_where_energy_is_measured():
    measured = session_summary(SESSION, made_runs(30), None, now=NOW).discrepancy
    assert measured.time_energy is not None and measured.energy_carbon is not None
    modelled = [replace(run, method="modelled") for run in made_runs(30)]
    assert session_summary(SESSION, modelled, None, now=NOW).discrepancy.time_energy is None


def test_an_empty_session_is_a_summary_too():
    assert session_summary(SESSION, [], None, now=NOW).runs == ()
