"""The real runs of one lineage, kept as prefix sums so that any window costs O(1)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from ipyfootprint.rebound.evidence import Series
from ipyfootprint.rebound.observation import Observation


@dataclass(frozen=True, slots=True)
class Window:
    """Sums over a stretch of real runs, with the small and failed runs folded into them.

    Args:
        runs: how many; planned runs are left out of every sum.
        energy_j: their energy.
        active_s: run time plus the pauses before, each counted up to ten minutes.
        work: units of work; the number of runs where work is not counted.
        carbon_g: operational carbon, or None where a run's is unknown.
        fresh: runs with a configuration that the lineage had not seen before.
    """

    runs: int
    energy_j: float
    active_s: float
    work: float
    carbon_g: float | None
    fresh: int

    @property
    def power_w(self) -> float:
        """Energy per active time, in watts; 0 without active time."""
        return self.energy_j / self.active_s if self.active_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RealRun:
    """What is kept of one real run besides the sums."""

    index: int
    t_start: float
    energy_j: float
    active_s: float
    metric: float | None
    work: float
    planned: bool


class History:
    """Real runs of one lineage that are counted in one unit of work, or all in none.

    Three series of natural logarithms carry the evidence: `cost` (J per unit of work, or per
    run), `pace` (J per second of active time) and `size` (work per run).
    """

    def __init__(self, work_kind: str | None, counted: bool) -> None:
        self.work_kind = work_kind
        self.counted = counted
        self.cost = Series()
        self.pace = Series()
        self.size = Series()
        self.real: list[RealRun] = []
        self.changes: deque[int] = deque(maxlen=4)  # where a new code skeleton first ran
        self.metrics: list[tuple[int, float]] = []
        self.uncounted_in_a_row = 0
        self.cheapest_j = math.inf  # of the runs that did work, folded ones too
        self._code: str | None = None
        self._configs: set[str] = set()
        self._sums: list[tuple[int, float, float, float, float, int, int]] = [(0,) * 7]

    def __len__(self) -> int:
        return len(self.real)

    def typical(self) -> tuple[float, float]:
        """Median energy (J) and median work of the last runs; zeros before the first."""
        last = self.real[-9:]
        if not last:
            return 0.0, 0.0
        middle = len(last) // 2
        energies = sorted(run.energy_j for run in last)
        works = sorted(run.work for run in last)
        return energies[middle], works[middle]

    def append(
        self, run: Observation, energy_j: float, carbon_g: float | None, active_s: float, plan: bool
    ) -> None:
        """Add a real run.

        Args:
            run: as observed.
            energy_j: its energy and that of the small and failed runs before it.
            carbon_g: their carbon, or None.
            active_s: their active time.
            plan: True where the run belongs to a plan: it tells what work costs, and is no
                evidence of how much work people choose to do.
        """
        n = len(self.real)
        if run.code is not None and self._code is not None and run.code != self._code:
            self.changes.append(n)
        self._code = run.code or self._code
        fresh = run.config is not None and run.config not in self._configs
        if run.config is not None:
            self._configs.add(run.config)
        work = 1.0
        known = True
        if self.counted:
            known = bool(run.work)
            self.uncounted_in_a_row = 0 if known else self.uncounted_in_a_row + 1
            work = run.work or run.energy_j / math.exp(self.cost.sample(max(0, n - 10), n).mean)
        self.cost.append(math.log(run.energy_j / work) if known else None)
        self.size.append(math.log(work) if known and self.counted and not plan else None)
        self.pace.append(None if plan else math.log(energy_j / max(active_s, 1e-3)))
        self.real.append(
            RealRun(run.index, run.t_start, energy_j, active_s, run.metric, work, plan)
        )
        if run.metric is not None:
            self.metrics.append((n, run.metric))
        runs, energy, time, done, carbon, new, unpriced = self._sums[-1]
        if not plan:
            runs += 1
            energy += energy_j
            time += active_s
            done += work
            carbon += carbon_g or 0.0
            new += fresh
            unpriced += carbon_g is None
        self._sums.append((runs, energy, time, done, carbon, new, unpriced))

    def window(self, start: int, stop: int) -> Window:
        """The sums of the real runs from `start` up to but without `stop`."""
        a, b = self._sums[start], self._sums[stop]
        return Window(
            runs=b[0] - a[0],
            energy_j=b[1] - a[1],
            active_s=b[2] - a[2],
            work=b[3] - a[3],
            carbon_g=b[4] - a[4] if b[6] == a[6] else None,
            fresh=b[5] - a[5],
        )
