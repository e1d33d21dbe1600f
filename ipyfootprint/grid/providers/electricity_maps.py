"""Electricity Maps: hourly, most of the world, with a key; the free licence knows one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from ipyfootprint.errors import GridError
from ipyfootprint.grid.averages import find
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
)
from ipyfootprint.model import CarbonIntensity

_HOUR = timedelta(hours=1)


class ElectricityMaps:
    """Lifecycle intensity of consumption.

    A zone is always sent and the look-up of the caller's place turned off: without one it
    answers for where the request comes from.
    """

    name = "Electricity Maps"
    slug = "electricity-maps"
    needs_key = True
    advice = False

    def __init__(self, url: str = "https://api.electricitymaps.com") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """The zone itself, or its country's two letters; US states are not its zones."""
        row = find(zone)
        written = zone.strip().upper().replace("_", "-")
        if row is None or row.zone.startswith("US-") or not row.iso2:
            return None
        return written if written.startswith(f"{row.iso2}-") else row.iso2

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """The last day's hours; raises GridError."""
        if key is None:
            raise GridError(f"{self.name} needs a key")
        params = {
            "zone": place,
            "emissionFactorType": "lifecycle",
            "temporalGranularity": "hourly",
            "disableCallerLookup": "true",
        }
        headers = {"auth-token": key.reveal()}
        read = document(get("/v3/carbon-intensity/history", params, headers=headers), self.name)
        return [self._slot(item, place) for item in self._hours(read, place)]

    def _hours(self, read: dict[str, object], place: str) -> list[dict[str, object]]:
        if "zone" in read and read["zone"] != place:
            raise mismatch(self.name, "zone")
        found = [entry(item, self.name) for item in listed(read, "history", self.name)]
        return [item for item in found if item.get("carbonIntensity") is not None]

    def _slot(self, item: dict[str, object], place: str) -> Slot:
        figure = grams(item.get("carbonIntensity"), self.name)
        if figure is None or item.get("zone", place) != place:
            raise malformed(self.name)
        start = moment(item.get("datetime"), self.name)
        estimated = item.get("isEstimated") is True
        kind = item.get("emissionFactorType", "lifecycle")
        basis: Literal["lifecycle", "direct"] = "direct" if kind == "direct" else "lifecycle"
        intensity = CarbonIntensity(
            *bounded(figure, estimated),
            zone=place,
            basis=basis,
            boundary="consumption",
            resolution="hour",
            source=self.name,
            estimated=estimated,
        )
        return Slot(start, start + _HOUR, intensity)
