"""Work units, counted or declared, and which of them names a run's work.

Counters only grow; a run's work is the difference of two snapshots. Each thread writes
counters of its own, so that counting needs no lock: a lock that another thread holds at a
fork would stay shut in the child for ever.

One run may count several kinds: a training loop under tqdm steps an optimizer and draws
samples. The kind that names its work is the first of KINDS that was counted, whatever the
amounts, so that the same code is always described by the same kind.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

STEPS = "optimizer steps"
BATCHES = "batches"
ROUNDS = "boosting rounds"
ITERATIONS = "iterations"
FITS = "fits"
SAMPLES = "samples"
PREDICTIONS = "prediction batches"
LOOPS = "loop iterations"

KINDS = (STEPS, BATCHES, ROUNDS, ITERATIONS, FITS, PREDICTIONS, SAMPLES, LOOPS)
"""Kinds of counted work, from the first choice to the last. Declared work comes before all.

Optimizer steps are counted by torch and by the Hugging Face Trainer: the larger of the two
counts. Iterations stand for fits where every fit of the run told its iterations.
"""

_WORK = 'Type e.g. work(10, "epochs").'
_METRIC = 'Type e.g. metric("acc", 0.93).'
_COUNTED_FITS = "fits that told their iterations"  # never shown; decides between the two

Progress = tuple[float, float]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The work of one run.

    Args:
        units: how much.
        kind: of what: one of KINDS, or the unit that the user declared.
        declared: True when the user said so.
        others: what else was counted, by kind.
    """

    units: float
    kind: str
    declared: bool = False
    others: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """All counters at one moment."""

    counts: Mapping[tuple[str, str], float]
    declared: Mapping[str, float]


class Work:
    """The counters of one process, the declared work and metric, and the probes' notes."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, str], float] = {}
        self._declared: dict[str, float] = {}
        self._metric: tuple[str, float] | None = None
        self._notes: list[str] = []
        self._lock = threading.Lock()
        self.flush: dict[str, Callable[[], None]] = {}
        self.progress: dict[str, Callable[[], Progress | None]] = {}
        self.reset: dict[str, Callable[[], None]] = {}

    def count(self, kind: str, n: float = 1, source: str = "") -> None:
        """Add counted work; about 0.3 us, from any thread."""
        key = (threading.get_ident(), kind, source)
        counts = self._counts
        counts[key] = counts.get(key, 0) + n

    def count_fit(self, iterations: float | None, fits: int = 1) -> None:
        """Add fits that took so many iterations altogether; None where they do not say."""
        self.count(FITS, fits)
        if iterations is not None:
            self.count(_COUNTED_FITS, fits)
            self.count(ITERATIONS, iterations)

    def declare(self, n: float, unit: str) -> None:
        """Add declared work; what is no amount or no unit is noted, not raised."""
        if not _is_amount(n) or n < 0:
            self.note(f"work({n!r}, {unit!r}): not an amount; it was not counted. {_WORK}")
        elif not isinstance(unit, str) or not unit.strip():
            self.note(f"work({n!r}, {unit!r}): not a unit; it was not counted. {_WORK}")
        else:
            with self._lock:
                unit = unit.strip()
                # The unit declared last is the last key: it names the run.
                self._declared[unit] = self._declared.pop(unit, 0.0) + float(n)

    def declare_metric(self, name: str, value: float) -> None:
        """Keep the outcome; a later value replaces it. NaN and the like are noted."""
        if not isinstance(name, str) or not name.strip():
            self.note(f"metric({name!r}, {value!r}): not a name; it was not kept. {_METRIC}")
        elif not _is_amount(value):
            what = f"metric({name!r}, {value!r}): not a finite number"
            self.note(f"{what}; the last value stays. {_METRIC}")
        else:
            self._metric = (name.strip(), float(value))

    def metric(self) -> tuple[str, float] | None:
        """The outcome declared since `mark`, or None."""
        return self._metric

    def mark(self) -> Mark:
        """A snapshot; forgets the metric and progress of what came before."""
        self._metric = None
        mark = self._snapshot()
        for name, reset in list(self.reset.items()):
            self.safely(name, reset)
        return mark

    def since(self, mark: Mark) -> WorkDone | None:
        """The work done since a snapshot, or None when none was seen."""
        now = self._snapshot()
        declared = {
            unit: n - mark.declared.get(unit, 0.0)
            for unit, n in now.declared.items()
            if n > mark.declared.get(unit, 0.0)
        }
        counted = _by_kind(
            {key: n - mark.counts.get(key, 0) for key, n in now.counts.items()},
        )
        if declared:
            unit = next(reversed(declared))
            return WorkDone(declared[unit], unit, declared=True, others=counted)
        for kind in KINDS:
            if kind in counted:
                units = counted.pop(kind)
                return WorkDone(units, kind, others=counted)
        return None

    def how_far(self) -> Progress | None:
        """Done and total of the run's outermost known loop, or None where no total is known.

        The user's own progress bar comes first: it is the outermost by intent.
        """
        for name in sorted(self.progress, key=lambda name: name != "tqdm"):
            reached = self.safely(name, self.progress[name])
            if reached is not None and reached[1] > 0:
                return reached
        return None

    def note(self, text: str) -> None:
        """Keep a sentence for the user, once."""
        if text not in self._notes:
            self._notes.append(text)

    def notes(self) -> list[str]:
        """The sentences since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def safely(self, name: str, act: Callable[[], _T]) -> _T | None:
        """What a probe answers; one that raises is noted."""
        try:
            return act()
        except Exception as error:
            self.failed(name, error)
            return None

    def failed(self, name: str, error: BaseException) -> None:
        """Note that a probe no longer counts, with why and what to type."""
        for table in (self.flush, self.progress, self.reset):
            table.pop(name, None)
        self.note(
            f"Work in {name} is no longer counted ({type(error).__name__}: {error}); runs are "
            "metered as before. %%footprint --work N UNIT declares it."
        )

    def _snapshot(self) -> Mark:
        for name, flush in list(self.flush.items()):
            self.safely(name, flush)
        counts: dict[tuple[str, str], float] = {}
        for (_, kind, source), n in list(self._counts.items()):
            counts[kind, source] = counts.get((kind, source), 0) + n
        with self._lock:
            return Mark(counts, dict(self._declared))


def _by_kind(counts: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """What was counted of each kind; sources of one kind see the same work."""
    kinds: dict[str, float] = {}
    for (kind, _), n in counts.items():
        if n > 0:
            kinds[kind] = max(kinds.get(kind, 0), n)
    told = kinds.pop(_COUNTED_FITS, 0)
    if told < kinds.get(FITS, 0):
        kinds.pop(ITERATIONS, None)
    return kinds


def _is_amount(value: object) -> bool:
    try:
        return not isinstance(value, str | bytes) and math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
