"""What every view of several runs adds up: energy with bounds, carbon, and active time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipyfootprint.model import Estimate, Run

LONGEST_GAP_S = 600.0  # a longer pause is no work


def energy_of(run: Run) -> Estimate | None:
    """A run's energy in J with its bounds, or None."""
    return _estimate(run.energy_j, run.energy_low_j, run.energy_high_j)


def carbon_of(run: Run) -> Estimate | None:
    """A run's operational carbon in g with its bounds, or None."""
    return _estimate(run.operational_g, run.operational_low_g, run.operational_high_g)


def embodied_of(run: Run) -> Estimate | None:
    """A run's share of making the machine, in g CO2e with its bounds, or None."""
    return _estimate(run.embodied_g, run.embodied_low_g, run.embodied_high_g)


def water_of(run: Run) -> Estimate | None:
    """A run's water in L with its bounds, or None."""
    return _estimate(run.water_l, run.water_low_l, run.water_high_l)


def total(parts: Iterable[Estimate | None]) -> Estimate | None:
    """The sum of what is known; None where nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known[1:], known[0]) if known else None


def failed(run: Run) -> bool:
    """Whether a run raised."""
    return run.status == "error"


def abandoned(run: Run) -> bool:
    """Whether a run was stopped by the person, or lost with its kernel."""
    return run.status in ("interrupted", "lost")


def active_seconds(runs: Sequence[Run]) -> dict[str, float]:
    """Active time of each run by run_id: its duration and the pause before it, capped."""
    ends: dict[str, float] = {}
    found: dict[str, float] = {}
    for run in sorted(runs, key=lambda run: run.started_at):
        start = run.started_at.timestamp()
        duration_s = run.duration_s or 0.0
        last = ends.get(run.session_id)
        pause_s = 0.0 if last is None else min(LONGEST_GAP_S, max(0.0, start - last))
        found[run.run_id] = duration_s + pause_s
        ends[run.session_id] = max(last or 0.0, start + duration_s)
    return found


def _estimate(mid: float | None, low: float | None, high: float | None) -> Estimate | None:
    if mid is None:
        return None
    return Estimate.exact(mid) if low is None or high is None else Estimate(mid, low, high)
