"""ENTSO-E Transparency Platform: generation by type of European areas, with a token; XML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree

from ipyfootprint.errors import GridError
from ipyfootprint.grid.averages import find
from ipyfootprint.grid.providers.base import (
    Get,
    Secret,
    Slot,
    malformed,
    mismatch,
    mixed_hours,
    moment,
)

_AREAS = {
    "AT": "10YAT-APG------L",
    "BE": "10YBE----------2",
    "BG": "10YCA-BULGARIA-R",
    "CH": "10YCH-SWISSGRIDZ",
    "CZ": "10YCZ-CEPS-----N",
    "DE": "10Y1001A1001A82H",
    "DK-DK1": "10YDK-1--------W",
    "DK-DK2": "10YDK-2--------M",
    "ES": "10YES-REE------0",
    "FI": "10YFI-1--------U",
    "FR": "10YFR-RTE------C",
    "GR": "10YGR-HTSO-----Y",
    "HU": "10YHU-MAVIR----U",
    "IE": "10Y1001A1001A59C",
    "IT-NO": "10Y1001A1001A73I",
    "NL": "10YNL----------L",
    "NO-NO1": "10YNO-1--------2",
    "NO-NO2": "10YNO-2--------T",
    "PL": "10YPL-AREA-----S",
    "PT": "10YPT-REN------W",
    "RO": "10YRO-TEL------P",
    "RS": "10YCS-SERBIATSOV",
    "SE-SE3": "10Y1001A1001A46L",
}
# Pumped storage (B10) is left out: it gives back what was generated before.
_FUELS = {
    "B01": "biomass",
    "B02": "coal",
    "B03": "gas",
    "B04": "gas",
    "B05": "coal",
    "B06": "oil",
    "B07": "oil",
    "B08": "coal",
    "B09": "geothermal",
    "B11": "hydro",
    "B12": "hydro",
    "B13": "hydro",
    "B14": "nuclear",
    "B16": "solar",
    "B18": "wind",
    "B19": "wind",
}
_STORAGE = "B10"
_STEPS = {"PT15M": 15, "PT30M": 30, "PT60M": 60, "PT1H": 60}


class ENTSOE:
    """Lifecycle intensity of an area's generation mix, by the hour."""

    name = "ENTSO-E"
    slug = "entsoe"
    needs_key = True
    advice = False

    def __init__(self, url: str = "https://web-api.tp.entsoe.eu") -> None:
        self.url = url

    def place(self, zone: str) -> str | None:
        """The area's code."""
        row = find(zone)
        written = zone.strip().upper().replace("_", "-")
        return _AREAS.get(written) or (_AREAS.get(row.iso2) if row and row.iso2 else None)

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """Hours between two times; raises GridError."""
        if key is None:
            raise GridError(f"{self.name} needs a key")
        params = {
            "securityToken": key.reveal(),
            "documentType": "A75",
            "processType": "A16",
            "in_Domain": place,
            "periodStart": f"{start:%Y%m%d%H00}",
            "periodEnd": f"{end:%Y%m%d%H00}",
        }
        root = self._document(get("/api", params))
        hours: dict[datetime, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for series in root.findall("{*}TimeSeries"):
            # generation names its area "in"; a series with an "out" area is consumption
            area = series.findtext("{*}inBiddingZone_Domain.mRID")
            kind = series.findtext("{*}MktPSRType/{*}psrType")
            if kind == _STORAGE or area is None:
                continue
            if area.strip() != place:
                raise mismatch(self.name, "area")
            for when, watts in self._points(series):
                hour = when.replace(minute=0, second=0, microsecond=0)
                hours[hour][_FUELS.get(kind or "", "unknown")] += watts
        return mixed_hours(hours, place, self.name, "generation by type")

    def _document(self, body: bytes) -> ElementTree.Element:
        """The answer's root; entities of its own making are not for us."""
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise malformed(self.name)
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError:
            raise malformed(self.name) from None
        if root.tag.endswith("Acknowledgement_MarketDocument"):
            raise GridError(f"{self.name} has no data for this area and time")
        if not root.tag.endswith("GL_MarketDocument"):
            raise malformed(self.name)
        return root

    def _points(self, series: ElementTree.Element) -> Iterator[tuple[datetime, float]]:
        """Each step's time and mean power; curve A03 leaves out a step equal to the one before."""
        for period in series.findall("{*}Period"):
            begin = moment(period.findtext("{*}timeInterval/{*}start"), self.name)
            until = moment(period.findtext("{*}timeInterval/{*}end"), self.name)
            minutes = _STEPS.get(period.findtext("{*}resolution") or "")
            if minutes is None or not begin < until <= begin + timedelta(days=8):
                raise malformed(self.name)
            step = timedelta(minutes=minutes)
            told: dict[int, float] = {}
            try:
                for point in period.findall("{*}Point"):
                    position = int(point.findtext("{*}position") or "")
                    told[position] = max(0.0, float(point.findtext("{*}quantity") or ""))
            except ValueError:
                raise malformed(self.name) from None
            last = None
            for position in range(1, int((until - begin) / step) + 1):
                last = told.get(position, last)
                if last is not None:
                    # shares of an hour, so that hours of different steps weigh the same
                    yield begin + (position - 1) * step, last * minutes / 60
