"""A run's energy cut at the clock's hours, and the one intensity that stands for several."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.impact.timeline import blend, split
from ipyfootprint.model import CarbonIntensity, Estimate, PowerTrace

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEN = Estimate(10.0, 8.0, 14.0)


def at(hour, minute, second=0):
    return datetime(2026, 6, 1, hour, minute, second, tzinfo=UTC)


def parts(duration_s, start=NOON, watts=None):
    trace = None if watts is None else PowerTrace(1.0, watts)
    return list(split(TEN, duration_s, start, trace=trace))


def shares(duration_s, start=NOON, watts=None):
    return [joules.mid / 10.0 for joules, _ in parts(duration_s, start, watts)]


def test_a_run_within_one_hour_is_one_part_at_its_start():
    assert parts(3599.0) == [(TEN, NOON)]
    assert parts(3600.0) == [(TEN, NOON)], "the next hour's first moment is not used any more"
    assert parts(60.0, at(12, 59)) == [(TEN, at(12, 59))]


def test_a_run_over_three_hours_is_cut_at_the_full_hours():
    found = parts(7200.0, at(12, 30))
    assert [joules.mid for joules, _ in found] == pytest.approx([2.5, 5.0, 2.5])
    assert [joules.low for joules, _ in found] == pytest.approx([2.0, 4.0, 2.0])
    assert [joules.high for joules, _ in found] == pytest.approx([3.5, 7.0, 3.5])
    assert [when for _, when in found] == [at(12, 45), at(13, 30), at(14, 15)]


def test_minutes_seconds_and_their_fractions_place_the_first_cut():
    start = at(12, 59, 57) + timedelta(microseconds=500_000)
    assert shares(10.0, start) == pytest.approx([0.25, 0.75])
    assert shares(7210.0, NOON) == pytest.approx([3600 / 7210, 3600 / 7210, 10 / 7210])


def test_a_trace_moves_the_energy_to_where_the_power_was():
    whole = {"gpu0": (300.0, 100.0), "cpu0": (0.0, 0.0)}
    assert shares(7200.0, NOON, whole) == pytest.approx([0.75, 0.25])
    faint = {"gpu0": (0.3, 0.1)}
    assert shares(7200.0, NOON, faint) == pytest.approx([0.75, 0.25])
    # The hour ends within the first of two steps: 2/3 of that step's 300 W.
    start = at(12, 40)
    assert shares(3600.0, start, whole) == pytest.approx([200 / 400, 200 / 400])
    # And within the second: all of the first, and a third of the second's 100 W.
    start = at(12, 20)
    assert shares(3600.0, start, whole) == pytest.approx([333.333 / 400, 66.667 / 400], rel=1e-4)


def test_a_device_that_was_not_seen_for_a_while_counts_its_own_mean():
    seen = {"gpu0": (None, 100.0, 200.0, None), "cpu0": (50.0, 50.0)}
    # gpu0: 150, 100, 200, 150; cpu0, whose last steps are missing: 50 throughout. 800 W-steps.
    assert shares(7200.0, NOON, seen) == pytest.approx([350 / 800, 450 / 800])
    never = {"gpu0": (3.0, 1.0), "gpu1": (None, None)}
    assert shares(7200.0, NOON, never) == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize("watts", [{}, {"gpu0": ()}, {"gpu0": (None, None)}, {"gpu0": (0.0, 0.0)}])
def test_a_trace_that_saw_nothing_spreads_the_energy_evenly(watts):
    assert shares(7200.0, at(12, 15), watts) == pytest.approx([0.375, 0.5, 0.125])


@given(
    st.lists(st.floats(0, 1e3), min_size=1, max_size=20),
    st.integers(0, 3599),
    st.floats(1, 20_000),
)
def test_no_part_is_negative_and_together_they_are_the_run(watts, into_s, duration_s):
    found = parts(duration_s, NOON + timedelta(seconds=into_s), {"gpu0": tuple(watts)})
    assert all(joules.mid >= 0 for joules, _ in found)
    assert sum(joules.high for joules, _ in found) == pytest.approx(TEN.high)
    assert [when for _, when in found] == sorted(when for _, when in found)


def intensity(grams, source, **tags):
    return CarbonIntensity(
        grams, grams - 10, grams + 30, zone=f"zone of {source}", **tags, source=source
    )


def test_a_mean_intensity_is_weighted_by_energy_and_tagged_as_the_one_with_most():
    first = intensity(100, "a", basis="direct", resolution="hour")
    second = intensity(400, "b", year=2024)
    mean = blend([(Estimate(1, 0, 9), first), (Estimate(3, 3, 3), second)])
    assert mean.g_per_kwh == pytest.approx(325)
    assert (mean.low_g_per_kwh, mean.high_g_per_kwh) == pytest.approx((315, 355))
    assert (mean.zone, mean.basis, mean.year) == ("zone of b", "lifecycle", 2024)
    assert mean.source == "a; b" and not mean.estimated


def test_without_energy_the_hours_weigh_alike_and_a_source_is_named_once():
    nothing = Estimate.exact(0)
    hours = [intensity(100, "a"), intensity(200, "a", estimated=True), intensity(600, "b")]
    mean = blend([(nothing, hour) for hour in hours])
    assert mean.g_per_kwh == pytest.approx(300)
    assert mean.source == "a; b" and mean.estimated
    assert mean.zone == "zone of a"
