"""Hear of runs as they come: the one way in for whatever else wants to know.

    def tell(event, run):       # "started", "progress", "ended", "settled"
        if event == "settled":
            print(run.label, run.energy_j)

    stop = ipyfootprint.listen(tell)

`settled` has the final figures. A callback runs beside the cells, never in their way; one that
raises is told of once and no longer called.
"""

from __future__ import annotations

from collections.abc import Callable

from ipyfootprint.api import recording
from ipyfootprint.tracker import Listener


def listen(callback: Listener) -> Callable[[], None]:
    """Have `callback(event, run)` called for every run of this session; returns what ends that.

    Metering begins here where it has not begun. The same callback is called once however often it
    is given.
    """
    listeners = recording().tracker.listeners
    if callback not in listeners:
        listeners.append(callback)

    def stop() -> None:
        if callback in listeners:
            listeners.remove(callback)

    return stop
