import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint.sensors.trace import Trace, constant, square, training

pieces = st.lists(
    st.tuples(st.floats(0.01, 5), st.floats(0, 500), st.floats(0, 500)), min_size=1, max_size=6
)


def test_a_constant_trace_integrates_to_power_times_time() -> None:
    assert constant(250).energy_j(12.5) == pytest.approx(3125)


def test_a_square_trace_starts_high_and_averages_its_levels() -> None:
    trace = square(7, 50, 350)
    assert trace.power_w(0.01) == 350
    assert trace.power_w(0.08) == 50
    assert trace.energy_j(3) == pytest.approx(600)


@given(pieces, st.floats(0, 1))
def test_the_integral_agrees_with_a_fine_sum(segments: list, part: float) -> None:
    trace = Trace(segments)
    steps = 2000
    seconds = part * trace.duration_s
    dt = seconds / steps
    summed = sum(trace.power_w((i + 0.5) * dt) for i in range(steps)) * dt
    assert trace.energy_j(seconds) == pytest.approx(summed, rel=0.02, abs=500 * dt * 10 + 1e-9)


def test_a_trace_repeats() -> None:
    trace = training()
    round_s = trace.duration_s
    assert trace.energy_j(3 * round_s) == pytest.approx(3 * trace.energy_j(round_s))
    assert trace.power_w(round_s + 1) == pytest.approx(trace.power_w(1))


@pytest.mark.parametrize("segments", [[], [(0, 1, 1)], [(1, -1, 1)], [(float("inf"), 1, 1)]])
def test_what_is_no_trace_is_refused(segments: list) -> None:
    with pytest.raises(ValueError, match="power trace"):
        Trace(segments)
