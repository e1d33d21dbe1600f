"""What every view of several runs counts: active time, and which runs came to nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ipyfootprint.model import Run

LONGEST_GAP_S = 600.0  # a longer pause is no work


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
