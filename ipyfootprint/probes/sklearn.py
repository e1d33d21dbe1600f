"""Fits and their iterations in scikit-learn."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import chain, islice
from types import TracebackType
from typing import Any

from ipyfootprint.probes.counts import BATCHES, Work
from ipyfootprint.probes.patch import Patches, attribute


class _Nesting(threading.local):
    depth = 0


class _Fits:
    """Counts fits that no other fit encloses.

    A search or a cross-validation counts as the fits it makes, in whatever process they run;
    a pipeline, a forest or a one-against-rest classifier counts as one.
    """

    def __init__(self, work: Work, patches: Patches) -> None:
        self._work = work
        self._patches = patches
        self._here = _Nesting()
        self._parallel: dict[int, int] = {}

    def enter(self) -> bool:
        """Go one fit deeper; whether it is an outermost one."""
        me = threading.get_ident()
        # A worker thread of somebody's parallel fit starts with no depth of its own.
        foreign = bool(self._parallel) and me not in self._parallel
        self._here.depth += 1
        return self._here.depth == 1 and not foreign

    def leave(self) -> None:
        """One fit shallower."""
        self._here.depth -= 1

    def fitted(self, estimator: Any, method: str) -> None:
        """Count a finished outermost fit."""
        if method == "partial_fit":
            self._work.count(BATCHES)
        elif hasattr(estimator, "cv_results_"):
            made = len(estimator.cv_results_["params"]) * int(estimator.n_splits_)
            self._work.count_fit(None, made + bool(getattr(estimator, "refit", False)))
        else:
            self._work.count_fit(iterations(estimator))

    def parallel(self, original: Any) -> Any:
        """`Parallel.__call__` that counts the fits it hands out, once each."""

        def call(pool: Any, tasks: Iterable[Any]) -> Any:
            tasks = iter(tasks)
            first = list(islice(tasks, 1))
            tasks = chain(first, tasks)
            outermost, fits, handed = self._here.depth == 0, any(map(_is_fit, first)), [0]
            if outermost and not fits:
                return original(pool, tasks)
            me = threading.get_ident()
            self._parallel[me] = self._parallel.get(me, 0) + 1
            self._here.depth += 1
            try:
                result = original(pool, _counted(tasks, handed))
            finally:
                self._here.depth -= 1
                self._parallel[me] -= 1
                if not self._parallel[me]:
                    del self._parallel[me]
            if outermost:
                self._patches.tell(self._work.count_fit, None, handed[0])
            return result

        return call


class _Fit(AbstractContextManager[Any]):
    """The context of a fit, with a count at its end."""

    def __init__(
        self, inner: AbstractContextManager[Any], fits: _Fits, estimator: Any, method: str
    ) -> None:
        self._inner, self._fits, self._estimator, self._method = inner, fits, estimator, method
        self._outermost = False

    def __enter__(self) -> Any:
        self._outermost = self._fits.enter()
        return self._inner.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        self._fits.leave()
        if self._outermost and kind is None:
            self._fits._patches.tell(self._fits.fitted, self._estimator, self._method)
        return self._inner.__exit__(kind, error, trace)


def _is_fit(task: Any) -> bool:
    """Whether a task of a cross-validation fits an estimator: `_fit_and_score` and its like."""
    return getattr(getattr(task[0], "function", None), "__name__", "").startswith("_fit_and")


def _counted(tasks: Iterable[Any], handed: list[int]) -> Iterator[Any]:
    """The same tasks, counting those that fit an estimator."""
    for task in tasks:
        handed[0] += _is_fit(task)
        yield task


def iterations(estimator: Any) -> float | None:
    """Iterations of a fitted estimator, or its number of trees; None where it has neither."""
    done = getattr(estimator, "n_iter_", None)
    if done is None:
        done = getattr(estimator, "n_estimators_", None)
    if done is None:
        members = getattr(estimator, "estimators_", None)
        return float(len(members)) if members is not None else None
    return float(done.sum() if hasattr(done, "sum") else done)


def attach(sklearn: Any, work: Work, patches: Patches) -> None:
    """Count at the context that every estimator's fit enters (scikit-learn >= 1.3).

    No class is touched: an estimator that the user wrote pickles as it did.
    """
    base = attribute(sklearn, "base")
    original = base.config_context
    fits = _Fits(work, patches)

    def config_context(**config: Any) -> AbstractContextManager[Any]:
        inner: AbstractContextManager[Any] = original(**config)
        here = sys._getframe(1).f_locals
        if "estimator" not in here or "fit_method" not in here:
            return inner
        return _Fit(inner, fits, here["estimator"], here["fit_method"].__name__)

    patches.replace(base, "config_context", config_context)
    pool = attribute(sklearn, "utils.parallel.Parallel")
    patches.replace(pool, "__call__", fits.parallel(pool.__call__))
