"""What every view counts: pauses capped, and which runs came to nothing."""

import pytest
from rows import row

from ipyfootprint.rebound.sums import abandoned, active_seconds, failed


@pytest.mark.parametrize(
    ("status", "is_failed", "is_abandoned"),
    [
        ("ok", False, False),
        ("started", False, False),
        ("error", True, False),
        ("interrupted", False, True),
        ("lost", False, True),
    ],
)
def test_a_run_that_raised_is_told_from_one_that_was_stopped(status, is_failed, is_abandoned):
    run = row(1, status=status)
    assert (failed(run), abandoned(run)) == (is_failed, is_abandoned)


def test_active_time_is_duration_and_the_pause_before_up_to_ten_minutes():
    # starts at minutes 0, 2, 13.5 and 24.5, half a minute each: pauses of 90, 660, 630 s
    runs = [row(n, minutes=m) for n, m in enumerate((0, 2, 13.5, 24.5))]
    assert active_seconds(runs) == {"r0": 30, "r1": 120, "r2": 630, "r3": 630}
    assert active_seconds(runs[::-1]) == active_seconds(runs), "the order of rows means nothing"


def test_a_pause_of_less_than_ten_minutes_counts_whole():
    runs = [row(0, minutes=0), row(1, minutes=10.25)]
    assert active_seconds(runs)["r1"] == 30 + 585


def test_each_session_has_its_own_pauses():
    runs = [row(0, minutes=0), row(1, minutes=1, session_id="other"), row(2, minutes=2)]
    assert active_seconds(runs) == {"r0": 30, "r1": 30, "r2": 120}


def test_runs_side_by_side_count_no_pause_twice():
    # a long run of 5 min, one inside it, and one a minute after the long one's end
    runs = [row(0, minutes=0, seconds=300), row(1, minutes=1), row(2, minutes=6)]
    assert active_seconds(runs) == {"r0": 300, "r1": 30, "r2": 90}


def test_a_run_that_still_runs_has_only_its_pause():
    runs = [row(0, minutes=0), row(1, minutes=1, seconds=None), row(2, minutes=2)]
    assert active_seconds(runs) == {"r0": 30, "r1": 30, "r2": 90}
