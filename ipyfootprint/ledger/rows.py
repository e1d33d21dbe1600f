"""A run, session or finding as a row of integers and text, and back; None stays NULL."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from ipyfootprint.model import CarbonIntensity, DeviceEnergy, Finding, Gap, PowerTrace, Run, Session

TRACE_POINTS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Run field -> column, for amounts kept as millionths
_MICRO = {
    "duration_s": "duration_us",
    "cpu_time_s": "cpu_time_us",
    "energy_j": "energy_uj",
    "energy_low_j": "energy_low_uj",
    "energy_high_j": "energy_high_uj",
    "node_energy_j": "node_energy_uj",
    "idle_j": "idle_uj",
    "operational_g": "operational_ug",
    "operational_low_g": "operational_low_ug",
    "operational_high_g": "operational_high_ug",
    "embodied_g": "embodied_ug",
    "embodied_low_g": "embodied_low_ug",
    "embodied_high_g": "embodied_high_ug",
    "water_l": "water_ul",
    "water_low_l": "water_low_ul",
    "water_high_l": "water_high_ul",
}
_PLAIN = tuple(
    [
        "run_id",
        "session_id",
        "user_id",
        "number",
        "project",
        "hardware_id",
        "cell_id",
        "code_hash",
        "config_hash",
        "lineage",
        "label",
        "phase",
        "planned",
        "status",
        "method",
        "pue",
        "adpe_kgsbeq",
        "primary_energy_mj",
        "ewaste_kg",
        "work_units",
        "work_kind",
        "metric_name",
        "metric",
        "flops",
        "parameters",
    ]
)
RUN_COLUMNS = (
    *_PLAIN,
    *_MICRO.values(),
    "started_us",
    "settled",
    "devices",
    "intensity_g_per_kwh",
    "intensity",
)

_AMOUNTS = (*_PLAIN, *_MICRO)  # the fields of a run in the order of their columns

# What is known of a run before it executes: a short row, for it is written at the cell's edge.
STARTED_COLUMNS = (
    *("run_id", "session_id", "user_id", "number", "project", "hardware_id", "cell_id"),
    *("code_hash", "config_hash", "lineage", "label", "phase", "planned", "status", "method"),
    *("pue", "started_us", "settled", "intensity_g_per_kwh", "intensity"),
)
# By annotations: in the sampler, which writes here too, these classes are no dataclasses (slim.py).
SESSION_COLUMNS = tuple(
    "started_us" if name == "started_at" else name for name in Session.__annotations__
)
FINDING_COLUMNS = tuple("at_us" if name == "at" else name for name in Finding.__annotations__)
_started_fields = attrgetter(*STARTED_COLUMNS[:-4])


def micro(value: float | None) -> int | None:
    """Millionths, rounded; None stays None."""
    return None if value is None else round(value * 1e6)


def microseconds(when: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    return (when - _EPOCH) // timedelta(microseconds=1)


def time_of(started_us: int) -> datetime:
    """The aware UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=started_us)


def run_row(run: Run) -> tuple[Any, ...]:
    """A run's values in the order of RUN_COLUMNS."""
    intensity = run.intensity
    return (
        *(getattr(run, name) for name in _PLAIN),
        *(micro(getattr(run, name)) for name in _MICRO),
        microseconds(run.started_at),
        int(run.settled),
        devices_text(run.devices),
        intensity.g_per_kwh if intensity else None,
        _intensity_text(intensity),
    )


def started_row(run: Run) -> tuple[Any, ...]:
    """A run's values in the order of STARTED_COLUMNS."""
    intensity = run.intensity
    return (
        *_started_fields(run),
        microseconds(run.started_at),
        int(run.settled),
        intensity.g_per_kwh if intensity else None,
        _intensity_text(intensity),
    )


@lru_cache(maxsize=64)
def _intensity_text(intensity: CarbonIntensity | None) -> str | None:
    """An intensity as JSON; many runs share one."""
    return json.dumps(asdict(intensity)) if intensity else None


def devices_text(devices: Mapping[str, DeviceEnergy]) -> str:
    """Devices by name as JSON."""
    return json.dumps({name: asdict(device) for name, device in devices.items()})


def run_of(values: Sequence[Any]) -> Run:
    """The run in a row of RUN_COLUMNS and then the sums of its adjustments, which it includes.

    By place and not by name: a long session is shown from ten thousand of these.
    """
    *amounts, started_us, settled, devices, _, intensity, d_energy_uj, d_operational_ug = values
    plain, millionths = amounts[: len(_PLAIN)], amounts[len(_PLAIN) :]
    scaled = [None if value is None else value / 1e6 for value in millionths]
    known: dict[str, Any] = dict(zip(_AMOUNTS, plain + scaled, strict=True))
    _adjust(known, ("energy_j", "energy_low_j", "energy_high_j"), d_energy_uj)
    _adjust(known, ("operational_g", "operational_low_g", "operational_high_g"), d_operational_ug)
    return Run(
        **known,
        started_at=time_of(started_us),
        settled=bool(settled),
        devices={name: DeviceEnergy(**device) for name, device in json.loads(devices).items()},
        intensity=_intensity_of(intensity),
    )


@lru_cache(maxsize=64)
def _intensity_of(text: str | None) -> CarbonIntensity | None:
    """The intensity in a JSON; many runs share one."""
    return CarbonIntensity(**json.loads(text)) if text else None


def _adjust(known: dict[str, Any], names: Sequence[str], millionths: int | None) -> None:
    """Add late energy or restated carbon to an amount and its bounds."""
    if millionths:
        for name in names:
            known[name] = max(0.0, (known[name] or 0.0) + millionths / 1e6)


def session_of(row: Mapping[str, Any]) -> Session:
    """The session in a row."""
    known = dict(row)
    known["started_at"] = time_of(known.pop("started_us"))
    known["hardware"] = json.loads(known["hardware"])
    return Session(**known)


def session_row(session: Session) -> dict[str, Any]:
    """A session's values by SESSION_COLUMNS."""
    known = asdict(session)
    known["started_us"] = microseconds(known.pop("started_at"))
    known["hardware"] = json.dumps(dict(session.hardware))
    return known


def finding_of(row: Mapping[str, Any]) -> Finding:
    """The finding in a row."""
    known = dict(row)
    known["at"] = time_of(known.pop("at_us"))
    return Finding(**known)


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding's values by FINDING_COLUMNS."""
    known = asdict(finding)
    known["at_us"] = microseconds(known.pop("at"))
    return known


def gap_of(row: Mapping[str, Any]) -> Gap:
    """The time between runs in a row."""
    energy, node = row["energy_uj"], row["node_energy_uj"]
    return Gap(
        session_id=row["session_id"],
        duration_s=row["duration_us"] / 1e6,
        energy_j=None if energy is None else energy / 1e6,
        node_energy_j=None if node is None else node / 1e6,
        method=row["method"],
    )


def gap_row(gap: Gap) -> dict[str, Any]:
    """The time between runs by column."""
    return {
        "session_id": gap.session_id,
        "duration_us": micro(gap.duration_s),
        "energy_uj": micro(gap.energy_j),
        "node_energy_uj": micro(gap.node_energy_j),
        "method": gap.method,
    }


def trace_blobs(trace: PowerTrace) -> list[tuple[str, float, bytes]]:
    """A trace as (device, step in ms, milliwatts as 32-bit floats; NaN is not seen) per device."""
    blobs = []
    for device, watts in trace.watts.items():
        step = max(1, -(-len(watts) // TRACE_POINTS))
        means = [_mean(watts[i : i + step]) for i in range(0, len(watts), step)]
        blobs.append((device, trace.dt_s * 1e3 * step, array("f", means).tobytes()))
    return blobs


def _mean(watts: tuple[float | None, ...]) -> float:
    seen = [w for w in watts if w is not None]
    return sum(seen) / len(seen) * 1e3 if seen else float("nan")


def trace_of(rows: list[tuple[str, float, bytes]]) -> PowerTrace | None:
    """The trace in its BLOBs, or None."""
    if not rows:
        return None
    watts = {}
    for device, _, blob in rows:
        points = array("f")
        points.frombytes(blob)
        watts[device] = tuple(None if mw != mw else mw / 1e3 for mw in points)
    return PowerTrace(rows[0][1] / 1e3, watts)
