"""The rebound banner: one sentence, its pictures, and answers that act at once."""

from __future__ import annotations

import traitlets

from ipyfootprint.widgets.live import LiveView, module


class ReboundBanner(LiveView):
    """A rebound warning with Planned, Snooze, Not a rebound and Set budget.

    Its payload is `payload.banner_payload(...)`. The browser shows the answer at once;
    `on_intent` hears ("planned" | "snooze" | "not-rebound", None) or ("budget", "500 Wh") when
    the kernel can listen, and then updates the banner with the finding's stored answer.
    """

    _esm = traitlets.Unicode(module("rebound")).tag(sync=True)
    intents = frozenset({"planned", "snooze", "not-rebound", "budget"})
