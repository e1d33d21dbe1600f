"""`ipyfootprint impact`: carbon and water of a figure, e.g. to check a paper's."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import country_of, yearly
from ipyfootprint.impact.calculate import Calculation, Used, calculate
from ipyfootprint.impact.embodied import device
from ipyfootprint.impact.resources import electricity
from ipyfootprint.model import CarbonIntensity, Estimate
from ipyfootprint.units import carbon_text, energy_text, water_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    energy = parser.add_argument_group("energy, as metered at the devices (one of)")
    energy.add_argument("--energy-kwh", type=float, metavar="X")
    energy.add_argument("--power-w", type=float, metavar="W", help="with --hours")
    parser.add_argument("--hours", type=float, metavar="H", help="how long, also of the devices")
    parser.add_argument("--pue", type=float, default=1.0, help="facility / metered energy")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--zone", metavar="DE", help="where; without it the world's average")
    place.add_argument("--g-per-kwh", type=float, metavar="G", help="the grid's intensity")
    parser.add_argument(
        "--device",
        action="append",
        default=[],
        metavar="NAME[=N]",
        help="a device in use, N of it (may be a fraction); a mass such as 150kg for one of"
        " your own; may be repeated",
    )
    parser.add_argument("--lifetime-years", type=float, help="default 6; 4 on a desk")
    parser.add_argument("--utilisation", type=float, help="default 0.85; 0.2 on a desk")
    parser.add_argument("--share", type=float, default=1.0, help="fraction of the devices used")
    parser.add_argument("--wue", type=float, default=0.0, help="cooling water, L/kWh")
    parser.add_argument("--water-l-per-kwh", type=float, help="water of generating a kWh")
    parser.add_argument("--json", action="store_true", help="one flat object on one line")


def run(args: argparse.Namespace) -> int:
    """Compute and print.

    Raises:
        ConfigError: a value that cannot be, with what to type.
    """
    intensity = _intensity(args)
    grid = electricity(country_of(args.zone))
    if args.water_l_per_kwh is not None:
        grid = replace(grid, water_l_per_kwh=_figure("--water-l-per-kwh", args.water_l_per_kwh))
    result = calculate(
        _energy_kwh(args),
        intensity,
        grid,
        pue=args.pue,
        wue=args.wue,
        hours=args.hours,
        devices=[_used(text) for text in args.device],
        lifetime_years=args.lifetime_years,
        utilisation=args.utilisation,
        share=args.share,
    )
    print(json.dumps(_flat(result)) if args.json else _text(result, intensity, args))
    return 0


def _energy_kwh(args: argparse.Namespace) -> float:
    if args.energy_kwh is not None and args.power_w is None:
        return float(args.energy_kwh)
    if args.energy_kwh is None and args.power_w is not None and args.hours is not None:
        return float(args.power_w) * float(args.hours) / 1000
    raise ConfigError(
        "it takes one energy",
        "nothing was computed",
        "Give --energy-kwh, or --power-w and --hours.",
    )


def _intensity(args: argparse.Namespace) -> CarbonIntensity | Estimate:
    if args.g_per_kwh is not None:
        return _figure("--g-per-kwh", args.g_per_kwh)
    return yearly(args.zone)


def _used(text: str) -> Used:
    name, _, count = text.rpartition("=") if "=" in text else (text, "", "1")
    try:
        number = float(count)
    except ValueError:
        number = -1.0
    if not 0 < number < 1e9:
        raise ConfigError(
            f"{text!r} is not a device and how many of it",
            "nothing was computed",
            'Type e.g. --device "NVIDIA A100"=8.',
        )
    return Used(device(name), number)


def _figure(option: str, value: float) -> Estimate:
    if not 0 <= value < float("inf"):
        raise ConfigError(
            f"{option} {value:g} cannot be", "nothing was computed", "Give 0 or more."
        )
    return Estimate.exact(value)


def _flat(result: Calculation) -> dict[str, float | None]:
    flat: dict[str, float | None] = {
        "energy_kwh": result.energy_kwh,
        "facility_kwh": result.facility_kwh,
    }
    parts = (
        ("operational", "g", result.operational),
        ("embodied", "g", result.embodied),
        ("water", "l", result.water),
        ("total", "g", result.total),
    )
    for name, unit, value in parts:
        flat[f"{name}_{unit}"] = None if value is None else value.mid
        flat[f"{name}_low_{unit}"] = None if value is None else value.low
        flat[f"{name}_high_{unit}"] = None if value is None else value.high
    flat["adpe_kgsbeq"] = result.adpe_kgsbeq
    flat["primary_energy_mj"] = result.primary_energy_mj
    flat["ewaste_kg"] = result.ewaste_kg
    return flat


def _text(
    result: Calculation, intensity: CarbonIntensity | Estimate, args: argparse.Namespace
) -> str:
    if isinstance(intensity, CarbonIntensity):
        grams, source = intensity.g_per_kwh, f"{intensity.source}, {intensity.year}"
        source += f", {intensity.basis}"
    else:
        grams, source = intensity.mid, "as given"
    lines = [
        ("energy", energy_text(result.energy_kwh * 3.6e6), "as metered"),
        ("facility", energy_text(result.facility_kwh * 3.6e6), f"PUE {args.pue:g}"),
        ("operational", carbon_text(result.operational), f"{grams:g} g/kWh: {source}"),
        ("embodied", carbon_text(result.embodied), _made_of(args)),
        ("total", carbon_text(result.total), ""),
        ("water", water_text(result.water), f"{args.wue:g} L/kWh on site"),
    ]
    return "\n".join(f"{name:12}{text:32}{note}".rstrip() for name, text, note in lines)


def _made_of(args: argparse.Namespace) -> str:
    names = [f"{used.count:g} x {used.device.name}" for used in map(_used, args.device)]
    return ", ".join(names) or "add --device and --hours"
