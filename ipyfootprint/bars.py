"""How far a command has come, on the error stream, once it has taken longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

DELAY_S = 1.0


def bar(rows: Iterable[Any] | None = None, *, unit: str, total: int | None = None) -> Any:
    """A tqdm bar over rows, or one to be moved by `update`; a notebook shows its own kind.

    Nothing is shown within the first second, and standard output, which may be data, is
    left alone.

    Args:
        rows: what is gone through.
        unit: what is counted: "run".
        total: how many there are, where `rows` does not know.
    """
    from tqdm.auto import tqdm

    return tqdm(rows, unit=unit, total=total, file=sys.stderr, delay=DELAY_S, dynamic_ncols=True)
