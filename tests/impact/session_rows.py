"""Rows of a session, made by accounting them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ipyfootprint import impact
from ipyfootprint.model import CarbonIntensity, Estimate, Run

NOON = datetime(2026, 6, 1, 12, 10, tzinfo=UTC)
KWH = 3.6e6
SERVER = impact.Hardware(platform="server", gpus=(("gpu0", "NVIDIA H100 80GB HBM3"),))


def grid(grams=400.0, **tags):
    return CarbonIntensity(grams, grams * 0.8, grams * 1.2, zone="DE", source="a table", **tags)


CONTEXT = impact.context(lambda when: grid(), SERVER, country="DEU")


def made_up_run(number, *, kwh=1.0, seconds=1800.0, context=CONTEXT, **fields):
    energy = Estimate(kwh * KWH, kwh * KWH * 0.9, kwh * KWH * 1.1)
    started = fields.pop("started_at", NOON + number * timedelta(hours=1))
    footprint = impact.account(energy, seconds, started, context)
    run = Run(
        run_id=f"r{number}",
        session_id="s",
        user_id="u",
        number=number,
        started_at=started,
        status="ok",
        duration_s=seconds,
        energy_j=energy.mid,
        energy_low_j=energy.low,
        energy_high_j=energy.high,
        method="counter",
        **impact.run_fields(footprint),
    )
    return replace(run, **fields)
