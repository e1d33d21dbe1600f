"""What all live views share: one payload from Python, one message shape back, a static twin."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import anywidget
import traitlets

from ipyfootprint.widgets.markup import Markup, element
from ipyfootprint.widgets.static_view import View

STATIC = Path(__file__).parent / "static"
LONGEST_VALUE = 60
OnIntent = Callable[[str, str | None], object]


def module(name: str) -> str:
    """The built browser module of a widget."""
    return (STATIC / f"{name}.js").read_text(encoding="utf-8")


class LiveView(anywidget.AnyWidget):
    """A view that is drawn in the browser and told of changes through `payload`.

    Args:
        payload: plain JSON, as the builders in `payload` make it.
        twin: what front ends without a widget manager show instead.
        on_intent: called with (intent, value) when a person pressed something; it may come
            late, after a busy cell or after the view is no longer shown.

    Attributes:
        on_drawn: called when a page says that it has drawn the view as an output of its own.
    """

    payload = traitlets.Dict().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)
    intents: frozenset[str] = frozenset()
    on_drawn: Callable[[], object] | None = None

    def __init__(
        self,
        payload: Mapping[str, object],
        twin: View | None = None,
        on_intent: OnIntent | None = None,
        **traits: object,
    ) -> None:
        self._twin = twin or View("", "")
        self._on_intent = on_intent
        self._gate = threading.Lock()
        self._open = True
        place = f"ipf-at-{secrets.token_hex(8)}"
        super().__init__(payload=dict(payload), place=place, **traits)
        self.on_msg(self._heard)

    def update(self, payload: Mapping[str, object], twin: View | None = None) -> None:
        """Show a newer payload; from any thread, harmless after `close`."""
        with self._gate:
            if self._open:
                self.payload = dict(payload)
                self._twin = twin or self._twin

    def close(self) -> None:
        """Take the view out of every page and drop its state; harmless when called twice."""
        with self._gate:
            self._open = False
            super().close()

    def over(self) -> dict[str, str]:
        """The static twin alone, as the place over which the browser draws the live view.

        What is saved then needs neither this kernel nor widgets. For pages that hold all
        outputs in one document, as JupyterLab's and Notebook's do.
        """
        html = element("div", Markup(self._twin.html), class_=self.place)
        return {"text/plain": self._twin.text, "text/html": html}

    def bundle(self) -> dict[str, object]:
        """The live view with its static twin, for `display(..., raw=True, display_id=True)`."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {**self._twin.mimebundle(), "application/vnd.jupyter.widget-view+json": view}

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        return self.bundle(), {}

    def _heard(self, _: object, content: object, __: object) -> None:
        """Pass a well-formed intent on; a message never raises into the kernel."""
        if not isinstance(content, dict):
            return
        intent, value = content.get("intent"), content.get("value")
        is_known = intent in self.intents and isinstance(value, str | None)
        try:
            if intent == "drawn":
                self.send_state("payload")  # an update while the page loaded may not have come
            if intent == "drawn" and self.on_drawn is not None:
                self.on_drawn()
            if is_known and self._on_intent is not None:
                self._on_intent(str(intent), value[:LONGEST_VALUE] if value else None)
        except Exception:
            self.log.debug("a message was not taken", exc_info=True)
