"""The tables of figures that ship inside the package, read when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal


def rows(room: Literal["grid", "impact"], name: str) -> Iterator[list[str]]:
    """The rows of a packaged table, as text, without its header."""
    import csv

    path = Path(__file__).parent / room / "data" / name
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


def number(text: str) -> float | None:
    """A cell as a number; None where it is empty."""
    return float(text) if text else None
