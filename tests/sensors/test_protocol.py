"""The protocol names what every sensor has, and nothing that none has."""

import pytest
from sensor_cases import CASES

from ipyfootprint.sensors.base import Sensor


@pytest.mark.parametrize("name", CASES)
def test_every_sensor_has_what_the_protocol_says(name, clock, tmp_path):
    sensor = CASES[name](clock, tmp_path).sensor
    named = {word for word in vars(Sensor) if not word.startswith("_")}
    for word in named | set(Sensor.__annotations__):
        assert hasattr(sensor, word), word
    sensor.close()
