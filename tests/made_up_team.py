"""Runs of a small team, seeded, and the sums over them computed the plain way."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ipyfootprint.ids import uuid7
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.model import Gap, Run, Session

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180


def runs(count=1500, seed=7):
    rng = random.Random(seed)
    made = []
    for number in range(count):
        project = rng.choice(["vision", "speech", None])
        energy = rng.choice([None, *(round(rng.lognormvariate(8, 1), 6) for _ in range(9))])
        carbon = None if energy is None or rng.random() < 0.1 else round(energy / 9e3, 6)
        known = {"energy_j": energy, "operational_g": carbon}
        if energy is not None:
            known |= {"energy_low_j": energy / 2, "energy_high_j": energy * 2, "idle_j": 5.0}
        made.append(
            Run(
                run_id=uuid7((number + 1) * 1_000_000),
                session_id=f"s{number % 50}",
                user_id=f"u{rng.randrange(6)}",
                project=project,
                hardware_id=rng.choice(["h1", "h2"]),
                phase=rng.choice(["training", "data", None]),
                lineage=f"{project} {rng.randrange(3)}",
                code_hash=f"code{rng.randrange(4)}",
                config_hash=f"config{rng.randrange(9)}",
                number=number,
                started_at=START + timedelta(seconds=rng.randrange(DAYS * 86400)),
                duration_s=60.0,
                status=rng.choice(["ok", "ok", "ok", "error"]),
                method=rng.choice(["counter", "modelled"]),
                work_units=10.0,
                work_kind="epochs",
                settled=True,
                **known,
            )
        )
    return made


def ledger_of(made, path=":memory:"):
    ledger = SqliteLedger(str(path))
    for run in made:
        ledger.close_run(run)
    return ledger


def session_with_gap(ledger, run, energy_j=100.0):
    ledger.open_session(
        Session(
            session_id=run.session_id,
            user_id=run.user_id,
            started_at=run.started_at,
            project=run.project,
            hardware_id=run.hardware_id,
        )
    )
    ledger.save_gap(
        Gap(session_id=run.session_id, duration_s=50.0, energy_j=energy_j, node_energy_j=energy_j)
    )


def moved(run, **known):
    return replace(run, **known)
