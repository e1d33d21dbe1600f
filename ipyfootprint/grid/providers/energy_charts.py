"""Energy-Charts of Fraunhofer ISE: 15 minutes, European countries, no key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ipyfootprint.grid.averages import find
from ipyfootprint.grid.providers.base import (
    Get,
    Secret,
    Slot,
    bounded,
    document,
    grams,
    listed,
    malformed,
    steps,
)
from ipyfootprint.model import CarbonIntensity

_COUNTRIES = frozenset(
    (
        *("AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IT", "LT", "LU", "LV", "ME", "MK", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK"),
    )
)
_QUARTER = timedelta(minutes=15)


class EnergyCharts:
    """Lifecycle intensity of a country's generation, the day's forecast beside it."""

    name = "Energy-Charts"
    slug = "energy-charts"
    needs_key = False
    advice = False

    def __init__(self, url: str = "https://api.energy-charts.info") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """The country's code in small letters."""
        row = find(zone)
        return row.iso2.lower() if row and row.iso2 in _COUNTRIES else None

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """Quarter hours between two times; raises GridError."""
        body = get(
            "/co2eq",
            {
                "country": place,
                "start": f"{start:%Y-%m-%dT%H:%MZ}",
                "end": f"{end:%Y-%m-%dT%H:%MZ}",
            },
        )
        read = document(body, self.name)
        seconds = listed(read, "unix_seconds", self.name)
        measured = listed(read, "co2eq", self.name)
        ahead = read.get("co2eq_forecast") or [None] * len(seconds)
        if not isinstance(ahead, list) or not len(seconds) == len(measured) == len(ahead):
            raise malformed(self.name)
        starts = [self._time(value) for value in seconds]
        ends = dict(steps(starts, timedelta(hours=1)))
        slots = []
        for begin, value, predicted in zip(starts, measured, ahead, strict=True):
            seen = grams(value, self.name)
            figure = grams(predicted, self.name) if seen is None else seen
            if figure is not None:
                until = min(ends[begin], begin + _QUARTER) if len(starts) == 1 else ends[begin]
                intensity = self._tagged(figure, place, until - begin, seen is None)
                slots.append(Slot(begin, until, intensity, seen is None))
        return slots

    def _time(self, value: object) -> datetime:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 4_000_000_000:
            raise malformed(self.name)
        return datetime.fromtimestamp(value, UTC)

    def _tagged(
        self, figure: float, place: str, step: timedelta, estimated: bool
    ) -> CarbonIntensity:
        return CarbonIntensity(
            *bounded(figure, estimated),
            zone=place.upper(),
            resolution="15min" if step <= _QUARTER else "hour",
            source=self.name,
            estimated=estimated,
        )
