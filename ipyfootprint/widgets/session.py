"""The session panel: live while it is open, in any number of views."""

from __future__ import annotations

import time

import traitlets

from ipyfootprint.widgets.live import LiveView, module
from ipyfootprint.widgets.payload import fixed_payload, panel_payload, rows_payload
from ipyfootprint.widgets.static_view import summary_view
from ipyfootprint.widgets.summary import Summary

# A long session's rows are many bytes: a run more must not send them all at every update.
ROWS_EVERY_S = 2.0
RUNS_PER_EXTRA_S = 500


class SessionPanel(LiveView):
    """A session's tables, pictures, all its cells, and sliders for "what if".

    Args:
        summary: what `summary.summarise` made of the session's rows.
    """

    _esm = traitlets.Unicode(module("session")).tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)

    def __init__(self, summary: Summary) -> None:
        self._count = len(summary.runs)
        self._sent_at = time.monotonic()
        super().__init__(
            panel_payload(summary),
            summary_view(summary),
            rows=rows_payload(summary.runs),
            fixed=fixed_payload(summary),
        )

    def show(self, summary: Summary, *, live: bool = True) -> None:
        """Show a newer summary; from any thread. `live=False` says that the session ended."""
        self.update(panel_payload(summary, live=live), summary_view(summary))
        now, count = time.monotonic(), len(summary.runs)
        due = now - self._sent_at >= ROWS_EVERY_S + count / RUNS_PER_EXTRA_S
        if not live or (due and count != self._count):
            self._sent_at, self._count = now, count
            self.rows = rows_payload(summary.runs)
