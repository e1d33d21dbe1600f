"""Everything that the views say, as JSON: for a test that puts another catalogue in place.

Run as a program. What is a person's own (labels, metrics, units of work, zones) is made of
capitals and digits here, so that small letters are ours.
"""

import json
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

from gains import AT, made_up_gain, window
from made_up import GRID, SESSION, START, made_run, made_trace
from session_rows import CONTEXT, made_up_run
from test_budgets import Clock, Tracker, run, watching

from ipyfootprint.grid import country_of, locate, yearly
from ipyfootprint.impact import Hardware, context
from ipyfootprint.impact.discrepancy import agreements, discrepancy_text
from ipyfootprint.impact.session import assume, session_ledger
from ipyfootprint.impact.statement import statement, tags_text
from ipyfootprint.impact.when import Advice as When
from ipyfootprint.impact.when import Start
from ipyfootprint.jupyter.wait import Wait
from ipyfootprint.model import DeviceEnergy, Estimate, Finding, Gap
from ipyfootprint.rebound.advise import cleaner_hour, early_stop, halving, reuse, small_first
from ipyfootprint.rebound.budget import Budget, usage
from ipyfootprint.rebound.creep import Creep
from ipyfootprint.rebound.explain import explain
from ipyfootprint.rebound.lifecycle import Use, break_even, by_phase
from ipyfootprint.rebound.loop import Feedback, causal_loop
from ipyfootprint.rebound.periods import compare, select
from ipyfootprint.rebound.sentences import creep_sentence, rebound_sentence
from ipyfootprint.testing import FakeGrid
from ipyfootprint.widgets import gather, inputs, rebound_view, when
from ipyfootprint.widgets.payload import (
    badge_payload,
    banner_payload,
    fixed_payload,
    panel_payload,
)
from ipyfootprint.widgets.runs_table import runs_view
from ipyfootprint.widgets.static_view import finding_view, run_view, summary_view

DEVICE = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "replay of A", shared=True)
WORK = {"work_units": 4.0, "work_kind": "EPOCHS", "metric": 0.9, "metric_name": "ACC"}
CONFIGURED = {"code_hash": "A", "config_hash": "B", "lineage": "T1", "label": "L1"}
FULL = {"embodied_g": 2.0, "embodied_low_g": 1.0, "embodied_high_g": 4.0, "water_l": 0.04,
        "adpe_kgsbeq": 3e-8, "primary_energy_mj": 0.4, "ewaste_kg": 2e-5}  # fmt: skip
KINDS = ("gpu", "cpu", "dram", "other")
PHASES = ("data", "exploration", "tuning", "training", "evaluation", "inference", None)


TAGS = {
    "accounting": ("average", "marginal"),
    "basis": ("lifecycle", "direct"),
    "boundary": ("consumption", "generation"),
    "method": ("location", "market"),
    "resolution": ("5min", "15min", "30min", "hour", "month-hour", "year"),
}


def session():
    """Runs of every phase, state and method, before and since a gain."""
    before = [made_run(n, 60_000.0, phase=PHASES[n % 7], **CONFIGURED, **WORK) for n in range(1, 8)]
    after = [
        made_run(n, 50_000.0, phase="training", **CONFIGURED, **{**WORK, "work_units": 9.0})
        for n in range(8, 14)
    ]
    odd = [
        made_run(14, status="error"),
        made_run(15, status="interrupted", method="integrated"),
        made_run(16, None, status="lost"),
        made_run(17, method="modelled", **FULL),
        made_run(18, 9.0, devices={"gpu0": DEVICE}),
        made_run(19, intensity=replace(GRID, basis="direct", zone="WOR")),
        made_run(20, status="started", settled=False),
        made_run(21, None, settled=False),
        made_run(22, settled=False, devices={kind: replace(DEVICE, kind=kind) for kind in KINDS}),
    ]
    return [*before, *after, *odd]


def place(zone):
    return yearly(zone), country_of(zone)


def findings():
    """One of every kind, told with and without counted work."""
    gains = [
        made_up_gain(kind=kind, work_kind=unit, low=low)
        for kind in ("backfire", "scale-up", "breadth", "intensification")
        for unit, low in (("EPOCHS", 0.1), (None, -0.1))
    ]
    creep = Creep("T1", 3, AT.timestamp(), 1.5, 0.83, 0.84, 9.0, None, window(), window())
    told = [rebound_sentence(gain, UTC) for gain in gains] + [creep_sentence(creep, UTC)]
    levels, answers = ("warn", "notice"), (None, "planned", "snooze", "not-rebound")
    return [
        Finding(
            finding_id=str(n),
            session_id="s1",
            lineage="T1",
            run=n,
            at=START,
            level=levels[n % 2],
            kind="creep",
            message=text,
            rebound_pct=88.0,
            low_pct=60.0,
            high_pct=125.0,
            wasted_j=9.0,
            answer=answers[n % 4],
        )
        for n, text in enumerate(told)
    ]


def suggestions(runs):
    """Every kind of advice."""
    searched = [replace(each, config_hash=str(each.number)) for each in runs[:7]]
    longer = [replace(each, work_units=9.0) for each in runs[:3]]
    return [
        early_stop([*runs[:7], longer[0]]),
        early_stop([*runs[:7], *longer]),
        early_stop([replace(each, work_kind="") for each in (*runs[:7], *longer)]),
        halving(searched),
        reuse(runs[:2]),
        reuse(runs[:7]),
        small_first(runs),
        cleaner_hour(runs[:1], 0.3, "10:05"),
    ]


def panels(runs):
    """Badge, panel and banner as the browser is told of them."""
    gain, budget = made_up_gain(lineage="T1", since=7), Budget.parse("3 MWh per day")
    for why in (
        explain(runs, [gain], budget_set_at=START + timedelta(minutes=9)),
        explain(runs, []),
    ):
        for finding, left in zip(findings(), (None, 0, 1, 7) * 3, strict=False):
            change = gather.change(why.comparison.change) if why.comparison else None
            advice = gather.advice_rows(why.advice)
            links = gather.links(why.loop)
            yield banner_payload(finding, change=change, links=links, advice=advice, runs_left=left)
    for each in runs:
        ahead = (Estimate(150.0, 140.0, 160.0), 60.0)
        yield badge_payload(each, runs[0], made_trace(), power_w=250.0, predicted=ahead)
    for length, priced in ((0, True), (1, True), (9, True), (13, False), (len(runs), True)):
        shown = [each if priced else replace(each, operational_g=None) for each in runs[:length]]
        yield from summaries(shown, gain, usage(budget, shown))

    for alike in (
        [replace(each, method="modelled") for each in runs[:7]],
        [replace(each, intensity=replace(GRID, zone="WOR")) for each in runs[:2]],
        [made_run(1, None), made_run(2, None)],
    ):
        yield from summaries(alike, gain, usage(budget, alike))


def summaries(runs, gain, used):
    gap = Gap(session_id="s1", duration_s=900.0, energy_j=3.0, node_energy_j=6.0, method="modelled")
    for told in (findings(), []):
        summary = gather.session_summary(
            SESSION,
            runs,
            gap,
            now=START + timedelta(hours=9),
            findings=told,
            rebounds=[gain],
            assumptions=CONTEXT.assumptions,
            usage=used,
            budget_set_at=START + timedelta(minutes=9),
            equivalents=True,
        )
        yield panel_payload(summary)
        yield fixed_payload(summary)
        yield summary_view(summary).mimebundle()


def static(runs):
    """The static twins, and what stands in a page only as such."""
    for each in runs:
        yield run_view(each, runs[0], made_trace())
    yield runs_view(runs)
    for finding in findings():
        yield finding_view(finding, gather.advice_rows(suggestions(runs)))
    yield from explained()
    for loop in (
        causal_loop(made_up_gain(), grid=(300.0, 400.0), limited=Feedback((1.0,), ())),
        causal_loop(made_up_gain(shown=3.0, low=2.0, high=4.0)),
        causal_loop(made_up_gain(low=0.1, high=0.4), limited=Feedback((1, 2, 3), (0, 1, 2))),
    ):
        yield rebound_view.loop_view(loop)
    yield rebound_view.advice_view(suggestions(runs))
    yield rebound_view.lifecycle_view(by_phase(runs))
    now = START + timedelta(hours=1)
    sides = [select(text, runs, list, now, UTC) for text in ("1-7", "8-13", "14-18", "16")]
    yield rebound_view.compare_view(compare(sides[0], sides[1]))
    yield rebound_view.compare_view(compare(sides[2], sides[3]))
    yield rebound_view.compare_view(explain(runs, [made_up_gain(lineage="T1")]).comparison)


def explained():
    """Inputs and what they rest on."""
    two = [made_up_run(1), made_up_run(2, kwh=3, seconds=7200, status="error")]
    for machine in (
        Hardware(platform="laptop"),
        Hardware(platform="desktop", gpus=(("gpu0", "CARD 9"),)),
        Hardware(platform="workstation"),
        Hardware(platform="cloud", logical_cpus=4),
        Hardware(platform="server", memory_gb=356.0),
    ):
        known = context(lambda _: GRID, machine, country=None, wall_factor=1.2).assumptions
        yield inputs.inputs_view(known, locate(env={}, root=Path("/nowhere")).source)
    lines = session_ledger(two, CONTEXT.assumptions)
    yield inputs.inputs_view((*lines, *CONTEXT.assumptions), locate("DE").source)
    yield inputs.doubt_view(lines, "DE")
    yield inputs.doubt_view(session_ledger(session()), "DE")
    yield inputs.comparison_view(assume(two, ["zone=US-CA", "lifetime=4y"], place))
    start = Start(START, 300.0)
    for accounting in ("average", "marginal"):
        yield when.advice_view(
            When(start, start, 0.1, (("FR", 0.5),), "A", accounting, (300.0, 200.0, 400.0)), UTC
        )
    yield when.advice_view(When(start, start, 0.0, (), ""), UTC)
    yield when.advice_view(When(None, None, None, (), ""), UTC)


def waits():
    """What stands under a cell that waits for a cleaner start."""
    day, said = FakeGrid([400.0] * 10 + [100.0] * 14), []
    for candidates, hours in (([day.at], 24.0), ([day.at], 0.0), ([], 24.0)):
        clock = Clock()
        Wait(
            candidates,
            3600.0,
            clock.now + timedelta(hours=hours),
            lambda text, last=False: said.append(text),
            now=lambda clock=clock: clock.now,
            sleep=lambda seconds, clock=clock: clock.advance(seconds=seconds),
        ).run()
    return said


def sentences(runs):
    """Texts that stand alone."""
    yield from waits()
    tracker = Tracker()
    for typed, limit in (("1000 J per week", 2), ("1000 J", 12)):
        watch = watching(tracker, Clock(), typed)
        for number in range(1, limit):
            one = run(number, 600.0 if limit == 2 else 100.0)
            tracker.end(one)
            tracker.end(replace(one, run_id=f"x{number}", energy_j=None))
            yield watch.before("train", "k") or ""
            yield watch.after(one, shown=True) or ""
        yield str(watch.usage())
    yield str(usage(Budget.parse("5 L"), []))
    yield str(usage(Budget.parse("5 kWh"), [made_run(1, None)]))
    cost, many = Estimate.exact(100.0), Estimate(3, 2.5, 3.5)
    for what in ("run", "use", "SAMPLE"):
        for new, daily in ((Estimate(2.8, 2.4, 3.2), 2.0), (many, None), (many, 1.0)):
            found = break_even(cost, Use(many, what), Use(new, what), daily)
            yield rebound_view.breakeven_text(found)
        yield rebound_view.breakeven_text(
            break_even(cost, Use(many, what), Use(Estimate.exact(1.0), what), 900.0)
        )
    yield discrepancy_text(agreements(runs))
    yield discrepancy_text(agreements([replace(each, method="modelled") for each in runs]))
    yield discrepancy_text(agreements([]))
    yield discrepancy_text(agreements([made_run(1), made_run(2, method="modelled")]))
    yield discrepancy_text(agreements([made_run(1)]))
    ranked = [made_run(n, n * 9.0, duration_s=9.0 - n, flops=n, parameters=n) for n in range(1, 7)]
    yield discrepancy_text(agreements(ranked))
    gap = Gap(session_id="s1", duration_s=9.0, energy_j=3.0, node_energy_j=6.0, method="counter")
    yield statement(runs, CONTEXT.assumptions, hardware="A", gap=gap, unit=(4, "EPOCH"))
    for name, values in TAGS.items():
        yield from (tags_text(replace(GRID, estimated=True, **{name: value})) for value in values)
    yield statement(runs[:1])
    yield statement(runs[15:16])
    yield statement([])


if __name__ == "__main__":
    import ipyfootprint

    every = session()
    shown = {
        "payloads": list(panels(every)),
        "views": [view.mimebundle() for view in static(every)],
        "sentences": list(sentences(every)),
    }
    print(json.dumps({"package": ipyfootprint.__file__, **shown}))
