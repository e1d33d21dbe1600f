"""The whole statement and the whole card of a session, as a person reads them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.statement import model_card, statement, tags_text
from ipyfootprint.model import CarbonIntensity, Gap, Run

KWH = 3.6e6
GRID = CarbonIntensity(400, 300, 500, zone="DE", source="a table", year=2025)


def run(number, day=1, **fields):
    made = Run(
        run_id=f"r{number}",
        session_id="s",
        user_id="u",
        number=number,
        started_at=datetime(2026, 6, day, 12, tzinfo=UTC),
        status="ok",
        duration_s=600.0,
        energy_j=KWH,
        energy_low_j=0.9 * KWH,
        energy_high_j=1.1 * KWH,
        method="counter",
        pue=1.5,
        intensity=GRID,
        operational_g=600.0,
        operational_low_g=450.0,
        operational_high_g=750.0,
        embodied_g=200.0,
        embodied_low_g=100.0,
        embodied_high_g=300.0,
        water_l=3.0,
        water_low_l=2.0,
        water_high_l=5.0,
    )
    return replace(made, **fields)


def paragraph(*runs, **options):
    return statement(runs, **options).split("\n\n")[0]


def test_a_session_in_full():
    runs = [
        run(1, phase="training", work_kind="epoch", work_units=4.0),
        run(2, day=3, status="error", phase="training"),
        run(3, day=2, status="lost"),
    ]
    lines = (
        Assumption("pue", 1.5, "", "a survey", 2025, "default"),
        Assumption("wue_l_per_kwh", 0.18, "L/kWh", set_by="you"),
    )
    gap = Gap(session_id="s", duration_s=90.0, energy_j=7200.0, node_energy_j=9000.0)
    assert statement(runs, lines, hardware="8 x H100", gap=gap, version="1.2") == (
        "ipyfootprint 1.2 metered 3 runs (2 failed or abandoned, all counted) 2026-06-01 to"
        " 2026-06-03, 30 min 00 s of execution on 8 x H100."
        " The metered devices used 3.0 kWh (2.7-3.3); 100 % measured."
        " Operational carbon is 1.8 kg CO2e (1.4-2.2) at a PUE of 1.5 and 400 g/kWh:"
        " average, lifecycle, generation-based, location-based, by year, a table, 2025."
        " Embodied carbon adds 600 g CO2e (300-900), 25 % of the total.\n"
        "\n"
        "| phase | runs | not finished | time | energy | operational | embodied | water |\n"
        "|---|---|---|---|---|---|---|---|\n"
        "| training | 2 | 1 | 20 min 00 s | 2.0 kWh (1.8-2.2) | 1.2 kg CO2e (0.90-1.5)"
        " | 400 g CO2e (200-600) | 6 L (4-10) |\n"
        "| not named | 1 | 1 | 10 min 00 s | 1.0 kWh (0.90-1.1) | 600 g CO2e (400-800)"
        " | 200 g CO2e (100-300) | 3 L (2-5) |\n"
        "| all | 3 | 2 | 30 min 00 s | 3.0 kWh (2.7-3.3) | 1.8 kg CO2e (1.4-2.2)"
        " | 600 g CO2e (300-900) | 9 L (6-20) |\n"
        "| between runs |  |  | 1 min 30 s | 2.0 Wh (1.9-2.1) |  |  |  |\n"
        "\n"
        "SCI: 600 g CO2e (400-800) per epoch (4 in all; operational and embodied).\n"
        "\n"
        "- pue: 1.5 (a survey, 2025, default)\n"
        "- wue_l_per_kwh: 0.18 L/kWh (you)\n"
    )


def test_an_assumption_s_bounds_are_told_where_it_has_any():
    lines = (
        Assumption("pue", 1.54, low=1.07, high=1.67),
        Assumption("wue_l_per_kwh", 0.18, "L/kWh", low=0.0, high=2.75),
        Assumption("hours", 3, "h", low=3, high=3),
    )
    assert statement([run(1)], lines).split("\n\n")[-1] == (
        "- pue: 1.54, 1.07 to 1.67 (default)\n"
        "- wue_l_per_kwh: 0.18 L/kWh, 0 to 2.75 (default)\n"
        "- hours: 3 h (default)\n"
    )


def test_one_day_is_named_once_and_what_is_not_known_is_not_named():
    text = paragraph(run(1))
    assert text.startswith(
        "ipyfootprint metered 1 run (0 failed or abandoned, all counted) on 2026-06-01,"
        " 10 min 00 s of execution. The"
    )
    assert statement([run(1)]).endswith("|\n"), "one end of the last line, and no empty one"
    assert ", 0 ms of execution" in paragraph(run(1, duration_s=None))
    assert statement([]) == "No run has been recorded, so there is nothing to state."


def test_a_bound_of_nothing_stays_one():
    text = paragraph(run(1, energy_low_j=0.0, energy_high_j=2 * KWH))
    assert "used 1 kWh (0-2)" in text
    modelled = run(1, energy_low_j=0.0, energy_high_j=2 * KWH)
    text = paragraph(modelled, run(2, energy_low_j=None, energy_high_j=None))
    assert "used 2 kWh (1-3)" in text, "a run without bounds counts its middle on both sides"


def test_parts_of_the_energy_are_told_by_how_they_came_about():
    half = paragraph(run(1), run(2, method="modelled"), run(3, method="integrated"))
    assert "; 33 % measured, 33 % modelled, 33 % integrated." in half
    most = paragraph(run(1), run(2), run(3, method="modelled"))
    assert "; 67 % measured, 33 % modelled." in most
    assert "; 100 % measured." in paragraph(run(1), run(2, method="unavailable", energy_j=0.0))
    assert "; nothing could be metered." in paragraph(run(1, energy_j=None))


def test_a_session_of_less_than_a_joule_and_a_gram_is_told_like_any_other():
    tiny = run(
        1,
        duration_s=0.01,
        energy_j=0.5,
        energy_low_j=0.5,
        energy_high_j=0.5,
        operational_g=1e-4,
        operational_low_g=1e-4,
        operational_high_g=1e-4,
        embodied_g=3e-4,
        embodied_low_g=3e-4,
        embodied_high_g=3e-4,
    )
    assert paragraph(tiny) == (
        "ipyfootprint metered 1 run (0 failed or abandoned, all counted) on 2026-06-01, 10 ms of"
        " execution. The metered devices used 500 mJ; 100 % measured. Operational carbon is"
        " 100 µg CO2e at a PUE of 1.5 and 400 g/kWh: average, lifecycle, generation-based,"
        " location-based, by year, a table, 2025. Embodied carbon adds 300 µg CO2e, 75 % of the"
        " total."
    )


def test_intensities_and_overheads_are_weighted_by_the_energy_that_met_them():
    clean = replace(GRID, g_per_kwh=100.0, low_g_per_kwh=80.0)
    text = paragraph(run(1, energy_j=3 * KWH, pue=1.0, intensity=clean), run(2, pue=2.0))
    # 3 kWh x 1.0 at 100 g and 1 kWh x 2.0 at 400 g.
    assert "at a PUE of 1 to 2 and 220 g/kWh: average" in text
    direct = paragraph(run(1), run(2, intensity=replace(GRID, basis="direct")))
    assert "400 g/kWh (figures of different kinds, not blended): average, lifecycle" in direct
    assert "2025 | average, direct" in direct
    unknown = paragraph(run(1), run(2, intensity=None, energy_j=99 * KWH))
    assert "and 400 g/kWh: average" in unknown
    assert "PUE of 1.5 and" in paragraph(run(1), run(2, pue=None))


def test_without_embodied_carbon_nothing_is_said_of_it():
    assert "Embodied" not in paragraph(run(1, embodied_g=None))
    assert "Embodied" not in paragraph(run(1, operational_g=None))
    assert "Embodied" not in paragraph(run(1, embodied_g=0.0, operational_g=0.0))


def test_a_score_takes_one_kind_of_work_and_both_kinds_of_carbon():
    epochs = {"work_kind": "epoch", "work_units": 4.0}
    assert "SCI: 200 g CO2e (140-260) per epoch (4 in all" in statement([run(1, **epochs)])
    plural = {"work_kind": "epochs", "work_units": 4.0}
    assert " per epoch (4 in all" in statement([run(1, **plural)])
    both = [run(1, **epochs), run(2, work_kind="step", work_units=9.0)]
    assert "SCI" not in statement(both)
    assert "SCI: 800 g CO2e (600-1000) per user (2 in all" in statement(both, unit=(2, "user"))
    for missing in ("operational_g", "embodied_g"):
        assert "SCI" not in statement([run(1, **epochs, **{missing: None})])
    assert "SCI" not in statement(both, unit=(0, "user"))
    assert "SCI: 1.6 kg CO2e (1.1-2.1) per user (0.5 in all" in statement(
        [run(1)], unit=(0.5, "user")
    )


def test_a_card_in_full():
    runs = [run(1), run(2, intensity=replace(GRID, zone="FR")), run(3)]
    assert model_card(runs, hardware='4 "A100"', training_type="fine-tuning", version="1.2") == (
        "co2_eq_emissions:\n"
        "  emissions: 2400\n"
        '  source: "ipyfootprint 1.2, operational and embodied, location-based"\n'
        '  training_type: "fine-tuning"\n'
        '  geographical_location: "DE, FR"\n'
        '  hardware_used: "4 \\"A100\\""\n'
    )
    assert model_card([run(1, embodied_g=None, intensity=None)]) == (
        "co2_eq_emissions:\n"
        "  emissions: 600\n"
        '  source: "ipyfootprint, operational, location-based"\n'
    )
    assert model_card([run(1, operational_g=None)]) == ""


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ({}, "average, lifecycle, generation-based, location-based, by year"),
        (
            {"resolution": "hour", "estimated": True, "source": "a service", "year": 2026},
            "average, lifecycle, generation-based, location-based, by hour, estimated, a service,"
            " 2026",
        ),
        (
            {
                "accounting": "marginal",
                "basis": "direct",
                "boundary": "consumption",
                "method": "market",
            },
            "marginal, direct, consumption-based, market-based, by year",
        ),
    ],
)
def test_an_intensity_s_tags_are_read_in_one_line(tags, text):
    assert tags_text(CarbonIntensity(1, 1, 1, zone="DE", **tags)) == text
