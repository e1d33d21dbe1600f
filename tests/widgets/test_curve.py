import pytest
from made_up import made_run

from ipyfootprint.model import DeviceEnergy
from ipyfootprint.widgets.curve import MOST_KNOTS, Curve


def at(time_s, **energies):
    devices = {
        name: DeviceEnergy(joules, joules, joules, 1.0, "counter", "gpu", name)
        for name, joules in energies.items()
    }
    return made_run(1, sum(energies.values()), status="started", duration_s=time_s, devices=devices)


def test_power_is_the_growth_of_energy_by_device():
    curve = Curve()
    for step in range(11):
        curve.add(at(step * 0.5, gpu0=100.0 * step, cpu0=20.0 * step))
    trace = curve.trace()
    assert trace.dt_s == pytest.approx(0.5)
    assert trace.watts["gpu0"] == pytest.approx([200.0] * 10)
    assert trace.watts["cpu0"] == pytest.approx([40.0] * 10)
    assert curve.power_w == pytest.approx(240.0)


def test_a_stretch_without_news_keeps_its_length():
    curve = Curve()
    for time_s, joules in ((0, 0), (1, 100), (2, 200), (10, 200), (11, 300)):
        curve.add(at(float(time_s), gpu0=float(joules)))
    assert curve.trace().watts["gpu0"][1] < curve.trace().watts["gpu0"][0]


def test_a_night_of_readings_takes_no_more_room():
    curve = Curve()
    for step in range(20_000):
        curve.add(at(step * 0.3, gpu0=step * 30.0))
    assert len(curve._knots) <= MOST_KNOTS
    assert curve.trace().watts["gpu0"] == pytest.approx([100.0] * 48)


def test_a_counter_that_seems_to_fall_is_no_negative_power():
    curve = Curve()
    for time_s, joules in ((0, 0), (1, 100), (2, 90), (3, 190)):
        curve.add(at(float(time_s), gpu0=float(joules)))
    assert min(curve.trace().watts["gpu0"]) >= 0


def test_too_few_readings_or_none_are_no_curve():
    curve = Curve()
    assert (curve.trace(), curve.power_w) == (None, None)
    curve.add(at(0.0))
    curve.add(at(0.1, gpu0=1.0))
    curve.add(at(0.2, gpu0=2.0))
    assert (curve.trace(), curve.power_w) == (None, None)
