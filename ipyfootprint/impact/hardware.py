"""What is known of the machine, and how long machines of its kind serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ipyfootprint.model import Estimate

Platform = Literal["desktop", "laptop", "workstation", "server", "cloud"]

#: Years a machine serves and the fraction of them it works (Luccioni et al. 2023 for data
#: centres; a person's own machine is a choice with a wide band).
DATA_CENTRE_LIFE = Estimate.exact(6.0)
DATA_CENTRE_USE = Estimate.exact(0.85)
OWN_LIFE = Estimate.exact(4.0)
OWN_USE = Estimate(0.2, 0.1, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """The machine a session runs on.

    Args:
        platform: what kind of machine; `platform_of` guesses it.
        cpu: the processor's own name.
        logical_cpus: hardware threads the system sees.
        memory_gb: installed (in a virtual machine, granted) memory.
        gpus: label of each GPU by its channel's name: {"gpu0": "NVIDIA H100 80GB HBM3"}.
    """

    platform: Platform = "desktop"
    cpu: str = ""
    logical_cpus: int = 1
    memory_gb: float | None = None
    gpus: tuple[tuple[str, str], ...] = ()

    @property
    def in_data_centre(self) -> bool:
        """Whether it stands in a data centre: servers and virtual machines do."""
        return self.platform in ("server", "cloud")


def platform_of(cpu: str) -> Platform:
    """The kind of machine a processor's name suggests, where nothing better is known."""
    name = cpu.lower()
    if any(word in name for word in ("xeon", "epyc", "graviton", "neoverse", "altra", "grace")):
        return "server"
    if "threadripper" in name:
        return "workstation"
    return "desktop"
