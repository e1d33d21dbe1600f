"""Announced work: what a person said they would run."""

from __future__ import annotations

from dataclasses import dataclass

from ipyfootprint.rebound.observation import Observation

OVERRUN = 1.2  # a plan stands until 120 % of it


@dataclass(slots=True)
class Plan:
    """A number of runs or an energy that was announced, and what was used of it.

    Args:
        runs: runs planned, or None.
        energy_j: energy planned in joules, or None.
        lineage: the experiment it is for; None for any.
        used_runs: real runs since the plan was made.
        used_j: their energy.

    Raises:
        ValueError: neither runs nor energy, or one that is not above 0.
    """

    runs: int | None = None
    energy_j: float | None = None
    lineage: str | None = None
    used_runs: int = 0
    used_j: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("runs", self.runs), ("energy_j", self.energy_j)):
            if value is not None and value <= 0:
                raise ValueError(f"a plan's {name} must be above 0: {value}")
        if self.runs is None and self.energy_j is None:
            raise ValueError("a plan needs runs or energy")

    def matches(self, run: Observation) -> bool:
        """Whether the plan is for this run's experiment."""
        return self.lineage is None or self.lineage == run.lineage

    def use(self, run: Observation) -> bool:
        """Count a run; True while the plan covers it."""
        if not self.matches(run):
            return False
        self.used_runs += 1
        self.used_j += run.energy_j
        return self.progress <= OVERRUN

    @property
    def progress(self) -> float:
        """The fraction of the plan that is used, the larger of runs and energy."""
        by_runs = self.used_runs / self.runs if self.runs else 0.0
        by_energy = self.used_j / self.energy_j if self.energy_j else 0.0
        return max(by_runs, by_energy)


def use(plans: list[Plan], run: Observation) -> bool:
    """Count a run in every plan that is for it; True where one covers it, or it says so itself.

    A run that names a number of planned runs announces them, where no plan is for it yet.
    """
    if run.planned is True:
        return True
    if run.planned and not any(plan.matches(run) for plan in plans):
        plans.append(Plan(runs=int(run.planned), lineage=run.lineage))
    return any([plan.use(run) for plan in plans])
