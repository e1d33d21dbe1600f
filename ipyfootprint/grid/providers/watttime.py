"""WattTime: marginal intensity, five minutes, with a login; for advice, never in a total."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from ipyfootprint.errors import GridError
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
    mismatch,
    moment,
    steps,
)
from ipyfootprint.grid.region import cloud_regions
from ipyfootprint.model import CarbonIntensity

_FIVE = timedelta(minutes=5)
_G_PER_KWH = 0.45359237  # 1 lb/MWh in g/kWh


class WattTime:
    """Marginal operating emissions rate: what one more kWh causes. Key: "user:password"."""

    name = "WattTime"
    slug = "watttime"
    needs_key = True
    advice = True

    def __init__(self, url: str = "https://api.watttime.org") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """The balancing region of the zone, where one is known."""
        return _regions().get(zone.strip().upper())

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """The hours to come from its forecast; raises GridError."""
        user, colon, password = (key.reveal() if key else "").partition(":")
        if not colon:
            raise GridError(f"{self.name} needs a key of the form user:password")
        token = document(get("/login", auth=(user, password)), self.name).get("token")
        if not isinstance(token, str) or not token:
            raise malformed(self.name)
        body = get(
            "/v3/forecast",
            {"region": place, "signal_type": "co2_moer"},
            headers={"Authorization": f"Bearer {token}"},
        )
        return self._read(body, place)

    def _read(self, body: bytes, place: str) -> list[Slot]:
        read = document(body, self.name)
        meta = entry(read.get("meta"), self.name)
        if meta.get("region") != place:
            raise mismatch(self.name, "region")
        if meta.get("signal_type") != "co2_moer" or "lb" not in str(meta.get("units", "")):
            raise malformed(self.name)
        points = {}
        for item in listed(read, "data", self.name):
            row = entry(item, self.name)
            value = row.get("value")
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = value * _G_PER_KWH
            figure = grams(value, self.name)
            if figure is not None:
                points[moment(row.get("point_time"), self.name)] = figure
        return [
            Slot(begin, until, self._tagged(points[begin], place), True)
            for begin, until in steps(points, _FIVE)
        ]

    def _tagged(self, figure: float, place: str) -> CarbonIntensity:
        return CarbonIntensity(
            *bounded(figure, True),
            zone=place,
            accounting="marginal",
            basis="direct",
            boundary="consumption",
            resolution="5min",
            source=self.name,
            estimated=True,
        )


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    found = {"US-CA": "CAISO_NORTH"}
    for row in cloud_regions().values():
        if row.watttime:
            found.setdefault(row.zone, row.watttime)
    return found
