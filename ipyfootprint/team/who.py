"""Who and what moved the team's total: an exact decomposition over experiments.

Each experiment's energy or carbon is

    people x configurations/person x runs/configuration x work/run x energy/work (x g/kWh)

and its change between two equal stretches of weeks is split by LMDI-I, which is consistent in
aggregation: the parts of all experiments add up to the change of the total without a rest (Ang,
Energy Policy 33, 2005). Experiments that ran in one stretch only have no factors to compare:
they are parts of their own, started and ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ipyfootprint.rebound.decompose import lmdi
from ipyfootprint.team.aggregates import Experiment, Volume
from ipyfootprint.team.filters import Measure

STARTED, ENDED = "started experiments", "ended experiments"
VOLUME = ("people", "configurations per person", "runs per configuration", "work per run", STARTED)
EFFICIENCY = "energy per work"
# energy per run: work was not counted in both stretches, so neither volume nor efficiency
NOTHING = 1e-7  # of the total: what rounding to a microgram leaves
FACTORS = (*VOLUME, ENDED, EFFICIENCY, "energy per run", "grid")


@dataclass(frozen=True, slots=True)
class Who:
    """What became of a project's (or experiment's, or everyone's) total.

    Attributes:
        before: the total of the earlier weeks, J or gCO2e; `after` of the later.
        parts: each factor's part of the change, in FACTORS' order, zeros left out.
        saving_j: energy that the earlier work would have cost less at the later energy per
            work; negative where work became dearer, None where no work was counted.
        rebound: R = 1 - actual / potential saving of energy; None without a saving of at
            least five per cent.
        unpriced: experiments left out because their carbon is not known.
    """

    project: str
    lineage: str | None
    before: float
    after: float
    parts: tuple[tuple[str, float], ...]
    saving_j: float | None
    rebound: float | None
    unpriced: int = 0


def experiment(found: Experiment, measure: Measure) -> Who | None:
    """One experiment's change; None where its carbon is asked for and not known."""
    before, now = _amount(found.before, measure), _amount(found.now, measure)
    if before is None or now is None:
        return None
    saving = _saving(found.before, found.now)
    energies = (_energy(found.before), _energy(found.now))
    return Who(
        found.project,
        found.lineage,
        before,
        now,
        tuple(_parts(found.before, found.now, measure)),
        saving,
        _rebound(energies[0], energies[1], saving),
    )


def together(found: Iterable[Experiment], measure: Measure, project: str = "") -> Who:
    """Everything together; experiments whose carbon is not known are counted, not guessed."""
    parts: dict[str, float] = defaultdict(float)
    before = after = energy0 = energy1 = 0.0
    savings: list[float] = []
    unpriced = 0
    for one in found:
        who = experiment(one, measure)
        if who is None:
            unpriced += 1
            continue
        before, after = before + who.before, after + who.after
        energy0, energy1 = energy0 + _energy(one.before), energy1 + _energy(one.now)
        savings += [] if who.saving_j is None else [who.saving_j]
        for name, part in who.parts:
            parts[name] += part
    saving = sum(savings) if savings else None
    least = NOTHING * max(before, after)
    listed = tuple((name, parts[name]) for name in FACTORS if abs(parts.get(name, 0.0)) > least)
    rebound = _rebound(energy0, energy1, saving)
    return Who(project, None, before, after, listed, saving, rebound, unpriced)


def by_project(found: Sequence[Experiment], measure: Measure) -> list[Who]:
    """One row a project, the largest change first."""
    projects: dict[str, list[Experiment]] = defaultdict(list)
    for one in found:
        projects[one.project].append(one)
    rows = [together(ones, measure, project) for project, ones in projects.items()]
    return sorted(rows, key=lambda who: (-abs(who.after - who.before), who.project))


def by_experiment(found: Sequence[Experiment], measure: Measure, count: int = 10) -> list[Who]:
    """The experiments that moved the total most."""
    rows = [who for one in found if (who := experiment(one, measure)) is not None]
    rows.sort(key=lambda who: (-abs(who.after - who.before), who.project, who.lineage or ""))
    return rows[:count]


def _parts(
    before: Volume | None, now: Volume | None, measure: Measure
) -> Iterable[tuple[str, float]]:
    if before is None or now is None or not (before.energy_j > 0 and now.energy_j > 0):
        yield ENDED, -(_amount(before, measure) or 0.0)
        yield STARTED, _amount(now, measure) or 0.0
        return
    counted = bool(before.work and now.work and before.work_kind == now.work_kind)
    names = list(VOLUME[:3])
    names += ["work per run", EFFICIENCY] if counted else ["energy per run"]
    names += ["grid"] if measure == "carbon" else []
    factors = [_factors(volume, counted, measure) for volume in (before, now)]
    yield from zip(names, lmdi(*factors), strict=True)


def _factors(volume: Volume, counted: bool, measure: Measure) -> list[float | None]:
    # a configuration that went on from the week before counts in each week that it ran
    configs = max(1, volume.configs)
    factors: list[float | None] = [volume.people, configs / volume.people, volume.runs / configs]
    if counted and volume.work:
        factors += [volume.work / volume.runs, volume.energy_j / volume.work]
    else:
        factors.append(volume.energy_j / volume.runs)
    if measure == "carbon":
        factors.append((volume.carbon_g or 0.0) / volume.energy_j)
    return factors


def _saving(before: Volume | None, now: Volume | None) -> float | None:
    """Energy that the earlier work would cost less now, in joules."""
    if before is None or now is None or before.work_kind != now.work_kind:
        return None
    if not (before.work and now.work and before.energy_j > 0):
        return None
    return before.energy_j - before.work * now.energy_j / now.work


def _rebound(before_j: float, after_j: float, saving_j: float | None) -> float | None:
    if saving_j is None or saving_j < 0.05 * before_j or before_j <= 0:
        return None
    return 1 - (before_j - after_j) / saving_j


def _energy(volume: Volume | None) -> float:
    return volume.energy_j if volume else 0.0


def _amount(volume: Volume | None, measure: Measure) -> float | None:
    """Energy in J or carbon in g; 0 where it did not run, None where it is not known."""
    if volume is None:
        return 0.0
    return volume.energy_j if measure == "energy" else volume.carbon_g
