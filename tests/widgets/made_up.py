"""Made-up rows for the tests of the views; seeded, so that every run sees the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from ipyfootprint.model import (
    CarbonIntensity,
    DeviceEnergy,
    Finding,
    Gap,
    PowerTrace,
    Run,
    Session,
)
from ipyfootprint.widgets.charts import Link, Part
from ipyfootprint.widgets.rows import Advice, AssumptionRow, Budget, Change
from ipyfootprint.widgets.summary import Summary, summarise

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SESSION = Session(session_id="s1", user_id="u1", started_at=START, zone="DEU", notebook="demo")
GRID = CarbonIntensity(344.0, 300.0, 400.0, "DEU", source="Ember", year=2024)
PHASES = ("data", "training", "training", "evaluation", None)


def made_run(number: int = 1, energy_j: float | None = 76_000.0, **changes: object) -> Run:
    """A settled run measured on a GPU and a processor."""
    devices = {}
    if energy_j is not None:
        gpu, cpu = energy_j * 0.8, energy_j * 0.25
        devices = {
            "gpu0": DeviceEnergy(gpu, gpu * 0.95, gpu * 1.05, 1.0, "counter", "gpu", "NVIDIA A100"),
            "cpu0": DeviceEnergy(cpu, cpu * 0.95, cpu * 1.05, 0.8, "counter", "cpu", "Xeon"),
        }
    known = energy_j or 0.0
    grams = known / 3.6e6 * 344
    given: dict[str, object] = {
        "run_id": f"r{number}",
        "session_id": "s1",
        "user_id": "u1",
        "started_at": START + timedelta(seconds=60 * number),
        "number": number,
        "status": "ok",
        "duration_s": 42.0,
        "energy_j": energy_j,
        "energy_low_j": None if energy_j is None else known * 0.95,
        "energy_high_j": None if energy_j is None else known * 1.05,
        "idle_j": None if energy_j is None else known * 0.1,
        "devices": devices,
        "method": "unavailable" if energy_j is None else "counter",
        "settled": True,
        "pue": 1.0,
        "intensity": GRID,
        "operational_g": None if energy_j is None else grams,
        "operational_low_g": None if energy_j is None else grams * 0.83,
        "operational_high_g": None if energy_j is None else grams * 1.22,
    }
    return Run(**{**given, **changes})  # type: ignore[arg-type]


def made_trace(steps: int = 80) -> PowerTrace:
    """A power curve of two devices."""
    noise = random.Random(4)
    gpu = tuple(180 + 60 * (i % 12 > 3) + noise.random() * 20 for i in range(steps))
    return PowerTrace(0.1, {"gpu0": gpu, "cpu0": tuple(40 + noise.random() * 9 for _ in gpu)})


def made_runs(count: int) -> list[Run]:
    """Runs as a session has them: mixed sizes, phases and labels, some failed."""
    noise = random.Random(7)
    return [
        made_run(
            number,
            noise.lognormvariate(7, 1.6),
            duration_s=round(noise.lognormvariate(2, 1.2), 3),
            status="error" if number % 23 == 0 else "ok",
            phase=PHASES[number % len(PHASES)],
            label=f"experiment {number % 7}" if number % 3 == 0 else None,
            started_at=START + timedelta(seconds=35 * number),
        )
        for number in range(1, count + 1)
    ]


def made_finding(**changes: object) -> Finding:
    """A backfire-free warning in the words a person reads."""
    given: dict[str, object] = {
        "finding_id": "f1",
        "session_id": "s1",
        "lineage": "train",
        "run": 14,
        "at": START + timedelta(hours=2),
        "level": "warn",
        "kind": "scale-up",
        "message": (
            "Since 14:10 each epoch costs 52 % less energy, but you train 1.95x as much per hour"
            " of work: 88 % (60-125 %) of the saving is used up, 21 Wh (6 g) so far."
        ),
        "rebound_pct": 88.0,
        "low_pct": 60.0,
        "high_pct": 125.0,
        "wasted_j": 75_600.0,
        "wasted_g": 6.0,
    }
    return Finding(**{**given, **changes})  # type: ignore[arg-type]


CHANGE = Change(
    "g/h",
    41.0,
    39.4,
    (
        Part("configurations", 9.0),
        Part("runs per configuration", 4.1),
        Part("work per run", 14.2),
        Part("energy per work", -28.4),
        Part("grid", -0.5),
    ),
)
LINKS = (
    Link("efficiency gain", "energy per work", -0.52, -0.61, -0.43),
    Link("energy per work", "work per active hour", -0.91, -1.3, -0.6),
    Link("work per active hour", "total energy", 1.0, 1.0, 1.0),
    Link("total energy", "budget", 0.2, -0.1, 0.5),
    Link("budget", "work per active hour", None),
)
ADVICE = (
    Advice("Stop early: the metric has not moved for 6 epochs", "9 Wh"),
    Advice("Reuse run 12: same configuration, same data", "4 Wh"),
)
ASSUMPTIONS = (
    AssumptionRow("grid intensity", "344 g/kWh (300-400)", "Ember, DEU, 2024"),
    AssumptionRow("data-centre overhead", "1.0", "default for a desk"),
    AssumptionRow("device lifetime", "4 years", "default for a desktop"),
)


def made_summary(count: int = 40, **changes: object) -> Summary:
    """A full summary: every block has something to say."""
    given: dict[str, object] = {
        "findings": [made_finding()],
        "budget": Budget(1_410_000.0, 1_800_000.0, "energy", "per session"),
        "change": CHANGE,
        "links": LINKS,
        "advice": ADVICE,
        "assumptions": ASSUMPTIONS,
        "correlations": (0.93, 0.99),
        "zones": {"SWE": 35.0, "FRA": 44.0, "DEU": 344.0, "POL": 614.0, "world": 458.0},
        "lifetime_y": 4.0,
    }
    gap = Gap(
        session_id="s1",
        duration_s=900.0,
        energy_j=31_000.0,
        node_energy_j=60_000.0,
        method="counter",
    )
    rows = made_runs(count)
    rows = [
        run
        if run.number != 1
        else made_run(
            1,
            embodied_g=2.0,
            embodied_low_g=1.0,
            embodied_high_g=4.0,
            water_l=0.04,
            water_low_l=0.03,
            water_high_l=0.05,
            adpe_kgsbeq=3e-8,
            primary_energy_mj=0.4,
            ewaste_kg=2e-5,
        )
        for run in rows
    ]
    return summarise(SESSION, rows, gap, **{**given, **changes})  # type: ignore[arg-type]
