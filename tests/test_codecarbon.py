"""CodeCarbon's CSV out and in: the same joules, tagged, and never twice."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ipyfootprint.cli import main
from ipyfootprint.codecarbon import COLUMNS, from_codecarbon, overlapping, to_codecarbon
from ipyfootprint.errors import LogError
from ipyfootprint.ledger import read_ledger
from ipyfootprint.model import CarbonIntensity, DeviceEnergy, Run

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
KWH = 3.6e6
OURS = Run(
    run_id="0190-ours",
    session_id="s",
    user_id="u",
    started_at=START,
    number=1,
    label="train",
    status="ok",
    duration_s=1800.0,
    energy_j=KWH,
    energy_low_j=0.9 * KWH,
    energy_high_j=1.1 * KWH,
    pue=1.5,
    operational_g=600.0,
    intensity=CarbonIntensity(400, 300, 500, zone="DEU"),
    method="counter",
    devices={
        "cpu0": DeviceEnergy(0.5 * KWH, None, None, 0.5, "counter", "cpu", "EPYC"),
        "gpu0": DeviceEnergy(0.75 * KWH, None, None, 1.0, "counter", "gpu", "H100"),
    },
)


def theirs(run_id="cc-1", duration=60.0, energy=0.002, **fields):
    row = dict.fromkeys(COLUMNS, "") | {
        "timestamp": "2026-06-01T12:00:00",
        "project_name": "mnist",
        "run_id": run_id,
        "duration": duration,
        "emissions": energy * 0.4,
        "energy_consumed": energy,
        "cpu_energy": energy / 2,
        "ram_energy": energy / 2,
        "country_iso_code": "FRA",
        "pue": 1,
    }
    return row | fields


def file_of(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(*rows):
    return from_codecarbon(file_of(*rows), "s", "u")


def test_what_goes_out_comes_back_with_the_same_joules_and_grams():
    (back,) = from_codecarbon(to_codecarbon([OURS]), "s", "u").runs
    assert back.run_id == OURS.run_id
    assert (back.energy_j, back.operational_g, back.pue) == pytest.approx((KWH, 600, 1.5))
    assert back.intensity.g_per_kwh == pytest.approx(400)
    assert abs(back.started_at - START) <= timedelta(seconds=1)
    assert back.devices["gpu0"].energy_j == pytest.approx(0.75 * KWH)
    assert back.devices["cpu0"].energy_j == pytest.approx(0.25 * KWH)


def test_the_columns_are_codecarbon_s_and_what_is_unknown_is_empty():
    unmetered = replace(OURS, energy_j=None, operational_g=None, devices={}, intensity=None)
    whole, empty = csv.DictReader(io.StringIO(to_codecarbon([OURS, unmetered])))
    assert tuple(whole) == COLUMNS
    assert float(whole["energy_consumed"]) == pytest.approx(1.5)
    assert float(whole["cpu_power"]) == pytest.approx(0.25 * KWH * 1.5 / 1800)
    assert empty["energy_consumed"] == empty["emissions"] == empty["cpu_energy"] == ""


def test_an_imported_run_is_tagged_and_its_doubt_is_wide():
    (run,) = read(theirs()).runs
    assert run.label == "mnist (CodeCarbon)" and run.lineage == "codecarbon:mnist"
    assert run.method == "modelled" and run.energy_low_j == run.energy_j / 2
    assert "CodeCarbon" in run.intensity.source and "CodeCarbon" in run.devices["cpu0"].label
    assert run.embodied_g is None and run.water_l is None


def test_its_overhead_is_taken_out_of_the_energy():
    (run,) = read(theirs(pue=1.25)).runs
    assert run.energy_j == pytest.approx(0.002 * KWH / 1.25) and run.pue == 1.25
    assert run.operational_g == pytest.approx(0.8)


def test_of_several_flushes_of_one_run_the_last_sums_count():
    found = read(theirs(duration=60), theirs(duration=180, energy=0.006), theirs("cc-2"))
    assert len(found.runs) == 2 and found.superseded == 1
    assert max(run.energy_j for run in found.runs) == pytest.approx(0.006 * KWH)


@pytest.mark.parametrize(
    "fields",
    [
        {"energy_consumed": "-1"},
        {"energy_consumed": "much"},
        {"duration": "nan"},
        {"emissions": "inf"},
        {"timestamp": "yesterday"},
        {"run_id": ""},
        {"pue": "0.5"},
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_nothing_is_imported(fields):
    with pytest.raises(LogError, match="line 3 cannot be read"):
        read(theirs(), theirs("cc-2") | fields)


def test_another_file_is_refused_by_its_columns():
    with pytest.raises(LogError, match=r"no column .*energy_consumed"):
        from_codecarbon("a,b\n1,2\n", "s", "u")
    with pytest.raises(LogError):
        from_codecarbon("", "s", "u")


def test_a_time_that_was_metered_here_would_double():
    (run,) = read(theirs()).runs
    beside = replace(OURS, started_at=run.started_at + timedelta(seconds=30))
    after = replace(OURS, started_at=run.started_at + timedelta(seconds=61))
    assert overlapping([run], [beside]) == {run.run_id}
    assert not overlapping([run], [after, replace(beside, energy_j=None)])


def test_the_command_imports_once_and_keeps_them_in_a_session_of_their_own(
    tmp_path, monkeypatch, capsys
):
    path, ledger = tmp_path / "emissions.csv", tmp_path / "ledger.db"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(ledger))
    path.write_text(file_of(theirs(), theirs(duration=90, energy=0.003), theirs("cc-2")))
    assert main(["import", "codecarbon", str(path)]) == 0
    assert "2 runs imported, tagged (CodeCarbon); 1 row" in capsys.readouterr().out
    path.write_text(file_of(theirs(), theirs("cc-2"), theirs("cc-3")))
    assert main(["import", "codecarbon", str(path)]) == 0
    assert "1 run imported, tagged (CodeCarbon); 2 known already." in capsys.readouterr().out
    with read_ledger(str(ledger)) as kept:
        (session,) = kept.sessions()
        runs = kept.runs()
    assert session.hardware == {"imported": "CodeCarbon"}
    assert sorted(run.run_id for run in runs) == ["cc-1", "cc-2", "cc-3"]
    assert sum(run.energy_j for run in runs) == pytest.approx(0.007 * KWH)
    assert main(["export", "--all", "--format", "codecarbon"]) == 0
    assert capsys.readouterr().out.count("cc-") == 3


def test_no_such_file_is_a_sentence_with_what_to_do(tmp_path, capsys):
    assert main(["import", "codecarbon", str(tmp_path / "none.csv")]) == 2
    assert "nothing was imported" in capsys.readouterr().err


def test_overlaps_are_those_that_comparing_every_pair_finds():
    import random
    from datetime import timedelta

    dice = random.Random(5)

    def made(name):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(3000))
        known = dice.random() > 0.1
        return Run(
            run_id=name, session_id="s", user_id="u", number=1, started_at=at,
            duration_s=dice.choice([0.0, 3.0, 40.0]), energy_j=1.0 if known else None,
        )  # fmt: skip

    def end(run):
        return run.started_at + timedelta(seconds=run.duration_s)

    for _ in range(20):
        ours, theirs = ([made(f"{w}{n}") for n in range(40)] for w in "ab")
        pairs = {
            run.run_id
            for run in theirs
            for other in ours
            if other.energy_j is not None
            and run.started_at < end(other)
            and other.started_at < end(run)
        }
        assert overlapping(theirs, ours) == pairs


def test_a_device_that_is_not_there_is_none_and_an_idle_one_is_0():
    rows = (theirs(gpu_energy=0.0), theirs("cc-2", gpu_energy=0.0, gpu_model="A"))
    without, idle = (run.devices for run in read(*rows).runs)
    assert "gpu0" not in without and idle["gpu0"].energy_j == 0.0
