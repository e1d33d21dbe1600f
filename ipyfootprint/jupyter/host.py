"""What the front end and kernel say about where a cell runs."""

from __future__ import annotations

import os
import sys
from typing import Any

from ipyfootprint.ids import short_hash


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
    if "__vsc_ipynb_file__" in shell.user_ns or "VSCODE_PID" in os.environ:
        return "vscode"
    if "google.colab" in sys.modules:
        return "colab"
    return "kernel" if getattr(shell, "kernel", None) is not None else "terminal"


def has_page(shell: Any) -> bool:
    """Whether a browser page shows the output, so that a live view can be of use.

    False in terminals and where a program runs the notebook (nbclient, papermill): it would
    keep the live view's state in the file, and exports then drop the static view.
    """
    if front_end(shell) != "kernel":
        return front_end(shell) != "terminal"
    served = "JPY_SESSION_NAME" in os.environ or _is_voila()
    return served or bool(_metadata(shell).get("cellId"))


def _is_voila() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def _metadata(shell: Any) -> dict:
    try:
        return shell.kernel.get_parent("shell").get("metadata", {})
    except Exception:  # a terminal has no kernel; an old kernel has no get_parent
        return {}
