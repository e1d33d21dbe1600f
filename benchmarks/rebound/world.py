"""What a session is like: the person's pace, the machine's noise, the habits; drawn once each."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from ipyfootprint.rebound.observation import Observation


@dataclass
class World:
    """The surroundings of one session.

    Args:
        sigma: relative noise of a run's energy, 3-35 %; `noise_lag` its lag-1 correlation.
        drift: relative rise of energy over 60 runs (a machine that warms up).
        overhead: fixed part of a usual run's energy.
        pause_s: usual pause between runs; `pause_sigma` its spread, `pace_lag` its correlation.
        break_rate: share of pauses that are breaks of 20-90 minutes.
        run_j: energy of a usual run; `work` its units of work.
        sizes: how much runs differ in work.
        fresh: share of runs with a new configuration.
        fail_rate, try_rate, plot_rate, side_rate, edit_rate: failed runs, tiny tries, plots,
            evaluations in another cell and code edits that change no cost, per run.
        counted: whether work is counted in all, some or none of the runs.
    """

    rng: random.Random
    stress: bool
    sigma: float
    tails: str
    noise_lag: float
    drift: float
    overhead: float
    pace: str
    pause_s: float
    pause_sigma: float
    pace_lag: float
    break_rate: float
    power_w: float
    run_j: float
    work: float
    sizes: str
    fresh: float
    fail_rate: float
    try_rate: float
    plot_rate: float
    side_rate: float
    edit_rate: float
    counted: str
    identity: str
    metric: bool
    intensity: float

    @classmethod
    def draw(cls, rng: random.Random, stress: bool) -> World:
        """A world by chance; `stress` has correlated noise and pace, and heavy gaps."""
        u = rng.uniform
        return cls(
            rng=rng,
            stress=stress,
            sigma=ratio_uniform(rng, 0.03, 0.35),
            tails=rng.choice(["normal", "normal", "student", "outliers"]),
            noise_lag=u(0.3, 0.7) if stress else 0.0,
            drift=rng.choice([0, 0, 0, u(-0.1, 0.1)]),
            overhead=rng.choice([0, u(0, 0.05), u(0, 0.12)]),
            pace=rng.choice(["lognormal", "lognormal", "gamma", "mixture", "pareto"]),
            pause_s=ratio_uniform(rng, 25, 200),
            pause_sigma=u(0.5, 1.4 if stress else 1.1),
            pace_lag=u(0.4, 0.8) if stress else rng.choice([0, 0, u(0, 0.4)]),
            break_rate=u(0.02, 0.12) if stress else u(0.0, 0.05),
            power_w=ratio_uniform(rng, 40, 700),
            run_j=ratio_uniform(rng, 4e3, 2e5),
            work=rng.choice([1, 3, 10, 50, 1000]),
            sizes=rng.choice(["constant", "jitter", "jitter", "steps", "wide"]),
            fresh=u(0.15, 0.75),
            fail_rate=u(0, 0.12),
            try_rate=u(0, 0.25),
            plot_rate=u(0, 0.5),
            side_rate=rng.choice([0, 0, u(0.05, 0.4)]),
            edit_rate=u(0, 0.15),
            counted=rng.choices(["all", "none", "some"], [0.8, 0.07, 0.13])[0],
            identity=rng.choice(["label", "cell", "cell"]),
            metric=rng.random() < 0.6,
            intensity=u(40, 700),
        )


@dataclass
class Labelled:
    """A session's runs and the truth about it.

    Args:
        family: the story that made it.
        rising: the kind of the growth, had it been less than all of the saving.
        gain_index: index in the session of the first run with the gain.
        ratio: rho of the latent costs; `rebound` R of realised energy and active time.
        growth: of energy per active hour, where there is creep.
    """

    family: str
    seed: int
    runs: list[Observation]
    benign: bool
    rising: str | None = None
    counted: str = "all"
    sigma: float = 0.0  # relative noise of energy
    active_h: float = 0.0
    gain_index: int | None = None
    ratio: float | None = None
    rebound: float | None = None
    growth: float | None = None

    @property
    def kind(self) -> str:
        """The kind a finding should have: backfire by the realised R, else by the story."""
        if self.rebound is not None and self.rebound > 1 and not self.benign:
            return "backfire"
        return self.rising or self.family


def ratio_uniform(rng: random.Random, low: float, high: float) -> float:
    """Between `low` and `high`, every ratio as likely as another."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))
