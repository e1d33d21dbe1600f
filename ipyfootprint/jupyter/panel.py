"""The live session panel of one shell: one widget, shown in any number of cells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from IPython.display import display

from ipyfootprint import widgets
from ipyfootprint.jupyter.host import Page, bundle_of
from ipyfootprint.model import Run
from ipyfootprint.tracker import Event

if TYPE_CHECKING:
    from ipyfootprint.widgets.session import SessionPanel
    from ipyfootprint.widgets.summary import Summary

REFRESH_S = 1.0
# Live views slow down with the cell that runs, from 3 updates a second to one in three seconds
# after an hour: where no page takes them a server keeps every update of a cell that runs all
# night, and a busy kernel cannot hear whether one does. So their number grows with the
# logarithm of the time.
SLOWER_BY = 1200
NOTHING = {"text/plain": "", "text/html": ""}
LARGEST_SHARE = 0.02  # of one core's time, so that a long session's panel slows nothing


class Panel:
    """Opens the panel, follows the session while it is open, and freezes it at the end.

    Args:
        summary: makes the summary of the session from its runs.
        drawn: called when a page has shown that it draws widgets.
    """

    def __init__(
        self,
        summary: Callable[[Iterable[Run]], Summary],
        drawn: Callable[[], object] = lambda: None,
    ) -> None:
        self._summary, self._drawn = summary, drawn
        self._widget: SessionPanel | None = None
        self._handles: list[Any] = []
        self._beside: list[Any] = []  # static views that stand there until the page has drawn one
        self._runs: dict[str, Run] = {}
        self._stale = False
        self._due = 0.0
        self._news_at = 0.0  # when a run last began, ended or settled

    def open(self, runs: Iterable[Run], page: Page) -> None:
        """Show the panel under this cell too."""
        widget = self.widget(runs)
        if page == "try":
            static = widgets.static_view.summary_view(self._summary(self._runs.values()))
            self._beside.append(display(static.mimebundle(), raw=True, display_id=True))
        self._handles.append(display(bundle_of(widget, page), raw=True, display_id=True))

    def widget(self, runs: Iterable[Run]) -> SessionPanel:
        """The one widget of all views, with these runs."""
        from ipyfootprint.widgets.session import SessionPanel

        self._runs = {run.run_id: run for run in runs}
        summary = self._summary(self._runs.values())
        if self._widget is None:
            self._widget = SessionPanel(summary)
            self._widget.on_drawn = self._was_drawn
        else:
            self._widget.show(summary)
        return self._widget

    def _was_drawn(self) -> None:
        self._drawn()
        self._clear_beside()

    def _clear_beside(self) -> None:
        while self._beside:
            self._beside.pop().update(NOTHING, raw=True)

    def hear(self, event: Event, run: Run) -> None:
        """Take a run as it is known now; cheap, since it is called while a cell waits."""
        if event != "progress":
            self._news_at = time.monotonic()
        if self._widget is not None and event != "started":
            self._runs[run.run_id] = run
            self._stale = True

    def tick(self) -> float | None:
        """Bring the panel up to date where it is due; seconds until it will be, or None."""
        if self._widget is None or not self._stale:
            return None
        if (wait := self._due - time.monotonic()) > 0:
            return wait
        self._stale = False
        before = time.thread_time()
        self._widget.show(self._summary(list(self._runs.values())))
        cost = time.thread_time() - before
        now = time.monotonic()
        slower = (now - self._news_at) / SLOWER_BY
        self._due = now + max(REFRESH_S, cost / LARGEST_SHARE, slower)
        return None

    def close(self) -> None:
        """Put the static view in place of every display, so that no widget state is left."""
        widget, self._widget = self._widget, None
        if widget is None:
            return
        summary = self._summary(list(self._runs.values()))
        bundle = widgets.static_view.summary_view(summary).mimebundle()
        for handle in self._handles:
            handle.update(bundle, raw=True)
        self._handles.clear()
        self._clear_beside()
        widget.close()
