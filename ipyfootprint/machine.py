"""The machine a session runs on and where it stands, as the impacts need to know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ipyfootprint.attribution import Cores
from ipyfootprint.config import Settings
from ipyfootprint.grid import Place, locate, platform
from ipyfootprint.grid.base import Chain
from ipyfootprint.grid.choose import live_sources, sources
from ipyfootprint.ids import short_hash
from ipyfootprint.impact import Context, Hardware, context, platform_of
from ipyfootprint.model import Channel
from ipyfootprint.sensors.machine import cpu_name, is_virtual, logical_cpus, memory_gb
from ipyfootprint.words import WORDS, say

if TYPE_CHECKING:
    from ipyfootprint.grid.live import Live


def hardware_of(settings: Settings, channels: Iterable[Channel], root: str = "/") -> Hardware:
    """What is recognised of this machine; a configured platform goes first."""
    cpu = cpu_name(root) or ""
    seen = platform(Path(root)) or ("cloud" if is_virtual(root) else platform_of(cpu))
    return Hardware(
        platform=settings.platform or seen,  # type: ignore[arg-type]
        cpu=cpu,
        logical_cpus=logical_cpus(root),
        memory_gb=memory_gb(root),
        gpus=tuple((c.name, c.label) for c in channels if c.kind == "gpu"),
    )


def hardware_id(hardware: Hardware) -> str:
    """A name for machines of one kind, the same on each of them."""
    return short_hash(hardware.cpu, hardware.logical_cpus, *(label for _, label in hardware.gpus))


def hardware_text(hardware: Hardware) -> str:
    """The machine in words: "Xeon Gold 6248 (40 logical CPUs), 2 x NVIDIA A100"."""
    labels = [label for _, label in hardware.gpus]
    cards = [f"{labels.count(label)} x {label}" for label in dict.fromkeys(labels)]
    cpu = f"{hardware.cpu or 'unnamed processor'} ({hardware.logical_cpus} logical CPUs)"
    return ", ".join([cpu, *cards])


def place_of(settings: Settings) -> Place:
    """Where this machine stands: configured, else what the machine itself shows."""
    return locate(settings.zone)


def grid_of(settings: Settings, place: Place) -> Chain:
    """The grid's intensity here, from the best source that the settings allow."""
    return sources(place.zone, g_per_kwh=settings.intensity, network=settings.network)


def advisers_of(settings: Settings, place: Place) -> Sequence[Live]:
    """Services whose marginal figures say what moving a run would do; never part of a total."""
    if not settings.network or place.zone is None:
        return ()
    return live_sources(place.zone, advice=True)


def context_of(
    settings: Settings, hardware: Hardware, cores: Cores, place: Place, grid: Chain
) -> Context:
    """The inputs of the impacts, from the settings, the machine and its place."""
    centre = hardware.in_data_centre
    shown = {"pue": place.pue, "wue": place.wue_l_per_kwh} if centre else {}
    recognised = {
        name: (value, _published(place))
        for name, value in shown.items()
        if value is not None and getattr(settings, name) is None
    }
    given = {name: value for name, (value, _) in recognised.items()}
    return context(
        grid.at,
        hardware,
        country=place.country,
        pue=given.get("pue", settings.pue),
        wue=given.get("wue", settings.wue),
        lifetime_years=settings.lifetime,
        utilisation=settings.utilisation,
        host_kg=settings.host_kg,
        gpu_kg=settings.gpu_kg,
        wall_factor=settings.wall_factor,
        share_of_host=cores.fraction,
        origin=settings.origin,
        recognised={name: source for name, (_, source) in recognised.items()},
    )


def _published(place: Place) -> str:
    region = place.region or WORDS["middle_region"]
    return say("source_published", provider=place.provider, region=region)
