"""What each setting takes, given as text: a parser a setting, which says what it wants instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from ipyfootprint.errors import ConfigError

Value = str | float | bool | None
UNITS = {
    "intensity": "g/kWh",
    "wue": "L/kWh",
    "lifetime": "years",
    "host_kg": "kg CO2e",
    "gpu_kg": "kg CO2e",
    "threshold": "J",
    "waste": "J",
}
SHAREABLE = ("label", "metric", "notebook", "findings")
_PASSWORD = re.compile(r"password\s*=", re.IGNORECASE)


def holds_password(text: str) -> bool:
    """Whether a text names a password, as an address in words may."""
    return _PASSWORD.search(text) is not None


def _number(low: float, high: float, unit: str = "") -> Callable[[str], Value]:
    def parse(text: str) -> float:
        wanted = f"Type a number from {low:g} to {high:g} {unit}".rstrip() + "."
        try:
            value = float(text)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= value <= high:
            raise ValueError(wanted)
        return value

    return parse


def _zone(text: str) -> Value:
    from ipyfootprint.grid.averages import find

    try:
        find(text)
    except ConfigError as error:
        raise ValueError(error.remedy) from None
    return text


def _switch(text: str) -> bool:
    words = {"on": True, "true": True, "1": True, "yes": True}
    words |= {"off": False, "false": False, "0": False, "no": False}
    if text.lower() not in words:
        raise ValueError("Type on or off.")
    return words[text.lower()]


def _one_of(*words: str) -> Callable[[str], Value]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"Type one of {', '.join(words)}.")
        return text.lower()

    return parse


def _budget(text: str) -> str:
    from ipyfootprint.rebound.budget import Budget

    try:
        return str(Budget.parse(text))
    except ConfigError as error:
        raise ValueError(error.remedy) from None


def _file(text: str) -> str:
    if "://" in text or holds_password(text):
        raise ValueError("Type a path; a server is named by the setting team.")
    return text


def _words(*known: str) -> Callable[[str], Value]:
    def parse(text: str) -> str:
        asked = set(text.lower().replace(",", " ").split())
        if not asked <= set(known):
            raise ValueError(f"Type none, or one or more of {', '.join(known)}.")
        return " ".join(word for word in known if word in asked)

    return parse


def team_address(text: str) -> str:
    """A PostgreSQL address, once it is sure that it holds no password.

    Raises:
        ValueError: it is no address, or has a password in it; the text is not repeated.
    """
    from urllib.parse import unquote

    scheme, mark, rest = text.partition("://")
    if (mark and scheme not in ("postgresql", "postgres")) or not (mark or "=" in text):
        raise ValueError("Type e.g. postgresql://name@host/database.")
    # taken widely: a password may itself hold @ and /
    if ":" in rest.rpartition("@")[0] or holds_password(unquote(text)):
        raise ValueError(
            "Leave the password out; it is read from .pgpass, PGPASSWORD or keyring."
            " Where it was typed into a notebook, delete that cell."
        )
    return text


PARSERS: dict[str, Callable[[str], Value]] = {
    "ledger": _file,
    "zone": _zone,
    "intensity": _number(0, 2000, UNITS["intensity"]),
    "project": str,
    "pue": _number(1, 10),
    "wue": _number(0, 50, UNITS["wue"]),
    "lifetime": _number(0.1, 50, UNITS["lifetime"]),
    "utilisation": _number(0.001, 1),
    "host_kg": _number(0, 1e6, UNITS["host_kg"]),
    "gpu_kg": _number(0, 1e5, UNITS["gpu_kg"]),
    "platform": _one_of("desktop", "laptop", "server", "cloud"),
    "wall_factor": _number(1, 5),
    "network": _switch,
    "auto": _switch,
    "threshold": _number(0, 1e12, UNITS["threshold"]),
    "live": _switch,
    "team": team_address,
    "share": _words(*SHAREABLE),
    "budget": _budget,
    "equivalents": _switch,
    "waste": _number(0.036, 1e12, UNITS["waste"]),
}
