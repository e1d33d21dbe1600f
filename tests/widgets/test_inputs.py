"""Inputs, comparisons and advice as views, from made-up rows."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "impact"))
from session_rows import CONTEXT, made_up_run

from ipyfootprint.grid import country_of, yearly
from ipyfootprint.impact.session import assume, session_ledger
from ipyfootprint.impact.when import advise
from ipyfootprint.testing import FakeGrid
from ipyfootprint.widgets.drawing import svg
from ipyfootprint.widgets.inputs import (
    Swing,
    comparison_view,
    doubt_view,
    inputs_view,
    tornado,
)
from ipyfootprint.widgets.when import advice_view, hours_drawing

RUNS = [made_up_run(1), made_up_run(2, kwh=3, seconds=7200, status="error")]
LINES = session_ledger(RUNS, CONTEXT.assumptions)
EVENING = datetime(2026, 5, 4, 18, 20, tzinfo=UTC)


def place(zone):
    return yearly(zone), country_of(zone)


def test_every_input_is_listed_with_value_bounds_setter_and_source():
    view = inputs_view((*LINES, *CONTEXT.assumptions), "DE, configured")
    for text in (view.text, view.html):
        assert "1.54 (1.07-1.67)" in text and "Uptime" in text and "2025" in text
        assert "DE, configured" in text and "measured" in text and "gpu0_kg" in text


def test_totals_stand_side_by_side_and_the_widest_move_comes_first():
    view = comparison_view(assume(RUNS, ["zone=FR", "lifetime=4y"], place, CONTEXT.assumptions))
    lines = view.text.splitlines()
    moved = [
        line.split()[0]
        for line in lines[lines.index("What each change alone does to the total") + 2 :]
    ]
    assert moved[:2] == ["intensity_g_per_kwh", "lifetime_years"]
    assert "<img" in view.html and "recorded" in view.text and "assumed" in view.text


def test_figures_of_another_kind_are_not_compared_without_a_word():
    view = comparison_view(assume(RUNS, ["zone=US-CA"], place, CONTEXT.assumptions))
    assert "direct emissions" in view.text and "direct emissions" in view.html


def test_doubt_leaves_out_inputs_that_do_not_move_the_total():
    text = doubt_view(LINES, "DE").text
    doubt = text[text.index("What the doubt") :]
    assert "intensity_g_per_kwh" in doubt and "device_kg" in doubt
    assert "water_l_per_kwh" not in doubt and "wue_l_per_kwh" not in doubt


def test_a_bar_of_the_tornado_starts_at_the_total_and_ends_at_the_swing():
    drawn = tornado([Swing("pue", 50.0, 200.0), Swing("zone", 100.0, 120.0)], 100.0, "t", width=430)
    bars = [s for s in drawn.shapes if s.kind == "path" and s.fill]
    assert [s.fill for s in bars] == ["down", "up", "up"]
    assert [s.d.split("h")[0] for s in bars] == ["M170 3", "M220 3", "M220 25"]
    assert "<svg" in svg(drawn)


def test_a_hostile_source_is_only_text():
    from dataclasses import replace

    bad = replace(LINES[0], source="<script>alert(1)</script>", set_by="<b>you</b>")
    assert "<script" not in inputs_view((bad,), "<i>here</i>").html


def advice(**options):
    day = FakeGrid([400.0] * 10 + [100.0] * 4 + [400.0] * 10)
    return advise([day.at], 3600.0, EVENING, **options)


def test_advice_shows_the_hours_ahead_and_places_with_what_they_rest_on():
    found = advice(here=yearly("DE"), elsewhere={"SE": yearly("SE"), "PL": yearly("PL")})
    view = advice_view(found, UTC)
    assert "at 10:05 would emit 75 % less" in view.text
    assert "SE" in view.text and "PL" not in view.text.split("Other places")[1]
    assert "no total holds it" in view.html


def test_the_best_hour_is_marked_in_the_picture():
    drawing = hours_drawing(advice(), UTC)
    marked = [
        i for i, s in enumerate(s for s in drawing.shapes if s.kind == "path") if s.fill == "down"
    ]
    assert marked == [15]  # 18:20 + 15 h is the first hour that starts after 9:20


@pytest.mark.parametrize("hours", [(), (1.0,)])
def test_without_hours_there_is_no_picture(hours):
    from dataclasses import replace

    assert hours_drawing(replace(advice(), hours=hours), UTC) is None


def test_figures_of_two_bases_are_named_in_the_summary():
    from dataclasses import replace

    from ipyfootprint.widgets.tables import intensity_words

    direct = replace(RUNS[0].intensity, basis="direct", g_per_kwh=350.0)
    mixed = [RUNS[0], replace(RUNS[1], intensity=direct)]
    assert "direct and lifecycle" in intensity_words(mixed)
    assert "lifecycle" not in intensity_words(RUNS)
