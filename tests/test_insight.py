"""What a person asks of a session without magics: the functions the magics and buttons call."""

import json
import time

import pytest

import ipyfootprint
from ipyfootprint import api, insight
from ipyfootprint.errors import ConfigError

WATTS = 5000.0


@pytest.fixture(autouse=True)
def session(monkeypatch, tmp_path):
    recording = tmp_path / "power.json"
    recording.write_text(json.dumps({"dt_s": 1.0, "watts": {"gpu0": [WATTS] * 600}}))
    monkeypatch.setenv("IPYFOOTPRINT_REPLAY", str(recording))
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "ledger.db"))
    meter, until = api.recording().tracker.meter, time.monotonic() + 20
    while not meter.channels() and time.monotonic() < until:
        time.sleep(0.01)  # the sampler is a process of its own, and finds its devices first
    yield
    if api._active is not None:
        api._active.close()


def ran(label, n=1, work=None, fails=False, **options):
    for _ in range(n):
        try:
            with ipyfootprint.track(label, **options):
                sum(range(200_000))
                if work:
                    ipyfootprint.work(work, "epochs")
                if fails:
                    raise RuntimeError
        except RuntimeError:
            continue
    tracker = api.recording().tracker
    until = time.monotonic() + 10
    while tracker.settle() and time.monotonic() < until:
        time.sleep(0.01)  # so that no figure moves any more


def test_two_labels_are_compared_exactly():
    ran("old", 3, work=2)
    ran("new", 2, work=3)
    found = ipyfootprint.compare("old", "new")
    assert (found.before.period.runs, found.after.period.work) == (3, 6)
    parts = sum(factor.part for factor in found.change.factors)
    assert parts == pytest.approx(found.change.change)
    assert found.before.method == "counter"
    with pytest.raises(ConfigError, match="Labels of this session: new, old"):
        ipyfootprint.compare("old", "newer")
    with pytest.raises(ConfigError, match="No efficiency gain was seen"):
        ipyfootprint.compare()


def test_a_plan_is_kept_with_the_runs_that_it_covers():
    ran("train")
    plan = ipyfootprint.plan(runs=3, label="train")
    ran("train", 2)
    ran("other")
    assert (plan.runs, plan.lineage) == (3, "train")
    assert [run.planned for run in ipyfootprint.runs()] == [None, 3, 3, None]


@pytest.mark.parametrize(
    "wrong", [{}, {"runs": 0}, {"runs": 1.5}, {"wh": float("nan")}, {"wh": -1}, {"runs": "x"}]
)
def test_what_is_no_plan_changes_nothing(wrong):
    with pytest.raises(ConfigError, match="nothing was changed"):
        ipyfootprint.plan(**wrong)


def test_a_budget_is_set_read_and_taken_back():
    assert ipyfootprint.budget() is None
    ran("train", 2)
    used = ipyfootprint.budget("1 Wh per session")
    assert used.used.mid == pytest.approx(sum(run.energy_j for run in ipyfootprint.runs()))
    assert ipyfootprint.session().budget.limit == 3600
    with pytest.raises(ConfigError, match="parsecs"):
        ipyfootprint.budget("5 parsecs")
    assert ipyfootprint.budget().budget.amount.value == 3600
    assert ipyfootprint.budget("none") is None


def test_an_answer_to_nothing_is_refused_and_its_budget_is_not_set():
    with pytest.raises(ConfigError, match="Nothing has been found yet"):
        ipyfootprint.answer("budget", budget="1 Wh")
    with pytest.raises(ConfigError, match="not an answer"):
        ipyfootprint.answer("perhaps")
    with pytest.raises(ConfigError, match="takes no budget"):
        ipyfootprint.answer("snooze", budget="1 Wh")
    assert ipyfootprint.budget() is None and ipyfootprint.findings() == ()


def test_the_answer_budget_sets_the_budget_that_comes_with_it(monkeypatch):
    monkeypatch.setattr(api.recording().watch, "answer", lambda said, finding_id: said)
    assert ipyfootprint.answer("budget", None, "2 Wh") == "budget"
    assert ipyfootprint.budget().budget.amount.value == 7200
    with pytest.raises(ConfigError, match="parsecs"):
        ipyfootprint.answer("budget", None, "2 parsecs")


def test_efficiency_work_pays_back_by_labels_and_by_amounts():
    ran("distil", 2, phase="training")
    ran("distil", 1, fails=True)
    found = ipyfootprint.breakeven(
        cost_label="distil", old="3.1 mWh", new="2.3 mWh", uses_per_day=10_000
    )
    paid = sum(run.energy_j for run in ipyfootprint.runs())
    assert found.cost.mid == pytest.approx(paid), "failed runs are part of the cost"
    assert found.uses == pytest.approx(paid / (0.8 * 3.6))
    hardware = ipyfootprint.breakeven("150 kg", old="3 g", new="2 g")
    assert hardware.carbon and hardware.uses == pytest.approx(150_000)
    by_label = ipyfootprint.breakeven(cost_label="distil", old="1 kWh", new="distil")
    assert by_label.new.what == "run" and by_label.carbon is False
    in_grams = ipyfootprint.breakeven(cost_label="distil", old="1 kg", new="1 g", carbon=True)
    assert in_grams.cost.mid == pytest.approx(
        sum(run.operational_g + run.embodied_g for run in ipyfootprint.runs())
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": "5 L"},
        {"cost": "1 kWh", "cost_label": "a"},
        {},
        {"cost_label": "nobody"},
        {"cost": "1 kWh", "old": "2 g"},
        {"cost": "1 kWh", "uses_per_day": 0},
        {"cost": "1 kWh", "days": float("inf")},
        {"cost": "1 kWh", "new": "nobody"},
    ],
)
def test_a_break_even_of_nothing_is_refused_in_three_parts(wrong):
    with pytest.raises(ConfigError) as refused:
        ipyfootprint.breakeven(**{"old": "2 Wh", "new": "1 Wh", **wrong})
    assert refused.value.instead == "nothing was computed" and refused.value.remedy


def test_phases_advice_and_the_loop_say_only_what_is_known():
    ran("train", 2, phase="training")
    ran("train", 2, phase="training", fails=True)
    (total,) = ipyfootprint.lifecycle()
    assert (total.phase, total.runs, total.failed) == ("training", 4, 2)
    assert ipyfootprint.lifecycle(all=True)[0].runs == 4
    assert ipyfootprint.loop() == ()
    ipyfootprint.budget("1 kWh")
    assert {link.target for link in ipyfootprint.loop()} >= {"budget used", "work per hour"}
    assert all(one.saves_j or one.saves_g for one in ipyfootprint.advice())
    assert insight.explain().comparison is None


def test_another_amount_of_waste_watches_the_session_again():
    here = api.recording()
    before = here.watch.detector
    ran("train", 2)
    here.change("waste", "10")
    assert here.watch.detector is not before and here.watch.findings == ()
    with pytest.raises(ConfigError, match="not a value for waste"):
        here.change("waste", "-1")
