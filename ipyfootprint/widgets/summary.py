"""What a session used, as one pure value that text, HTML and the live panel all show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum

from ipyfootprint.amounts import (
    SENSOR_ERROR,
    carbon_of,
    embodied_of,
    energy_of,
    gap_energy_of,
    total_of,
    water_of,
)
from ipyfootprint.model import (
    PHASES,
    DeviceEnergy,
    Estimate,
    Finding,
    Gap,
    Kind,
    Method,
    Run,
    Session,
    weakest,
)
from ipyfootprint.widgets.charts import Link
from ipyfootprint.widgets.rows import (
    Advice,
    AssumptionRow,
    Budget,
    Change,
)

KINDS: tuple[Kind, ...] = ("gpu", "cpu", "dram", "other")
TOP = 5
# The rest of the machine per joule of processor and memory: power supply, board, fans, disks.
REST_OF_MACHINE = Estimate(0.33, 0.2, 0.6)


@dataclass(frozen=True, slots=True)
class PhaseSum:
    """The runs of one phase: energy in J, operational carbon in g."""

    phase: str | None
    runs: int
    duration_s: float
    energy: Estimate | None
    operational: Estimate | None


@dataclass(frozen=True, slots=True)
class Rank:
    """A run and its places by time, energy and carbon among the session's runs, from 1."""

    run: Run
    time: int | None
    energy: int | None
    carbon: int | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The ranks that part most, and the rank correlations where they are known.

    `can_tell` is False where energy is modelled: it is then a function of time, and a
    statement that the two part would be circular. `time_energy` and `energy_carbon` are rank
    correlations from -1 to 1, numbers without a unit.
    """

    ranks: tuple[Rank, ...]
    can_tell: bool
    time_energy: float | None = None
    energy_carbon: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything a session's views show; None where nothing is known.

    Attributes:
        energy: J of the cells.
        idle: J of these that are this user's share of the machine's idle power.
        gap: J between the cells.
        total: J of both.
        rest: J of the machine's other parts, modelled; never in a total.
        operational: g CO2e of the electricity.
        embodied: g CO2e of making the machine, these cells' share.
        water: L consumed by cooling and generating.
        zones: grid intensities in g/kWh by zone, offered for "what if".
        failed: cells that raised, were interrupted or were lost; inside every total.
        unmeasured: cells whose energy is not known; in no total.
        panel: makes what marimo shows instead of the tables, a MIME type and its data, where there
            is such a page.
    """

    session: Session
    runs: tuple[Run, ...]
    duration_s: float
    failed: int
    unmeasured: int
    method: Method
    boundary: tuple[Kind, ...]
    energy: Estimate | None
    idle: Estimate | None
    gap: Estimate | None
    gap_s: float | None
    gap_method: Method
    total: Estimate | None
    rest: Estimate | None
    operational: Estimate | None
    embodied: Estimate | None
    water: Estimate | None
    adpe_kgsbeq: float | None
    primary_energy_mj: float | None
    ewaste_kg: float | None
    top: tuple[Run, ...]
    phases: tuple[PhaseSum, ...]
    discrepancy: Discrepancy
    budget: Budget | None
    findings: tuple[Finding, ...]
    change: Change | None
    links: tuple[Link, ...]
    advice: tuple[Advice, ...]
    assumptions: tuple[AssumptionRow, ...]
    zones: Mapping[str, float]
    lifetime_y: float | None
    equivalents: bool = False
    panel: Callable[[Summary], tuple[str, str] | None] | None = field(
        default=None, repr=False, compare=False
    )

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows of it: the same tables as text and as HTML."""
        from ipyfootprint.widgets.static_view import summary_view

        return summary_view(self).mimebundle()

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows of it: the panel that follows the session where there is one."""
        live = self.panel(self) if self.panel else None
        return live or ("text/html", self._repr_mimebundle_()["text/html"])


def summarise(
    session: Session,
    runs: Iterable[Run],
    gap: Gap | None = None,
    *,
    now: datetime | None = None,
    findings: Sequence[Finding] = (),
    budget: Budget | None = None,
    change: Change | None = None,
    links: Sequence[Link] = (),
    advice: Sequence[Advice] = (),
    assumptions: Sequence[AssumptionRow] = (),
    correlations: tuple[float | None, float | None] = (None, None),
    zones: Mapping[str, float] | None = None,
    lifetime_y: float | None = None,
    equivalents: bool = False,
) -> Summary:
    """The summary of a session from its rows; pure, and the same whoever asks.

    Args:
        session: the session's row.
        runs: its runs, oldest first; failed and running ones included.
        gap: the time between its runs.
        now: the session's end or the present moment; default the end of the last run.
        findings: rebound findings, oldest first.
        budget: the budget in force.
        change: the decomposition shown as a waterfall.
        links: the causal loop.
        advice: what would help.
        assumptions: every input of the totals.
        correlations: rank correlations of (time, energy) and (energy, carbon).
        zones: grid intensities in g/kWh by zone, offered for "what if".
        lifetime_y: device lifetime in years behind the embodied carbon.
        equivalents: whether everyday equivalents are told.
    """
    rows = tuple(runs)
    known = [run for run in rows if run.energy_j is not None]
    energy = total_of(map(energy_of, rows))
    between = gap_energy_of(gap)
    return Summary(
        session=session,
        runs=rows,
        duration_s=_duration(session, rows, now),
        failed=sum(run.status in ("error", "interrupted", "lost") for run in rows),
        unmeasured=len(rows) - len(known),
        method=weakest(run.method for run in known),
        boundary=boundary(device for run in known for device in run.devices.values()),
        energy=energy,
        idle=_idle(rows),
        gap=between,
        gap_s=gap.duration_s if gap else None,
        gap_method=gap.method if gap else "unavailable",
        total=total_of([energy, between]),
        rest=rest_of_machine(run.devices for run in known),
        operational=total_of(map(carbon_of, rows)),
        embodied=total_of(map(embodied_of, rows)),
        water=total_of(map(water_of, rows)),
        adpe_kgsbeq=_sum(run.adpe_kgsbeq for run in rows),
        primary_energy_mj=_sum(run.primary_energy_mj for run in rows),
        ewaste_kg=_sum(run.ewaste_kg for run in rows),
        top=tuple(sorted(known, key=lambda run: -(run.energy_j or 0.0))[:TOP]),
        phases=_phases(rows),
        discrepancy=_discrepancy(rows, correlations),
        budget=budget,
        findings=tuple(findings),
        change=change,
        links=tuple(links),
        advice=tuple(advice),
        assumptions=tuple(assumptions),
        zones=dict(zones or {}),
        lifetime_y=lifetime_y,
        equivalents=equivalents,
    )


def boundary(devices: Iterable[DeviceEnergy]) -> tuple[Kind, ...]:
    """The kinds of device that a total holds, in the order in which they are named."""
    seen = {device.kind for device in devices if device.energy_j is not None}
    return tuple(kind for kind in KINDS if kind in seen)


def _duration(session: Session, runs: Sequence[Run], now: datetime | None) -> float:
    if now is not None:
        return max(0.0, (now - session.started_at).total_seconds())
    ends = [(r.started_at - session.started_at).total_seconds() + (r.duration_s or 0) for r in runs]
    return max(0.0, *ends, 0.0)


def rest_of_machine(runs: Iterable[Mapping[str, DeviceEnergy]]) -> Estimate | None:
    """This user's part of what no counter sees: power-supply loss, board, fans, disks, in J.

    0.33 (0.2-0.6) of CPU + DRAM, modelled; it enters no total. None where neither is metered.

    Args:
        runs: each run's devices by name; runs with a counter of the whole platform add nothing.
    """
    shares = [
        (d.share, d.energy_j, d.low_j or 0.0, d.high_j or d.energy_j)
        for devices in runs
        if not any(name.startswith("psys") for name in devices)
        for d in devices.values()
        if d.kind in ("cpu", "dram") and d.energy_j is not None
    ]
    if not shares:
        return None
    mid, low, high = (fsum(each[0] * each[bound] for each in shares) for bound in (1, 2, 3))
    return Estimate(mid, low, high) * REST_OF_MACHINE


def _phases(runs: Sequence[Run]) -> tuple[PhaseSum, ...]:
    if all(run.phase is None for run in runs):
        return ()
    sums = []
    for phase in (*PHASES, None):
        rows = [run for run in runs if run.phase == phase]
        if rows:
            time = sum(run.duration_s or 0.0 for run in rows)
            energy, carbon = map(energy_of, rows), map(carbon_of, rows)
            sums.append(PhaseSum(phase, len(rows), time, total_of(energy), total_of(carbon)))
    return tuple(sums)


def _discrepancy(
    runs: Sequence[Run], correlations: tuple[float | None, float | None]
) -> Discrepancy:
    by_energy = _largest(runs, lambda run: run.energy_j)
    by_time, by_carbon = (
        {at: place for place, at in enumerate(_largest(runs, key), 1)}
        for key in (lambda run: run.duration_s, lambda run: run.operational_g)
    )
    chosen = [
        Rank(runs[at], by_time.get(at), place, by_carbon.get(at))
        for place, at in enumerate(by_energy[: TOP + 1], 1)
    ]
    measured = sum(runs[at].method in ("counter", "integrated") for at in by_energy)
    return Discrepancy(tuple(chosen), measured >= 2, *correlations)


def _largest(runs: Sequence[Run], key: Callable[[Run], float | None]) -> list[int]:
    """Where the runs stand whose amount is known, the largest first."""
    values = [key(run) for run in runs]
    known = [at for at, value in enumerate(values) if value is not None]
    return sorted(known, key=lambda at: -(values[at] or 0.0))


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _idle(runs: Sequence[Run]) -> Estimate | None:
    """Idle energy in J; a machine that is never quiet makes it too high, so it starts at 0."""
    total = _sum(run.idle_j for run in runs)
    return None if total is None else Estimate(total, 0.0, total * (1 + SENSOR_ERROR))
