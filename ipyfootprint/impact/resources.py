"""Water, minerals and primary energy behind the electricity, by country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate
from ipyfootprint.tables import number, rows
from ipyfootprint.units import J_PER_KWH

#: L/kWh where a country has no value of its own: the world's, between the 10th and 90th
#: percentile of the 49 countries that have one (WRI 2020).
WORLD_WATER = Estimate(3.908, 1.85, 9.78)

#: Medians of the 137 countries with a value of their own (ADEME): the figure published for
#: the world lies below nearly all of them, so it is not used.
MEDIAN_ADPE = 8.16e-8
MEDIAN_PRIMARY = 9.36


@dataclass(frozen=True, slots=True)
class Electricity:
    """What a kWh from the grid takes besides carbon.

    Attributes:
        water_l_per_kwh: water consumed by generating it (EWIF).
        adpe_kgsbeq_per_kwh: depletion of minerals and metals, kg antimony equivalent.
        pe_mj_per_kwh: primary energy.
        own_water: whether the water figure is the country's own.
        own_resources: whether the other two are.
    """

    water_l_per_kwh: Estimate
    adpe_kgsbeq_per_kwh: float
    pe_mj_per_kwh: float
    own_water: bool
    own_resources: bool


def water(
    energy: Estimate, wue: float | Estimate, pue: float | Estimate, ewif: float | Estimate
) -> Estimate:
    """Water consumed, in litres, for a metered energy in J.

    E x (WUE + PUE x EWIF) (Li et al. 2023): cooling on site, and generating the electricity.

    Args:
        energy: metered energy in J.
        wue: water of cooling on site, L per metered kWh; 0 on a desk.
        pue: facility energy / metered energy.
        ewif: water of generating, L/kWh.

    Raises:
        ConfigError: a factor below 0, or above 100 L/kWh.
    """
    onsite, offsite = _factor("WUE", wue), _factor("water per kWh", ewif)
    overhead = pue if isinstance(pue, Estimate) else Estimate.exact(pue)
    return energy * (onsite + overhead * offsite) * (1 / J_PER_KWH)


@lru_cache(maxsize=64)
def electricity(country: str | None) -> Electricity:
    """What a kWh takes in a country (ISO 3166 alpha-3), or a labelled stand-in for it."""
    litres, adpe, primary = _table().get(country or "", (None, None, None))
    return Electricity(
        WORLD_WATER if litres is None else Estimate.exact(litres),
        MEDIAN_ADPE if adpe is None else adpe,
        MEDIAN_PRIMARY if primary is None else primary,
        own_water=litres is not None,
        own_resources=adpe is not None,
    )


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[float | None, ...]]:
    return {
        country: tuple(map(number, figures))
        for country, *figures in rows("impact", "electricity.csv")
    }


def _factor(name: str, value: float | Estimate) -> Estimate:
    of = value if isinstance(value, Estimate) else Estimate.exact(value)
    if not 0 <= of.low <= of.high <= 100:
        raise ConfigError(
            f"{of.mid:g} L/kWh is no {name}", "nothing was computed", "Give 0 to 100 L/kWh."
        )
    return of
