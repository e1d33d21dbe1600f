"""Labelled sessions by family and seed, with the truth computed from what really happened.

A session's label is what its latent quantities say, not what its story intended: R comes from
realised energy and active time with the latent cost of work.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from benchmarks.rebound import growing, ordinary
from benchmarks.rebound.world import Labelled, World
from benchmarks.rebound.writer import Writer

TUNING = (1, 2, 3)  # seeds that thresholds may be chosen on
REPORTING = (11, 12, 13)  # seeds that are only ever reported
HELD_OUT = (*growing.HELD_OUT, *ordinary.HELD_OUT)  # families that nothing is tuned on
_GROWING = {**growing.REBOUND, **growing.HELD_OUT, **growing.CREEP}
_ORDINARY = {**ordinary.ORDINARY, **ordinary.HELD_OUT}


def sessions(
    families: Iterable[str], count: int, seeds: Iterable[int], stress: bool = False
) -> Iterator[Labelled]:
    """`count` sessions of each family and seed.

    Raises:
        ValueError: a held-out family with a seed for tuning.
    """
    families = tuple(families)
    for seed in seeds:
        if seed in TUNING and set(families) & set(HELD_OUT):
            raise ValueError("families that are held out are not for tuning")
        for family in families:
            for i in range(count):
                yield session(family, seed * 100_000 + i, stress)


def session(family: str, seed: int, stress: bool = False) -> Labelled:
    """The session of a family with a seed; the same arguments give the same session.

    A story of no growth is drawn again until its realised R is at most .1: pace alone can make
    of it a session that did use up its gain. Creep is drawn again until an active hour uses
    1.3x the energy: larger runs that merely take longer do not.
    """
    for draw in range(100):
        labelled = _session(family, seed, draw, stress)
        if family == "gain, same work" and (labelled.rebound or 0.0) > 0.1:
            continue
        if family == "creep" and (labelled.growth or 0.0) < 1.3:
            continue
        return labelled
    raise RuntimeError(f"no session of {family!r} for seed {seed}")


def _session(family: str, seed: int, draw: int, stress: bool) -> Labelled:
    rng = random.Random(f"{family}/{seed}/{draw}/{stress}")
    world = World.draw(rng, stress)
    writer = Writer(world, name=f"{family}-{seed}", t=1.7e9 + rng.uniform(0, 3e7))
    at: int | None
    rising = None
    if family in _GROWING:
        at, rising = _GROWING[family](writer)
    else:
        at = _ORDINARY[family](writer, rng.randint(25, 60))
    labelled = Labelled(
        family,
        seed,
        writer.runs,
        benign=rising is None,
        rising=rising,
        counted=world.counted,
        sigma=world.sigma,
        active_h=sum(latent.active_s for latent in writer.latent) / 3600,
    )
    if family == "creep":
        labelled.growth = _growth(writer, at or 0)
    elif at is not None:
        labelled.gain_index = at
        labelled.ratio = _ratio(writer, at)
        labelled.rebound = 1 - (1 - _growth(writer, at)) / (1 - labelled.ratio)
    return labelled


def _ratio(writer: Writer, at: int) -> float:
    """rho: latent energy per unit of work of whole runs from run `at` on, over before."""
    cost = []
    for part in (slice(0, at), slice(at, None)):
        pairs = zip(writer.runs[part], writer.latent[part], strict=True)
        whole = [latent for run, latent in pairs if run.ok and latent.work > 0]
        # as runs of ordinary size cost it: tries carry a fixed cost that is no unit's
        usual = sorted(latent.work for latent in whole)[len(whole) // 2]
        whole = [latent for latent in whole if latent.work > 0.2 * usual]
        cost.append(sum(x.energy_j for x in whole) / sum(x.work for x in whole))
    return cost[1] / cost[0]


def _growth(writer: Writer, at: int) -> float:
    """Energy of the experiment per active hour from run `at` on, over before."""
    power = []
    for part in (slice(0, at), slice(at, None)):
        pairs = list(zip(writer.runs[part], writer.latent[part], strict=True))
        energy_j = sum(run.energy_j for run, latent in pairs if latent.work > 0)
        power.append(energy_j / sum(latent.active_s for _, latent in pairs))
    return power[1] / power[0]
