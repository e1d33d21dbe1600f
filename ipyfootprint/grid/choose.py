"""The order of sources: set by you, live services (if you turned the network on), bundled."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ipyfootprint.grid.averages import Averages
from ipyfootprint.grid.base import Chain, Fixed, IntensitySource
from ipyfootprint.grid.profiles import Profile

if TYPE_CHECKING:
    from ipyfootprint.grid.live import Live
    from ipyfootprint.grid.providers.base import Secret


def sources(
    zone: str | None,
    *,
    g_per_kwh: float | None = None,
    network: bool = False,
    folder: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Chain:
    """The sources of a zone's intensity for totals, in order of preference.

    Args:
        zone: as `yearly` takes it.
        g_per_kwh: a figure that a person set; it wins.
        network: whether live services may be asked.
        folder: where live answers are kept; None is the user's cache folder.
        env: where keys are looked for first (IPYFOOTPRINT_ELECTRICITY_MAPS_KEY and so on).

    Raises:
        ConfigError: no such zone, or an absurd figure.
    """
    chosen: list[IntensitySource] = []
    if g_per_kwh is not None:
        chosen.append(Fixed(g_per_kwh, zone))
    if network and zone is not None:
        chosen += live_sources(zone, folder=folder, env=env)
    return Chain([*chosen, Profile(zone), Averages(zone)])


def live_sources(
    zone: str,
    *,
    folder: Path | None = None,
    env: Mapping[str, str] = os.environ,
    advice: bool = False,
) -> list[Live]:
    """The live services that cover a zone and whose key, if they need one, is at hand.

    With `advice` those whose marginal figures answer "what if I moved this run".
    """
    # Most sessions ask no service, and need not carry the means to.
    from ipyfootprint.grid.live import Live
    from ipyfootprint.grid.providers import PROVIDERS

    kept = folder or _cache_folder()
    found = []
    for provider in PROVIDERS:
        place = provider.place(zone)
        if place is None or provider.advice != advice:
            continue
        key = _key_of(provider.slug, env)
        if not provider.needs_key or key() is not None:
            found.append(Live(provider, place, key=key, folder=kept))
    return found


def _key_of(slug: str, env: Mapping[str, str]) -> Callable[[], Secret | None]:
    """A provider's key from the environment, else from keyring where that is installed."""
    from ipyfootprint.grid.live import key_name
    from ipyfootprint.grid.providers.base import Secret

    def key() -> Secret | None:
        if value := env.get(key_name(slug)):
            return Secret(value)
        try:
            import keyring

            stored = keyring.get_password("ipyfootprint", slug)
        except Exception:  # keyring raises what its many backends raise
            return None
        return Secret(stored) if stored else None

    return key


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("ipyfootprint", appauthor=False) / "grid"
