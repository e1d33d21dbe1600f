"""The outermost progress bar of tqdm."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import Any

from ipyfootprint.probes.counts import LOOPS, Progress, Work
from ipyfootprint.probes.patch import Patches, attribute

_BYTES = ("B", "b", "iB", "bytes")  # a download is no work


@dataclass(slots=True)
class _Bar:
    bar: weakref.ref[Any]
    thread: int
    counted: float


class _Bars:
    """Bars that no other bar of their thread encloses, and how much of each was counted.

    A bar knows its count exactly when it closes, and now and then before: tqdm keeps it in
    a local variable between two drawings.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._outer: list[_Bar] = []
        self._enclosing: list[_Bar] = []

    def opened(self, _: None, bar: Any, *_args: Any, **_kwargs: Any) -> None:
        """Follow a new bar, unless another encloses it, it is disabled or counts bytes."""
        if bar.disable or getattr(bar, "unit", "it") in _BYTES:
            return
        me = threading.get_ident()
        self._enclosing = [b for b in self._enclosing if _is_open(b)]
        if not any(b.thread == me for b in self._enclosing):
            known = _Bar(weakref.ref(bar), me, bar.n)
            self._enclosing.append(known)
            self._outer.append(known)

    def closes(self, bar: Any, *_args: Any, **_kwargs: Any) -> None:
        """Count what is left of a bar before it closes."""
        for known in [b for b in self._outer if b.bar() is bar]:
            self._count(known)
            self._outer.remove(known)

    def sets_back(self, bar: Any, *_args: Any, **_kwargs: Any) -> None:
        """Count what a bar has before it starts again at 0."""
        for known in self._outer:
            if known.bar() is bar:
                self._count(known)
                known.counted = 0

    def flush(self) -> None:
        """Count what open bars have reached."""
        for known in list(self._outer):
            self._count(known)
        self._outer = [b for b in self._outer if _is_open(b)]

    def reset(self) -> None:
        """A bar left open by an earlier run encloses nothing; it still counts when it moves."""
        self._enclosing = []

    def progress(self) -> Progress | None:
        """Done and total of the first open bar of this run that knows its total."""
        for known in list(self._enclosing):
            bar = known.bar()
            if bar is not None and not bar.disable and bar.total:
                return float(bar.n), float(bar.total)
        return None

    def _count(self, known: _Bar) -> None:
        bar = known.bar()
        if bar is None:
            return
        if bar.n > known.counted:
            self._work.count(LOOPS, bar.n - known.counted)
        known.counted = bar.n


def _is_open(known: _Bar) -> bool:
    bar = known.bar()
    return bar is not None and not bar.disable


def attach(tqdm: Any, work: Work, patches: Patches) -> None:
    """Count at the class that the notebook's and the other bars inherit from."""
    bars = _Bars(work)
    owner = attribute(tqdm, "std.tqdm")
    patches.after(owner, "__init__", bars.opened)
    patches.before(owner, "close", bars.closes)
    patches.before(owner, "reset", bars.sets_back)
    work.flush["tqdm"] = bars.flush
    work.reset["tqdm"] = bars.reset
    work.progress["tqdm"] = bars.progress
