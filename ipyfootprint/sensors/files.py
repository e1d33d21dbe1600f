"""Small reads of kernel files, without the imports that would weigh on the sampler."""

from __future__ import annotations

import os


def under(root: str, path: str) -> str:
    """The path below another root, e.g. a folder that stands in for "/" in a test."""
    return root.rstrip("/") + path


def text(path: str) -> str | None:
    """What the file says without blanks around it; None when it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        parts = []
        while part := os.read(handle, 65536):
            parts.append(part)
        return b"".join(parts).decode("utf-8", "replace").strip()
    except OSError:
        return None
    finally:
        os.close(handle)


def number(path: str) -> int | None:
    """The whole number that the file holds; None when there is none to be read."""
    found = text(path)
    try:
        return None if found is None else int(found)
    except ValueError:
        return None


def names(folder: str) -> list[str]:
    """The names in a folder in order; none when it cannot be listed."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
