"""What a source returns: sums of runs by time, group and experiment; never a single run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from operator import add, attrgetter
from typing import Literal

from ipyfootprint.model import Estimate
from ipyfootprint.team.filters import Dimension, Filters


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over runs, in base units (J, g, l, s).

    Attributes:
        n: closed runs; `n_failed` of them failed or were stopped, `n_rerun` repeated what had
            succeeded before, `n_energy` and `n_carbon` have these figures at all.
        measured_j: the part of `energy_j` that counters measured.
        failed_j: energy of failed and stopped runs; `rerun_j` of identical reruns.
        idle_j: the runs' share of the machines' idle power.
        n_gap: sessions whose time between runs is known: `gap_s` seconds and `gap_j` joules,
            which are in no other sum.
    """

    n: int = 0
    n_failed: int = 0
    n_rerun: int = 0
    n_energy: int = 0
    n_carbon: int = 0
    duration_s: float = 0.0
    energy_j: float = 0.0
    energy_low_j: float = 0.0
    energy_high_j: float = 0.0
    measured_j: float = 0.0
    failed_j: float = 0.0
    rerun_j: float = 0.0
    idle_j: float = 0.0
    operational_g: float = 0.0
    operational_low_g: float = 0.0
    operational_high_g: float = 0.0
    embodied_g: float = 0.0
    water_l: float = 0.0
    n_gap: int = 0
    gap_s: float = 0.0
    gap_j: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        """The sums over both."""
        return Sums(*map(add, _amounts(self), _amounts(other)))

    @property
    def energy(self) -> Estimate | None:
        """Energy in joules with bounds, or None where no run has any."""
        if not self.n_energy:
            return None
        low, high = self.energy_low_j, self.energy_high_j
        return Estimate(self.energy_j, min(low, self.energy_j), max(high, self.energy_j))

    @property
    def carbon(self) -> Estimate | None:
        """Operational gCO2e with bounds, or None where no run's grid is known."""
        if not self.n_carbon:
            return None
        mid, low, high = self.operational_g, self.operational_low_g, self.operational_high_g
        return Estimate(mid, min(low, mid), max(high, mid))

    @property
    def measured(self) -> float | None:
        """The part of the energy that counters measured, from 0 to 1; the rest is modelled."""
        return self.measured_j / self.energy_j if self.energy_j > 0 else None

    @property
    def intensity(self) -> float | None:
        """gCO2e a joule on the average, or None."""
        return self.operational_g / self.energy_j if self.n_carbon and self.energy_j > 0 else None


_amounts: Callable[[Sums], tuple[float, ...]] = attrgetter(*(f.name for f in fields(Sums)))
# column of a rollup -> (attribute, how many make one in base units)
COLUMNS: Mapping[str, tuple[str, int]] = {
    **{name: (name, 1) for name in ("n", "n_failed", "n_rerun", "n_energy", "n_carbon", "n_gap")},
    "duration_us": ("duration_s", 1_000_000),
    **{
        f"{name}_uj": (f"{name}_j", 1_000_000)
        for name in ("energy", "energy_low", "energy_high", "failed", "rerun", "idle", "gap")
    },
    "energy_measured_uj": ("measured_j", 1_000_000),
    **{
        f"{name}_ug": (f"{name}_g", 1_000_000)
        for name in ("operational", "operational_low", "operational_high", "embodied")
    },
    "water_ul": ("water_l", 1_000_000),
    "gap_us": ("gap_s", 1_000_000),
}


def sums_of(row: Mapping[str, object]) -> Sums:
    """The sums in a row of a rollup; columns that it lacks are 0."""
    known: dict[str, float] = {}
    # a row of sqlite3 iterates over its values
    for column in row.keys():  # noqa: SIM118
        if column in COLUMNS:
            name, scale = COLUMNS[column]
            number = int(row[column] or 0)  # type: ignore[call-overload]
            known[name] = number / scale if scale > 1 else number
    return Sums(**known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Bin:
    """The runs of one group that started in one stretch of time."""

    start: str
    group: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Group:
    """One project (person, ...) in the period and in the one before."""

    name: str
    now: Sums
    before: Sums


@dataclass(frozen=True, slots=True)
class Volume:
    """One experiment over a stretch of weeks.

    Attributes:
        people: distinct persons; `configs` distinct configurations a person and week, summed.
        work: units of `work_kind`; None where not every run was counted in one unit.
        carbon_g: operational carbon, or None where a run's is not known.
    """

    people: int
    configs: int
    runs: int
    work: float | None
    work_kind: str
    energy_j: float
    carbon_g: float | None


@dataclass(frozen=True, slots=True)
class Experiment:
    """One lineage in the whole weeks of the period and in as many before; None: it did not run."""

    project: str
    lineage: str
    before: Volume | None
    now: Volume | None


@dataclass(frozen=True, slots=True)
class Course:
    """One experiment week by week, oldest first: (Monday, volume)."""

    project: str
    lineage: str
    weeks: tuple[tuple[date, Volume], ...]


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Everything that the five blocks of a dashboard show.

    Attributes:
        filters: what was asked for.
        now: sums over the period; `before` over the one before.
        bins: the series; `bin_size` and `bin_zone` say where a bin begins.
        groups: by `filters.by`, largest energy first.
        experiments: the weeks from `filters.weeks` compared, largest first.
        courses: the largest experiments week by week, for what became of efficiency gains.
        choices: what each filter can be set to.
        hardware: what machines are called, by their id.
        runs: whether single runs can be read from this source.
    """

    filters: Filters
    now: Sums
    before: Sums
    bins: Sequence[Bin]
    bin_size: Literal["hour", "day", "month"]
    bin_zone: str
    groups: Sequence[Group]
    experiments: Sequence[Experiment]
    courses: Sequence[Course]
    choices: Mapping[Dimension, Sequence[str]] = field(default_factory=dict)
    hardware: Mapping[str, str] = field(default_factory=dict)
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a longer list, and the key that the next page begins after (None: the end)."""

    head: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    after: tuple[object, ...] | None


Source = Callable[[Filters], Aggregates]
