"""The machine a session runs on, as the impacts need to know it."""

from __future__ import annotations

from collections.abc import Iterable

from ipyfootprint.attribution import Cores
from ipyfootprint.config import Settings
from ipyfootprint.grid import yearly
from ipyfootprint.ids import short_hash
from ipyfootprint.impact import Context, Hardware, context, platform_of
from ipyfootprint.model import Channel
from ipyfootprint.sensors.machine import cpu_name, is_virtual, logical_cpus, memory_gb


def hardware_of(settings: Settings, channels: Iterable[Channel], root: str = "/") -> Hardware:
    """What is recognised of this machine; a configured platform goes first."""
    cpu = cpu_name(root) or ""
    platform = settings.platform or ("cloud" if is_virtual(root) else platform_of(cpu))
    return Hardware(
        platform=platform,  # type: ignore[arg-type]
        cpu=cpu,
        logical_cpus=logical_cpus(root),
        memory_gb=memory_gb(root),
        gpus=tuple((c.name, c.label) for c in channels if c.kind == "gpu"),
    )


def hardware_id(hardware: Hardware) -> str:
    """A name for machines of one kind, the same on each of them."""
    return short_hash(hardware.cpu, hardware.logical_cpus, *(label for _, label in hardware.gpus))


def context_of(settings: Settings, hardware: Hardware, cores: Cores) -> Context:
    """The inputs of the impacts, from the settings and the machine."""
    intensity = yearly(settings.zone)
    return context(
        lambda when: intensity,
        hardware,
        country=intensity.zone if settings.zone else None,
        pue=settings.pue,
        wue=settings.wue,
        lifetime_years=settings.lifetime,
        utilisation=settings.utilisation,
        share_of_host=cores.fraction,
        origin=settings.origin,
    )
