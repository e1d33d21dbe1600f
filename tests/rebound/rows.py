"""Ledger rows for tests: a run of one kWh-free figure, a minute after the one before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ipyfootprint.model import Run

START = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)  # a Wednesday
G_PER_KWH = 360.0


def row(number, energy_j=1000.0, *, minutes=None, seconds=30.0, **fields):
    known = {}
    if energy_j is not None:
        grams = energy_j / 3.6e6 * G_PER_KWH
        known = {
            "energy_j": energy_j,
            "energy_low_j": energy_j * 0.9,
            "energy_high_j": energy_j * 1.1,
            "operational_g": grams,
            "operational_low_g": grams * 0.8,
            "operational_high_g": grams * 1.2,
            "water_l": energy_j / 1e6,
            "method": "counter",
        }
    run = Run(
        run_id=f"r{number}",
        session_id="s",
        user_id="u",
        number=number,
        started_at=START + timedelta(minutes=number if minutes is None else minutes),
        status="ok",
        duration_s=seconds,
        lineage="train",
        label="train",
        code_hash="c",
        config_hash="k",
        **known,
    )
    return replace(run, **fields)
