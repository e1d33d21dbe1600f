"""The edge to IPython and Jupyter; nothing raised here reaches a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live

_NAME = "_ipyfootprint"  # where a shell keeps its Live


def load(shell: Any) -> None:
    """Set metering up in a shell; harmless when it is set up already."""
    from ipyfootprint.jupyter.live import Live

    if live_of(shell) is None:
        setattr(shell, _NAME, Live(shell))


def unload(shell: Any) -> None:
    """Take metering out of a shell; harmless when it is not there."""
    live = live_of(shell)
    if live is not None:
        delattr(shell, _NAME)
        live.close()


def live_of(shell: Any) -> Live | None:
    """What is set up in a shell, or None."""
    return getattr(shell, _NAME, None)
