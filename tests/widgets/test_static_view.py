import re
from html.parser import HTMLParser

import pytest
from hostile import CORPUS, HARMLESS_TAGS
from made_up import (
    ADVICE,
    SESSION,
    made_finding,
    made_run,
    made_runs,
    made_summary,
    made_trace,
)

from ipyfootprint.model import DeviceEnergy, Gap
from ipyfootprint.widgets.charts import Link, Part
from ipyfootprint.widgets.rows import Advice, AssumptionRow, Budget, Change
from ipyfootprint.widgets.static_view import finding_view, run_view, summary_view
from ipyfootprint.widgets.summary import rest_of_machine, summarise


class Page(HTMLParser):
    """What a browser would make of a text: its elements, attributes and visible words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words += data


def assert_harmless(html: str) -> None:
    page = Page(html)
    assert set(page.tags) <= HARMLESS_TAGS
    for name, value in page.attributes:
        assert not name.startswith("on")
        if name == "src":
            assert value.startswith("data:image/svg+xml;base64,")
        if name == "style":
            assert "url" not in value and "expression" not in value
    assert name_of_bidi(html) == []


def name_of_bidi(text: str) -> list[str]:
    return [hex(ord(c)) for c in text if 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069]


def test_a_run_is_one_line_with_bounds_method_boundary_carbon_and_its_change():
    view = run_view(made_run(3), made_run(1, 90_000.0))
    assert view.text == (
        "Cell 3 done · 21 Wh (20-22) measured at GPU + CPU · 7 g CO2e (6-9) · 42 s"
        " · -16 % energy against its previous run"
    )
    assert Page(view.html).words == f"✓ {view.text}"


def test_a_run_without_energy_says_so_and_shows_no_zero():
    text = run_view(made_run(4, None, status="interrupted")).text
    assert text == "Cell 4 stopped · energy not measured · operational carbon unknown · 42 s"


def test_a_cell_that_has_just_begun_says_only_that():
    begun = made_run(4, None, status="started", settled=False, duration_s=None, operational_g=None)
    assert run_view(begun, made_run(3)).text == "Cell 4 running"
    later = run_view(made_run(4, 9.0, status="started", settled=False)).text
    assert later.startswith("Cell 4 running · 9") and later.endswith("42 s")


def test_a_modelled_run_shows_one_digit_and_the_word():
    run = made_run(5, 21.4, energy_low_j=10.7, energy_high_j=42.8, method="modelled")
    assert "20 J (10-40) modelled" in run_view(run).text


def test_a_run_that_has_not_settled_says_so():
    assert run_view(made_run(5, settled=False)).text.endswith("still settling")


def test_the_power_curve_survives_where_graphics_do_not():
    page = Page(run_view(made_run(3), None, made_trace()).html)
    assert set(page.tags) == {"div", "b", "span"}
    assert "█" in page.words


def test_a_shared_gpu_is_named():
    device = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", shared=True)
    assert "shared GPU" in run_view(made_run(2, 9.0, devices={"gpu0": device})).text


def test_a_finding_is_its_sentence_the_answer_and_what_would_help():
    view = finding_view(made_finding(answer="planned"), ADVICE)
    assert view.text.startswith("Rebound: Since 14:10 each epoch costs 52 % less")
    assert "Your answer: Planned." in view.text
    assert "(saves about 9 Wh)" in Page(view.html).words


def test_a_summary_says_in_html_what_it_says_in_text():
    view = summary_view(made_summary())
    words = "".join(Page(view.html).words.split())
    for line in view.text.splitlines():
        for part in line.split("  "):
            if part.strip() and "energy of the cells over the session" not in part:
                assert "".join(part.split()) in words, part


def test_idle_between_cells_is_its_own_line_and_part_of_the_total():
    summary = made_summary(2)
    assert summary.total.mid == pytest.approx(summary.energy.mid + 31_000.0)
    assert "idle between cells" in summary_view(summary).text


def test_the_rest_of_the_machine_is_shown_and_in_no_total():
    run = made_run(1, 100.0)
    summary = summarise(SESSION, [run])
    assert summary.rest.mid == pytest.approx(0.33 * 25.0 * 0.8)
    assert summary.total.mid == 100.0
    assert "rest of the machine, not in the total" in summary_view(summary).text


def test_the_rest_of_the_machine_follows_cpu_and_memory_alone():
    def device(kind, energy_j):
        return DeviceEnergy(energy_j, energy_j * 0.9, energy_j * 1.1, 0.5, "counter", kind)

    devices = {"cpu0": device("cpu", 100.0), "dram0": device("dram", 20.0)}
    rest = rest_of_machine([devices | {"gpu0": device("gpu", 1e6)}])
    assert rest.mid == pytest.approx(0.33 * 60)
    assert rest.low == pytest.approx(0.2 * 54)
    assert rest.high == pytest.approx(0.6 * 66)
    assert rest_of_machine([{"gpu0": device("gpu", 100.0)}]) is None
    assert rest_of_machine([devices | {"psys0": device("other", 300.0)}]) is None


def test_equivalents_are_told_with_bounds_and_source_only_where_asked_for():
    view = summary_view(made_summary())
    assert "Equivalents" not in view.text and "EPA" not in view.text + view.html
    view = summary_view(made_summary(equivalents=True))
    for text in (view.text, Page(view.html).words):
        assert "driving an average US petrol car" in text and "US EPA" in text and "2026" in text
    (line,) = [line for line in view.text.splitlines() if "petrol car" in line]
    assert re.search(r"\d+ m \(\d+-\d+\)", line), line


def test_an_impact_that_is_known_of_some_cells_says_of_how_many():
    text = summary_view(summarise(SESSION, [made_run(1, water_l=1.0), made_run(2)])).text
    (water,) = [line for line in text.splitlines() if line.startswith("  water")]
    assert water.endswith("modelled, 1 of 2 cells")
    (carbon,) = [line for line in text.splitlines() if "operational carbon" in line]
    assert "of 2 cells" not in carbon


def test_an_empty_session_says_what_to_type():
    assert "%%footprint" in summary_view(summarise(SESSION, [])).text


def test_unmeasured_runs_are_counted_and_never_taken_for_zero():
    summary = summarise(SESSION, [made_run(1), made_run(2, None)])
    assert summary.unmeasured == 1
    assert "1 without energy, not in the sums" in summary_view(summary).text
    assert summarise(SESSION, [made_run(2, None)]).energy is None


def test_modelled_energy_cannot_tell_whether_compute_and_energy_part():
    runs = [made_run(n, 100.0 * n, method="modelled") for n in (1, 2, 3)]
    summary = summarise(SESSION, runs)
    assert not summary.discrepancy.can_tell
    assert "cannot be told" in summary_view(summary).text
    assert "cannot be told" not in summary_view(made_summary()).text


def test_a_modelled_gap_has_bounds_of_a_factor_of_two():
    gap = Gap(session_id="s1", duration_s=1.0, energy_j=10.0, node_energy_j=None, method="modelled")
    summary = summarise(SESSION, [made_run(1)], gap)
    assert (summary.gap.low, summary.gap.high) == (5.0, 20.0)


@pytest.mark.parametrize("evil", CORPUS)
def test_no_foreign_text_acts_on_a_page_or_a_terminal(evil):
    device = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", label=evil)
    run = made_run(1, label=evil, metric_name=evil, metric=0.5, devices={"gpu0": device})
    part, link = Part(evil, 3.0), Link(evil, "total", 0.4, 0.1, 0.7)
    summary = summarise(
        SESSION,
        [run, *made_runs(3)],
        findings=[made_finding(message=evil, lineage=evil)],
        budget=Budget(1.0, 2.0, "energy", evil),
        change=Change(evil, 1.0, 4.0, (part,)),
        links=[link],
        advice=[Advice(evil, evil)],
        assumptions=[AssumptionRow(evil, evil, evil)],
    )
    views = [
        run_view(run, run, made_trace()),
        finding_view(made_finding(message=evil), [Advice(evil, evil)]),
        summary_view(summary),
    ]
    for view in views:
        assert_harmless(view.html)
        assert name_of_bidi(view.text) == []
        assert "\x1b" not in view.text and "\x00" not in view.text


def test_a_room_has_its_modules_and_nothing_else():
    from ipyfootprint import widgets

    assert widgets.markup.__name__ == "ipyfootprint.widgets.markup"
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        widgets.nothing_of_the_kind  # noqa: B018


def test_a_break_even_is_told_in_sentences():
    from ipyfootprint.model import Estimate
    from ipyfootprint.rebound.lifecycle import Use, break_even
    from ipyfootprint.widgets.rebound_view import breakeven_text

    def use(value):
        return Use(Estimate.exact(value), "sample")

    cost = Estimate.exact(100.0)
    told = breakeven_text(break_even(cost, use(5.0), use(4.0), 2.0, 100.0))
    assert "100 samples" in told and "50 days" in told and "1.12x" in told
    assert "not saved within 100 days" in breakeven_text(
        break_even(cost, use(5.0), use(4.0), 0.5, 100.0)
    )
    assert "never saved" in breakeven_text(break_even(cost, use(4.0), use(5.0)))
    unsure = Use(Estimate(5.0, 3.0, 7.0), "sample")
    assert "-never)" in breakeven_text(break_even(cost, unsure, use(4.0)))
