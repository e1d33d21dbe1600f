"""Carbon of the electricity: energy x overhead x the grid's intensity when it was used."""

from __future__ import annotations

from collections.abc import Iterable

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import CarbonIntensity, Estimate
from ipyfootprint.units import J_PER_KWH

#: Figures beyond these are typing errors or wrong units, not grids or data centres.
LARGEST_INTENSITY = 2000.0
LARGEST_PUE = 10.0


def operational(
    energy: Estimate, pue: float | Estimate, intensity: CarbonIntensity | Estimate
) -> Estimate:
    """Operational carbon in gCO2e of an energy in J used while one intensity held.

    E x PUE x I (Greenhouse Gas Protocol scope 2, location-based; SCI's O, ISO/IEC 21031).

    Args:
        energy: metered energy in J.
        pue: facility energy / metered energy, >= 1.
        intensity: gCO2e/kWh with its tags, or as a bare figure with bounds.

    Raises:
        ConfigError: an overhead below 1 or an intensity outside 0-2000 g/kWh, or one that
            may not enter a total (marginal, or market-based).
    """
    overhead = checked_pue(pue)
    grams = checked_intensity(intensity)
    return energy * overhead * grams * (1 / J_PER_KWH)


def operational_over_time(
    slices: Iterable[tuple[Estimate, CarbonIntensity]], pue: float | Estimate
) -> Estimate:
    """Operational carbon in gCO2e: the sum over time of each slice's energy (J) at its intensity.

    Raises:
        ConfigError: as `operational`.
    """
    total = Estimate.exact(0.0)
    for energy, intensity in slices:
        total = total + operational(energy, pue, intensity)
    return total


def checked_pue(pue: float | Estimate) -> Estimate:
    """The overhead factor, validated: 1 to 10."""
    of = pue if isinstance(pue, Estimate) else Estimate.exact(pue)
    if not 1 <= of.low <= of.high <= LARGEST_PUE:
        raise ConfigError(
            f"a PUE of {of.mid:g} is impossible: a building uses at least what its machines use",
            "nothing was computed",
            f"Give a value from 1 to {LARGEST_PUE:g}; 1 on a desk, about 1.1-1.6 in data centres.",
        )
    return of


def checked_intensity(intensity: CarbonIntensity | Estimate) -> Estimate:
    """The intensity as a figure with bounds, validated: average, location-based, 0-2000 g/kWh."""
    if isinstance(intensity, CarbonIntensity):
        if intensity.accounting == "marginal" or intensity.method == "market":
            raise ConfigError(
                f"the intensity of {intensity.zone} is {intensity.accounting} and"
                f" {intensity.method}-based; totals are average and location-based",
                "it was left out of the total",
                "Use it for advice on when to run: %footprint when.",
            )
        of = Estimate(intensity.g_per_kwh, intensity.low_g_per_kwh, intensity.high_g_per_kwh)
    else:
        of = intensity
    if not 0 <= of.low <= of.high <= LARGEST_INTENSITY:
        raise ConfigError(
            f"{of.mid:g} g/kWh is no grid's carbon intensity",
            "nothing was computed",
            f"Give gCO2e per kWh from 0 to {LARGEST_INTENSITY:g}; 0.43 kg/kWh is 430.",
        )
    return of
