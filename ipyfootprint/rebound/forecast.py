"""What a run will have used at its end: from its lineage's history, or from its own progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ipyfootprint.model import Estimate, Run

LAST = 9  # runs of a lineage that a prediction rests on
LEAST_DONE = 0.02  # of the work: before that a rate says little
UNEVEN = 0.1  # work still to do may cost this much more or less than that done


@dataclass(frozen=True, slots=True)
class Progress:
    """A running run at one moment: seconds and energy since its start, work done."""

    elapsed_s: float
    energy: Estimate
    done: float


def like(runs: Sequence[Run], config_hash: str | None) -> list[Run]:
    """The newest runs of a lineage that ended well and say what another will use.

    Those of the same configuration where there are any, else of all.

    Args:
        runs: the lineage's runs, oldest first.
        config_hash: of the run to come.
    """
    good = [run for run in runs if run.status == "ok" and run.energy_j is not None]
    same = [run for run in good if config_hash is not None and run.config_hash == config_hash]
    return (same or good)[-LAST:]


def from_history(amounts: Sequence[Estimate]) -> Estimate | None:
    """The median of what earlier runs used, in their unit, within the range of them all."""
    if not amounts:
        return None
    mid = median(amount.mid for amount in amounts)
    low, high = min(a.low for a in amounts), max(a.high for a in amounts)
    return Estimate(mid, min(low, mid), max(high, mid))


def from_progress(seen: Sequence[Progress], total: float) -> tuple[Estimate, float] | None:
    """Energy in J of the whole run, and seconds left; None before enough work is done.

    The rest is taken to cost what a unit of work has cost so far. The bounds hold that rate
    and the one of the newer half of what was done (a slow start, a data set that grows), ten
    per cent for work that is uneven, and the energy's own bounds.

    Args:
        seen: moments of the run, oldest first; the last is now.
        total: work of the whole run.
    """
    if not seen or total <= 0:
        return None
    now = seen[-1]
    if not LEAST_DONE * total <= now.done <= total or now.energy.mid <= 0:
        return None
    rest = total - now.done
    rate_j, rate_s = now.energy.mid / now.done, now.elapsed_s / now.done
    middle = min(seen, key=lambda moment: abs(moment.done - now.done / 2))
    newer_j = rate_j
    if now.done > middle.done:
        newer_j = max(0.0, now.energy.mid - middle.energy.mid) / (now.done - middle.done)
    mid = now.energy.mid + rest * rate_j
    low = now.energy.mid + rest * min(rate_j, newer_j) * (1 - UNEVEN)
    high = now.energy.mid + rest * max(rate_j, newer_j) * (1 + UNEVEN)
    scale_low = now.energy.low / now.energy.mid
    scale_high = now.energy.high / now.energy.mid
    return Estimate(mid, low * scale_low, high * scale_high), rest * rate_s


def thinned(seen: list[Progress], most: int = 64) -> list[Progress]:
    """The same course in fewer moments, the last always among them."""
    return seen if len(seen) <= most else [*seen[:-1:2], seen[-1]]
