"""The detector beside a session: what is told, kept and answered, without a kernel."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Run
from ipyfootprint.watch import Watch

START = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)


class Ledger:
    def __init__(self):
        self.kept = []

    def findings(self):
        return []

    def add_finding(self, finding):
        self.kept.append((finding.finding_id, finding.answer))


def session(runs):
    """A tracker that has these runs."""
    return SimpleNamespace(
        listeners=[], ledger=Ledger(), kept=lambda write: write(), runs=lambda: runs
    )


def grown():
    """Half the energy an epoch from the thirteenth run on, then 1.7 times the epochs a run."""
    at, runs = START, []
    for n in range(1, 36):
        larger, ratio = (1.0, 1.0) if n <= 12 else (1.7 if n > 15 else 1.0, 0.5)
        seconds = 200 * larger * ratio
        run = Run(
            run_id=f"r{n}",
            session_id="s",
            user_id="u",
            number=n,
            started_at=at,
            status="ok",
            duration_s=seconds,
            lineage="train",
            code_hash="a" if n <= 12 else "b",
            config_hash="c",
            energy_j=20_000.0 * larger * ratio,
            work_units=10.0 * larger,
            work_kind="epochs",
        )
        runs.append(run)
        at += timedelta(seconds=seconds + 120)
    return runs


def watched(waste_j=3600.0):
    runs = grown()
    tracker = session(runs)
    watch = Watch(tracker, waste_j)
    for run in runs:
        watch.hear("started", replace(run, status="started"))
        watch.hear("ended", run)
    return watch, tracker


def test_a_finding_is_kept_and_handed_out_once():
    watch, tracker = watched()
    taken = watch.take()
    assert taken and watch.take() == []
    assert [finding.finding_id for finding in taken] == [name for name, _ in tracker.ledger.kept]
    assert tuple(taken) == watch.findings


def test_a_run_without_energy_is_no_evidence():
    watch, _ = watched()
    before = watch.findings
    watch.hear("ended", replace(grown()[-1], energy_j=None, number=36))
    assert watch.findings == before


def test_an_answer_is_kept_for_the_newest_or_the_one_named():
    watch, tracker = watched()
    newest = watch.findings[-1]
    assert watch.answer("planned").finding_id == newest.finding_id
    assert tracker.ledger.kept[-1] == (newest.finding_id, "planned")
    first = watch.findings[0]
    assert watch.answer("snooze", first.finding_id).answer == "snooze"


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (("perhaps",), "'perhaps' is not an answer"),
        (("planned", "nothing"), "There is no such finding"),
    ],
)
def test_an_answer_to_nothing_changes_nothing(asked, what):
    watch, tracker = watched()
    kept = list(tracker.ledger.kept)
    with pytest.raises(ConfigError) as refused:
        watch.answer(*asked)
    assert (refused.value.what, refused.value.instead) == (what, "nothing was changed")
    assert tracker.ledger.kept == kept
    with pytest.raises(ConfigError, match="Nothing has been found yet"):
        Watch(session([])).answer("planned")


def test_another_amount_of_waste_tells_the_session_anew_and_keeps_answers():
    watch, tracker = watched(waste_j=1e9)
    assert watch.findings == () and watch.take() == []
    watch.ask(3600.0)
    told = watch.take()
    assert told and tuple(told) == watch.findings
    watch.answer("not-rebound")
    kept = len(tracker.ledger.kept)
    watch.ask(3600.0)
    assert watch.findings[-1].answer == "not-rebound", "the answer holds"
    assert watch.take() == [] and len(tracker.ledger.kept) == kept, "nothing is told twice"
    watch.ask(1e9)
    assert watch.findings == ()


@pytest.mark.parametrize("announced", [{"runs": 50}, {"energy_j": 1e9}])
def test_another_amount_of_waste_keeps_what_was_announced_and_when(announced):
    runs = grown()
    watch = Watch(session(runs))
    gained = next(at for at, run in enumerate(runs) if run.work_units != runs[0].work_units)
    for run in runs[:gained]:
        watch.hear("ended", run)
    watch.plan(**announced, lineage=runs[0].lineage)
    for run in runs[gained:]:
        watch.hear("ended", run)
    assert watch.findings == (), "what was announced is no rebound"
    watch.ask(1800.0)
    assert watch.findings == ()
    assert len(watched(1800.0)[0].findings) > 0, "without the plan it would be one"
    plan = watch.plan(**announced)
    assert plan.used_runs == 0, "what was run before it does not count"
    watch.ask(1800.0)
    watch.hear("ended", replace(runs[-1], number=runs[-1].number + 1, run_id="next"))
    assert watch.planned("other") == announced.get("runs"), "it still stands"


def test_a_plan_is_told_with_the_runs_it_covers():
    watch = Watch(session([]))
    assert watch.planned("train") is None
    watch.plan(runs=2, lineage="train")
    assert watch.planned("train") == 2 and watch.planned("other") is None
    for run in grown()[:3]:
        watch.hear("ended", run)
    assert watch.planned("train") is None, "it is used up"
    watch.plan(energy_j=5000.0)
    assert watch.planned("train") is None, "a plan of energy announces no number of runs"
