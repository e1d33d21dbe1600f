"""The one thread that metering adds to a kernel.

It closes runs when their counters have settled and carries the newest reading to the
listeners while a cell runs. It sleeps without a timeout when there is nothing to do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ipyfootprint.model import Run
from ipyfootprint.tracker import Event, Tracker

SETTLE_EVERY_S = 0.1
PROGRESS_EVERY_S = 0.3
Chore = Callable[[], float | None]


class Relay:
    """A daemon thread over one tracker; it listens to the tracker to know when to wake.

    Attributes:
        chores: called at every round, outside the tracker's lock; each returns the seconds
            after which it wants to be called again, or None where it has nothing to do.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self.chores: list[Chore] = []
        self._chore_in: float | None = None
        self._wake = threading.Event()
        self._closed = False
        self._asleep = False
        self._thread = threading.Thread(target=self._loop, name="ipyfootprint", daemon=True)
        tracker.listeners.append(self._hear)
        self._thread.start()

    def close(self) -> None:
        """End the thread; returns when it is gone (at most a second)."""
        self._closed = True
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(1.0)

    def _hear(self, event: Event, run: Run) -> None:
        # Only a thread that sleeps without end is woken: at its edges a cell has the interpreter.
        if self._asleep:
            self._wake.set()

    def _loop(self) -> None:
        while not self._closed:
            self._asleep = True  # before looking: what comes after the look wakes
            pause = self._pause()
            self._asleep = pause is None
            if self._wake.wait(pause) and not self._closed:
                self._asleep = False
                self._wake.clear()
                self._wake.wait(SETTLE_EVERY_S)  # at its edge a cell has the interpreter
            if self._closed:
                return
            self._tracker.settle_some()
            self._tracker.tell_progress()
            self._chore_in = self._earliest([self._done(chore) for chore in tuple(self.chores)])

    def _done(self, chore: Chore) -> float | None:
        """Do a chore; one that fails is not called again, and the thread goes on."""
        try:
            return chore()
        except Exception:
            self.chores.remove(chore)
            return None

    def _pause(self) -> float | None:
        """Seconds until there is something to do; None: until woken."""
        if self._tracker.unsettled:
            return SETTLE_EVERY_S
        return self._earliest([PROGRESS_EVERY_S if self._tracker.watched else None, self._chore_in])

    @staticmethod
    def _earliest(waits: Sequence[float | None]) -> float | None:
        return min((wait for wait in waits if wait is not None), default=None)
