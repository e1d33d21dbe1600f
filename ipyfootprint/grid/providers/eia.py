"""US Energy Information Administration: hourly generation by fuel of balancing areas; a key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from ipyfootprint.errors import GridError
from ipyfootprint.grid.providers.base import (
    Get,
    Secret,
    Slot,
    document,
    entry,
    listed,
    malformed,
    mismatch,
    mixed_hours,
    moment,
)

_FUELS = {
    "COL": "coal",
    "NG": "gas",
    "NUC": "nuclear",
    "OIL": "oil",
    "SUN": "solar",
    "WAT": "hydro",
    "WND": "wind",
    "GEO": "geothermal",
}
_STATES = {"US-CA": "CISO", "US-TX": "ERCO", "US-NY": "NYIS"}
_AREA = re.compile(r"US-[A-Z]+-([A-Z]{2,5})")


class EIA:
    """Lifecycle intensity of a balancing area's generation mix."""

    name = "EIA"
    slug = "eia"
    needs_key = True
    advice = False

    def __init__(self, url: str = "https://api.eia.gov") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """The balancing area: "CISO" for "US-CAL-CISO"."""
        written = zone.strip().upper().replace("_", "-")
        area = _AREA.fullmatch(written)
        return area[1] if area else _STATES.get(written)

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """Hours between two times; raises GridError."""
        if key is None:
            raise GridError(f"{self.name} needs a key")
        params = {
            "api_key": key.reveal(),
            "frequency": "hourly",
            "data[]": "value",
            "facets[respondent][]": place,
            "start": f"{start:%Y-%m-%dT%H}",
            "end": f"{end:%Y-%m-%dT%H}",
        }
        read = document(get("/v2/electricity/rto/fuel-type-data/data/", params), self.name)
        hours: dict[datetime, dict[str, float]] = defaultdict(dict)
        for item in listed(entry(read.get("response"), self.name), "data", self.name):
            row = entry(item, self.name)
            if row.get("respondent", place) != place:
                raise mismatch(self.name, "balancing area")
            amount = self._amount(row.get("value"))
            if amount is not None:
                fuel = _FUELS.get(str(row.get("fueltype")), "unknown")
                mix = hours[moment(f"{row.get('period')}:00", self.name)]
                mix[fuel] = mix.get(fuel, 0.0) + amount
        return mixed_hours(hours, place, self.name, "generation by fuel")

    def _amount(self, value: object) -> float | None:
        """MWh; the service sends them as text, as numbers, or as null."""
        if value is None or value == "":
            return None
        try:
            amount = float(str(value))
        except ValueError:
            raise malformed(self.name) from None
        if not abs(amount) < 1e9:
            raise malformed(self.name)
        return max(0.0, amount)
