"""Carbon of making the machine: its share of a device's production for the time it was used.

Figures for one and the same device differ by more than three (an H100: 164 kg by its maker,
575 kg by die area), so every device has a low, a middle and a high figure.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.hardware import Hardware
from ipyfootprint.model import Estimate
from ipyfootprint.tables import number, rows
from ipyfootprint.words import WORDS, named, say

HOURS_PER_YEAR = 8760.0

#: A published server is taken to hold this much memory; more is added by the GB.
SERVER_MEMORY_GB = 256.0

#: Hardware threads of the server that a virtual machine is a part of: low, middle, high.
HOST_THREADS = (48, 96, 192)

_MASS = re.compile(r"\s*([0-9.]+)\s*kg\s*", re.I)


@dataclass(frozen=True, slots=True)
class Device:
    """What making one device took: `made_kg` of CO2e, and what else is known of it."""

    name: str
    kind: str
    made_kg: Estimate
    adpe_kgsbeq: float | None = None
    pe_mj: float | None = None
    mass_kg: float | None = None
    year: int | None = None
    source: str = ""
    match: str = ""


def embodied(
    made_kg: float | Estimate,
    hours: float,
    lifetime_years: float | Estimate,
    utilisation: float | Estimate = 1.0,
    share: float = 1.0,
) -> Estimate:
    """Embodied carbon in gCO2e of using a device for some hours.

    TE x (hours / lifetime) x share / utilisation: SCI's M (ISO/IEC 21031:2024), with the
    utilisation of Luccioni et al. (2023): the hours a device stands idle are carried by
    those it works.

    Args:
        made_kg: kgCO2e of making it.
        hours: how long it was used, >= 0.
        lifetime_years: how long it serves, > 0.
        utilisation: fraction of that life it is used, in (0, 1].
        share: fraction of the device that was used, 0 to 1.

    Raises:
        ConfigError: a value outside its range.
    """
    made, life, used = _estimate(made_kg), _estimate(lifetime_years), _estimate(utilisation)
    _check(made.low >= 0, f"{made.mid:g} kg CO2e of making a device is below zero", "0 or more kg")
    _check(hours >= 0, f"{hours:g} hours of use is below zero", "0 or more hours")
    _check(0 < life.low <= life.high <= 100, f"a life of {life.mid:g} years", "0.1 to 100 years")
    _check(0 < used.low <= used.high <= 1, f"a utilisation of {used.mid:g}", "0.001 to 1")
    _check(0 <= share <= 1, f"a share of {share:g}", "0 to 1")
    scale = 1000.0 * hours * share / HOURS_PER_YEAR
    return Estimate(
        scale * made.mid / (life.mid * used.mid),
        scale * made.low / (life.high * used.high),
        scale * made.high / (life.low * used.low),
    )


def gpu(label: str) -> Device:
    """The device a GPU's own name means; a labelled stand-in where it is not known."""
    known = [device for device in _table() if device.kind == "gpu"]
    for device in known:
        if device.match and re.search(device.match, label, re.I):
            return device
    taken = named("device", known[-1].name)
    return replace(known[-1], name=say("taken_as", device=label or WORDS["gpu"], known=taken))


def host(hardware: Hardware) -> Device:
    """The machine without its GPUs.

    A server with more than 256 GB carries the further memory by the GB; a virtual machine
    is its share, by logical CPUs, of a server with 96 hardware threads (48 to 192).
    """
    table = {device.name: device for device in _table()}
    if hardware.platform in ("laptop", "desktop", "workstation"):
        return table[hardware.platform]
    server = table["server"]
    if hardware.platform == "cloud":
        return _part_of(server, hardware.logical_cpus)
    more_gb = max(0.0, (hardware.memory_gb or 0.0) - SERVER_MEMORY_GB)
    if more_gb == 0:
        return server
    memory = table["memory"]
    return replace(
        server,
        name=say("server_with", memory=f"{hardware.memory_gb:.0f}"),
        made_kg=server.made_kg + memory.made_kg * more_gb,
        adpe_kgsbeq=(server.adpe_kgsbeq or 0.0) + (memory.adpe_kgsbeq or 0.0) * more_gb,
    )


def device(name: str) -> Device:
    """A device by the name a person types: one of the table, a GPU's label, or "150kg".

    Raises:
        ConfigError: no such device; the nearest names are offered.
    """
    if mass := _MASS.fullmatch(name):
        return Device(
            name.strip(), "given", Estimate.exact(float(mass[1])), source=WORDS["as_given"]
        )
    table = {each.name.lower(): each for each in _table() if each.kind != "part"}
    if found := table.get(name.strip().lower()):
        return found
    if (known_gpu := gpu(name)).match:
        return known_gpu
    close = difflib.get_close_matches(name.lower(), table, n=3, cutoff=0.4)
    near = " or ".join(table[key].name for key in close)
    known = ", ".join(each.name for each in table.values())
    hint = f"Did you mean {near}?" if close else f"Known: {known}."
    raise ConfigError(
        f"{name!r} is not a device with a known footprint",
        "nothing was computed",
        f"{hint} Or type its kg: 150kg.",
    )


def _part_of(server: Device, logical_cpus: int) -> Device:
    few, usual, many = (min(1.0, logical_cpus / threads) for threads in HOST_THREADS)
    made = server.made_kg
    return replace(
        server,
        name=say("part_of_server", count=logical_cpus),
        made_kg=Estimate(made.mid * usual, made.low * many, made.high * few),
        adpe_kgsbeq=None if server.adpe_kgsbeq is None else server.adpe_kgsbeq * usual,
    )


@lru_cache(maxsize=1)
def _table() -> tuple[Device, ...]:
    return tuple(
        Device(
            name,
            kind,
            Estimate(float(mid), float(low), float(high)),
            number(adpe),
            number(energy),
            number(mass),
            int(year),
            source,
            match,
        )
        for name, kind, match, low, mid, high, adpe, energy, mass, year, source in rows(
            "impact", "devices.csv"
        )
    )


def _estimate(value: float | Estimate) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate.exact(value)


def _check(holds: bool, what: str, wanted: str) -> None:
    if not holds:
        raise ConfigError(f"{what} cannot be", "nothing was computed", f"Give {wanted}.")
