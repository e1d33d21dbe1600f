"""What holds of the detector whatever a session holds."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.rebound.replay import replay

steps = st.tuples(
    st.floats(0.96, 1.04),  # energy of a unit of work: never an eighth less by chance
    st.floats(0.5, 4.0),  # units of work
    st.floats(1.0, 400.0),  # pause before, s
    st.integers(0, 3),  # configuration
    st.sampled_from([True] * 9 + [False]),  # ok
    st.sampled_from([None, 0.5, 0.8, 0.81]),  # metric
    st.sampled_from(["one"] * 4 + ["two"]),  # lineage
)
before = st.lists(steps, min_size=8, max_size=20)
after = st.lists(steps, max_size=30)


def written(before, after, ratio=0.5, growth=1.7, session="s"):
    """Runs with the cost of work cut to `ratio` and `growth` times the work after `before`."""
    runs, t = [], 1.7e9
    for i, (cost, work, pause, config, ok, metric, lineage) in enumerate([*before, *after]):
        turned = i >= len(before)
        work *= growth if turned else 1.0
        cost *= ratio if turned else 1.0
        t += pause
        runs.append(
            Observation(
                session=session,
                index=i,
                t_start=t,
                duration_s=100.0 * cost * work,
                lineage=lineage,
                energy_j=16384.0 * cost * work,
                carbon_g=1.0,
                code="b" if turned else "a",
                config=f"c{config}",
                work=work,
                work_kind="epochs",
                metric=metric,
                ok=ok,
            )
        )
        t += 100.0 * cost * work
    return runs


def shown(findings):
    return [(f.run, f.level, f.kind, f.lineage, f.rebound_pct, f.low_pct) for f in findings]


# A story that does tell something, so that no property below holds of silence alone.
usual = [(1.0, 1.0, 60.0, 0, True, None, "one")] * 12
longer = [(1.0, 1.0, 60.0, 0, True, None, "one")] * 15


def test_the_story_beside_the_drawn_ones_is_told():
    assert replay(written(usual, longer))


@settings(max_examples=60, deadline=None)
@given(before, after)
def test_the_same_record_gives_the_same_findings(first, then):
    runs = written(first, then)
    assert replay(runs) == replay(runs)


@settings(max_examples=60, deadline=None)
@given(before, after)
def test_nothing_is_told_of_a_gain_before_it(first, then):
    told = replay(written(first, then))
    assert not [f for f in told if f.run < len(first) and f.kind != "creep"]


@settings(max_examples=60, deadline=None)
@given(before, after, st.floats(1.0, 8.0))
def test_without_a_gain_no_growth_is_a_rebound(first, then, growth):
    told = replay(written(first, then, ratio=1.0, growth=growth))
    assert not [f for f in told if f.kind != "creep"]


@pytest.mark.parametrize("factor", [2.0, 10.0, 0.125])
@settings(max_examples=40, deadline=None)
@given(first=before, then=after)
def test_energies_in_another_unit_give_the_same_findings(factor, first, then):
    for runs in (written(first, then), written(usual, longer)):
        scaled = [replace(run, energy_j=run.energy_j * factor) for run in runs]
        told = replay(runs)
        again = replay(scaled, least_run_j=100.0 * factor, least_waste_j=3600.0 * factor)
        assert [x[:4] for x in shown(told)] == [x[:4] for x in shown(again)]
        percentages = [f.rebound_pct or 0.0 for f in told]
        assert [f.rebound_pct or 0.0 for f in again] == pytest.approx(percentages, rel=1e-6)
        assert [f.wasted_j for f in again] == pytest.approx(
            [f.wasted_j * factor for f in told], rel=1e-6
        )


@settings(max_examples=60, deadline=None)
@given(before, after)
def test_names_of_lineages_and_of_configurations_mean_nothing(first, then):
    other = {"one": "two", "two": "one"}
    runs = written(first, then)
    renamed = [replace(r, lineage=other[r.lineage], config=f"x{r.config}") for r in runs]
    swapped = [(*x[:3], other[x[3]], *x[4:]) for x in shown(replay(renamed))]
    assert swapped == shown(replay(runs))


@settings(max_examples=40, deadline=None)
@given(before, after, st.randoms(use_true_random=False))
def test_sessions_in_any_order_do_not_inform_each_other(first, then, rng):
    a, b = written(first, then, session="a"), written(usual, longer, session="b")
    alone = {name: shown(replay(runs)) for name, runs in (("a", a), ("b", b))}
    mixed = []
    queues = {"a": list(a), "b": list(b)}
    while any(queues.values()):
        name = rng.choice([n for n, queue in queues.items() if queue])
        mixed.append(queues[name].pop(0))
    told = replay(mixed)
    for name, expected in alone.items():
        assert shown(f for f in told if f.session_id == name) == expected


@settings(max_examples=60, deadline=None)
@given(before, after)
def test_a_finding_stands_on_its_own_numbers(first, then):
    for finding in replay(written(first, then, ratio=0.4, growth=3.0)):
        if finding.kind == "creep":
            assert finding.rebound_pct is None
            continue
        assert finding.low_pct <= finding.rebound_pct <= finding.high_pct
        assert finding.rebound_pct > 0 and finding.wasted_j >= 3600
        assert (finding.rebound_pct > 100) == (finding.kind == "backfire")


@settings(max_examples=40, deadline=None)
@given(before, after)
def test_an_answer_of_snooze_is_kept_by_an_hour_of_active_time(first, then):
    assume(then)
    detector, quiet_until = Detector(), 0.0
    active_s, end = 0.0, None
    for run in written(first, then, ratio=0.4, growth=3.0):
        gap = 0.0 if end is None else min(600.0, run.t_start - end)
        end = run.t_start + run.duration_s
        active_s += gap + run.duration_s
        finding = detector.feed(run)
        if finding is None:
            continue
        assert finding.lineage != "one" or active_s >= quiet_until
        detector.answer(finding.finding_id, "snooze")
        if finding.lineage == "one":
            quiet_until = active_s + 3600
