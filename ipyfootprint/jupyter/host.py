"""What the front end and kernel say about where a cell runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

from ipyfootprint.ids import short_hash

if TYPE_CHECKING:
    from ipyfootprint.widgets.live import LiveView

Page = Literal["", "over", "view", "app", "try", "text"]


def cell_id_of(shell: Any, info: Any) -> str | None:
    """The front end's id of the running cell, or None; an id that holds a path is hashed."""
    found = getattr(info, "cell_id", None) or _metadata(shell).get("cellId")
    if not found:
        return None
    text = str(found)
    return short_hash(text) if "/" in text or len(text) > 64 else text


def notebook_of(shell: Any) -> str | None:
    """Path of the notebook where the host tells it, or None."""
    told = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return str(told) if told else None


def front_end(shell: Any) -> str:
    """What shows the output, as far as it can be told: "vscode", "colab", "kernel", "terminal"."""
    # A server that was started from VS Code's terminal inherits its variables.
    started_by_it = "VSCODE_PID" in os.environ and "JPY_SESSION_NAME" not in os.environ
    if "__vsc_ipynb_file__" in shell.user_ns or started_by_it:
        return "vscode"
    if "google.colab" in sys.modules:
        return "colab"
    return "kernel" if getattr(shell, "kernel", None) is not None else "terminal"


def page(shell: Any) -> Page:
    """How the page that shows the output takes a live view.

    "over" is drawn over its static twin, which alone is saved; "view" is an output of its
    own, for pages that keep outputs apart. "app" is a view that stays when its cell has ended:
    Voila saves nothing, and replaces no output once its cell has ended. Where no widget may be
    loaded, a view shows nothing at all or an error: "try" shows the static view beside it until
    the page has drawn one (VS Code, which asks the person first), "text" the static view alone
    (Colab without its switch). "" is none: in terminals, and where a program runs the notebook
    (nbclient, papermill) and would keep the widget's state in the file.
    """
    match front_end(shell):
        case "terminal":
            return ""
        case "vscode":
            return "try"
        case "colab":
            return _colab()
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return "app"
    served = "JPY_SESSION_NAME" in os.environ or _metadata(shell).get("cellId")
    return "over" if served else ""


def _colab() -> Page:
    """Colab shows other widgets than its own only after `enable_custom_widget_manager()`."""
    switch = sys.modules.get("google.colab.output._widgets")
    return "view" if getattr(switch, "_installed_url", None) else "text"


def bundle_of(view: LiveView, page: Page) -> dict[str, Any]:
    """The display of a live view as the page takes it."""
    return dict(view.over() if page == "over" else view.bundle())


def _metadata(shell: Any) -> dict:
    try:
        return shell.kernel.get_parent("shell").get("metadata", {})
    except Exception:  # a terminal has no kernel; an old kernel has no get_parent
        return {}
