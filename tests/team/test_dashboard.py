"""The dashboard as people see it: blocks, controls, drill-down, and the page without scripts."""

import json
import re
from datetime import date

import made_up_team
import plotly.graph_objects as go
import pytest

import ipyfootprint
from ipyfootprint.errors import ConfigError, LedgerError
from ipyfootprint.team.blocks import TITLES, blocks
from ipyfootprint.team.dashboard import TeamDashboard
from ipyfootprint.team.filters import Filters
from ipyfootprint.team.payload import payload
from ipyfootprint.team.source import DatabaseSource
from ipyfootprint.team.static import dashboard_view

TODAY = date(2026, 6, 1)
HOSTILE = "<script>alert(1)</script>\x1b[31m‮ <b>x</b>"


@pytest.fixture(scope="module")
def source():
    return DatabaseSource(made_up_team.ledger_of(made_up_team.runs()).reader(), runs=True)


@pytest.fixture
def board(source):
    return TeamDashboard(source, days=90, today=TODAY)


def test_five_blocks_each_with_a_sentence_and_a_table(source):
    found = source(Filters.last(90, TODAY))
    made = blocks(found, "energy")
    assert [block.name for block in made] == list(TITLES)
    assert all(block.sentence and block.tables for block in made)
    for block in made:
        if block.figure:
            go.Figure(block.figure)
    assert {block.name for block in made if block.figure} >= {"series", "who", "waste"}


def test_every_amount_has_a_unit_and_absence_is_a_word(source):
    text = dashboard_view(source(Filters.last(90, TODAY)), "carbon").text
    assert re.search(r"energy +[\d.]+ k?Wh \([\d.-]+\)", text)
    assert "measured, rest modelled" in text and "embodied carbon     unknown" in text
    assert "runs without energy are in no sum" in text
    empty = dashboard_view(source(Filters.last(7, date(2020, 1, 1))), "carbon").text
    assert "No run was recorded" in empty and "not measured" in empty
    assert "0 g" not in empty and "Parts of the change" not in empty


def test_the_static_page_has_no_script_and_shows_what_the_live_one_does(board):
    html = board.view().html
    assert "<script" not in html and "<style" not in html and "http" not in html
    assert html.count("<img") >= 2


def test_it_is_displayed_live_and_apart_from_that_static(board, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    board._ipython_display_()
    static, live = shown
    assert board.view().html in static["text/html"] and static["text/plain"] == board.view().text
    # HTML beside the live view would be dropped by an export that has the widget's state
    assert "text/html" not in live and "application/vnd.jupyter.widget-view+json" in live
    assert 'class="ipf-team-static"' in static["text/html"]
    assert ".ipf-team-static{display:none}" in board.widget.children[0].value
    board.widget.close()


@pytest.mark.parametrize("field", ["project", "user_id", "lineage", "phase", "hardware_id"])
def test_hostile_names_are_text(field):
    made = [made_up_team.moved(run, **{field: HOSTILE}) for run in made_up_team.runs(80)]
    found = DatabaseSource(made_up_team.ledger_of(made).reader())(
        Filters(since=date(2026, 1, 1), until=date(2026, 6, 30), by="person")
    )
    view = dashboard_view(found, "energy")
    assert "<script" not in view.html and "\x1b" not in view.text and "‮" not in view.text
    blocks_sent = payload(found, "energy")
    for block in blocks_sent.values():
        if block["figure"]:
            block["figure"].pop("text/plain")
    sent = json.dumps(blocks_sent, ensure_ascii=False)
    assert "<script" not in sent and "<b>x" not in sent


def test_a_control_asks_again_and_what_is_shown_follows(board):
    controls = board.widget and board._controls
    assert ("vision", "vision") in controls["project"].options
    controls["project"].value = "vision"
    assert board.filters.project == "vision"
    assert board.found.now.n == sum(g.now.n for g in board.found.groups) > 0
    controls["measure"].value = "energy"
    assert "of energy" in board._texts["headline"].value
    controls["period"].value = 7
    assert board.filters.days == 7
    controls["zone"].value = "Europe/Berlin"
    assert board.filters.zone == "Europe/Berlin"
    assert controls["project"].value == "vision"
    data = board._plots["series"].outputs[0]["data"]
    assert data["application/vnd.plotly.v1+json"]["data"]
    board.widget.close()


def test_a_source_that_fails_leaves_what_was_shown(source):
    calls = []

    def sometimes(filters):
        calls.append(filters)
        if len(calls) > 1:
            raise LedgerError("The server does not answer", "nothing was changed", "Try again.")
        return source(filters)

    board = TeamDashboard(sometimes, days=90, today=TODAY)
    before = board.widget and board._texts["headline"].value
    board._controls["by"].value = "person"
    assert "does not answer; nothing was changed. Try again." in board._message.value
    assert board._texts["headline"].value == before and board.filters.by == "project"
    board.widget.close()


def test_drilling_down_to_runs(board):
    drill = board.widget and board._drill
    drill._show.click()
    assert "speech 0" in drill._text.value
    drill._pick.value = "speech 0"
    assert "Runs of speech 0" in drill._run_text.value
    first = drill._run_text.value
    drill._next.click()
    assert drill._run_text.value != first
    board.show(project="vision")
    assert drill._text.value == "" and drill._page is None
    board.widget.close()


def test_any_callable_is_a_source(source):
    board = TeamDashboard(lambda filters: source(filters), days=30, today=TODAY)
    assert board.widget and board._drill.widget.children == ()
    assert ipyfootprint.TeamDashboard is TeamDashboard
    board.widget.close()


def test_figures_are_plotly_figures(board):
    made = board.figures()
    assert isinstance(made["series"], go.Figure)
    assert made["who"].data[0].type == "waterfall"


@pytest.mark.parametrize("known", [{"measure": "money"}, {"days": 0}, {"zone": "Nowhere"}])
def test_options_that_are_none_say_so(source, known):
    with pytest.raises(ConfigError):
        TeamDashboard(source, **known)


def test_a_replayed_run_is_no_measured_one_in_the_drill_down():
    from ipyfootprint.model import DeviceEnergy
    from ipyfootprint.team.drill import runs_table

    replay = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "replay of levels.csv")
    real = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "H100, no replay of anything")
    first, second = made_up_team.runs(2)
    made = [
        made_up_team.moved(
            run, lineage="x", energy_j=9.0, method="counter", devices={"gpu0": device}
        )
        for run, device in ((first, replay), (second, real))
    ]
    source = DatabaseSource(made_up_team.ledger_of(made).reader(), runs=True)
    found = source(Filters(since=date(2026, 1, 1), until=date(2026, 6, 30)))
    rows = runs_table(found, "x", source.runs("x")).rows
    assert {row[5] for row in rows} == {"replayed", "measured"}
    assert {row[2] for row in rows} <= {"done", "failed"}, "states are words, as everywhere"
