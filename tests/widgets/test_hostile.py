"""The hostile corpus through every view and every text that a terminal is given."""

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hostile import CORPUS
from made_up import SESSION, made_finding, made_run, made_runs, made_summary
from test_static_view import assert_harmless, name_of_bidi

sys.path.append(str(Path(__file__).parent.parent / "impact"))
import made_up_team as team
from session_rows import CONTEXT, made_up_run

from ipyfootprint.errors import FootprintError
from ipyfootprint.grid import country_of, yearly
from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.discrepancy import agreements, discrepancy_text
from ipyfootprint.impact.session import assume
from ipyfootprint.impact.statement import model_card, statement
from ipyfootprint.impact.when import Advice as When
from ipyfootprint.impact.when import Start
from ipyfootprint.model import CarbonIntensity, DeviceEnergy, Estimate
from ipyfootprint.rebound.advise import Suggestion
from ipyfootprint.rebound.decompose import Decomposition, Factor
from ipyfootprint.rebound.lifecycle import Use, break_even, by_phase
from ipyfootprint.rebound.loop import Strength
from ipyfootprint.rebound.periods import compare, select
from ipyfootprint.rebound.replay import as_text
from ipyfootprint.team.dashboard import TeamDashboard
from ipyfootprint.team.drill import experiments_table
from ipyfootprint.team.drill import runs_table as team_runs
from ipyfootprint.team.filters import Filters
from ipyfootprint.team.payload import payload
from ipyfootprint.team.source import DatabaseSource
from ipyfootprint.team.static import dashboard_view
from ipyfootprint.widgets import inputs, rebound_view, when
from ipyfootprint.widgets.markup import harmless
from ipyfootprint.widgets.runs_table import runs_view
from ipyfootprint.widgets.static_view import (
    finding_view,
    line_view,
    notice_view,
    run_view,
    summary_view,
    table_html,
    table_text,
)

NOW = datetime(2026, 5, 4, 18, 20, tzinfo=UTC)


def hostile_run(evil, number=1, **changes):
    """A run in which every text is foreign."""
    device = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", label=evil)
    given = {"label": evil, "lineage": evil, "metric_name": evil, "metric": 0.5, "project": evil}
    given |= {"work_units": 3.0, "work_kind": evil, "devices": {evil: device}, "cell_id": evil}
    given |= {"intensity": CarbonIntensity(300.0, 200.0, 400.0, evil, source=evil, year=2024)}
    return made_run(number, **given, **changes)


def views(evil):
    """Every view that shows a foreign text anywhere, by its name."""
    runs = [hostile_run(evil, 1), hostile_run(evil, 2, status="error"), *made_runs(3)]
    session = replace(SESSION, notebook=evil, project=evil, hardware={evil: evil}, zone=evil)
    line = Assumption(evil, 2.0, evil, evil, 2024, evil, 1.0, 3.0)
    other = made_up_run(1), made_up_run(2)
    stretch = select("1-1", [made_run(1)], list, NOW), select("2-2", [made_run(2)], list, NOW)
    found = compare(*(replace(side, name=evil, work_kind=evil) for side in stretch))
    change = Decomposition(evil, 1.0, 2.0, (Factor(evil, evil, 1.0, 2.0, 1.0),))
    start = Start(NOW, 300.0)
    return {
        "run": run_view(runs[0], runs[1]),
        "line": line_view(evil),
        "error": notice_view(FootprintError(evil, evil, evil)),
        "finding": finding_view(made_finding(message=evil, lineage=evil)),
        "summary": summary_view(replace(made_summary(5), session=session, runs=tuple(runs))),
        "runs": runs_view(runs),
        "inputs": inputs.inputs_view((line,), evil),
        "doubt": inputs.doubt_view((line, *CONTEXT.assumptions), evil),
        "assume": inputs.comparison_view(assume(other, ["zone=FR"], place, CONTEXT.assumptions)),
        "compare": rebound_view.compare_view(replace(found, change=change)),
        "lifecycle": rebound_view.lifecycle_view(by_phase(runs)),
        "loop": rebound_view.loop_view([Strength(evil, evil, 0.4, 0.1, 0.7)]),
        "advice": rebound_view.advice_view([Suggestion("reuse", evil, Estimate.exact(9.0), None)]),
        "when": when.advice_view(When(start, start, 0.1, ((evil, 0.5),), evil), UTC),
    }


def place(zone):
    return yearly(zone), country_of(zone)


def assert_quiet(text):
    """No terminal acts on it, and no line of it runs another way."""
    assert name_of_bidi(text) == []
    assert all(sign.isprintable() or sign in "\n" for sign in text), ascii(text)
    text.encode()


@pytest.mark.parametrize("evil", CORPUS)
def test_no_view_lets_a_foreign_text_act(evil):
    for view in views(evil).values():
        assert_harmless(view.html)
        assert_quiet(view.text)


@pytest.mark.parametrize("evil", CORPUS)
def test_no_printed_text_lets_a_foreign_text_act(evil):
    runs = [hostile_run(evil, n, flops=float(n)) for n in range(1, 5)]
    uses = Use(Estimate.exact(2.0), evil), Use(Estimate.exact(1.0), evil)
    line = Assumption(evil, 2.0, evil, evil, 2024, evil)
    said = [
        discrepancy_text(agreements(runs)),
        rebound_view.breakeven_text(break_even(Estimate.exact(9.0), *uses)),
        statement(runs, [line], hardware=evil, unit=(4, evil), version=evil),
        model_card(runs, hardware=evil, training_type=evil),
        f"Kept: snooze, for {evil}.",
    ]
    for text in map(harmless, said):
        assert_quiet(text)
    for text in as_text([made_finding(lineage=evil, message=evil, session_id=evil)]):
        assert_quiet(text)


@pytest.mark.parametrize("evil", CORPUS)
def test_no_part_of_the_team_dashboard_lets_a_foreign_text_act(evil):
    evil = evil.encode("utf-8", "replace").decode()  # as a ledger keeps it
    names = {"project": evil, "user_id": evil, "lineage": evil, "work_kind": evil}
    made = [team.moved(run, **names, hardware_id=evil) for run in team.runs(40)]
    source = DatabaseSource(team.ledger_of(made).reader(), runs=True)
    for by in ("project", "person", "hardware"):
        found = source(Filters(since=date(2026, 1, 1), until=date(2026, 6, 30), by=by))
        view = dashboard_view(found, "energy")
        assert_harmless(view.html)
        assert_quiet(view.text)
    sent = payload(found, "energy")
    for block in sent.values():
        if isinstance(block, dict) and block.get("figure"):
            block["figure"].pop("text/plain")
    assert "<script" not in json.dumps(sent) and "<img src=x" not in json.dumps(sent)
    tables = [experiments_table(found, source.experiments(found.filters, None))]
    tables.append(team_runs(found, evil, source.runs(evil, None)))
    for table in tables:
        assert_harmless(table_html(table))
        assert_quiet(table_text(table))
    board = TeamDashboard(source, days=150, today=date(2026, 6, 30))
    assert_harmless(board.view().html)


def test_the_corpus_reaches_every_view_that_there_is():
    """A view that is added must be put through the corpus too."""
    rooms = [rebound_view, inputs, when]
    from ipyfootprint.widgets import runs_table, static_view

    made = {
        f"{room.__name__.rpartition('.')[2]}.{name}"
        for room in [*rooms, runs_table, static_view]
        for name, value in vars(room).items()
        if name.endswith("_view") and getattr(value, "__module__", "") == room.__name__
    }
    tried = Path(__file__).read_text()
    missing = {name for name in made if f"{name.rpartition('.')[2]}(" not in tried}
    assert missing == {"static_view.tables_view"}, "what the others are made of"


def test_what_is_no_threat_is_printed_as_it_is():
    text = "  aligned   columns\nGröße · 模型 · e\u0301\n\n✓ done"
    assert harmless(text) == text
    assert harmless("a\r\nb\x1b[31m\u202ec") == "a\nb[31mc"
