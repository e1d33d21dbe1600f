"""Local ledgers with made-up runs, for what sends and sums them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import DeviceEnergy, Finding, Gap, Run, Session

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def a_session(session_id="s1", **known):
    known = {"project": "p", "notebook": "/home/alice/secret-path/nb.ipynb", "pid": 7, **known}
    return Session(session_id=session_id, user_id="local-user", started_at=START, **known)


def a_closed_run(number, session_id="s1", **known):
    run = Run(
        run_id=uuid7(number * 1_000_000_000),
        session_id=session_id,
        user_id="local-user",
        number=number,
        started_at=START + timedelta(hours=number),
        project=("p", None)[number % 2],
        hardware_id="h1",
        cell_id=f"cell-{number % 3}",
        code_hash=f"code{number % 3}",
        config_hash=f"config{number % 5}",
        lineage=f"label-{number % 3}",
        label=f"label-{number % 3}",
        phase=("training", None, "data")[number % 3],
        status=("ok", "error")[number % 7 == 0],
        duration_s=2.5,
        energy_j=1.25 * number,
        energy_low_j=1.0 * number,
        energy_high_j=2.0 * number,
        idle_j=0.5,
        devices={"cpu0": DeviceEnergy(9.0, 8.0, 10.0, 0.5, "counter", "cpu", "a chip")},
        method=("counter", "modelled")[number % 2],
        operational_g=0.125 * number,
        embodied_g=0.01,
        water_l=0.001,
        work_units=0.1 * number,
        work_kind="epochs",
        metric_name="secret_metric",
        metric=0.5,
    )
    return replace(run, **known)


def fill(path, count=40, session_id="s1", first=1):
    """Runs, adjustments, a gap and a finding in a ledger file; returns the runs."""
    ledger = SqliteLedger(str(path))
    ledger.open_session(a_session(session_id))
    runs = [a_closed_run(number, session_id) for number in range(first, first + count)]
    for run in runs:
        ledger.close_run(run)
        if run.number % 4 == 0:
            ledger.adjust(run.run_id, energy_j=0.5, operational_g=0.001, reason="late")
    ledger.save_gap(Gap(session_id=session_id, duration_s=9.0, energy_j=3.0, node_energy_j=4.0))
    ledger.add_finding(
        Finding(
            finding_id=f"f-{session_id}",
            session_id=session_id,
            lineage="label-1",
            run=3,
            at=START,
            level="warn",
            kind="backfire",
            message="a secret message",
        )
    )
    ledger.close()
    return runs
