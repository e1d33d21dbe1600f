"""The calculation behind papers' figures: totals from figures, without a machine or a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.embodied import HOURS_PER_YEAR, Device, embodied
from ipyfootprint.impact.hardware import (
    DATA_CENTRE_LIFE,
    DATA_CENTRE_USE,
    OWN_LIFE,
    OWN_USE,
)
from ipyfootprint.impact.operational import checked_pue, operational
from ipyfootprint.impact.resources import Electricity, water
from ipyfootprint.model import CarbonIntensity, Estimate
from ipyfootprint.units import J_PER_KWH


@dataclass(frozen=True, slots=True)
class Used:
    """A device and how many of it were in use; a fraction is a share of one."""

    device: Device
    count: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """Totals with bounds; None where an input for them was not given.

    Attributes:
        energy_kwh: as metered at the devices.
        facility_kwh: with the building's overhead.
        operational: gCO2e.
        embodied: gCO2e; None without a device.
        water: litres.
        total: gCO2e, operational and embodied; None without a device.
        adpe_kgsbeq, primary_energy_mj, ewaste_kg: as far as figures are known.
    """

    energy_kwh: float
    facility_kwh: float
    operational: Estimate
    embodied: Estimate | None
    water: Estimate
    total: Estimate | None
    adpe_kgsbeq: float
    primary_energy_mj: float
    ewaste_kg: float | None


def calculate(
    energy_kwh: float,
    intensity: CarbonIntensity | Estimate,
    electricity: Electricity,
    *,
    pue: float = 1.0,
    wue: float = 0.0,
    hours: float | None = None,
    devices: Sequence[Used] = (),
    lifetime_years: float | None = None,
    utilisation: float | None = None,
    share: float = 1.0,
) -> Calculation:
    """Totals of some energy, and of some devices in use for some hours.

    Args:
        energy_kwh: as metered at the devices.
        intensity: of the grid.
        electricity: water and minerals of a kWh.
        pue: facility energy / metered energy.
        wue: cooling water, L/kWh.
        hours: how long the devices were in use; needed with `devices`.
        devices: what was in use.
        lifetime_years: default 6 for servers and GPUs, 4 for a desktop or laptop.
        utilisation: default .85, and .2 (.1-.5) for a desktop or laptop.
        share: fraction of the devices that was used.

    Raises:
        ConfigError: a value outside its range, or devices without hours.
    """
    if not 0 <= energy_kwh <= 1e12:
        raise ConfigError(
            f"{energy_kwh:g} kWh cannot be", "nothing was computed", "Give 0 kWh or more."
        )
    if devices and hours is None:
        raise ConfigError(
            "a device is named, and not for how long it was used",
            "nothing was computed",
            "Add --hours.",
        )
    energy = Estimate.exact(energy_kwh * J_PER_KWH)
    facility_kwh = energy_kwh * checked_pue(pue).mid
    carbon = operational(energy, pue, intensity)
    made: Estimate | None = None
    adpe = facility_kwh * electricity.adpe_kgsbeq_per_kwh
    primary = facility_kwh * electricity.pe_mj_per_kwh
    waste: float | None = None
    for used in devices:
        life, use = _life(used.device, lifetime_years, utilisation)
        time = (hours or 0.0) * used.count
        part = embodied(used.device.made_kg, time, life, use, share)
        made = part if made is None else made + part
        of_life = time * share / (life.mid * HOURS_PER_YEAR * use.mid)
        adpe += of_life * (used.device.adpe_kgsbeq or 0.0)
        primary += of_life * (used.device.pe_mj or 0.0)
        if used.device.mass_kg is not None:
            waste = (waste or 0.0) + of_life * used.device.mass_kg
    return Calculation(
        energy_kwh=energy_kwh,
        facility_kwh=facility_kwh,
        operational=carbon,
        embodied=made,
        water=water(energy, wue, pue, electricity.water_l_per_kwh),
        total=None if made is None else carbon + made,
        adpe_kgsbeq=adpe,
        primary_energy_mj=primary,
        ewaste_kg=waste,
    )


def _life(
    device: Device, lifetime_years: float | None, utilisation: float | None
) -> tuple[Estimate, Estimate]:
    own = device.name in ("laptop", "desktop", "workstation")
    life, use = (OWN_LIFE, OWN_USE) if own else (DATA_CENTRE_LIFE, DATA_CENTRE_USE)
    return (
        life if lifetime_years is None else Estimate.exact(lifetime_years),
        use if utilisation is None else Estimate.exact(utilisation),
    )
