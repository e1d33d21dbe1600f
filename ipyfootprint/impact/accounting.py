"""One run's footprint from its joules, its time and the session's context.

Called once a run, so everything that does not change within a session is worked out once,
in `context`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.embodied import Device
from ipyfootprint.impact.operational import operational, operational_over_time
from ipyfootprint.impact.resources import Electricity, water
from ipyfootprint.impact.timeline import blend, split
from ipyfootprint.model import CarbonIntensity, Estimate, Footprint, PowerTrace, Run
from ipyfootprint.units import kwh

IntensityAt = Callable[[datetime], CarbonIntensity | None]

_NOTHING = Estimate.exact(0.0)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a device in use takes per second: gCO2e of its making, and of what it is made."""

    embodied_g: Estimate
    adpe_kgsbeq: float | None
    primary_mj: float | None
    ewaste_kg: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that turns joules and seconds into impacts and holds for a whole session.

    Made by `context`. `assumptions` lists every input with where it came from.
    """

    intensity_at: IntensityAt
    pue: Estimate
    wue: Estimate
    electricity: Electricity
    host: Rates
    gpus: Mapping[str, Rates]
    devices: Mapping[str, Device]
    share_of_host: float
    lifetime_years: Estimate
    utilisation: Estimate
    assumptions: tuple[Assumption, ...]


class RunFields(TypedDict):
    """The flat fields of a Run that a footprint fills."""

    pue: float
    intensity: CarbonIntensity | None
    operational_g: float | None
    operational_low_g: float | None
    operational_high_g: float | None
    embodied_g: float | None
    embodied_low_g: float | None
    embodied_high_g: float | None
    water_l: float | None
    water_low_l: float | None
    water_high_l: float | None
    adpe_kgsbeq: float | None
    primary_energy_mj: float | None
    ewaste_kg: float | None


def account(
    energy: Estimate | None,
    duration_s: float,
    started_at: datetime,
    context: Context,
    *,
    trace: PowerTrace | None = None,
    gpus: Mapping[str, float] | None = None,
) -> Footprint:
    """The footprint of one run.

    Args:
        energy: this user's joules with bounds, or None where nothing was metered.
        duration_s: how long it took; embodied carbon follows it.
        started_at: aware UTC.
        context: what holds for the session.
        trace: power over the run; says how its energy is spread over the hours it spans.
        gpus: channels of the GPUs it held, each with the fraction held; None is all, whole.

    Returns:
        What can be known; carbon and water are None without energy, carbon also where no
        intensity is known.
    """
    held = dict.fromkeys(context.gpus, 1.0) if gpus is None else gpus
    parts = [(context.host, context.share_of_host * duration_s)]
    parts += [(context.gpus[name], held[name] * duration_s) for name in held.keys() & context.gpus]
    embodied = _NOTHING
    for rates, seconds in parts:
        embodied = embodied + rates.embodied_g * seconds
    intensity, carbon, litres, facility_kwh = None, None, None, None
    if energy is not None:
        intensity, carbon = _carbon(energy, duration_s, started_at, context, trace)
        litres = water(energy, context.wue, context.pue, context.electricity.water_l_per_kwh)
        facility_kwh = kwh(energy.mid) * context.pue.mid
    grid = context.electricity
    return Footprint(
        pue=context.pue.mid,
        intensity=intensity,
        operational=carbon,
        embodied=embodied,
        water=litres,
        adpe_kgsbeq=_resources(
            facility_kwh,
            grid.adpe_kgsbeq_per_kwh,
            [(rates.adpe_kgsbeq, seconds) for rates, seconds in parts],
        ),
        primary_energy_mj=_resources(
            facility_kwh,
            grid.pe_mj_per_kwh,
            [(rates.primary_mj, seconds) for rates, seconds in parts],
        ),
        ewaste_kg=_known_sum([(rates.ewaste_kg, seconds) for rates, seconds in parts]),
    )


def run_fields(footprint: Footprint) -> RunFields:
    """A footprint as the flat fields of a Run, for `dataclasses.replace(run, **fields)`."""
    carbon, carbon_low, carbon_high = _bounds(footprint.operational)
    made, made_low, made_high = _bounds(footprint.embodied)
    litres, litres_low, litres_high = _bounds(footprint.water)
    return {
        "pue": footprint.pue,
        "intensity": footprint.intensity,
        "operational_g": carbon,
        "operational_low_g": carbon_low,
        "operational_high_g": carbon_high,
        "embodied_g": made,
        "embodied_low_g": made_low,
        "embodied_high_g": made_high,
        "water_l": litres,
        "water_low_l": litres_low,
        "water_high_l": litres_high,
        "adpe_kgsbeq": footprint.adpe_kgsbeq,
        "primary_energy_mj": footprint.primary_energy_mj,
        "ewaste_kg": footprint.ewaste_kg,
    }


def restatement(
    run: Run, intensity_at: IntensityAt, *, trace: PowerTrace | None = None
) -> float | None:
    """Grams to add to a past run's operational carbon now that better intensities are known.

    The run stays as it was written; the difference is a row of its own. None where the run
    has no carbon, or an hour of it still has no intensity.
    """
    if run.energy_j is None or run.operational_g is None or run.duration_s is None:
        return None
    slices = []
    for energy, when in split(
        Estimate.exact(run.energy_j), run.duration_s, run.started_at, trace=trace
    ):
        if (intensity := intensity_at(when)) is None:
            return None
        slices.append((energy, intensity))
    return operational_over_time(slices, run.pue or 1.0).mid - run.operational_g


def _carbon(
    energy: Estimate,
    duration_s: float,
    started_at: datetime,
    context: Context,
    trace: PowerTrace | None,
) -> tuple[CarbonIntensity | None, Estimate | None]:
    slices: list[tuple[Estimate, CarbonIntensity]] = []
    for joules, when in split(energy, duration_s, started_at, trace=trace):
        if (intensity := context.intensity_at(when)) is None:
            return None, None
        slices.append((joules, intensity))
    first = slices[0][1]
    if all(intensity is first for _, intensity in slices):
        return first, operational(energy, context.pue, first)
    return blend(slices), operational_over_time(slices, context.pue)


def _resources(
    facility_kwh: float | None, per_kwh: float, parts: list[tuple[float | None, float]]
) -> float | None:
    if facility_kwh is None:
        return None
    return facility_kwh * per_kwh + (_known_sum(parts) or 0.0)


def _known_sum(parts: list[tuple[float | None, float]]) -> float | None:
    known = [rate * seconds for rate, seconds in parts if rate is not None]
    return sum(known) if known else None


def _bounds(value: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.mid, value.low, value.high)
