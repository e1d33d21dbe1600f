"""What every sensor promises, held against each of them on its fake."""

from pathlib import Path

import pytest
from sensor_cases import CASES, WATTS, Case

from ipyfootprint.model import METHODS
from ipyfootprint.sensors import NAMES, UNVERIFIED
from ipyfootprint.testing import FakeClock

NOBODY: frozenset[int] = frozenset()


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Case:
    return CASES[request.param](clock, tmp_path)


@pytest.fixture(params=[name for name, case in CASES.items() if case.breaks])
def breakable(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Case:
    """Every sensor but a recording, in which nothing can fail."""
    return CASES[request.param](clock, tmp_path)


@pytest.fixture(params=[name for name, case in CASES.items() if case.resets])
def register(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Case:
    """Every sensor that reads a register."""
    return CASES[request.param](clock, tmp_path)


@pytest.fixture(params=[name for name, case in CASES.items() if case.resets])
def resting(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Case:
    """Every sensor that reads a register, after it counted and then stood still for a minute."""
    case = CASES[request.param](clock, tmp_path)
    case.burn(2, steps=20)
    case.rest(60, steps=600)
    return case


def test_every_sensor_that_is_looked_for_has_a_case(clock: FakeClock, tmp_path: Path) -> None:
    made = [case(clock, tmp_path / str(n)).sensor.name for n, case in enumerate(CASES.values())]
    assert set(NAMES) <= set(made)


def energies(case: Case) -> list[float]:
    read = case.sensor.read()
    assert all(value is not None for value in read), case.sensor.faults()
    return [value for value in read if value is not None]


def test_it_starts_at_nothing(case: Case) -> None:
    assert energies(case) == pytest.approx([0.0] * len(case.sensor.channels))


def test_it_counts_the_power_drawn(case: Case) -> None:
    case.burn(10, steps=20)
    assert energies(case) == pytest.approx([10 * WATTS] * len(case.sensor.channels), rel=1e-3)


def test_reading_often_or_seldom_gives_the_same(case: Case) -> None:
    case.burn(2, steps=200)
    often = energies(case)
    case.burn(2, steps=2)
    assert energies(case) == pytest.approx([2 * value for value in often], rel=1e-3)


def test_reading_twice_at_one_moment_gives_the_same(case: Case) -> None:
    case.burn(1)
    assert energies(case) == energies(case)


def test_a_failure_is_none_with_a_reason_and_never_raises(breakable: Case) -> None:
    breakable.burn(1)
    breakable.broken = True
    breakable.burn(1)
    assert breakable.sensor.read() == (None,) * len(breakable.sensor.channels)
    assert all(breakable.sensor.faults())


def test_the_known_total_returns_after_a_failure(breakable: Case) -> None:
    breakable.burn(1)
    before = energies(breakable)
    breakable.broken = True
    breakable.burn(1)
    breakable.broken = False
    breakable.burn(1)
    assert all(after >= known for after, known in zip(energies(breakable), before, strict=True))
    assert breakable.sensor.faults() == (None,) * len(breakable.sensor.channels)


def test_it_never_decreases_when_its_register_starts_again(register: Case) -> None:
    register.burn(5, steps=5)
    before = energies(register)
    register.reset()
    register.clock.advance(0.5)
    register.sensor.read()
    register.burn(1)
    after = energies(register)
    assert all(late >= early for late, early in zip(after, before, strict=True))
    assert all(late <= early + 3 * WATTS for late, early in zip(after, before, strict=True))


def test_a_counter_that_stands_still_is_never_taken_for_no_energy(resting: Case) -> None:
    energies = resting.sensor.read()
    for channel, joules, fault in zip(
        resting.sensor.channels, energies, resting.sensor.faults(), strict=True
    ):
        if channel.method == "counter" and channel.name not in resting.may_rest:
            assert joules is None
            assert "stands still" in (fault or "")
        elif channel.method != "counter":
            assert joules is not None
            assert joules > 2 * WATTS
            assert "frozen" in channel.note


def test_a_counter_that_moves_again_in_time_has_lost_nothing(register: Case) -> None:
    register.burn(2, steps=20)
    register.rest(0.4, steps=2)
    register.joules += 0.4 * WATTS
    register.burn(1)
    assert energies(register) == pytest.approx([3.4 * WATTS] * len(register.sensor.channels))
    assert all(channel.method == "counter" for channel in register.sensor.channels)


def test_a_reset_is_doubted(register: Case) -> None:
    register.burn(5, steps=5)
    assert all(value == 0 for value in register.sensor.doubt())
    register.reset()
    register.clock.advance(1)
    register.sensor.read()
    assert all(value > 0 for value in register.sensor.doubt())


def test_doubt_is_there_for_every_channel_and_never_decreases(case: Case) -> None:
    before = case.sensor.doubt()
    case.burn(30)
    after = case.sensor.doubt()
    assert len(before) == len(after) == len(case.sensor.channels)
    assert all(0 <= early <= late for early, late in zip(before, after, strict=True))


def test_own_is_a_share_or_unknown(case: Case) -> None:
    case.burn(1)
    for pids in (NOBODY, frozenset({1, 2})):
        answer = case.sensor.own(pids)
        assert len(answer) == len(case.sensor.channels)
        assert all(share is None or 0 <= share <= 1 for share in answer)


def test_shared_says_yes_or_no_for_every_channel(case: Case) -> None:
    answer = case.sensor.shared(NOBODY)
    assert len(answer) == len(case.sensor.channels)
    assert all(isinstance(flag, bool) for flag in answer)


def test_its_channels_describe_themselves(case: Case) -> None:
    channels = case.sensor.channels
    assert channels
    assert len({channel.name for channel in channels}) == len(channels)
    for channel in channels:
        assert channel.sensor == case.sensor.name
        assert channel.kind == "other" or channel.name.rstrip("0123456789") == channel.kind
        assert channel.method in METHODS
        assert channel.label
        assert channel.error >= 0
        assert channel.spread >= 1
    assert case.sensor.verified == (case.sensor.name not in UNVERIFIED)
    assert case.sensor.name in (*NAMES, "replay", "fake")


def test_closing_twice_is_harmless_and_reading_after_it_does_not_raise(case: Case) -> None:
    case.burn(1)
    case.sensor.close()
    case.sensor.close()
    assert len(case.sensor.read()) == len(case.sensor.channels)
