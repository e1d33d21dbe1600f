"""A finder that tells when the user's own code has imported a library.

It finds nothing itself: for the few names it watches it asks the finders after it, hands
their spec on, and lets that spec's loader tell when it has run. Any other import costs one
look into a dict. The module, its spec, its loader (once it has run) and the traceback of a
failing import are what they are without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Protocol, cast

Imported = Callable[[str, ModuleType], None]


class _Loader(Protocol):
    def exec_module(self, module: ModuleType) -> None: ...


class ImportWatch:
    """Calls `imported(name, module)` when a watched module has been imported or reloaded.

    Args:
        names: the modules to watch.
        imported: called in the importing thread, after the module's code has run; it must
            not raise.
    """

    def __init__(self, names: Sequence[str], imported: Imported) -> None:
        self._names = frozenset(names)
        self._imported = imported

    def install(self) -> None:
        """Watch imports from now on; tells nothing about modules that are there already."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Watch no longer; harmless when called twice."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec that the other finders give a watched module; None for any other."""
        if fullname not in self._names:
            return None
        finders = sys.meta_path
        mine = finders.index(self) if self in finders else -1
        for finder in finders[mine + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec = cast("ModuleSpec | None", find(fullname, path, target)) if find else None
            if spec is not None:
                self._listen(fullname, spec)
                return spec
        return None

    def _listen(self, name: str, spec: ModuleSpec) -> None:
        """Let this one loader tell when it has run, by an attribute of its own.

        A loader that is a class (built-in modules) or takes no attribute tells nothing; its
        module is seen at the next cell.
        """
        loader = cast("_Loader", spec.loader)
        if isinstance(loader, type) or not hasattr(loader, "exec_module"):
            return
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop("exec_module", None)
            try:
                run(module)
            except BaseException as error:
                # A bare raise adds no line for this frame: the traceback stays the user's.
                error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
                raise
            if self in sys.meta_path and sys.modules.get(name) is module:
                self._imported(name, module)

        try:
            loader.exec_module = exec_module  # type: ignore[method-assign]
        except AttributeError:
            return


def fully_imported(name: str) -> ModuleType | None:
    """The module if it is there and its code has run, else None."""
    module = sys.modules.get(name)
    if module is None or getattr(getattr(module, "__spec__", None), "_initializing", False):
        return None
    return module
