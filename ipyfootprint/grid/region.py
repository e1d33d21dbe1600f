"""Where the electricity comes from: what was configured, else what the machine itself shows.

Nothing is asked of a network. A cloud is recognised by its firmware strings, its first-boot
files and the environment it sets; a region named in the environment of a machine that is no
cloud's (AWS_REGION on a laptop) says nothing about where that machine stands.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple

from ipyfootprint.grid.averages import country_of
from ipyfootprint.tables import number, rows
from ipyfootprint.words import WORDS

Platform = Literal["desktop", "laptop", "server", "cloud"]

_AZURE_TAG = "7783-7084-3265-9085-8269-3286-77"
_VENDORS = {
    "amazon ec2": "aws",
    "google": "gcp",
    "google compute engine": "gcp",
    _AZURE_TAG: "azure",
    "ovhcloud": "ovh",
    "ovh": "ovh",
}
_PRESENCE = {
    "aws": ("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "ECS_CONTAINER_METADATA_URI_V4"),
    "gcp": ("CLOUD_RUN_JOB", "K_SERVICE", "CLOUD_ML_JOB", "VERTEX_PRODUCT"),
    "azure": ("WEBSITE_SITE_NAME", "AZUREML_RUN_ID", "AZ_BATCHAI_JOB_ID"),
}
_REGIONS = {
    "aws": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "gcp": ("CLOUD_ML_REGION", "GOOGLE_CLOUD_REGION", "FUNCTION_REGION"),
    "azure": ("REGION_NAME", "AZUREML_REGION", "AZURE_REGION"),
    "ovh": ("OS_REGION_NAME",),
}
_LAPTOP_CHASSIS = {"8", "9", "10", "14", "30", "31", "32"}
_SERVER_CHASSIS = {"17", "23", "25", "28", "29"}
_DESKTOP_CHASSIS = {"3", "4", "5", "6", "7", "13", "15", "16", "35", "36"}


class CloudRegion(NamedTuple):
    """One row of the bundled cloud regions; PUE and WUE None where not published."""

    provider: str
    region: str
    location: str
    country: str
    zone: str
    zone_alt: str
    pue: float | None
    wue_l_per_kwh: float | None
    watttime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this machine stands; None where it is not known.

    Attributes:
        zone: as `yearly` takes it.
        country: ISO 3166 alpha-3.
        pue: of the cloud region, or of its provider's middle region.
        wue_l_per_kwh: likewise.
        provider: "aws", "gcp", "azure", ... where this is a cloud's machine.
        region: the provider's name of the region.
        source: how the zone is known, in words.
    """

    zone: str | None = None
    country: str | None = None
    pue: float | None = None
    wue_l_per_kwh: float | None = None
    provider: str | None = None
    region: str | None = None
    source: str = WORDS["place_unknown"]


def locate(
    zone: str | None = None,
    *,
    root: Path = Path("/"),
    env: Mapping[str, str] = os.environ,
) -> Place:
    """Where this machine stands: the configured zone, else its cloud region, else unknown.

    Raises:
        ConfigError: the configured zone is not one.
    """
    provider, region = _cloud(root, env)
    known = _find(provider, region)
    pue = known.pue if known else None
    wue = known.wue_l_per_kwh if known else None
    if provider:
        pue = pue or _middle(provider, "pue")
        wue = _middle(provider, "wue_l_per_kwh") if wue is None else wue
    if zone is not None:
        found, country, source = zone, country_of(zone), WORDS["place_configured"]
    elif known:
        found, country = known.zone, known.country
        source = f"{provider} {known.region}, {known.location}"
    else:
        return Place(pue=pue, wue_l_per_kwh=wue, provider=provider, region=region)
    return Place(
        zone=found,
        country=country,
        pue=pue,
        wue_l_per_kwh=wue,
        provider=provider,
        region=known.region if known else region,
        source=source,
    )


def platform(root: Path = Path("/")) -> Platform | None:
    """What kind of machine this is, by its firmware; None where it does not say."""
    if _dmi(root, "sys_vendor").lower() in _VENDORS or _cloud(root, {})[0]:
        return "cloud"
    version = _text(root / "proc/version").lower()
    flags = re.search(r"^flags\s*:.*\bhypervisor\b", _text(root / "proc/cpuinfo"), re.M)
    own = "microsoft" in version  # WSL runs on a person's own machine
    if flags and not own:
        return "cloud"
    chassis = _dmi(root, "chassis_type")
    if chassis in _LAPTOP_CHASSIS or any((root / "sys/class/power_supply").glob("BAT*")):
        return "laptop"
    if own:
        return "desktop"
    if chassis in _SERVER_CHASSIS:
        return "server"
    return "desktop" if chassis in _DESKTOP_CHASSIS else None


@lru_cache(maxsize=1)
def cloud_regions() -> Mapping[tuple[str, str], CloudRegion]:
    """All bundled cloud regions by provider and region."""
    table = {}
    for row in rows("grid", "clouds.csv"):
        provider, region, place, country, zone, alt, pue, _, wue, _, watttime = row
        table[provider, region] = CloudRegion(
            provider, region, place, country, zone, alt, number(pue), number(wue), watttime
        )
    return table


def _cloud(root: Path, env: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The provider and region this machine shows, as far as it shows them."""
    provider, region = _first_boot(root)
    for name in ("sys_vendor", "product_name", "chassis_asset_tag", "bios_vendor"):
        provider = provider or _VENDORS.get(_dmi(root, name).lower())
    for name, marks in _PRESENCE.items():
        if provider is None and any(mark in env for mark in marks):
            provider = name
    if provider and not region:
        region = next((env[key] for key in _REGIONS.get(provider, ()) if env.get(key)), None)
    return provider, region


def _first_boot(root: Path) -> tuple[str | None, str | None]:
    """What cloud-init wrote down when this machine first started."""
    text = _text(root / "run/cloud-init/instance-data.json")
    try:
        first = json.loads(text)["v1"] if text else {}
        name, region = str(first.get("cloud_name", "")), first.get("region")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None, None
    provider = {"gce": "gcp"}.get(name, name)
    return (provider, region) if provider in _REGIONS else (None, None)


def _find(provider: str | None, region: str | None) -> CloudRegion | None:
    if provider is None or not region:
        return None
    name = region.strip().lower()
    if provider == "azure":
        name = name.replace(" ", "")
    names = (name, re.sub(r"-?[a-z]$", "", name))  # a zone of the region: us-east-1a, ...-west4-b
    return next((row for each in names if (row := cloud_regions().get((provider, each)))), None)


def _middle(provider: str, field: Literal["pue", "wue_l_per_kwh"]) -> float | None:
    known = [getattr(row, field) for row in cloud_regions().values() if row.provider == provider]
    figures = [figure for figure in known if figure is not None]
    return median(figures) if figures else None


def _dmi(root: Path, name: str) -> str:
    return _text(root / "sys/class/dmi/id" / name).strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
