"""What is public, and what its docstrings must say: found from the code, not from a list.

Public are the names of `ipyfootprint.__all__`, of `ipyfootprint.testing` and `ipyfootprint.errors`,
whatever their annotations lead to inside the package, and the public members of all of these.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
import importlib
import inspect
import re
import textwrap
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import ipyfootprint
from ipyfootprint import errors, testing
from ipyfootprint.model import Estimate

PACKAGE = Path(ipyfootprint.__file__).parent
SUFFIX = re.compile(
    r"(^|_)((u|m|k)?(j|kwh|wh|w|s|ns|us|g|kg|l|y|pct|kgsbeq|hz|per_\w+)|"
    r"seconds|hours|days|watts|pue|fraction|ratio)$"
)
UNIT = re.compile(
    r"(?<![\w-])(J|joules?|kWh|Wh|watts?|W|seconds?|s|nanoseconds?|ns|grams?|g|gCO2e|kg|kgCO2e|L|"
    r"litres?|years?|hours?|days?|fraction|factor|share|ratio|per cent|%|count|how many|how much|"
    r"number|index|unit|units|ranks?|correlations?|on any scale)(?![\w-])"
)


@cache
def classes() -> dict[str, type]:
    """The package's classes by name, for annotations that only a type checker resolves."""
    found: dict[str, type] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        if path.name in ("__main__.py", "entry.py", "child.py"):
            continue
        module = importlib.import_module(name.removesuffix(".__init__"))
        for each in vars(module).values():
            if isinstance(each, type) and each.__module__ == module.__name__:
                found.setdefault(each.__name__, each)
    return found


def hints(thing: typing.Any) -> dict[str, typing.Any]:
    """The annotations of a function or class, resolved."""
    space = vars(importlib.import_module(thing.__module__))
    known = vars(typing) | vars(collections.abc) | classes()
    unknown = {name: each for name, each in known.items() if name not in space}
    return typing.get_type_hints(thing, None, unknown)


def ours(hint: typing.Any) -> Iterator[type]:
    """The package's own classes inside an annotation."""
    if isinstance(hint, type) and hint.__module__.startswith("ipyfootprint."):
        yield hint
    for part in typing.get_args(hint):
        yield from ours(part)


def members(cls: type) -> dict[str, types.FunctionType]:
    """Public functions and properties that a class defines."""
    found = {}
    for name, member in vars(cls).items():
        member = member.fget if isinstance(member, property) else member
        member = getattr(member, "__func__", member)
        if not name.startswith("_") and isinstance(member, types.FunctionType):
            found[name] = member
    return found


@cache
def public() -> dict[str, typing.Any]:
    """Every public function, class and method by its dotted name."""
    waiting = [getattr(ipyfootprint, name) for name in ipyfootprint.__all__]
    waiting += [getattr(testing, name) for name in testing.__all__]
    waiting += [each for each in vars(errors).values() if isinstance(each, type)]
    found: dict[str, typing.Any] = {}
    while waiting:
        each = waiting.pop()
        name = f"{each.__module__}.{each.__qualname__}"
        if name in found or not each.__module__.startswith("ipyfootprint"):
            continue
        found[name] = each
        if isinstance(each, type):
            waiting += members(each).values()
        if not isinstance(each, type) or is_dataclass(each):
            waiting += [cls for hint in hints(each).values() for cls in ours(hint)]
    return dict(sorted(found.items()))


def is_quantity(hint: typing.Any) -> bool:
    """Whether an annotation holds a float or an estimate."""
    return hint in (float, Estimate) or any(is_quantity(part) for part in typing.get_args(hint))


def entry(doc: str, name: str) -> str:
    """What a docstring says of an argument or attribute; "" where it has no entry."""
    lines = re.search(rf"^ *(?:\w+, )*{name}(?:, \w+)*: (.*(?:\n {{8,}}.*)*)", doc, re.MULTILINE)
    return lines[1] if lines else ""


def without_unit(thing: typing.Any) -> list[str]:
    """Quantities of a function or class that its docstring and their names leave without a unit."""
    doc = inspect.getdoc(thing) or ""
    if isinstance(thing, type):
        if not is_dataclass(thing):
            return []
        named = {field.name for field in fields(thing) if not field.name.startswith("_")}
    else:
        named = set(hints(thing)) - {"self"}
    bare = []
    for name, hint in hints(thing).items():
        if name not in named or not is_quantity(hint) or SUFFIX.search(name):
            continue
        if name == "return":
            said = doc if not SUFFIX.search(thing.__name__) else "J"
        else:
            said = entry(doc, name) or (doc if re.search(rf"\b{name}\b", doc) else "")
        if not UNIT.search(said):
            bare.append(name)
    return bare


def raised(function: types.FunctionType, seen: frozenset[str] = frozenset()) -> set[str]:
    """Names of the package's errors that leave a function, callees included.

    A ValueError counts where the function itself raises it: in a callee it is a check of ours.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return set()
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return set()
    found = _leaving(tree.body, function.__globals__, seen | {name})
    return found - {"ValueError"} if seen else found


def _leaving(nodes: typing.Any, space: dict[str, typing.Any], seen: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Try):
            inner = _leaving(node.body, space, seen)
            caught = [cls for handler in node.handlers for cls in _caught(handler, space)]
            found |= {n for n in inner if not any(issubclass(_error(n), c) for c in caught)}
            found |= _leaving([*node.handlers, *node.orelse, *node.finalbody], space, seen)
            continue
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found |= _names(node.exc.func, space, seen)
        if isinstance(node, ast.Call):
            found |= _of_call(_target(node.func, space), seen)
        found |= _leaving(ast.iter_child_nodes(node), space, seen)
    return found


def _names(func: ast.expr, space: dict[str, typing.Any], seen: frozenset[str]) -> set[str]:
    target = _target(func, space)
    if isinstance(target, type) and issubclass(target, (errors.FootprintError, ValueError)):
        return {target.__name__}
    if isinstance(target, types.FunctionType):  # `raise _no(...)` makes what its annotation says
        made = hints(target).get("return")
        if isinstance(made, type) and issubclass(made, (errors.FootprintError, ValueError)):
            return {made.__name__}
    return set()


def _of_call(target: typing.Any, seen: frozenset[str]) -> set[str]:
    if isinstance(target, types.MethodType):
        target = target.__func__
    if isinstance(target, types.FunctionType) and target.__module__.startswith("ipyfootprint"):
        return raised(target, seen)
    return set()


def _target(func: ast.expr, space: dict[str, typing.Any]) -> typing.Any:
    if isinstance(func, ast.Name):
        return space.get(func.id, getattr(builtins, func.id, None))
    if isinstance(func, ast.Attribute):
        owner = _target(func.value, space)
        if isinstance(owner, (type, types.ModuleType)):
            return getattr(owner, func.attr, None)
    return None


def _caught(handler: ast.ExceptHandler, space: dict[str, typing.Any]) -> list[type]:
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    found = [BaseException if part is None else _target(part, space) for part in parts]
    return [each for each in found if isinstance(each, type)]


def _error(name: str) -> type:
    return getattr(errors, name, ValueError)


def without_error(thing: typing.Any) -> list[str]:
    """Errors that leave a function (or a dataclass's constructor) and that its docstring hides."""
    function = thing
    if isinstance(thing, type):
        function = vars(thing).get("__post_init__") or vars(thing).get("__init__")
    if not isinstance(function, types.FunctionType):
        return []
    doc = inspect.getdoc(thing) or ""
    told = doc.partition("Raises:")[2]
    hidden = []
    for name in sorted(raised(function)):
        kinds = [k.__name__ for k in _error(name).__mro__ if k not in (Exception, BaseException)]
        if not any(re.search(rf"\b{kind}\b", told) for kind in kinds):
            hidden.append(name)
    return hidden
