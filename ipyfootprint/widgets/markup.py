"""HTML and SVG whose every string is escaped; foreign text made harmless before it is shown.

Labels, device names, notebook names and error texts come from anywhere. `plain` takes out
what could act on a terminal or reorder a line, `element` escapes what could act on a page.
"""

from __future__ import annotations

import html
import unicodedata

LONGEST = 120  # characters of a foreign text that a view shows
JOINERS = "\u200c\u200d"  # scripts and emoji need them, and they reorder nothing
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:")


class Markup(str):
    """Text that is markup already: made by `element`, never from foreign text."""

    __slots__ = ()


def plain(text: object, limit: int = LONGEST) -> str:
    """A foreign text on one line, without control, bidi or other invisible format characters.

    Longer texts end in "…" after `limit` characters.
    """
    given = str(text)
    if len(given) <= limit and given.isprintable() and given == " ".join(given.split()):
        return given  # as nearly all are
    shown = "".join(_visible(sign) for sign in given[: 4 * limit])
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def harmless(text: object) -> str:
    """A text of any length as a terminal may have it: its lines and spaces stay as they are.

    What is left out is what `plain` leaves out of a foreign text.
    """
    return "\n".join("".join(map(_kept, line)) for line in str(text).split("\n"))


def element(name: str, *children: str, **attributes: object) -> Markup:
    """One element; children that are not Markup and all attributes are escaped.

    An attribute that is None is left out; `_` in its name stands for `-` and a last `_` is
    dropped (`class_`). Event handlers are refused.

    Raises:
        ValueError: a name that is not one, or an attribute that would run a script.
    """
    parts = [name]
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if not _NAME_SIGNS.issuperset(attribute) or attribute.lower().startswith("on"):
            raise ValueError(f"not an attribute: {attribute!r}")
        if value is not None:
            parts.append(f'{attribute}="{html.escape(str(value))}"')
    if not _NAME_SIGNS.issuperset(name) or name.lower() in ("script", "style"):
        raise ValueError(f"not an element: {name!r}")
    return Markup(f"<{' '.join(parts)}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Children one after the other, escaped unless they are Markup."""
    return Markup("".join(c if isinstance(c, Markup) else html.escape(c) for c in children))


def _kept(sign: str) -> str:
    return "" if sign == "\r" else _visible(sign)


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign in JOINERS:
        return sign
    if sign in "\t\n\r" or category in ("Zl", "Zp"):
        return " "
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else sign
