"""Counting work units in the libraries that the user has imported.

    install()                  watch for the user's imports; import nothing
    mark = start()             a run begins
    take(mark) -> WorkDone     its work, or None
    work(n, unit)              declared work, before anything counted
    metric(name, value)        the run's outcome
    progress()                 (done, total) of the running loop, or None
    uninstall()                everything as it was

A probe never changes a result and never raises; one that fails is put back and leaves one
note.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from ipyfootprint.probes.counts import KINDS, STEPS, Mark, Progress, Work, WorkDone
from ipyfootprint.probes.imports import ImportWatch, fully_imported
from ipyfootprint.probes.patch import Patches

__all__ = [
    "KINDS",
    "STEPS",
    "Mark",
    "WorkDone",
    "declared_metric",
    "install",
    "metric",
    "notes",
    "parameters",
    "progress",
    "start",
    "take",
    "uninstall",
    "work",
]

# The module whose import shows that a library is in use, and the probe that goes with it.
PROBES = {
    "torch": "torch",
    "torch._dynamo": "dynamo",
    "keras": "keras",
    "sklearn": "sklearn",
    "xgboost": "boosting",
    "lightgbm": "boosting",
    "tqdm": "tqdm",
    "transformers.trainer_callback": "transformers",
}


class Probes:
    """The probes of one process and the counters that they feed."""

    def __init__(self) -> None:
        self.work = Work()
        self._watch = ImportWatch(tuple(PROBES), self.attach)
        self._attached: dict[str, tuple[ModuleType, Patches]] = {}
        self._installed = False

    def install(self) -> None:
        """Attach to what is imported already, and to the rest when it is."""
        self._installed = True
        self._watch.install()
        self.catch_up()

    def catch_up(self) -> None:
        """Attach to libraries whose import was not seen (an unusual loader)."""
        if not self._installed:
            return
        for name in PROBES:
            module = fully_imported(name)
            if module is not None and self._module(name) is not module:
                self.attach(name, module)

    def attach(self, name: str, module: ModuleType) -> None:
        """Let a library's probe count; again after a reload."""
        library = name.partition(".")[0]
        old = self._attached.pop(name, None)
        if old is not None:
            old[1].restore()
        patches = Patches(lambda error: self.work.failed(library, error))
        self._attached[name] = (module, patches)
        try:
            probe = importlib.import_module(f"{__name__}.{PROBES[name]}")
            probe.attach(module, self.work, patches)
        except Exception as error:
            patches.restore()
            self.work.failed(library, error)

    def uninstall(self) -> None:
        """Put every library back; counters keep what they have."""
        self._installed = False
        self._watch.uninstall()
        for _, patches in self._attached.values():
            patches.restore()
        self._attached.clear()
        for table in (self.work.flush, self.work.progress, self.work.reset):
            table.clear()

    def _module(self, name: str) -> ModuleType | None:
        attached = self._attached.get(name)
        return attached[0] if attached else None


_probes = Probes()
_last = _probes.work.mark()


def install() -> None:
    """Count work in the supported libraries from now on; harmless when called twice."""
    _probes.install()


def uninstall() -> None:
    """Count no longer and put every library back; harmless when called twice."""
    _probes.uninstall()


def start() -> Mark:
    """The beginning of a run: what `take` counts from."""
    global _last
    _probes.catch_up()
    _last = _probes.work.mark()
    return _last


def take(mark: Mark | None = None) -> WorkDone | None:
    """The work since a mark (since the last start by default), or None when none was seen."""
    return _probes.work.since(_last if mark is None else mark)


def work(n: float, unit: str) -> None:
    """Declare work of the running cell, `n` of a unit: `work(10, "epochs")`; amounts add up.

    Declared work comes before counted work; of several units the one declared last. What is
    no amount or no unit is noted and not counted: it never stops a training.
    """
    _probes.work.declare(n, unit)


def metric(name: str, value: float) -> None:
    """Declare the outcome of the running cell, e.g. `metric("acc", 0.93)`; the last one counts.

    A value that is not finite is noted and not kept.
    """
    _probes.work.declare_metric(name, value)


def parameters() -> int | None:
    """Parameters of the model that torch trained last, or None."""
    probe = sys.modules.get(f"{__name__}.torch")
    return None if probe is None else probe.parameters()


def declared_metric() -> tuple[str, float] | None:
    """Name and value of the outcome declared since `start`, or None."""
    return _probes.work.metric()


def progress() -> Progress | None:
    """(done, total) of the run's outermost loop whose total is known, or None; any thread."""
    return _probes.work.how_far()


def notes() -> list[str]:
    """Sentences for the user that came up since the last call."""
    return _probes.work.notes()
