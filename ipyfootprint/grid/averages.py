"""Yearly averages of 212 countries and territories, the world, and the United States by state.

They ship with the package, so a carbon figure needs no network. Countries are lifecycle
figures (Ember through Our World in Data, newest year), US states are direct emissions at the
stack (EPA eGRID2023): the tag `basis` keeps them apart.
"""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import CarbonIntensity
from ipyfootprint.tables import number, rows

#: 10th and 90th percentile of an hour's intensity over its year's mean: all hours of 2019 of
#: DE, DK, ES, FR, GB, PL and SE pooled (from ENTSO-E generation).
HOUR_OVER_YEAR = (0.62, 1.36)

#: 10th and 90th percentile of the yearly averages of all countries, g/kWh (2025).
WORLD_BAND = (86.0, 676.0)

_ALIASES = {"WORLD": "WOR", "UK": "GBR", "EL": "GRC"}
_SUBZONE = re.compile(r"([A-Z]{2})-[A-Z0-9]+(?:-[A-Z0-9]+)*")


class Average(NamedTuple):
    """One row of the table; `g_per_kwh` is None where no figure is known."""

    zone: str
    iso2: str
    name: str
    g_per_kwh: float | None
    year: int
    basis: Literal["lifecycle", "direct"]


class Averages:
    """The bundled yearly average of one zone, as an intensity source."""

    def __init__(self, zone: str | None) -> None:
        self.name = "yearly average"
        self._intensity = yearly(zone)

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The same figure at any time."""
        return self._intensity


@lru_cache(maxsize=64)
def yearly(zone: str | None) -> CarbonIntensity:
    """The yearly average of a zone in gCO2e/kWh; for None the world's, with a wide band.

    Bounds of a zone's average are where eight of ten hours of a year lie around it; those of
    the world are where eight of ten countries lie. A part of a country ("SE-SE3") gets its
    country's figure and a country without a figure the world's; both are tagged `estimated`.

    Args:
        zone: "FRA", "FR", "France", "US-CA", "SE-SE3", "WOR", or None for unknown.

    Raises:
        ConfigError: no such zone; the nearest names are offered.
    """
    row = find(zone)
    if row is None or row.g_per_kwh is None or row.zone == "WOR":
        return _world(zone, row)
    low, high = HOUR_OVER_YEAR
    stands_in = _key(zone) not in (row.zone, row.iso2, row.name.upper(), "UK", "EL")
    origin = "EPA eGRID2023" if row.basis == "direct" else "Ember, Our World in Data"
    return CarbonIntensity(
        row.g_per_kwh,
        row.g_per_kwh * low,
        row.g_per_kwh * high,
        zone=_key(zone) if stands_in else row.zone,
        basis=row.basis,
        source=f"{origin}, average of {row.name}",
        year=row.year,
        estimated=stands_in,
    )


def country_of(zone: str | None) -> str | None:
    """The ISO 3166 alpha-3 code of a zone's country ("DEU" for "DE"), or None for the world.

    Raises:
        ConfigError: no such zone.
    """
    row = find(zone)
    if row is None or row.zone == "WOR":
        return None
    return "USA" if row.zone.startswith("US-") else row.zone


def find(zone: str | None) -> Average | None:
    """The table's row for a zone as a person may write it; None for None.

    Raises:
        ConfigError: no such zone; the nearest names are offered.
    """
    if zone is None:
        return None
    key, known = _key(zone), _index()
    if row := known.get(_ALIASES.get(key, key)):
        return row
    part = None if re.fullmatch(r"US-[A-Z]{2}", key) else _SUBZONE.fullmatch(key)
    if part and (row := known.get(_ALIASES.get(part[1], part[1]))):
        return row
    raise ConfigError(
        f"{zone!r} is not a zone with a known carbon intensity",
        "nothing was changed",
        f"Did you mean {_nearest(key)}? Codes are ISO 3166 (DE, DEU), US states US-CA.",
    )


def intensities() -> dict[str, float]:
    """The yearly average of every zone that has one, in g/kWh, by the zone's name."""
    return {
        row.name: row.g_per_kwh
        for row in sorted(set(_index().values()), key=lambda row: row.name)
        if row.g_per_kwh is not None
    }


def _world(zone: str | None, row: Average | None) -> CarbonIntensity:
    world = _index()["WOR"]
    assert world.g_per_kwh is not None
    missing = f"; no figure for {row.name}" if row and row.zone != "WOR" else ""
    return CarbonIntensity(
        world.g_per_kwh,
        *WORLD_BAND,
        zone=row.zone if row else "WOR",
        source=f"Ember, Our World in Data, world average{missing}",
        year=world.year,
        estimated=row is None or bool(missing),
    )


def _key(zone: str | None) -> str:
    return (zone or "").strip().upper().replace("_", "-")


@lru_cache(maxsize=1)
def _index() -> dict[str, Average]:
    index: dict[str, Average] = {}
    for zone, iso2, name, grams, year, basis in rows("grid", "yearly.csv"):
        row = Average(
            zone,
            iso2,
            name,
            number(grams),
            int(year),
            cast(Literal["lifecycle", "direct"], basis),
        )
        index[zone] = row
        if iso2:
            index[iso2] = row
        index.setdefault(name.upper(), row)
    return index


def _nearest(key: str) -> str:
    close = difflib.get_close_matches(key, _index(), n=3, cutoff=0.5)
    found = dict.fromkeys(_index()[name] for name in close)
    if not found:
        found = dict.fromkeys([_index()["DEU"], _index()["WOR"]])
    return " or ".join(f"{row.zone} ({row.name})" for row in found)
