"""What holds for a whole session, worked out once from the machine, the place and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ipyfootprint.impact.accounting import Context, IntensityAt, Rates
from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.impact.embodied import HOURS_PER_YEAR, Device, embodied, gpu, host
from ipyfootprint.impact.hardware import (
    DATA_CENTRE_LIFE,
    DATA_CENTRE_USE,
    OWN_LIFE,
    OWN_USE,
    Hardware,
)
from ipyfootprint.impact.operational import checked_pue
from ipyfootprint.impact.resources import Electricity, electricity
from ipyfootprint.model import Estimate
from ipyfootprint.words import WORDS, named, say

#: Global average of the Uptime Institute's survey of 2025, between the best bundled cloud
#: region and the highest yearly average since 2014.
UNKNOWN_PUE = Estimate(1.54, 1.07, 1.67)
DESK_PUE = Estimate.exact(1.0)

#: L/kWh on site in an unknown data centre: the median of the bundled AWS regions (2024),
#: between none and the thirstiest bundled region.
UNKNOWN_WUE = Estimate(0.18, 0.0, 2.75)

RECOGNISED = "recognised"
UPTIME = WORDS["source_uptime"]
CLOUDS = WORDS["source_clouds"]
DESK = WORDS["source_desk"]
LIFE = WORDS["source_life"]


def context(
    intensity_at: IntensityAt,
    hardware: Hardware,
    *,
    country: str | None = None,
    pue: float | Estimate | None = None,
    wue: float | Estimate | None = None,
    lifetime_years: float | None = None,
    utilisation: float | None = None,
    host_kg: float | None = None,
    gpu_kg: float | None = None,
    wall_factor: float | None = None,
    share_of_host: float = 1.0,
    origin: Mapping[str, str] | None = None,
    recognised: Mapping[str, str] | None = None,
) -> Context:
    """The session's context; what is not given is the default for this kind of machine.

    Args:
        intensity_at: the grid's intensity at a time, e.g. an intensity source's `at`.
        hardware: the machine.
        country: ISO 3166 alpha-3, for water and minerals; None is unknown.
        pue: facility energy / metered energy; default 1 on a desk, 1.54 in a data centre.
        wue: cooling water, L/kWh; default 0 on a desk.
        lifetime_years: default 6 in a data centre, 4 for a person's own machine.
        utilisation: default .85 in a data centre, .2 (.1-.5) for a person's own machine.
        host_kg: kgCO2e of making the machine without GPUs; default as recognised.
        gpu_kg: kgCO2e of making each GPU; default as recognised.
        wall_factor: energy at the wall / metered energy, from a wall meter; part of the PUE
            here, which is what a facility draws for each metered joule.
        share_of_host: cores granted / all cores.
        origin: who set "pue", "wue", "lifetime", "utilisation", "host_kg", "gpu_kg".
        recognised: source of "pue", "wue" where the machine's place gave them.

    Raises:
        ConfigError: a value outside its range.
    """
    who, place = origin or {}, recognised or {}
    centre = hardware.in_data_centre
    overhead = checked_pue(_given(pue, UNKNOWN_PUE if centre else DESK_PUE))
    if wall_factor is not None:
        overhead = checked_pue(overhead * wall_factor)
    onsite = _given(wue, UNKNOWN_WUE if centre else Estimate.exact(0.0))
    life = _given(lifetime_years, DATA_CENTRE_LIFE if centre else OWN_LIFE)
    used = _given(utilisation, DATA_CENTRE_USE if centre else OWN_USE)
    machine = _made(host(hardware), host_kg)
    cards = {
        name: _made(gpu(label), gpu_kg)
        for name, label in hardware.gpus
        if not (hardware.platform == "laptop" and "laptop" in label.lower())
    }
    grid = electricity(country)
    return Context(
        intensity_at=intensity_at,
        pue=overhead,
        wue=onsite,
        electricity=grid,
        host=_rates(machine, life, used),
        gpus={name: _rates(card, life, used) for name, card in cards.items()},
        devices={"host": machine, **cards},
        share_of_host=share_of_host,
        lifetime_years=life,
        utilisation=used,
        assumptions=(
            _walled(
                _line(
                    "pue",
                    overhead,
                    "",
                    UPTIME if centre else DESK,
                    2025,
                    who.get("pue"),
                    place.get("pue"),
                ),
                wall_factor,
                who.get("wall_factor"),
            ),
            _line(
                "wue_l_per_kwh",
                onsite,
                "L/kWh",
                CLOUDS if centre else DESK,
                2024,
                who.get("wue"),
                place.get("wue"),
            ),
            *_electricity_lines(grid, country),
            _line("lifetime_years", life, "years", LIFE, 2023, who.get("lifetime")),
            _line("utilisation", used, "", LIFE, 2023, who.get("utilisation")),
            Assumption("share_of_host", share_of_host, "", WORDS["source_cores"], None, RECOGNISED),
            _device_line("host", machine, who.get("host_kg")),
            *(_device_line(name, card, who.get("gpu_kg")) for name, card in cards.items()),
        ),
    )


def _rates(device: Device, life: Estimate, used: Estimate) -> Rates:
    second = 1 / 3600.0
    made_g = embodied(device.made_kg, second, life, used)  # refuses what no life can be
    share = second / (life.mid * HOURS_PER_YEAR * used.mid)
    return Rates(
        made_g,
        None if device.adpe_kgsbeq is None else device.adpe_kgsbeq * share,
        None if device.pe_mj is None else device.pe_mj * share,
        None if device.mass_kg is None else device.mass_kg * share,
    )


def _given(value: float | Estimate | None, default: Estimate) -> Estimate:
    if value is None:
        return default
    return value if isinstance(value, Estimate) else Estimate.exact(value)


def _made(device: Device, made_kg: float | None) -> Device:
    """The device, with another figure for its making where a person gave one."""
    return device if made_kg is None else replace(device, made_kg=Estimate.exact(made_kg))


def _line(
    name: str,
    value: Estimate,
    unit: str,
    source: str,
    year: int | None,
    set_by: str | None,
    recognised: str | None = None,
) -> Assumption:
    """An input: the default's source and year, unless a person or the place set it."""
    bounds = (None, None) if value.low == value.high else (value.low, value.high)
    if set_by is not None:
        return Assumption(name, value.mid, unit, "", None, set_by, *bounds)
    if recognised is not None:
        return Assumption(name, value.mid, unit, recognised, None, RECOGNISED, *bounds)
    return Assumption(name, value.mid, unit, source, year, "default", *bounds)


def _walled(line: Assumption, factor: float | None, set_by: str | None) -> Assumption:
    """The overhead's line with the factor at the wall that is part of it."""
    if factor is None:
        return line
    source = say("source_wall", source=line.source or WORDS["source_pue_set"], factor=f"{factor:g}")
    return replace(line, source=source, set_by=set_by or line.set_by)


def _electricity_lines(grid: Electricity, country: str | None) -> tuple[Assumption, ...]:
    where = country or WORDS["unknown_place"]
    litres = grid.water_l_per_kwh
    water = "source_water_own" if grid.own_water else "source_water_world"
    resources = "source_resources_own" if grid.own_resources else "source_resources_median"
    water_source, other = say(water, place=where), say(resources, place=where)
    adpe, primary = grid.adpe_kgsbeq_per_kwh, grid.pe_mj_per_kwh
    return (
        _line("water_l_per_kwh", litres, "L/kWh", water_source, 2020, None),
        Assumption("adpe_kgsbeq_per_kwh", adpe, "kg Sb eq/kWh", other),
        Assumption("pe_mj_per_kwh", primary, "MJ/kWh", other),
    )


def _device_line(name: str, device: Device, set_by: str | None) -> Assumption:
    made = device.made_kg
    source, year = (f"{named('device', device.name)}: {device.source}", device.year)
    if set_by is not None:
        source, year = "", None
    bounds = (None, None) if made.low == made.high else (made.low, made.high)
    return Assumption(
        f"{name}_kg", made.mid, "kg CO2e", source, year, set_by or RECOGNISED, *bounds
    )
