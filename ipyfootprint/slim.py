"""Stand-ins for `dataclasses` and `typing` while the sampler imports this package.

The sampler's private memory is counted. The two modules weigh 3 MiB of the 7 MiB that it would
take with them, and it uses of them only what is below. `install` before the first import of the
package, `remove` after the last: whoever imports the real ones later gets them.

    from ipyfootprint import slim
    slim.install()
    from ipyfootprint.sensors import discover
    slim.remove()
"""

from __future__ import annotations

import sys

_NAMES = ("dataclasses", "typing")


class _Default:
    """A default that is made anew for each value."""

    def __init__(self, default_factory):  # type: ignore[no-untyped-def]
        self.make = default_factory


class _Form:
    """Answers to `Literal[...]`, and serves as the base of a protocol."""

    def __class_getitem__(cls, _item: object) -> type[_Form]:
        return cls


def _dataclass(cls=None, **_options):  # type: ignore[no-untyped-def]
    """A class with the constructor of a dataclass; order, equality and freezing are left out."""
    if cls is None:
        return _dataclass
    names = tuple(getattr(cls, "__annotations__", {}))
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    check = getattr(cls, "__post_init__", None)

    def construct(self, *values, **by_name):  # type: ignore[no-untyped-def]
        given = dict(zip(names, values, strict=False), **by_name)
        unknown, missing = given.keys() - set(names), set(names) - given.keys() - defaults.keys()
        if unknown or missing or len(values) > len(names):
            raise TypeError(f"{cls.__name__}: unknown {unknown}, missing {missing}")
        for name in names:
            value = given[name] if name in given else defaults[name]
            setattr(self, name, value.make() if isinstance(value, _Default) else value)
        if check is not None:
            check(self)

    cls.__init__ = construct
    return cls


def install() -> None:
    """Put the stand-ins where nobody has imported the real modules yet."""
    if any(name in sys.modules for name in _NAMES):
        return
    module = type(sys)
    values, hints = (module(name) for name in _NAMES)
    vars(values).update(dataclass=_dataclass, field=_Default)
    vars(hints).update(Literal=_Form, Protocol=_Form, Any=object, TYPE_CHECKING=False)
    sys.modules.update(dataclasses=values, typing=hints)


def remove() -> None:
    """Let later imports find the real modules."""
    for name in _NAMES:
        if name in sys.modules and sys.modules[name].__spec__ is None:
            del sys.modules[name]
