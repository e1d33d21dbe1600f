"""`track`: a block or a function under the meter, without magics."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from ipyfootprint.api import recording
from ipyfootprint.errors import ConfigError
from ipyfootprint.model import PHASES, Phase, Run
from ipyfootprint.rebound.lineage import lineage_of
from ipyfootprint.tracker import Span, Tracker, status_from

P = ParamSpec("P")
R = TypeVar("R")


def track(
    label: str | Callable[P, R] | None = None,
    *,
    phase: Phase | None = None,
    planned: int | None = None,
) -> Any:
    """Meter a block, under `with`, or a function, as its decorator.

        with track("train") as run: ...

    After the block `run` reads like a Run (`run.energy_j`). Inside a metered cell the block
    is part of that cell's run: it is measured, and not recorded a second time.

    Args:
        label: name of the experiment; runs of one label belong together.
        phase: phase of the life cycle.
        planned: how many runs of this experiment are planned.

    Raises:
        ConfigError: the phase is not one.
    """
    if callable(label):
        return Tracked(label.__qualname__, phase, planned)(label)
    return Tracked(label, phase, planned)


class Tracked:
    """A block or function under the meter; made by `track`."""

    def __init__(self, label: str | None, phase: Phase | None, planned: int | None) -> None:
        if phase is not None and phase not in PHASES:
            raise ConfigError(f"{phase!r} is not a phase", remedy=f"Phases: {', '.join(PHASES)}.")
        self._label, self._phase, self._planned = label, phase, planned
        self._tracker: Tracker | None = None
        self._span: Span | None = None
        self.run: Run | None = None

    def __enter__(self) -> Tracked:
        """Take the first edge."""
        here = recording()
        lineage = lineage_of(self._label, None, None)
        self._tracker = here.tracker
        run = self._tracker.new_run(
            label=self._label,
            phase=self._phase,
            planned=self._planned or here.watch.planned(lineage),
            lineage=lineage,
        )
        self._span = self._tracker.begin(run)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the last edge; an exception passes and is recorded as the run's status."""
        assert self._tracker is not None and self._span is not None
        self.run = self._tracker.end(self._span, status_from(error))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows of it: the line of its run."""
        from ipyfootprint.widgets.static_view import line_view, run_view

        view = line_view("The block has not ended yet.") if self.run is None else run_view(self.run)
        return view.mimebundle()

    def __getattr__(self, name: str) -> Any:
        """A field of the run, once the block has ended."""
        if name.startswith("_") or self.run is None:
            raise AttributeError(f"{name}: the block has not ended yet")
        return getattr(self.run, name)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function, metered at every call (a coroutine function while it is awaited)."""

        def fresh() -> Tracked:
            return Tracked(self._label or function.__qualname__, self._phase, self._planned)

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                with fresh():
                    return await function(*args, **kwargs)

            return awaited  # type: ignore[return-value]

        @functools.wraps(function)
        def metered(*args: P.args, **kwargs: P.kwargs) -> R:
            with fresh():
                return function(*args, **kwargs)

        return metered
