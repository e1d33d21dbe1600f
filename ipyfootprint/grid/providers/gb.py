"""Great Britain's Carbon Intensity service: half hours, 48 hours ahead, no key (CC BY 4.0)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ipyfootprint.grid.averages import country_of
from ipyfootprint.grid.providers.base import (
    Get,
    Secret,
    Slot,
    bounded,
    document,
    entry,
    grams,
    listed,
    malformed,
    moment,
)
from ipyfootprint.model import CarbonIntensity


class GreatBritain:
    """Direct emissions of consumption in Great Britain; `actual` may come later than `forecast`."""

    name = "GB Carbon Intensity"
    slug = "gb"
    needs_key = False
    advice = False

    def __init__(self, url: str = "https://api.carbonintensity.org.uk") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """Great Britain only."""
        return "GB" if country_of(zone) == "GBR" else None

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """Half hours between two times; raises GridError."""
        body = get(f"/intensity/{start:%Y-%m-%dT%H:%MZ}/{end:%Y-%m-%dT%H:%MZ}")
        slots = []
        for item in listed(document(body, self.name), "data", self.name):
            row = entry(item, self.name)
            figures = entry(row.get("intensity"), self.name)
            actual = grams(figures.get("actual"), self.name)
            figure = grams(figures.get("forecast"), self.name) if actual is None else actual
            begin, until = moment(row.get("from"), self.name), moment(row.get("to"), self.name)
            if not begin < until:
                raise malformed(self.name)
            if figure is not None:
                slots.append(
                    Slot(begin, until, self._tagged(figure, actual is None), actual is None)
                )
        return slots

    def _tagged(self, figure: float, estimated: bool) -> CarbonIntensity:
        return CarbonIntensity(
            *bounded(figure, estimated),
            zone="GB",
            basis="direct",
            boundary="consumption",
            resolution="30min",
            source=self.name,
            estimated=estimated,
        )
