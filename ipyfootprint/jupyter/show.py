"""What a metered cell shows under its output; the only place that displays."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IPython.display import display

from ipyfootprint import widgets
from ipyfootprint.api import Recording
from ipyfootprint.errors import FootprintError
from ipyfootprint.jupyter.banners import Banners
from ipyfootprint.jupyter.host import Page, bundle_of
from ipyfootprint.jupyter.panel import SLOWER_BY, Panel
from ipyfootprint.model import Finding, Run
from ipyfootprint.tracker import Event, Span

if TYPE_CHECKING:
    from ipyfootprint.ahead import Ahead
    from ipyfootprint.rebound.explain import Explanation
    from ipyfootprint.widgets.cell import CellBadge
    from ipyfootprint.widgets.curve import Curve
    from ipyfootprint.widgets.static_view import View
    from ipyfootprint.widgets.summary import Summary

# More than any machine under a notebook draws: what has not lasted long enough to reach the
# threshold even so is not looked at while its cell ends.
MOST_W = 20_000.0
_KEPT = 64  # displays that may still change; a run settles within a second of its end
TEXT_S = 1.0  # a static line is replaced as a whole


@dataclass(slots=True)
class _Line:
    """The display of one run, which its end and its settling bring up to date."""

    handle: Any
    view: View
    previous: Run | None
    stays: bool = False
    badge: CellBadge | None = None
    is_followed: bool = False  # while its cell runs
    curve: Curve = field(default_factory=lambda: widgets.curve.Curve())
    due: float = 0.0


class Show:
    """The lines of one session.

    Args:
        recording: whose runs, notices and findings are shown.
        summary: makes the summary of the session from its runs.
        updates: whether a shown line can be changed; a terminal would print it again.
        page: how the page there is takes live views.
    """

    def __init__(
        self,
        recording: Recording,
        summary: Callable[[Iterable[Run]], Summary],
        *,
        updates: bool,
        page: Callable[[], Page],
    ) -> None:
        self._tracker, self._watch = recording.tracker, recording.watch
        self._recording, self._summary = recording, summary
        self._updates, self._page = updates, page
        self.banners = Banners(_answer, _explain)
        self._ahead: Ahead | None = None
        self._panel = Panel(summary, self._was_drawn)
        self._page_draws = False
        self._lines: dict[str, _Line] = {}
        self._late: list[_Line] = []
        self._told: set[str] = set()
        self._last: dict[str, Run] = {}
        self._tracker.listeners += [self.hear, self._panel.hear]
        recording.relay.chores.append(self._panel.tick)

    @property
    def live(self) -> Page:
        """How views that change by themselves are shown; "" where they are not, or not wanted."""
        page = self._page() if self._updates and self._recording.settings.live else ""
        return "view" if page == "try" and self._page_draws else page

    def summary(self, runs: Sequence[Run]) -> None:
        """Show the session so far: live where there is a page."""
        if (page := self.live) not in ("", "text"):
            self._panel.open(runs, page)
        else:
            display(widgets.static_view.summary_view(self._summary(runs)).mimebundle(), raw=True)

    def starting(self, run: Run, options: Namespace, *, asked: bool) -> None:
        """Show a live badge where one is wanted: asked for, or its last run was large."""
        previous = self._last.get(run.lineage or "")
        wanted = asked or (previous is not None and self._is_large(previous))
        if options.quiet or not wanted or not (page := self.live):
            return
        view = widgets.static_view.run_view(run, previous)
        if page in ("try", "text"):
            handle = _display(view.mimebundle(), run)
            return self._keep(run, _Line(handle, view, previous, is_followed=True))
        from ipyfootprint.widgets.cell import CellBadge
        from ipyfootprint.widgets.payload import badge_payload

        badge = CellBadge(badge_payload(run, previous), view)
        handle = _display(bundle_of(badge, page), run)
        self._keep(run, _Line(handle, view, previous, page == "app", badge, is_followed=True))

    def may_show(self, span: Span) -> bool:
        """Whether a run that nobody asked to see could be shown when it ends now."""
        most_j = self._tracker.elapsed_s(span) * MOST_W
        is_followed = span.run is not None and span.run.run_id in self._lines
        return is_followed or most_j >= self._recording.settings.threshold

    def ended(self, run: Run, options: Namespace, *, asked: bool) -> None:
        """Show a run that has just ended, and what there is to tell beside it."""
        previous = self._last.get(run.lineage or "")
        self._last[run.lineage or ""] = run
        line = self._lines.get(run.run_id)
        if line is not None:
            view = widgets.static_view.run_view(run, previous, line.curve.trace())
            self._freeze(line, run, view)
        elif not options.quiet and (asked or self._is_large(run)):
            view = widgets.static_view.run_view(run, previous)
            line = _Line(_display(view.mimebundle(), run), view, previous)
            if self._updates:
                self._keep(run, line)
        if run.settled:
            self._lines.pop(run.run_id, None)
        self.notices()
        used = self._recording.budgets.after(run, shown=line is not None)
        if used is not None:
            self.remark(used)

    def hear(self, event: Event, run: Run) -> None:
        """Follow a running cell, and bring its line up to date once it has settled."""
        line = self._lines.get(run.run_id)
        if event == "progress" and line is not None and line.is_followed:
            self._follow(line, run)
        if event != "settled":
            return
        if (last := self._last.get(run.lineage or "")) is not None and last.run_id == run.run_id:
            self._last[run.lineage or ""] = run
        if self._lines.pop(run.run_id, None) is not None and line is not None:
            view = widgets.static_view.run_view(run, line.previous, line.curve.trace())
            if view != line.view:
                self._freeze(line, run, view)
                if not self._page():
                    self._late.append(line)

    def repeat(self) -> None:
        """Bring late lines up to date again, from within a cell.

        What runs a notebook without a page hears only what comes while a cell runs.
        """
        while self._late:
            line = self._late.pop(0)
            line.handle.update(line.view.mimebundle(), raw=True)

    def ticker(self) -> Callable[..., None]:
        """Shows a line in place of the one before; a terminal shows the first and the last."""
        handle: Any = None

        def tick(text: str, *, last: bool = False) -> None:
            nonlocal handle
            bundle = widgets.static_view.line_view(text).mimebundle()
            if handle is not None and self._updates:
                handle.update(bundle, raw=True)
            elif handle is None or last:
                handle = display(bundle, raw=True, display_id=True)

        return tick

    def notices(self) -> None:
        """Tell each problem and each finding once."""
        for notice in self._tracker.notices:
            self.tell(notice)
        for finding in self._watch.take():
            self.banners.show(finding, page=self.live)

    def fault(self, error: Exception) -> None:
        """Tell, once a cause, that metering itself failed; the cell is not concerned."""
        if not isinstance(error, FootprintError):
            error = FootprintError(
                f"Metering failed ({type(error).__name__}: {error})",
                "this cell ran without it",
                "%footprint doctor prints what to report.",
            )
        try:
            self.tell(error)
        except Exception:
            return

    def tell(self, notice: FootprintError) -> None:
        """Show a notice unless it has been shown."""
        if str(notice) not in self._told:
            self._told.add(str(notice))
            display(widgets.static_view.notice_view(notice).mimebundle(), raw=True)

    @staticmethod
    def remark(text: str) -> None:
        """Show a sentence about this cell."""
        display(widgets.static_view.notice_view(text).mimebundle(), raw=True)

    def close(self) -> None:
        """Freeze every live view, so that no widget state is left; harmless when called twice."""
        self._panel.close()
        self.banners.close()
        for line in self._lines.values():
            if line.badge is not None:
                line.badge.close()
        self._lines.clear()

    def _was_drawn(self) -> None:
        """The page can show widgets: what comes from now on is one."""
        self._page_draws = True

    def _is_large(self, run: Run) -> bool:
        return (run.energy_j or 0.0) >= self._recording.settings.threshold

    def _keep(self, run: Run, line: _Line) -> None:
        self._lines[run.run_id] = line
        while len(self._lines) > _KEPT:
            self._lines.pop(next(iter(self._lines)))

    def _follow(self, line: _Line, run: Run) -> None:
        line.curve.add(run)
        if time.monotonic() < line.due:
            return
        pause_s = (run.duration_s or 0.0) / SLOWER_BY
        if line.badge is None:
            line.due = time.monotonic() + max(TEXT_S, pause_s)
            view = widgets.static_view.run_view(run, line.previous, line.curve.trace())
            line.handle.update(view.mimebundle(), raw=True)
            return
        from ipyfootprint.widgets.payload import badge_payload

        line.due = time.monotonic() + pause_s
        if self._ahead is None:
            from ipyfootprint.ahead import Ahead

            self._ahead = Ahead()
        payload = badge_payload(
            run,
            line.previous,
            line.curve.trace(),
            power_w=line.curve.power_w,
            predicted=self._ahead.predicted(run, line.previous),
            next_s=pause_s,
        )
        line.badge.update(payload)

    @staticmethod
    def _freeze(line: _Line, run: Run, view: View) -> None:
        """Put plain HTML in the display's place: it outlives the kernel and every export."""
        line.view, line.is_followed = view, False
        if line.stays and line.badge is not None:
            from ipyfootprint.widgets.payload import badge_payload

            line.badge.update(badge_payload(run, line.previous, line.curve.trace()), view)
            return
        line.handle.update(view.mimebundle(), raw=True)
        if line.badge is not None:
            line.badge.close()
            line.badge = None


def _display(bundle: dict[str, Any], run: Run) -> Any:
    return display(bundle, raw=True, display_id=f"footprint-{run.run_id}")


def _answer(said: str, finding_id: str, amount: str | None) -> Finding:
    from ipyfootprint import insight

    return insight.answer(said, finding_id, amount)


def _explain(finding: Finding) -> Explanation:
    from ipyfootprint import insight

    return insight.explain(finding)
