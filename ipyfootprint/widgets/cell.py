"""The badge: one quiet line under a running cell, replaced by its static twin at the end."""

from __future__ import annotations

import traitlets

from ipyfootprint.widgets.live import LiveView, module


class CellBadge(LiveView):
    """A running cell: state, energy with bounds, carbon, power curve, change.

    Its payload is `payload.badge_payload(...)`; send it two to four times a second. When the
    cell has ended, replace the display with `static_view.run_view(...)` and close the badge:
    the line then survives saving, restarting and exporting, and no widget state stays.
    """

    _esm = traitlets.Unicode(module("cell")).tag(sync=True)
