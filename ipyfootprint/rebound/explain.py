"""What stands beside a finding: what drove it, how it feeds back, what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ipyfootprint.model import Run
from ipyfootprint.rebound.advise import Suggestion, advise
from ipyfootprint.rebound.loop import Strength, causal_loop, feedback, runs_left
from ipyfootprint.rebound.periods import Comparison, around
from ipyfootprint.rebound.volume import Rebound


@dataclass(frozen=True, slots=True)
class Explanation:
    """What can be said of a session or of one lineage; None or empty where nothing can.

    Args:
        comparison: the lineage before and since the gain, decomposed.
        loop: the causal loop with its strengths.
        advice: what would help, the largest saving first.
        runs_left: runs until the saving on the work before is used up; 0 where it is.
    """

    comparison: Comparison | None
    loop: tuple[Strength, ...]
    advice: tuple[Suggestion, ...]
    runs_left: int | None


def explain(
    runs: Sequence[Run],
    rebounds: Sequence[Rebound],
    lineage: str | None = None,
    *,
    budget_set_at: datetime | None = None,
    least_j: float = 100.0,
) -> Explanation:
    """Everything that follows from a session's runs and gains.

    Args:
        runs: of the session, oldest first.
        rebounds: its gains and what became of them.
        lineage: of this experiment alone; else the gain that wasted most, and all advice.
        budget_set_at: when the budget in force was set, or None without one.
        least_j: savings below this are not worth a word, in J.
    """
    gains = [gain for gain in rebounds if lineage in (None, gain.lineage)]
    worst = max(gains, key=lambda gain: gain.wasted_j, default=None)
    comparison = around(worst, runs) if worst else None
    return Explanation(
        comparison=comparison,
        loop=causal_loop(
            worst,
            grid=comparison.grid if comparison else None,
            limited=feedback(runs, budget_set_at) if budget_set_at else None,
        ),
        advice=advise([r for r in runs if lineage in (None, r.lineage)], least_j=least_j),
        runs_left=runs_left(worst) if worst else None,
    )
