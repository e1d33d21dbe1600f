import pytest

from ipyfootprint.testing import FakeClock, FakeSensor, ReplaySensor, constant, square


def test_a_fake_sensor_shows_the_exact_integral(clock) -> None:
    sensor = FakeSensor({"gpu0": constant(250), "cpu0": square(1, 0, 100)}, clock)
    clock.advance(10)
    assert sensor.read() == (pytest.approx(2500), pytest.approx(500))
    assert [c.kind for c in sensor.channels] == ["gpu", "cpu"]
    assert sensor.exact_j("gpu0", 2, 3) == pytest.approx(250)


def test_a_fake_counter_steps_at_its_period_and_phase(clock) -> None:
    sensor = FakeSensor({"gpu0": constant(100)}, clock, period_s=0.1, phase_s=0.03)
    seen = []
    for _ in range(6):
        clock.advance(0.05)
        seen.append(sensor.read()[0])
    assert seen == pytest.approx([3, 3, 13, 13, 23, 23])


def test_an_outage_hides_the_fake_and_the_known_total_returns(clock) -> None:
    sensor = FakeSensor({"gpu0": constant(100)}, clock, outages=[(1, 2, "gone")])
    clock.advance(1.5)
    assert sensor.read() == (None,)
    assert sensor.faults() == ("gone",)
    clock.advance(1)
    assert sensor.read() == (pytest.approx(250),)


def test_a_fake_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="never goes back"):
        FakeClock().advance(-1)


def test_a_csv_recording_is_replayed_and_labelled(tmp_path, clock) -> None:
    path = tmp_path / "a100.csv"
    path.write_text("time_s,gpu0,cpu0\n0,100,50\n10,300,50\n20,300,50\n")
    sensor = ReplaySensor.load(str(path), clock)
    clock.advance(20)
    assert sensor.read() == (pytest.approx(5000), pytest.approx(1000))
    clock.advance(10)
    assert sensor.read()[0] == pytest.approx(7000)
    for channel in sensor.channels:
        assert "replay" in channel.label
        assert "replay" in channel.note
        assert channel.sensor == "replay"


def test_a_json_recording_is_replayed(tmp_path, clock) -> None:
    path = tmp_path / "power.json"
    path.write_text('{"dt_s": 0.5, "watts": {"gpu0": [100, 200]}}')
    sensor = ReplaySensor.load(str(path), clock)
    clock.advance(1)
    assert sensor.read() == (pytest.approx(150),)


@pytest.mark.parametrize(
    "body",
    ["", "{}", "a,b\n1,2\n", "time_s,gpu0\n0,1\n", "time_s,gpu0\n0,1\n1\n", "time_s,g\n0,x\n1,2\n",
     '{"dt_s": 1, "watts": {}}', '{"dt_s": 1, "watts": {"gpu0": [-1]}}', "time_s,g\n1,1\n0,2\n"],
)  # fmt: skip
def test_what_is_no_recording_is_refused(tmp_path, clock, body: str) -> None:
    path = tmp_path / "bad"
    path.write_text(body)
    with pytest.raises(ValueError):
        ReplaySensor.load(str(path), clock)


@pytest.mark.kernel
def test_what_rests_on_a_replay_is_never_called_measured(tmp_path, monkeypatch, capsys) -> None:
    import nbformat

    from ipyfootprint.cli import main

    (tmp_path / "replay.csv").write_text("time_s,gpu0\n0,100\n1,100\n")
    monkeypatch.setenv("IPYFOOTPRINT_REPLAY", str(tmp_path / "replay.csv"))
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "ledger.db"))
    cells = [nbformat.v4.new_code_cell("%%footprint\nimport time; time.sleep(0.3)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    out = tmp_path / "b.ipynb"
    assert main(["run", str(tmp_path / "a.ipynb"), "--output", str(out)]) == 0
    shown = capsys.readouterr().out + out.read_text()
    assert "replayed" in shown and "measured" not in shown
