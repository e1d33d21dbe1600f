"""CodeCarbon's CSV (`emissions.csv`, release 3), out and in.

Its energies and powers hold its PUE; ours are as metered at the devices, so the factor is
multiplied in on the way out and divided out on the way in.
"""

from __future__ import annotations

import csv
import io
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from ipyfootprint.errors import LogError
from ipyfootprint.model import CarbonIntensity, DeviceEnergy, Kind, Run
from ipyfootprint.units import J_PER_KWH

#: Names of the columns, in the order in which release 3.3 writes them.
COLUMNS = (
    *("timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions"),
    *("emissions_rate", "cpu_power", "gpu_power", "ram_power", "cpu_energy", "gpu_energy"),
    *("ram_energy", "energy_consumed", "water_consumed", "country_name", "country_iso_code"),
    *("region", "cloud_provider", "cloud_region", "os", "python_version", "codecarbon_version"),
    *("cpu_count", "cpu_model", "gpu_count", "gpu_model", "longitude", "latitude"),
    *("ram_total_size", "tracking_mode", "cpu_utilization_percent", "gpu_utilization_percent"),
    *("ram_utilization_percent", "ram_used_gb", "on_cloud", "pue", "wue"),
)
_KINDS: Mapping[Kind, str] = {"cpu": "cpu", "gpu": "gpu", "dram": "ram"}
_NEEDED = ("timestamp", "run_id", "duration", "emissions", "energy_consumed")

#: What its rows do not say is how an energy came about: counter or model.
SPREAD = 2.0
TAG = "CodeCarbon"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds: one run a `run_id`, and how many rows were earlier states of one."""

    runs: tuple[Run, ...]
    superseded: int


def to_codecarbon(runs: Iterable[Run]) -> str:
    """Runs as a CSV with CodeCarbon's columns; what is not known is empty, never 0."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for run in runs:
        if run.duration_s is not None:
            writer.writerow({name: value for name, value in _row(run).items() if value is not None})
    return out.getvalue()


def from_codecarbon(text: str, session_id: str, user_id: str) -> Imported:
    """The runs in a CodeCarbon file, tagged as such, oldest first.

    CodeCarbon appends a row at every flush, each with the sums so far: the last one counts.

    Args:
        text: the file.
        session_id: of the session that holds them.
        user_id: whose they are.

    Raises:
        LogError: not such a file, or a line that cannot be used; the line is named.
    """
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise LogError(
            f"the file has no column {', '.join(missing)}",
            "nothing was imported",
            "Give the emissions.csv that CodeCarbon wrote.",
        )
    latest: dict[str, Run] = {}
    rows = 0
    for line, row in enumerate(reader, 2):
        try:
            run = _run(row, session_id, user_id)
        except (ValueError, TypeError, OverflowError) as error:
            raise LogError(
                f"line {line} cannot be read ({error})",
                "nothing was imported",
                "Mend or delete that line.",
            ) from None
        rows += 1
        known = latest.get(run.run_id)
        if known is None or (run.duration_s or 0.0) >= (known.duration_s or 0.0):
            latest[run.run_id] = run
    ordered = sorted(latest.values(), key=lambda run: run.started_at)
    return Imported(tuple(_numbered(ordered)), rows - len(latest))


def overlapping(imported: Sequence[Run], metered: Sequence[Run]) -> frozenset[str]:
    """Ids of imported runs whose time one of our own runs has metered: they would double."""
    spans = sorted((run.started_at, _end(run)) for run in metered if run.energy_j is not None)
    begins = [begun for begun, _ in spans]
    # The latest end of the spans up to each: of those that begin before a run ends, one that
    # ends after its start is enough.
    latest = list(accumulate((until for _, until in spans), max))
    found = []
    for run in imported:
        before = bisect_left(begins, _end(run))
        if before and run.started_at < latest[before - 1]:
            found.append(run.run_id)
    return frozenset(found)


def _row(run: Run) -> dict[str, object]:
    pue, seconds = run.pue or 1.0, run.duration_s or 0.0
    row: dict[str, object] = {
        "timestamp": _end(run).astimezone().strftime("%Y-%m-%dT%H:%M:%S"),
        "project_name": run.project or run.label or "ipyfootprint",
        "run_id": run.run_id,
        "duration": seconds,
        "codecarbon_version": "ipyfootprint",
        "tracking_mode": "process",
        "pue": pue,
        "water_consumed": run.water_l,
        "country_iso_code": run.intensity.zone if run.intensity else None,
    }
    if run.energy_j is not None:
        row["energy_consumed"] = run.energy_j * pue / J_PER_KWH
    if run.operational_g is not None:
        row["emissions"] = run.operational_g / 1000
        row["emissions_rate"] = run.operational_g / 1000 / seconds if seconds else 0.0
    for kind, name in _KINDS.items():
        known = [
            each.energy_j * each.share
            for each in run.devices.values()
            if each.kind == kind and each.energy_j is not None
        ]
        if known:
            row[f"{name}_energy"] = sum(known) * pue / J_PER_KWH
            row[f"{name}_power"] = sum(known) * pue / seconds if seconds else 0.0
    labels = {kind: [d.label for d in run.devices.values() if d.kind == kind] for kind in _KINDS}
    if labels["cpu"]:
        row["cpu_model"] = labels["cpu"][0]
    if labels["gpu"]:
        row |= {"gpu_count": len(labels["gpu"]), "gpu_model": "; ".join(sorted({*labels["gpu"]}))}
    return row


def _run(row: Mapping[str, str | None], session_id: str, user_id: str) -> Run:
    seconds = _figure(row, "duration") or 0.0
    pue = _figure(row, "pue") or 1.0
    if not 1 <= pue <= 10:
        raise ValueError(f"pue {pue:g}")
    energy = (_figure(row, "energy_consumed") or 0.0) * J_PER_KWH / pue
    carbon = (_figure(row, "emissions") or 0.0) * 1000
    project = (row.get("project_name") or "").strip() or TAG.lower()
    # A naive time is the local time of the machine that wrote it; here it is taken as ours.
    until = datetime.fromisoformat(row["timestamp"] or "").astimezone(UTC)
    run_id = (row["run_id"] or "").strip()
    if not run_id:
        raise ValueError("no run_id")
    return Run(
        run_id=run_id,
        session_id=session_id,
        user_id=user_id,
        started_at=until - timedelta(seconds=seconds),
        number=1,
        project=project,
        label=f"{project} ({TAG})",
        lineage=f"{TAG.lower()}:{project}",
        status="ok",
        duration_s=seconds,
        energy_j=energy,
        energy_low_j=energy / SPREAD,
        energy_high_j=energy * SPREAD,
        node_energy_j=energy,
        devices=_devices(row, pue),
        method="modelled",
        settled=True,
        pue=pue,
        intensity=_intensity(row, carbon, energy * pue),
        operational_g=carbon,
        operational_low_g=carbon / SPREAD,
        operational_high_g=carbon * SPREAD,
        water_l=_figure(row, "water_consumed") or None,
    )


def _devices(row: Mapping[str, str | None], pue: float) -> dict[str, DeviceEnergy]:
    devices = {}
    for kind, name in _KINDS.items():
        energy, model = _figure(row, f"{name}_energy"), row.get(f"{name}_model")
        if energy is None or not (energy or model):  # it writes 0 for what is not there, too
            continue
        joules = energy * J_PER_KWH / pue
        label = model or name.upper()
        devices[f"{kind}0"] = DeviceEnergy(
            joules, joules / SPREAD, joules * SPREAD, 1.0, "modelled", kind, f"{label} ({TAG})"
        )
    return devices


def _intensity(
    row: Mapping[str, str | None], carbon_g: float, facility_j: float
) -> CarbonIntensity | None:
    if facility_j <= 0:
        return None
    grams = carbon_g / (facility_j / J_PER_KWH)
    zone = (row.get("country_iso_code") or "").strip() or "unknown"
    return CarbonIntensity(grams, grams, grams, zone=zone, source=f"as {TAG} had it")


def _figure(row: Mapping[str, str | None], name: str) -> float | None:
    text = (row.get(name) or "").strip()
    if not text:
        return None
    value = float(text)
    if not (math.isfinite(value) and 0 <= value < 1e15):
        raise ValueError(f"{name} {text}")
    return value


def _numbered(runs: Sequence[Run]) -> Iterable[Run]:
    return (replace(run, number=number) for number, run in enumerate(runs, 1))


def _end(run: Run) -> datetime:
    return run.started_at + timedelta(seconds=run.duration_s or 0.0)
