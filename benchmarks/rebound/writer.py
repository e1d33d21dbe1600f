"""Writes a session run by run, as a person and a machine would."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.rebound.world import World
from ipyfootprint.rebound.lineage import lineage_of
from ipyfootprint.rebound.observation import Observation

LONGEST_GAP_S = 600.0


class Latent(NamedTuple):
    """What is true of a run beyond what the detector sees."""

    energy_j: float  # without noise
    work: float  # also where it was not counted; 0 of runs in other cells
    active_s: float


@dataclass
class Writer:
    """The session so far, and what an ordinary next run costs.

    `cost` is the latent energy of a unit of work as a multiple of the first, `speed` its
    duration likewise.
    """

    world: World
    name: str
    t: float
    runs: list[Observation] = field(default_factory=list)
    latent: list[Latent] = field(default_factory=list)
    cost: float = 1.0
    speed: float = 1.0
    code: int = 0
    config: int = 0
    _shock: float = 0.0
    _mood: float = 0.0
    _end: float | None = None

    def noise(self) -> float:
        """The machine's noise on a run's energy, as a factor."""
        w, rng = self.world, self.world.rng
        if w.tails == "student":
            raw = rng.gauss(0, 1) / math.sqrt(rng.gammavariate(2.5, 1 / 2.5))
        elif w.tails == "outliers" and rng.random() < 0.04:
            raw = rng.uniform(2, 5)
        else:
            raw = rng.gauss(0, 1)
        a = w.noise_lag
        self._shock = a * self._shock + math.sqrt(1 - a * a) * raw
        return math.exp(w.sigma * max(-4.0, min(5.0, self._shock)))

    def pause(self, factor: float = 1.0) -> float:
        """Seconds until the next run; now and then a break."""
        w, rng = self.world, self.world.rng
        a = w.pace_lag
        self._mood = a * self._mood + math.sqrt(1 - a * a) * rng.gauss(0, 1)
        if w.pace == "gamma":
            drawn = rng.gammavariate(1.2, 1 / 1.2) * math.exp(0.5 * self._mood)
        elif w.pace == "mixture":
            drawn = (0.25 if self._mood < 0.2 else 2.5) * rng.uniform(0.6, 1.4)
        elif w.pace == "pareto":
            drawn = 0.5 * rng.paretovariate(1.6) * math.exp(0.4 * self._mood)
        else:
            drawn = math.exp(w.pause_sigma * self._mood)
        if rng.random() < w.break_rate:
            return rng.uniform(1200, 5400)
        return max(1.5, drawn * factor * w.pause_s)

    def size(self) -> float:
        """Work of the next run as a multiple of the usual."""
        w, rng = self.world, self.world.rng
        if w.sizes == "jitter":
            return math.exp(rng.gauss(0, 0.12))
        if w.sizes == "steps":
            return rng.choice([0.5, 1.0, 1.0, 1.0, 2.0])
        return math.exp(rng.gauss(0, 0.4)) if w.sizes == "wide" else 1.0

    def run(
        self,
        size: float = 1.0,
        pause_s: float | None = None,
        *,
        fresh: float | None = None,
        ok: bool = True,
        part: float = 1.0,
        planned: bool | int | None = None,
        metric: float | None = None,
        lineage: str = "main",
    ) -> None:
        """One run of `size` times the usual work after a pause; `part` of it done."""
        w, rng = self.world, self.world.rng
        work = w.work * size * part
        if w.work >= 10:
            work = max(1.0, round(work))
        share = work / w.work
        fixed = w.overhead * w.run_j
        latent = fixed + (w.run_j - fixed) * share * self.cost
        latent *= 1 + w.drift * len(self.runs) / 60
        busy = (latent - fixed) * self.speed / self.cost + fixed
        self.write(
            lineage,
            energy_j=latent * self.noise(),
            latent_j=latent,
            duration_s=max(0.5, busy / w.power_w * rng.uniform(0.95, 1.05)),
            pause_s=self.pause() if pause_s is None else pause_s,
            work=work,
            config=self._choose(w.fresh if fresh is None else fresh),
            ok=ok,
            planned=planned,
            metric=metric,
        )

    def _choose(self, fresh: float) -> int:
        """A new configuration, or one of the last few; now and then edited code."""
        rng = self.world.rng
        if rng.random() < self.world.edit_rate:
            self.code += 1
        if rng.random() < fresh:
            self.config += 1
            return self.config
        return rng.randint(max(0, self.config - 3), self.config)

    def write(
        self,
        lineage: str,
        *,
        energy_j: float,
        latent_j: float,
        duration_s: float,
        pause_s: float,
        work: float = 0.0,
        config: int = 0,
        ok: bool = True,
        planned: bool | int | None = None,
        metric: float | None = None,
    ) -> None:
        """Put a run into the record."""
        w = self.world
        gap = 0.0 if self._end is None else pause_s
        counted = work > 0 and (
            w.counted == "all" or (w.counted == "some" and w.rng.random() < 0.75)
        )
        label = f"train-{lineage}" if w.identity == "label" else None
        self.latent.append(Latent(latent_j, work, duration_s + min(gap, LONGEST_GAP_S)))
        self.runs.append(
            Observation(
                session=self.name,
                index=len(self.runs),
                t_start=self.t + gap,
                duration_s=duration_s,
                lineage=lineage_of(label, f"cell-{lineage}", None),
                energy_j=energy_j,
                carbon_g=energy_j / 3.6e6 * w.intensity,
                code=f"{lineage}{self.code}",
                config=f"{lineage}{config}",
                work=work if counted else None,
                work_kind="epochs" if counted else None,
                metric=metric if ok else None,
                ok=ok,
                planned=planned,
            )
        )
        self.t = self._end = self.t + gap + duration_s

    def around(self) -> None:
        """What happens between real runs: tries, failures, plots, evaluations."""
        w, rng = self.world, self.world.rng
        while rng.random() < w.try_rate:
            self.run(rng.uniform(0.01, 0.1), self.pause(0.5))
        if rng.random() < w.fail_rate:
            self.run(1.0, self.pause(0.7), ok=False, part=rng.random())
        if rng.random() < w.plot_rate:
            self._beside("plot", rng.uniform(5, 400), rng.uniform(0.5, 8))
        if rng.random() < w.side_rate:
            energy_j = w.run_j * rng.uniform(0.03, 0.15)
            self._beside("evaluate", energy_j, energy_j / w.power_w)

    def _beside(self, lineage: str, energy_j: float, duration_s: float) -> None:
        self.write(
            lineage,
            energy_j=energy_j,
            latent_j=energy_j,
            duration_s=duration_s,
            pause_s=self.pause(0.4),
        )

    def gain(self, ratio: float) -> int:
        """The code, the machine or a setting gets better; returns the next run's index."""
        rng = self.world.rng
        self.cost *= ratio
        self.speed *= ratio ** rng.uniform(0.5, 1.1)
        if rng.random() < 0.8:
            self.code += 1
        return len(self.runs)

    def saturating(self, n: int, stalled: bool = False) -> float | None:
        """The outcome metric of the n-th real run of this session."""
        if not self.world.metric:
            return None
        top = 0.6 * (1 - math.exp(-n / 6)) + (0 if stalled else 0.004 * n)
        return 0.3 + top + self.world.rng.gauss(0, 0.01)

    def usual(self, n: int, first: int = 0) -> None:
        """`n` ordinary runs and what is around them."""
        for i in range(n):
            self.around()
            self.run(self.size(), metric=self.saturating(first + i))
