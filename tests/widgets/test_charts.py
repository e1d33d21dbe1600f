import xml.etree.ElementTree as ET

import pytest
from hostile import CORPUS
from made_up import CHANGE, LINKS

from ipyfootprint.widgets import charts
from ipyfootprint.widgets.charts import Link, Part
from ipyfootprint.widgets.drawing import COLOURS, image, shapes_payload, svg


def drawings(text: str = "title"):
    links = [Link(text, "b", 1.0, 0.5, 1.5), Link("b", text, -1.0, -2.0, 1.0)]
    return [
        charts.sparkline([[1.0, 2.0, None, 4.0], [None] * 4], text),
        charts.timeline([(0.0, 5.0, 10.0), (8.0, 1.0, 3.0)], 10.0, text),
        charts.waterfall([Part(text, 3.0), Part("b", -9.0)], 5.0, -1.0, text),
        charts.budget_bar(12.0, 10.0, text),
        charts.loop(links, text),
    ]


def paths(drawing, **wanted):
    return [s for s in drawing.shapes if all(getattr(s, k) == v for k, v in wanted.items())]


@pytest.mark.parametrize("evil", ["ordinary", *CORPUS])
def test_every_chart_is_well_formed_and_says_what_it_shows(evil):
    for drawing in drawings(charts.plain(evil)):
        tree = ET.fromstring(svg(drawing))
        assert tree[0].tag.endswith("title")
        assert {node.tag.rpartition("}")[2] for node in tree.iter()} <= {
            "svg", "title", "path", "text",
        }  # fmt: skip
        assert shapes_payload(drawing)["title"] == drawing.title


def test_an_image_carries_its_sentence_as_alternative_text():
    assert 'alt="a &lt; b"' in image(charts.budget_bar(1.0, 2.0, "a < b"))


def test_a_curve_keeps_gaps_and_starts_at_zero():
    drawing = charts.sparkline([[2.0, None, 2.0]], "power", width=96, height=18)
    assert drawing.shapes[0].d == "M1 1M95 1"
    assert charts.sparkline([[0.0, 0.0]], "power").shapes[0].d.endswith("17")


def test_a_long_curve_is_thinned_to_its_means():
    drawing = charts.sparkline([[1.0, 3.0] * 500], "power")
    assert drawing.shapes[0].d.count("L") == 47


def test_the_timeline_keeps_the_energy_whatever_the_spans():
    bins = [0.0] * 160
    for start, length, energy in [(0.0, 10.0, 5.0), (3.0, 0.0, 2.0), (9.99, 5.0, 1.0)]:
        charts._spread(bins, start, length, energy, 10.0)
    assert sum(bins) == pytest.approx(8.0)
    assert charts.timeline([], 0.0, "none").shapes


def test_a_waterfall_ends_where_its_parts_lead():
    drawing = charts.waterfall(CHANGE.parts, CHANGE.before, CHANGE.after, "change")
    assert len(paths(drawing, fill="up")) == 3
    assert len(paths(drawing, fill="down")) == 2
    assert len(paths(drawing, kind="path", fill="muted")) == 2


def test_a_budget_that_is_passed_goes_on_in_the_colour_of_a_warning():
    assert paths(charts.budget_bar(12.0, 10.0, "budget"), fill="up")
    assert not paths(charts.budget_bar(9.0, 10.0, "budget"), fill="up")
    assert charts.budget_bar(0.0, 0.0, "budget").shapes


def test_a_link_that_could_be_none_is_dotted():
    assert [link.dotted for link in LINKS] == [False, False, False, True, True]
    assert len(paths(charts.loop(LINKS, "loop"), dotted=True)) == 2


def test_blocks_show_a_curve_in_text():
    assert charts.blocks([0.0, 5.0, 10.0, None]) == "▁▅█ "
    assert charts.blocks([]) == ""


def test_every_colour_is_three_to_one_on_a_light_and_on_a_dark_page():
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        lin = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]

    for role in ("line", "line2", "line3", "up", "down", "muted"):
        on_white = 1.05 / (luminance(COLOURS[role]) + 0.05)
        on_dark = (luminance(COLOURS[role]) + 0.05) / (luminance("#111111") + 0.05)
        assert min(on_white, on_dark) >= 3.0, role


def test_a_part_that_is_nothing_beside_the_whole_is_zero():
    assert charts.part_text(-3e-6, 53.9) == "0"
    assert charts.part_text(8.2, 53.9) == "+8.2"
