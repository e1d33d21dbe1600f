"""What a typed program that uses the package looks like; mypy reads it, strictly."""

from __future__ import annotations

import ipyfootprint
from ipyfootprint.model import Run


def train(epochs: int) -> float:
    """Energy of a block, in J; 0 where none could be read."""
    with ipyfootprint.track("train", phase="training") as block:
        ipyfootprint.work(epochs, "epochs")
        ipyfootprint.metric("loss", 0.5)
    run: Run | None = block.run
    return (run.energy_j or 0.0) if run is not None else 0.0


def total() -> float:
    """Operational carbon of this session's runs, in g; unknown ones left out."""
    return sum(run.operational_g for run in ipyfootprint.runs() if run.operational_g is not None)
