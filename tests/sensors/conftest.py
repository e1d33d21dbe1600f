"""Folders that stand for "/" and the sensors of a machine that is not this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ipyfootprint.testing import FakeClock

Tree = Callable[[dict[str, str]], str]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Writes files below a root and returns that root."""

    def write(files: dict[str, str]) -> str:
        for name, body in files.items():
            path = tmp_path / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
        return str(tmp_path)

    return write
