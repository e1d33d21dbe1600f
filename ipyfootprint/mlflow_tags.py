"""A cell's footprint as tags on the MLflow run that is active when the cell has ended.

Only where the user's own code has imported mlflow and started a run: nothing is imported, started
or configured here. Tags go where the user's tracking goes, and nowhere else.
"""

from __future__ import annotations

import sys
from typing import Any

from ipyfootprint.model import Method, Run, weakest
from ipyfootprint.tracker import Event

PREFIX = "footprint."


class MlflowTags:
    """A listener: sums of the cells that ended while one MLflow run was active."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, float]] = {}
        self._methods: dict[str, set[Method]] = {}
        self._active: dict[str, str] = {}

    def hear(self, event: Event, run: Run) -> None:
        """Remember which MLflow run a cell ended in, and tag it once the figures are final."""
        mlflow = sys.modules.get("mlflow")
        if mlflow is None:
            return
        if event == "ended" and (active := mlflow.active_run()) is not None:
            self._active[run.run_id] = active.info.run_id
        elif event == "settled" and (there := self._active.pop(run.run_id, None)) is not None:
            self._tag(mlflow, there, run)

    def _tag(self, mlflow: Any, there: str, run: Run) -> None:
        sums = self._sums.setdefault(there, {})
        known = {
            "energy_j": run.energy_j,
            "energy_low_j": run.energy_low_j,
            "energy_high_j": run.energy_high_j,
            "operational_g": run.operational_g,
            "embodied_g": run.embodied_g,
        }
        for name, value in known.items():
            if value is not None:
                sums[name] = sums.get(name, 0.0) + value
        client = mlflow.MlflowClient()
        for name, value in sums.items():
            client.set_tag(there, PREFIX + name, f"{value:.6g}")
        methods = self._methods.setdefault(there, set())
        methods.add(run.method)
        client.set_tag(there, f"{PREFIX}method", weakest(methods))
