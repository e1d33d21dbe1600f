"""A year's shape by month and hour, times the year's level.

The shapes are of 2019 (ENTSO-E generation, 25 European zones), the level is the newest yearly
average: a sunny noon is clean and a winter evening is not, in the right proportion, without a
network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import product

from ipyfootprint.grid.averages import find, yearly
from ipyfootprint.model import CarbonIntensity
from ipyfootprint.tables import rows

#: 10th and 90th percentile of an hour's intensity over the shape at that month and hour: all
#: hours of 2019 of DE, DK, ES, FR, GB, PL and SE pooled.
HOUR_OVER_SHAPE = (0.68, 1.28)


class Profile:
    """Month-by-hour intensity of one zone; None everywhere for a zone without a shape."""

    def __init__(self, zone: str | None) -> None:
        self.name = "month-by-hour shape"
        self._zone = zone
        self._known: dict[tuple[int, int], CarbonIntensity] = {}
        self._shape: Mapping[tuple[int, int], float] | None = None

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The level of the year times the shape at this month and hour (UTC)."""
        if self._shape is None:
            self._shape = shape(self._zone)
        slot = (when.month, when.hour)
        if not self._shape:
            return None
        if slot not in self._known:
            self._known[slot] = _scaled(yearly(self._zone), self._shape[slot])
        return self._known[slot]


@lru_cache(maxsize=32)
def shape(zone: str | None) -> Mapping[tuple[int, int], float]:
    """Intensity over its yearly mean by (month, hour UTC); empty for a zone without one.

    Raises:
        ConfigError: no such zone.
    """
    row = find(zone)
    for name, *figures in rows("grid", "shapes.csv") if row else ():
        if row and name == row.iso2:
            slots = product(range(1, 13), range(24))
            return dict(zip(slots, map(float, figures), strict=True))
    return {}


def _scaled(level: CarbonIntensity, factor: float) -> CarbonIntensity:
    low, high = HOUR_OVER_SHAPE
    mid = level.g_per_kwh * factor
    return replace(
        level,
        g_per_kwh=mid,
        low_g_per_kwh=mid * low,
        high_g_per_kwh=mid * high,
        resolution="month-hour",
        source=f"{level.source}, by month and hour as in 2019 (ENTSO-E)",
        estimated=True,
    )
