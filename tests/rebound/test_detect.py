"""What the detector says of scripted sessions, and where it keeps silent."""

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from scripted import Script, scale_up

from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation


def told(script, level="warn", **options):
    return [f for f in script.played(**options)[1] if f.level == level]


def test_longer_training_after_a_gain_is_told_once_with_its_number():
    (finding,) = told(scale_up())
    assert finding.kind == "scale-up"
    assert finding.lineage == "train"
    # by hand, so far: three times 10 epochs in 100 s + 120 s, then 17 in 170 s + 120 s, at half
    # the energy, against 10 in 320 s
    larger = finding.run - 14
    expected = (3 * 10 + 17 * larger) / (3 * 220 + 290 * larger) * 32 - 1
    assert finding.low_pct < 100 * expected < finding.high_pct
    assert finding.rebound_pct == pytest.approx(100 * expected, abs=25)
    assert finding.wasted_j > 3600 and finding.wasted_g == pytest.approx(
        finding.wasted_j / 3.6e6 * 300
    )


def test_the_rebound_so_far_is_the_arithmetic_of_its_definition():
    detector, _ = Script(noise=0.001).times(12).gain(20, larger=1.7).played()
    (rebound,) = detector.rebounds()
    assert rebound.ratio == pytest.approx(0.5, rel=0.01)
    before_s = 12 * 320 - 120  # a session's first run has no pause before it
    assert rebound.growth == pytest.approx(20 * 17 / (20 * 290) / (120 / before_s), rel=0.01)
    assert rebound.rebound == pytest.approx(rebound.growth - 1, rel=0.02)  # rho is one half
    assert rebound.elasticity == pytest.approx(math.log(rebound.growth) / math.log(2), rel=0.02)


def test_more_energy_an_hour_than_before_is_backfire():
    (finding, *_) = told(Script().times(12).gain(24, larger=4.0, pause=30))
    assert finding.kind == "backfire"
    assert finding.rebound_pct > 100


def test_more_configurations_is_breadth():
    script = Script().times(14).gain(30, pause=90, new_config=True)
    assert [f.kind for f in told(script)] == ["breadth"]


def test_the_same_configurations_more_often_is_intensification():
    script = Script().times(14).gain(30, pause=90)
    assert [f.kind for f in told(script)] == ["intensification"]


def test_a_notice_comes_before_the_warning():
    findings = Script().times(20).gain(40, pause=30).played()[1]
    assert [f.level for f in findings] == ["notice", "warn"]
    assert findings[0].run < findings[1].run


def test_a_gain_without_more_work_an_hour_is_silent():
    assert not Script().times(15).gain(40, pause=220).played()[1]


def test_the_same_plan_finished_sooner_is_no_warning():
    assert not told(Script().times(16).gain(12, pause=30))


def test_one_long_final_run_is_no_habit():
    script = Script().times(15).gain(12, pause=220)
    script.run(200_000.0, work=200.0, seconds=2000, code="b")
    assert not told(script)


def test_growth_without_a_gain_is_silent_where_no_metric_speaks():
    assert not Script().times(15).times(30, energy_j=50_000, work=25.0, seconds=300).played()[1]


def creeping(metric):
    script = Script()
    for i in range(12):
        script.run(metric=0.5 + 0.03 * i)
    for i in range(30):
        script.run(60_000, work=30.0, seconds=300, metric=metric(i))
    return script


def test_more_energy_for_a_metric_that_stands_still_is_creep():
    script = creeping(lambda i: 0.83 + 0.001 * (i % 2))
    (finding,) = told(script)
    assert finding.kind == "creep" and finding.rebound_pct is None
    assert "0.83" in finding.message


def test_more_energy_that_brings_progress_is_silent():
    assert not creeping(lambda i: 0.83 + 0.02 * i).played()[1]


def test_a_metric_where_less_is_better_counts_as_progress_too():
    script = Script()
    for i in range(12):
        script.run(metric=2.0 - 0.03 * i)
    for i in range(30):
        script.run(60_000, work=30.0, seconds=300, metric=1.6 - 0.02 * i)
    assert not script.played()[1]


def test_small_and_failed_runs_are_energy_and_time_but_no_evidence():
    script = Script().run()
    for _ in range(12):
        script.run(1500.0, work=0.5, seconds=10, pause=20)
        script.run(9000.0, seconds=80, ok=False)
        script.run()
    detector, findings = script.played()
    assert not findings
    history = detector._lineages["train"].history
    assert len(history) == 13
    window = history.window(0, 13)
    assert window.energy_j == pytest.approx(sum(r.energy_j for r in script.runs))
    # all of the session's time but the pause before its first run
    assert window.active_s == pytest.approx(script.t - script.runs[0].t_start)


def test_a_break_counts_ten_minutes():
    script = Script().times(2).times(1, pause=50_000)
    history = script.played()[0]._lineages["train"].history
    assert history.real[-1].active_s == pytest.approx(800)


def test_times_that_run_backwards_count_no_pause():
    script = Script().times(5)
    script.runs[3] = replace(script.runs[3], t_start=script.runs[0].t_start - 1e6)
    history = script.played()[0]._lineages["train"].history
    assert history.real[3].active_s == pytest.approx(200)


def test_planned_runs_silence_until_a_fifth_more_than_planned():
    assert not told(Script().times(12).gain(40, pause=10, planned=True))
    within = Script().times(12).gain(40, pause=10)
    detector = Detector()
    for run in within.runs[:12]:
        detector.feed(run)
    plan = detector.plan(runs=40)
    assert not [f for run in within.runs[12:] if (f := detector.feed(run))]
    assert plan.progress == 1.0
    beyond = Script().times(12).gain(40, pause=10, planned=10)
    (finding, *_) = told(beyond)
    assert finding.run >= 12 + 12  # ten planned and a fifth more are not counted


def test_a_plan_in_watt_hours_ends_with_its_energy():
    detector = Detector()
    script = Script().times(12).gain(40, pause=10)
    for run in script.runs[:12]:
        detector.feed(run)
    detector.plan(energy_j=100_000)  # ten runs of 10 kJ
    findings = [f for run in script.runs[12:] if (f := detector.feed(run))]
    assert findings and findings[0].run >= 12 + 12


def test_projects_side_by_side_do_not_inform_each_other():
    script = Script()
    for _ in range(20):
        script.run(lineage="small").run(80_000, work=10, seconds=500, lineage="large")
    assert not script.played()[1]


def test_a_lineage_without_work_counts_is_watched_by_its_runs():
    script = Script().times(14, work=None).gain(30, pause=20)
    script.runs = [replace(run, work=None, work_kind=None) for run in script.runs]
    (finding, *_) = told(script)
    assert "each run" in finding.message


def test_a_run_whose_work_was_not_counted_is_filled_in():
    script = scale_up()
    script.runs = [
        replace(run, work=None, work_kind=None) if i % 4 == 3 else run
        for i, run in enumerate(script.runs)
    ]
    (finding, *_) = told(script)
    assert finding.kind == "scale-up"


@pytest.mark.parametrize(("uncounted", "counted"), [(4, True), (5, True), (6, False)])
def test_a_lineage_whose_work_is_no_longer_counted_starts_anew_with_its_runs(uncounted, counted):
    script = Script().times(12).times(uncounted, work=None)
    history = script.played()[0]._lineages["train"].history
    assert history.counted is counted
    assert len(history) == (12 + uncounted if counted else 1)


def test_another_unit_of_work_starts_the_lineage_anew():
    script = Script().times(12)
    script.gain(20, larger=2.5)
    script.runs[12:] = [replace(run, work_kind="samples") for run in script.runs[12:]]
    assert not script.played()[1]


def grown():
    """Told at scale-up, and later far beyond."""
    script = scale_up()
    return script.gain(40, larger=5.0, pause=20)


def test_it_speaks_again_only_when_the_rebound_grew_by_half():
    first, *more = told(grown())
    assert more
    values = [first.rebound_pct, *(f.rebound_pct for f in more)]
    assert all(b >= a + 50 for a, b in pairwise(values))


@pytest.mark.parametrize("answer", ["planned", "not-rebound", "budget"])
def test_an_answer_ends_the_matter(answer):
    detector, script = Detector(), grown()
    findings = []
    for run in script.runs:
        if finding := detector.feed(run):
            findings.append(finding)
            detector.answer(finding.finding_id, answer)
    assert len(findings) == 1
    assert detector.findings[0].answer == answer


def test_snooze_is_an_hour_of_silence():
    detector, script = Detector(), scale_up().gain(60, larger=2.5)
    answered_at, findings = None, []
    for run in script.runs:
        finding = detector.feed(run)
        if finding and finding.level == "warn":
            findings.append(finding)
            if answered_at is None:
                answered_at = finding.at
                detector.answer(finding.finding_id, "snooze")
    assert len(findings) == 2
    assert (findings[1].at - answered_at).total_seconds() >= 3600


def test_not_a_rebound_raises_the_bar_for_the_next_session():
    detector, findings = scale_up().played()
    for finding in findings:
        answered = detector.answer(finding.finding_id, "not-rebound")
    assert answered.answer == "not-rebound"
    milder = Script().times(12).gain(20, larger=1.4, pause=170)
    assert told(milder)
    assert not told(milder, earlier=[answered])
    assert told(Script().times(12).gain(20, larger=3.0), earlier=[answered])


def test_an_answer_to_an_unknown_finding_is_a_key_error():
    with pytest.raises(KeyError):
        Detector().answer("nothing", "planned")


def test_feeding_the_record_again_rebuilds_the_state():
    one, findings = grown().played()
    two, again = grown().played()
    assert findings == again
    assert one.rebounds() == two.rebounds()


def test_sessions_of_little_energy_are_silent_unless_asked():
    small = scale_up()
    small.runs = [replace(run, energy_j=run.energy_j / 1000) for run in small.runs]
    assert not small.played()[1]
    assert told(small, least_run_j=1.0, least_waste_j=10.0)


ODD = [
    {"energy_j": 0.0},
    {"duration_s": 0.0},
    {"work": 0.0},
    {"energy_j": 1e-300},
    {"t_start": 0.0},
    {"config": None, "code": None},
    {"metric": 1e308},
]
HUGE = [{"work": 1e300}, {"energy_j": 1e300}]


def with_odd_runs(odd):
    """A scale-up with such a run early, later or at the gain; then with nothing but such runs."""
    for at in (0, 5, 13):
        script = scale_up()
        script.runs[at] = replace(script.runs[at], **odd)
        yield script
    script = scale_up()
    script.runs = [replace(run, **odd) for run in script.runs]
    yield script


@pytest.mark.parametrize("odd", [*ODD, *HUGE], ids=str)
def test_whatever_the_figures_what_is_told_are_numbers_between_their_bounds(odd):
    for script in with_odd_runs(odd):
        detector, findings = script.played()
        assert all(math.isfinite(one.rebound) for one in detector.rebounds())
        for one in findings:
            assert -math.inf < one.low_pct <= one.rebound_pct <= one.high_pct < math.inf
            assert 0 < one.wasted_j < math.inf


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_one_odd_run_does_not_hide_what_the_others_show(odd):
    for script in [*with_odd_runs(odd)][:3]:
        (finding,) = told(script)
        assert 30 < finding.rebound_pct < 100


@pytest.mark.parametrize("odd", HUGE, ids=str)
def test_one_run_beyond_all_measure_makes_no_warning(odd):
    for script in [*with_odd_runs(odd)][:3]:
        assert script.played()[1] == []


def test_a_ledger_row_is_an_observation(make_run=None):
    from datetime import UTC, datetime

    from ipyfootprint.model import Run

    run = Run(
        run_id="r",
        session_id="s",
        user_id="u",
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        number=3,
        cell_id="c",
        code_hash="k",
        status="error",
        duration_s=2.0,
        energy_j=5.0,
        work_units=3.0,
        work_kind="epochs",
    )
    seen = Observation.from_run(run, 7)
    assert (seen.index, seen.lineage, seen.ok, seen.work) == (7, "c", False, 3.0)
    assert seen.t_start == run.started_at.timestamp()
    assert Observation.from_run(replace(run, status="started"), 0) is None
    assert Observation.from_run(replace(run, energy_j=None), 0) is None


def test_an_interval_that_reaches_below_zero_is_written_with_words():
    from ipyfootprint.rebound.sentences import rebound_sentence

    detector, _ = scale_up().played()
    (rebound,) = detector.rebounds()
    assert "%)" in rebound_sentence(rebound, None)
    assert "(-5 to 82 %)" in rebound_sentence(replace(rebound, low=-0.05, high=0.82), None)


def creeping_on():
    """Creep that is told, and then far more of it."""
    script = creeping(lambda i: 0.83)
    for _ in range(40):
        script.run(240_000, work=120.0, seconds=600, metric=0.83)
    return script


def answering(script, answer, **options):
    detector, findings = Detector(**options), []
    for run in script.runs:
        if finding := detector.feed(run):
            findings.append(finding)
            detector.answer(finding.finding_id, answer)
    return findings


def test_creep_is_told_again_only_once_it_grew_by_half_and_ends_with_an_answer():
    findings = creeping_on().played()[1]
    assert len(findings) > 1 and {f.kind for f in findings} == {"creep"}
    for answer in ("planned", "not-rebound", "budget"):
        assert len(answering(creeping_on(), answer)) == 1
    told = answering(creeping_on(), "snooze")
    assert len(told) > 1
    assert all((b.at - a.at).total_seconds() >= 3600 for a, b in pairwise(told))


def test_a_plan_for_another_experiment_silences_nothing():
    silenced, heard = Detector(), Detector()
    silenced.plan(runs=1000, lineage="train")
    heard.plan(runs=1000, lineage="other")
    script = scale_up()
    assert not [f for run in script.runs if (f := silenced.feed(run))]
    assert [f for run in script.runs if (f := heard.feed(run))]


def test_the_bar_of_one_experiment_is_not_anothers():
    _, findings = scale_up().played()
    (answered,) = [replace(f, answer="not-rebound") for f in findings if f.level == "warn"]
    milder = Script().times(12, lineage="other").gain(20, larger=1.4, pause=170, lineage="other")
    assert told(milder, earlier=[answered])
    assert not told(milder, earlier=[replace(answered, lineage="other")])
    assert told(milder, earlier=[replace(answered, lineage="other", answer="planned")])


def test_a_finding_says_when_and_where_it_was_told():
    script = scale_up()
    detector, findings = script.played()
    (finding,) = (f for f in findings if f.level == "warn")
    run = script.runs[finding.run]
    assert finding.at.timestamp() == pytest.approx(run.t_start + run.duration_s)
    assert finding.at.utcoffset() == timedelta(0)
    assert (finding.session_id, finding.lineage, finding.answer) == ("s", "train", None)
    assert len(finding.finding_id) == 16 and int(finding.finding_id, 16) >= 0
    assert len({f.finding_id for f in findings}) == len(findings)
    assert detector.findings == tuple(findings)
    (rebound,) = detector.rebounds()
    assert rebound.low <= rebound.shown <= rebound.high


def test_a_lineage_without_a_gain_has_no_rebound():
    detector, _ = Script().times(20).times(20, lineage="other").played()
    assert detector.rebounds() == []
    detector, _ = scale_up().times(20, lineage="other").played()
    assert [rebound.lineage for rebound in detector.rebounds()] == ["train"]


def test_carbon_that_one_run_does_not_tell_is_not_told():
    script = scale_up()
    script.runs[20] = replace(script.runs[20], carbon_g=None)
    assert script.played()[0].rebounds()[0].wasted_g is None
    script = scale_up()
    assert script.played()[0].rebounds()[0].wasted_g > 0


def test_time_of_small_runs_beside_the_large_ones_is_the_large_ones():
    """A plot of another lineage between trainings: its time is the training's too."""
    script = Script(noise=0.0).times(1)
    script.run(500.0, work=None, seconds=50, pause=30, lineage="plots").times(1)
    detector, _ = script.played()
    train = detector._lineages["train"].history
    # 200 s of its own, 120 s of pause, and 50 s + 30 s of the plot
    assert [run.active_s for run in train.real] == pytest.approx([200, 400])


def test_time_of_a_project_beside_it_is_its_own():
    script = Script(noise=0.0).times(1).run(lineage="other").times(1)
    detector, _ = script.played()
    assert [run.active_s for run in detector._lineages["train"].history.real] == [200, 320]


def test_twelve_small_runs_in_a_row_are_the_new_size():
    script = Script(noise=0.0).times(5).times(12, energy_j=2000.0, work=1.0, seconds=20)
    history = script.played()[0]._lineages["train"].history
    assert [run.work for run in history.real] == [10.0] * 5 + [1.0]
    script = Script(noise=0.0).times(5).times(11, energy_j=2000.0, work=1.0, seconds=20)
    assert len(script.played()[0]._lineages["train"].history) == 5
    script.run().times(11, energy_j=2000.0, work=1.0, seconds=20)
    assert len(script.played()[0]._lineages["train"].history) == 6


def test_a_run_of_a_quarter_of_the_work_is_no_try():
    script = Script(noise=0.0).times(5).run(5000.0, work=2.5).run(4800.0, work=2.4)
    assert len(script.played()[0]._lineages["train"].history) == 6
    cheap = Script(noise=0.0).times(5).run(200.0, work=10.0)
    assert len(cheap.played()[0]._lineages["train"].history) == 6, "the same work for less: a gain"
    uncounted = Script(noise=0.0).times(5, work=None).run(2900.0, work=None).run(3000.0, work=None)
    assert len(uncounted.played()[0]._lineages["train"].history) == 6


def test_a_lineage_that_begins_to_count_its_work_starts_anew():
    script = Script().times(6, work=None).times(3)
    history = script.played()[0]._lineages["train"].history
    assert history.counted and len(history) == 3
    failed = Script().times(6, work=None).times(1, ok=False)
    assert not failed.played()[0]._lineages["train"].history.counted


def test_waste_is_held_against_all_that_the_session_used():
    """A run of another experiment that used far more than what was wasted here."""
    huge = Script().run(200e6, lineage="huge", seconds=900, ok=False)
    huge.times(12).gain(3).gain(20, larger=1.7)
    assert not huge.played()[1]
    script = creeping(lambda i: 0.83)
    (finding,) = told(script)
    assert finding.wasted_g == pytest.approx(finding.wasted_j / 3.6e6 * 300)
    script.runs.insert(0, replace(script.runs[0], energy_j=500e6, lineage="huge", ok=False))
    assert not told(script)
