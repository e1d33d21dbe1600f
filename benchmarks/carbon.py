"""Carbon of runs by the bundled intensities against the real hours of 2019, and what it costs.

The shape by month and hour was computed from the same year: its errors are in-sample. The yearly
level is the year's own mean, so that what is compared is how each method spreads it over time.
"""

from __future__ import annotations

import csv
import gzip
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._machine import heading, table
from ipyfootprint.accounting import Accountant
from ipyfootprint.attribution import Cores
from ipyfootprint.config import Settings
from ipyfootprint.grid import Place
from ipyfootprint.grid.profiles import shape
from ipyfootprint.impact import Hardware, account, operational_over_time, run_fields
from ipyfootprint.impact.timeline import split
from ipyfootprint.machine import context_of, grid_of
from ipyfootprint.model import CarbonIntensity, Estimate, Measurement, Run, Window

HOURS = Path(__file__).parent.parent / "examples" / "data" / "hourly_2019_seven_zones.csv.gz"
LENGTHS = {"1 min": 60, "1 h": 3600, "6 h": 21_600, "24 h": 86_400, "48 h": 172_800}
RUNS = 400
JOULES = Estimate.exact(3.6e6)
IntensityAt = Callable[[datetime], CarbonIntensity]


def known_hours() -> dict[str, dict[datetime, float]]:
    """g/kWh of each zone by the hour."""
    with gzip.open(HOURS, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    zones = [name for name in rows[0] if name != "datetime_utc"]
    at = [datetime.fromisoformat(row["datetime_utc"]).astimezone(UTC) for row in rows]
    return {
        zone: {when: float(row[zone]) for when, row in zip(at, rows, strict=True) if row[zone]}
        for zone in zones
    }


def intensity(grams: float, zone: str) -> CarbonIntensity:
    return CarbonIntensity(grams, grams, grams, zone=zone)


def carbon(intensity_at: IntensityAt, start: datetime, seconds: float) -> float:
    """Grams of a run of one kWh, hour by hour."""
    slices = [(part, intensity_at(when)) for part, when in split(JOULES, seconds, start)]
    return operational_over_time(slices, 1.0).mid


def errors(zone: str, hours: dict[datetime, float]) -> list[list[str]]:
    """A row a run length: median and 95th percentile of both methods' relative error."""
    mean, factor = statistics.fmean(hours.values()), shape(zone)

    def real(when: datetime) -> CarbonIntensity:
        return intensity(hours[when.replace(minute=0, second=0, microsecond=0)], zone)

    def by_shape(when: datetime) -> CarbonIntensity:
        return intensity(mean * factor[when.month, when.hour], zone)

    def by_year(when: datetime) -> CarbonIntensity:
        return intensity(mean, zone)

    rows = []
    for name, seconds in LENGTHS.items():
        chance = random.Random(f"{zone} {name}")
        starts = sorted(hours)
        found: dict[str, list[float]] = {"shape": [], "year": []}
        while len(found["year"]) < RUNS:
            start = chance.choice(starts) + timedelta(seconds=chance.uniform(0, 3600))
            try:
                true = carbon(real, start, seconds)
            except KeyError:  # an hour of it is not known
                continue
            found["shape"].append(abs(carbon(by_shape, start, seconds) / true - 1))
            found["year"].append(abs(carbon(by_year, start, seconds) / true - 1))
        cells = [f"{quantile(found[way], at):.0%}" for way in found for at in (0.5, 0.95)]
        rows.append([zone, name, *cells])
    return rows


def quantile(values: list[float], at: float) -> float:
    return sorted(values)[min(len(values) - 1, int(at * len(values)))]


def conservation() -> tuple[float, float]:
    """The largest relative loss of energy and of carbon over a thousand runs cut at the hours."""
    chance, energy, grams = random.Random(1), 0.0, 0.0
    for _ in range(1000):
        start = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.uniform(0, 3e7))
        seconds = chance.uniform(1, 172_800)
        parts = sum(part.mid for part, _ in split(JOULES, seconds, start))
        energy = max(energy, abs(parts / JOULES.mid - 1))
        same = carbon(lambda when: intensity(321.0, str(when)), start, seconds)
        grams = max(grams, abs(same / 321.0 - 1))
    return energy, grams


def cost() -> list[list[str]]:
    """Processor time a run: impacts alone, and everything between a window and a finished row."""
    place = Place(zone="DE", country="DEU")
    hardware = Hardware(platform="server", gpus=(("gpu0", "NVIDIA H100 80GB HBM3"),))
    context = context_of(Settings(), hardware, Cores(2, 4), place, grid_of(Settings(), place))
    start = datetime(2026, 6, 1, 12, 10, tzinfo=UTC)
    run = Run(run_id="r", session_id="s", user_id="u", started_at=start, number=1)
    joules = Measurement(100.0, 95.0, 105.0, "counter")
    window = Window(
        duration_s=10.0,
        devices={"gpu0": joules, "cpu0": joules},
        idle_j={"gpu0": Estimate.exact(20.0), "cpu0": Estimate.exact(20.0)},
        own_j={},
        shared=frozenset(),
        busy_ns=20_000_000_000,
        own_ns=10_000_000_000,
        settled=True,
    )
    accountant, energy = Accountant(Cores(2, 4), context), Estimate(100.0, 95.0, 105.0)
    calls: dict[str, Callable[[], object]] = {
        "impacts (carbon, embodied, water, minerals)": lambda: run_fields(
            account(energy, 10.0, start, context)
        ),
        "the same over an hour's edge": lambda: run_fields(account(energy, 7200.0, start, context)),
        "the whole of accounting: shares, impacts, row": lambda: accountant.measured(run, window),
    }
    return [
        [name, *(f"{time_us(call, at):.0f} µs" for at in (0.0, 0.5))]
        for name, call in calls.items()
    ]


def time_us(call: Callable[[], object], at: float, batch: int = 100, batches: int = 100) -> float:
    """A quantile over batches of the microseconds of processor time that one call takes."""
    seen = []
    for _ in range(batches):
        begun = time.process_time()
        for _ in range(batch):
            call()
        seen.append((time.process_time() - begun) / batch * 1e6)
    return quantile(seen, at)


def main() -> None:
    heading("Carbon by the hour")
    print("Error of a run's carbon against the real hours of 2019, median and 95th percentile.\n")
    head = ("zone", "run", "shape", "shape p95", "year", "year p95")
    table(head, (row for zone, hours in known_hours().items() for row in errors(zone, hours)))
    print("The shape is of the same year (in-sample); each zone's level is the year's own mean.\n")
    energy, grams = conservation()
    print(
        f"A run cut at the hours keeps its energy to {energy:.0e} and its carbon to {grams:.0e}.\n"
    )
    heading("What accounting costs a run")
    table(("part", "least", "median"), cost())


if __name__ == "__main__":
    main()
