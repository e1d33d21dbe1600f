"""Carbon intensity of the electricity: bundled averages, shapes and live services."""

from ipyfootprint.grid.averages import Averages, country_of, intensities, yearly
from ipyfootprint.grid.base import Chain, Fixed, IntensitySource
from ipyfootprint.grid.profiles import Profile
from ipyfootprint.grid.region import Place, locate, platform

__all__ = [
    "Averages",
    "Chain",
    "Fixed",
    "IntensitySource",
    "Place",
    "Profile",
    "bundled",
    "country_of",
    "intensities",
    "locate",
    "platform",
    "yearly",
]


def bundled(zone: str | None) -> Chain:
    """The sources that need no network, best first: the zone's shape, its yearly average.

    Raises:
        ConfigError: no such zone.
    """
    return Chain([Profile(zone), Averages(zone)])
