"""What a team's server says when it refuses, in words for a person; no row is repeated."""

from __future__ import annotations

from typing import Any

from ipyfootprint.errors import ConfigError, FootprintError, LedgerNewer, TeamError

KEPT = "the local ledger keeps every run for later"
LATER = "It is tried again later."
SILENT = "no answer in time"
# what PostgreSQL's five characters mean to a person; the first that fits the start
_STATES: dict[str, tuple[str, str]] = {
    "08": ("The connection to the team's server was lost", LATER),
    "28P01": ("The server does not accept this password", "Check .pgpass, PGPASSWORD or keyring."),
    "28": ("The server does not let this login in", "Ask its owner for a login."),
    "3D": ("There is no such database on the server", "Check the address."),
    "42501": (
        "This login has no right to do that on the team's server",
        "Ask its owner for the role ipyfootprint_writer to send runs,"
        " or ipyfootprint_dashboard to read sums.",
    ),
    "42P01": (
        "There is no team ledger in this database",
        "Check the address, or its owner types: ipyfootprint team init ADDRESS.",
    ),
    "40": ("The server was at work on the same rows", LATER),
    "53100": ("The server's disk is full", f"Its owner frees space. {LATER}"),
    "53": ("The server has no room for another connection", LATER),
    "57014": ("The server took too long over a statement", LATER),
    "57": ("The server is starting or stopping", LATER),
    "25006": ("The server is read-only", "Check that the address names the primary."),
}
# words of libpq where there is no state yet
_WORDS: dict[str, tuple[str, str]] = {
    "password authentication failed": _STATES["28P01"],
    "no password supplied": (
        "The server wants a password and none was found",
        "Put it in .pgpass, PGPASSWORD or keyring.",
    ),
    "root certificate": (
        "There is no root certificate to check the server with",
        "Add sslrootcert=system to the address, or put the root in ~/.postgresql/root.crt.",
    ),
    "certificate": (
        "The server's certificate is not one that is trusted for this name",
        "Check the host's name, or name the right root with sslrootcert=FILE in the address.",
    ),
    "does not support ssl": (
        "The server does not encrypt, and that was asked for",
        "Its owner switches ssl on: nothing goes to another machine without.",
    ),
    "ssl": ("The encrypted connection failed", "Ask the server's owner."),
    "no pg_hba.conf entry": _STATES["28"],
    "does not exist": ("The server knows no such database or login", "Check the address."),
    "too many connections": _STATES["53"],
    "too many clients": _STATES["53"],
    "remaining connection slots": _STATES["53"],
    "disk full": _STATES["53100"],
    "no space left": _STATES["53100"],
    "starting up": _STATES["57"],
    "shutting down": _STATES["57"],
    "recovery mode": _STATES["57"],
    SILENT: ("The team's server does not answer", LATER),
    "closed the connection": _STATES["08"],
    "connection is lost": _STATES["08"],
}


def explained(error: Exception) -> TeamError:
    """PostgreSQL's, libpq's or the network's error as ours; nothing of a row is repeated."""
    cause: Any = getattr(error, "orig", None) or error
    state = str(getattr(cause, "sqlstate", None) or "")
    words = str(cause).lower()
    told = [told for known, told in _STATES.items() if state.startswith(known)]
    told += [told for known, told in _WORDS.items() if known in words and not state]
    if state:
        told.append((f"The team's server refused ({state})", "Tell its owner."))
    told.append(("The team's server cannot be reached", f"Check host and port. {LATER}"))
    what, remedy = told[0]
    return Refusal(what, KEPT, remedy, state)


class Refusal(TeamError):
    """A TeamError that knows PostgreSQL's state, so that a bad row is told from a bad day."""

    def __init__(self, what: str, instead: str = "", remedy: str = "", state: str = "") -> None:
        super().__init__(what, instead, remedy)
        self.state = state


def is_about_a_row(error: FootprintError) -> bool:
    """Whether the server refused what was sent, so that sending it again would not help."""
    return getattr(error, "state", "")[:2] in ("22", "23")


def is_about_rights(error: FootprintError) -> bool:
    """Whether the server knows this login, and refuses it what it asks."""
    return getattr(error, "state", "") == "42501"


def needs_somebody(error: FootprintError) -> bool:
    """Whether sending fails until a person changes something, as with a wrong password."""
    kinds = (TeamError, LedgerNewer, ConfigError)
    return isinstance(error, kinds) and not error.remedy.endswith(LATER)
