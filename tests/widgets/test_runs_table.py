import random

import pytest
from hostile import CORPUS
from made_up import GRID, made_run
from test_static_view import assert_harmless, name_of_bidi

from ipyfootprint.model import CarbonIntensity, DeviceEnergy
from ipyfootprint.widgets.runs_table import legend, runs_table, runs_view


def modelled(number, energy_j, **changes):
    device = DeviceEnergy(energy_j, energy_j / 2, energy_j * 2, 1.0, "modelled", "cpu")
    bounds = {"energy_low_j": energy_j / 2, "energy_high_j": energy_j * 2}
    given = {"devices": {"cpu0": device}, "method": "modelled", **bounds, **changes}
    return made_run(number, energy_j, **given)


def joules(text):
    """The figure and the bounds of "15 J (7-30)"."""
    mid, unit, bounds = text.split(maxsplit=2)
    assert unit == "J"
    low, high = bounds.strip("()").split("-")
    return float(mid), float(low), float(high)


def test_the_sum_agrees_with_the_rows_that_are_shown():
    table = runs_table([modelled(n, 2.6) for n in range(1, 7)])
    assert [row[2] for row in table.rows] == ["3 J (1-5)"] * 6 + ["16 J (7.8-31)"]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_rows_their_shown_sum_lies_within_the_shown_bounds(seed):
    dice = random.Random(seed)
    runs = [modelled(n, dice.uniform(1.5, 25)) for n in range(1, dice.randint(3, 30))]
    *rows, total = runs_table(runs).rows
    mid, low, high = joules(total[2])
    shown = sum(joules(row[2])[0] for row in rows)
    assert low < shown < high
    assert mid == pytest.approx(sum(run.energy_j for run in runs), rel=0.05)


def test_a_table_names_boundary_method_intensity_and_what_the_brackets_are():
    text = runs_view([made_run(1, label="train"), modelled(2, 3.0, status="error")]).text
    for words in (
        "2 cells, energy at GPU + CPU", "Cell 1 (train)", "operational carbon", "done", "failed",
        "measured: by an energy counter", "modelled: from processor time", "344 g/kWh, DEU, 2024",
        "in brackets: the low and the high bound, in the unit before them",
    ):  # fmt: skip
        assert words in text, words
    assert "replayed" not in text and "config zone" not in text


def test_a_place_that_is_not_set_is_said_with_the_way_out():
    world = CarbonIntensity(458.0, 86.0, 676.0, "WOR", year=2025)
    (_, carbon, _) = legend([made_run(1, intensity=world)])
    assert "at 458 g/kWh, the world's average, 2025; set yours by %footprint config zone" in carbon


def test_every_way_of_knowing_an_energy_has_its_word_in_row_and_sum():
    replay = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "replay of a.json")
    rows = {
        "measured": made_run(1),
        "integrated": made_run(2, method="integrated"),
        "modelled": modelled(3, 9.0),
        "replayed": made_run(4, 9.0, devices={"gpu0": replay}),
    }
    table = runs_table(list(rows.values()))
    assert [row[3] for row in table.rows] == [*rows, "replayed"]
    assert runs_table([rows["measured"], rows["modelled"]]).rows[-1][3] == "modelled"


def test_without_energy_no_figure_and_no_bracket_is_shown():
    run = made_run(1, None, operational_g=None)
    table = runs_table([run, run])
    assert table.rows[-1][2:5] == ("not measured", "", "unknown")
    assert "brackets" not in " ".join(table.notes)
    assert "nothing metered" in runs_view([run]).text


@pytest.mark.parametrize("evil", CORPUS)
def test_a_label_is_only_text(evil):
    zone = CarbonIntensity(1.0, 1.0, 1.0, evil)
    view = runs_view([made_run(1, label=evil, intensity=zone), made_run(2, intensity=GRID)])
    assert_harmless(view.html)
    assert name_of_bidi(view.text) == []
    assert "\x1b" not in view.text and "\x00" not in view.text
