"""marimo: a live line under the cell that runs a metered block, warnings, and a live session.

marimo has no magics, and nothing that was displayed can be replaced once its cell has ended.
So the line stays a widget: it ends with its run, marimo keeps its last state for reloads and
HTML exports, and running the cell again takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ipyfootprint.jupyter.panel import Panel
from ipyfootprint.model import Run
from ipyfootprint.widgets.cell import CellBadge
from ipyfootprint.widgets.curve import Curve
from ipyfootprint.widgets.payload import badge_payload
from ipyfootprint.widgets.static_view import notice_view

if TYPE_CHECKING:
    from ipyfootprint.api import Recording
    from ipyfootprint.model import Finding
    from ipyfootprint.tracker import Event
    from ipyfootprint.widgets.rebound import ReboundBanner
    from ipyfootprint.widgets.summary import Summary

UPDATE_EVERY_S = 0.3


class Place(NamedTuple):
    """A cell, and this execution of it."""

    cell: str
    execution: object


def place() -> Place | None:
    """The marimo cell that this thread runs, or None; marimo has no public name for it."""
    try:
        from marimo import running_in_notebook
        from marimo._runtime.context import get_context

        execution = get_context().execution_context if running_in_notebook() else None
        return None if execution is None else Place(str(execution.cell_id), execution)
    except Exception:  # another marimo than those known: the runs are recorded all the same
        return None


@dataclass(slots=True)
class _Line:
    """The badge of one experiment in one execution of a cell: a loop of runs shares it."""

    execution: object
    badge: CellBadge
    run: Run
    previous: Run | None
    curve: Curve = field(default_factory=Curve)
    due: float = 0.0
    stale: bool = False


class MarimoCells:
    """What a recording shows in marimo's cells.

    Args:
        recording: whose runs, notices and findings are shown.
        summary: makes the summary of the session from its runs.
    """

    def __init__(self, recording: Recording, summary: Callable[[Iterable[Run]], Summary]) -> None:
        self._recording, self._summary = recording, summary
        self._panels: dict[str, tuple[object, Panel]] = {}  # by cell, with its execution
        self._banners: dict[str, ReboundBanner] = {}
        self._lines: dict[tuple[str, str], _Line] = {}  # by cell and experiment
        self._open: dict[str, _Line] = {}  # by run, until it has settled
        self._last: dict[str, Run] = {}
        self._told: set[str] = set()
        recording.tracker.listeners.append(self.hear)
        recording.relay.chores.append(self.tick)

    def hear(self, event: Event, run: Run) -> None:
        """Follow a run. Its start and end come from the thread that runs its cell."""
        if event == "started" and self._recording.settings.live:
            self._line(run)
        elif event == "ended":
            self._update(self._open.get(run.run_id) or self._line(run), run)
            self._last[run.lineage or ""] = run
            self.notices()
        elif event == "progress":
            self._update(self._open.get(run.run_id), run)
        elif event == "settled":
            self._update(self._open.pop(run.run_id, None), run)

    def tick(self) -> float | None:
        """Send what came too soon after the update before; seconds until more is due, or None."""
        now = time.monotonic()
        stale = [line for line in tuple(self._lines.values()) if line.stale]
        for line in stale:
            if line.due <= now:
                self._send(line)
        return min((line.due - now for line in stale if line.stale), default=None)

    def _line(self, run: Run) -> _Line | None:
        """The line of a run in the cell that runs here; None outside one."""
        here = place()
        if here is None:
            return None
        key = here.cell, run.lineage or ""
        line, previous = self._lines.get(key), self._last.get(run.lineage or "")
        if line is not None and line.execution is here.execution:
            line.run, line.previous, line.curve = run, previous, Curve()
        else:
            if line is not None:
                line.badge.close()
            line = _Line(here.execution, CellBadge(badge_payload(run, previous)), run, previous)
            self._lines[key] = line
            _append(line.badge)
        self._open[run.run_id] = line
        return line

    def _update(self, line: _Line | None, run: Run) -> None:
        if line is None or line.run.run_id != run.run_id:
            return
        line.run = run
        if run.status == "started":
            line.curve.add(run)
        line.stale = True
        if time.monotonic() >= line.due:
            self._send(line)

    @staticmethod
    def _send(line: _Line) -> None:
        line.stale, line.due = False, time.monotonic() + UPDATE_EVERY_S
        running = line.run.status == "started"
        power_w = line.curve.power_w if running else None
        line.badge.update(
            badge_payload(line.run, line.previous, line.curve.trace(), power_w=power_w)
        )

    def panel(self, summary: Summary) -> tuple[str, str] | None:
        """The session in this cell: one widget however often the cell shows it, or None."""
        here = place()
        if here is None or not self._recording.settings.live:
            return None
        execution, panel = self._panels.get(here.cell, (None, None))
        if panel is None or execution is not here.execution:
            if panel is not None:
                self._unfollow(panel)
            panel = Panel(self._summary)
            self._panels[here.cell] = here.execution, panel
            self._recording.tracker.listeners.append(panel.hear)
            self._recording.relay.chores.append(panel.tick)
        return _html(panel.widget(summary.runs))

    def _unfollow(self, panel: Panel) -> None:
        tracker, relay = self._recording.tracker, self._recording.relay
        if panel.hear in tracker.listeners:
            tracker.listeners.remove(panel.hear)
        if panel.tick in relay.chores:
            relay.chores.remove(panel.tick)
        panel.close()

    def notices(self) -> None:
        """Tell each problem and each finding once, under the cell that runs here."""
        if place() is None:
            return
        for notice in self._recording.tracker.notices:
            if str(notice) not in self._told:
                self._told.add(str(notice))
                _append(_markup(notice_view(notice).html))
        for finding in self._recording.watch.take():
            self._warn(finding)

    def _warn(self, finding: Finding) -> None:
        from ipyfootprint import insight
        from ipyfootprint.widgets.gather import finding_banner

        heard = partial(self._heard, finding.finding_id)
        banner = finding_banner(finding, insight.explain(finding), heard)
        self._banners[finding.finding_id] = banner
        _append(banner)

    def _heard(self, finding_id: str, intent: str, value: str | None) -> None:
        from ipyfootprint import insight

        answer = insight.answer(intent, finding_id, value).answer
        banner = self._banners[finding_id]
        banner.update({**banner.payload, "answer": answer})


def _append(shown: object) -> None:
    """Show something under what the cell has shown so far."""
    import marimo

    marimo.output.append(shown)


def _markup(html: str) -> object:
    import marimo

    return marimo.Html(str(html))


def _html(shown: object) -> tuple[str, str]:
    """A widget as marimo's own markup for it."""
    import marimo

    return "text/html", marimo.as_html(shown).text
