"""What the running cell will have used at its end, while it runs."""

from __future__ import annotations

from ipyfootprint import probes
from ipyfootprint.amounts import energy_of
from ipyfootprint.model import Estimate, Run
from ipyfootprint.rebound.forecast import Progress, from_progress, thinned


class Ahead:
    """Follows one run after another; asked a few times a second, from any thread."""

    def __init__(self) -> None:
        self._run_id = ""
        self._total = 0.0
        self._seen: list[Progress] = []

    def predicted(self, run: Run, previous: Run | None = None) -> tuple[Estimate, float] | None:
        """Energy in J of the whole run and seconds left; None where that cannot be told.

        The work of the whole run is the total of its progress bar, its epochs or its Trainer;
        else that of the same cell's previous run with the same configuration.

        Args:
            run: as known now.
            previous: the run before it of the same lineage.
        """
        energy, reached = energy_of(run), _reached(run, previous)
        if energy is None or run.duration_s is None or reached is None:
            return None
        done, total = reached
        if run.run_id != self._run_id or total != self._total:
            self._run_id, self._total, self._seen = run.run_id, total, []
        if self._seen and done < self._seen[-1].done:
            self._seen = []
        self._seen = thinned([*self._seen, Progress(run.duration_s, energy, done)])
        return from_progress(self._seen, total)


def _reached(run: Run, previous: Run | None) -> tuple[float, float] | None:
    """Work done so far, and that of the whole run."""
    if (told := probes.progress()) is not None:
        return told
    if previous is None or not previous.work_units or previous.status != "ok":
        return None
    if run.config_hash is None or previous.config_hash != run.config_hash:
        return None
    done = probes.take()
    if done is None or done.kind != previous.work_kind:
        return None
    return done.units, previous.work_units
