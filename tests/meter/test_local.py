"""Where no process can be started, a thread of the kernel samples, and says so."""

import os
import threading
import time

import pytest

from ipyfootprint.meter import meter as metering


def refuse(*_):
    raise OSError("no process here")


def test_a_thread_samples_in_place_of_the_process(tmp_path, monkeypatch):
    (tmp_path / "power.csv").write_text("time_s,gpu0\n0,120\n10,120\n")
    monkeypatch.setattr(metering, "Child", refuse)
    meter = metering.Meter(
        None, env={**os.environ, "IPYFOOTPRINT_REPLAY": str(tmp_path / "power.csv")}
    )
    try:
        assert meter.state == "in-kernel" and meter.sampler_pid is None
        start = meter.begin("run")
        time.sleep(0.4)
        end = meter.end("ok")
        deadline = time.monotonic() + 10
        while not (window := meter.window(start, end)).settled and time.monotonic() < deadline:
            time.sleep(0.02)
        assert window.devices["gpu0"].energy_j == pytest.approx(120 * window.duration_s, rel=0.1)
    finally:
        meter.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("ipyfootprint")]
    assert meter.state == "closed" and meter.window(start, end).devices == {}
