"""Replacing a library's function by one that also tells us, and putting it back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

Told = Callable[..., None]


class Patches:
    """Functions replaced in one library; a callback that raises restores them all.

    Args:
        failed: called with the error of a callback, once.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._undo: list[Callable[[], None]] = []
        self._on = True

    def before(self, owner: object, name: str, told: Told) -> None:
        """Call `told(*args, **kwargs)` before each call of `owner.name`."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.tell(told, *args, **kwargs)
            return original(*args, **kwargs)

        self.replace(owner, name, wrapper)

    def after(self, owner: object, name: str, told: Told) -> None:
        """Call `told(result, *args, **kwargs)` after each call of `owner.name` that returns.

        A call that raises leaves its traceback without a line of ours.
        """
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
                raise
            self.tell(told, result, *args, **kwargs)
            return result

        self.replace(owner, name, wrapper)

    def replace(self, owner: object, name: str, new: object) -> None:
        """Put `new` in the place of `owner.name`, to be put back if it is still there."""
        own = name in vars(owner)
        old = vars(owner).get(name)
        setattr(owner, name, new)

        def undo() -> None:
            if vars(owner).get(name) is not new:
                return  # somebody wrapped ours; it no longer tells anything
            if own:
                setattr(owner, name, old)
            else:
                delattr(owner, name)

        self._undo.append(undo)

    def tell(self, told: Told, *args: Any, **kwargs: Any) -> None:
        """Call a callback; one that raises is the last."""
        if not self._on:
            return
        try:
            told(*args, **kwargs)
        except Exception as error:
            self.restore()
            self._failed(error)

    def on_restore(self, undo: Callable[[], None]) -> None:
        """Also do this when the library is put back."""
        self._undo.append(undo)

    def restore(self) -> None:
        """Put everything back; harmless when called twice."""
        self._on = False
        while self._undo:
            self._undo.pop()()


def attribute(owner: object, path: str) -> Any:
    """`owner.a.b` by "a.b"; AttributeError names what is missing."""
    return cast(Any, functools.reduce(getattr, path.split("."), owner))
