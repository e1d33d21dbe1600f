"""What an intensity source is, and how several become one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import CarbonIntensity


class IntensitySource(Protocol):
    """The grid's carbon intensity at one place.

    Attributes:
        name: what a person calls it: "yearly average", "GB Carbon Intensity".
    """

    name: str

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The intensity at an aware UTC time, or None where this source has none.

        Never blocks and never raises: it is called in a cell's path.
        """


class Fixed:
    """One figure that a person set, at any time."""

    def __init__(self, g_per_kwh: float, zone: str | None = None) -> None:
        """Keep the figure.

        Raises:
            ConfigError: not a number of grams from 0 to 2000.
        """
        if not 0 <= g_per_kwh <= 2000:
            raise ConfigError(
                f"{g_per_kwh:g} g/kWh is no grid's carbon intensity",
                "it was not set",
                "Give gCO2e per kWh from 0 to 2000.",
            )
        self.name = "set by you"
        self._intensity = CarbonIntensity(
            g_per_kwh, g_per_kwh, g_per_kwh, zone=zone or "set by you", source=self.name
        )

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The figure."""
        return self._intensity


class Chain:
    """Sources in order of preference: the first that has a figure for totals answers.

    Marginal and market-based figures are advice, never part of a total: they are passed
    over, whatever their place in the order.
    """

    def __init__(self, sources: Sequence[IntensitySource]) -> None:
        self.sources = tuple(sources)
        self.name = ", else ".join(source.name for source in sources)

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The first source's figure that may enter a total."""
        for source in self.sources:
            found = source.at(when)
            if found and found.accounting == "average" and found.method == "location":
                return found
        return None
