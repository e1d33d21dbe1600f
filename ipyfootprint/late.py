"""What live services bring after the fact: better figures for past runs, and why they failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from ipyfootprint.errors import FootprintError
from ipyfootprint.grid.averages import country_of
from ipyfootprint.grid.base import Chain
from ipyfootprint.impact import restatement
from ipyfootprint.model import CarbonIntensity, Run
from ipyfootprint.tracker import Event, Tracker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipyfootprint.grid.live import Live

#: Services are asked for the last day, so older runs cannot be restated by them.
_BACK = timedelta(hours=25)
#: The ledger keeps micrograms: less than two of them is rounding.
_ROUNDING_G = 2e-6


class Late:
    """Follows the live sources of a session's grid.

    Past runs are restated in the thread that fetched the better figures, as rows of their
    own; a run keeps what it was written with.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._lives: tuple[Live, ...] = ()
        self._asked: tuple[Live, ...] = ()
        tracker.listeners.append(self._hear)

    def follow(self, grid: Chain, advisers: Sequence[Live] = ()) -> None:
        """Follow these sources from now on; of the advisers only why they fail is told."""
        self._lives = tuple(s for s in grid.sources if hasattr(s, "settled"))  # type: ignore[misc]
        self._asked = (*self._lives, *advisers)
        for live in self._lives:
            live.on_answer = self.restate

    def restate(self) -> None:
        """Adjust the runs of the last day whose hours a service now knows."""
        try:
            for run, grams, source in self._changes():
                self._tracker.ledger.adjust(
                    run.run_id, operational_g=grams, reason=f"carbon restated: {source}"
                )
        except Exception as error:  # a thread's traceback would land in a cell's output
            self._tracker.notice(
                error
                if isinstance(error, FootprintError)
                else FootprintError(f"Past runs could not be restated ({error!r})")
            )

    def _changes(self) -> Iterator[tuple[Run, float, str]]:
        ledger = self._tracker.ledger
        for run in ledger.runs(since=datetime.now(UTC) - _BACK):
            better = self._at(run.started_at)
            if better is None or not _comparable(run, better):
                continue
            grams = restatement(run, self._at, trace=ledger.trace(run.run_id))
            if grams is not None and abs(grams) > _ROUNDING_G:
                yield run, grams, better.source

    def _at(self, when: datetime) -> CarbonIntensity | None:
        for live in self._lives:
            found = live.settled(when)
            if found and found.accounting == "average" and found.method == "location":
                return found
        return None

    def _hear(self, event: Event, run: Run) -> None:
        if event == "ended":
            for live in self._asked:
                for problem in live.problems():
                    self._tracker.notice(problem)


def _comparable(run: Run, better: CarbonIntensity) -> bool:
    """Whether a figure may take the place of the run's own: same country, same basis.

    What a person set stays, and a lifecycle figure never becomes a direct one.
    """
    was = run.intensity
    if was is None or run.status == "started" or was.source == "set by you":
        return False
    try:
        return was.basis == better.basis and country_of(was.zone) == country_of(better.zone)
    except FootprintError:
        return False
