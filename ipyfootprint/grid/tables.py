"""The tables that ship with this room, read when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).with_name("data")


def rows(name: str) -> Iterator[list[str]]:
    """The rows of a packaged table, as text, without its header."""
    import csv

    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader
