"""Scripted sessions: what a person did, run by run, without chance unless a seed says so."""

import math
import random

from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation


class Script:
    """Writes observations; `noise` is the relative scatter of energy and pauses."""

    def __init__(self, session="s", noise=0.03, seed=1):
        self.rng = random.Random(seed)
        self.session, self.noise = session, noise
        self.t = 1_700_000_000.0
        self.runs = []
        self.configs = 0

    def run(
        self,
        energy_j=20_000.0,
        *,
        work=10.0,
        seconds=200.0,
        pause=120.0,
        lineage="train",
        code="a",
        new_config=False,
        **options,
    ):
        scatter = math.exp(self.rng.gauss(0, self.noise))
        self.configs += new_config
        self.t += pause * math.exp(self.rng.gauss(0, self.noise))
        self.runs.append(
            Observation(
                session=self.session,
                index=len(self.runs),
                t_start=self.t,
                duration_s=seconds,
                lineage=lineage,
                energy_j=energy_j * scatter,
                carbon_g=energy_j * scatter / 3.6e6 * 300,
                code=code,
                config=f"c{self.configs}",
                work=work,
                work_kind="epochs" if work else None,
                **options,
            )
        )
        self.t += seconds
        return self

    def times(self, n, **options):
        for _ in range(n):
            self.run(**options)
        return self

    def gain(self, n, *, ratio=0.5, larger=1.0, **options):
        """n runs after the code became cheaper by `ratio`, with `larger` runs."""
        options = {"code": "b", "work": 10.0 * larger, **options}
        energy_j = 20_000.0 * ratio * larger
        return self.times(n, energy_j=energy_j, seconds=200 * ratio * larger, **options)

    def played(self, **options):
        """A detector that saw all of it, and its findings."""
        detector = Detector(**options)
        return detector, [f for run in self.runs if (f := detector.feed(run))]


def scale_up():
    """Half the energy per epoch, then 1.7x the epochs per run, at the same pauses."""
    return Script().times(12).gain(3).gain(20, larger=1.7)
