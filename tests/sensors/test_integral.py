import pytest

from ipyfootprint.sensors.integral import Gauge, Register

SECOND = 1_000_000_000


def fed(register: Register, *readings: tuple[int, float]) -> Register:
    for raw, at_s in readings:
        register.add(raw, round(at_s * SECOND))
    return register


def test_a_register_counts_from_the_moment_it_was_opened() -> None:
    assert fed(Register(1e-3), (5_000_000, 0), (5_100_000, 1)).energy_j == pytest.approx(100)


def test_a_register_goes_on_over_a_wrap() -> None:
    register = fed(Register(1e-6, wrap=1_000_000_000), (999_000_000, 0), (9_000_000, 0.1))
    assert register.energy_j == pytest.approx(10)
    assert register.doubt_j == 0


def test_a_register_that_may_have_gone_round_unseen_is_doubted_by_one_round() -> None:
    register = fed(Register(1e-6, wrap=1_000_000_000, most_w=100), (0, 0), (5_000_000, 11))
    assert register.energy_j == pytest.approx(5)
    assert register.doubt_j == pytest.approx(1000)


def test_a_register_that_starts_again_keeps_what_is_known_and_doubts_the_rest() -> None:
    register = fed(Register(1e-3), (0, 0), (100_000, 1), (200_000, 2), (40_000, 3))
    assert register.energy_j == pytest.approx(240)
    assert register.doubt_j == pytest.approx(60)  # 100 W went on for a second, 40 J were seen


def test_a_wrapping_register_that_starts_again_is_not_taken_for_a_wrap() -> None:
    wrap = 262_143_000_000
    register = fed(Register(1e-6, wrap), (0, 0), (100_000_000, 1), (1_000_000, 2))
    assert register.energy_j == pytest.approx(101)
    assert register.doubt_j == pytest.approx(99)


def test_a_jump_that_no_device_can_draw_is_replaced_by_the_power_before_it() -> None:
    register = fed(Register(1e-3), (0, 0), (100_000, 1), (10**12, 2), (10**12 + 100_000, 3))
    assert register.energy_j == pytest.approx(300)
    assert register.doubt_j == pytest.approx(100)


def test_a_gauge_is_integrated_by_the_trapezoid_rule_over_real_times() -> None:
    gauge = Gauge()
    for watts, at_s in ((100, 0), (200, 0.5), (200, 1.5), (0, 2)):
        gauge.add(watts, round(at_s * SECOND))
    assert gauge.energy_j == pytest.approx(75 + 200 + 50)
    assert gauge.doubt_j == 0


def test_a_gap_of_a_gauge_is_bridged_and_doubted() -> None:
    gauge = Gauge(gap_s=3)
    gauge.add(100, 0)
    gauge.add(200, 4 * SECOND)
    assert gauge.energy_j == pytest.approx(600)
    assert gauge.doubt_j == pytest.approx(600)
