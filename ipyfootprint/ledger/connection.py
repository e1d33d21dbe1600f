"""A connection to a team's PostgreSQL: checked address, checked certificate, no secret shown.

The password comes from `.pgpass` or PGPASSWORD, which libpq reads by itself, or from keyring; it
is in no address, message or log. SQLAlchemy and psycopg are imported at the first connection.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ipyfootprint.config import team_address
from ipyfootprint.errors import ConfigError, FootprintError, LedgerNewer, TeamError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA = "ipyfootprint"
OLDEST_SERVER = 140000
CONNECT_WITHIN_S = 5
KEPT = "the local ledger keeps every run for later"
_SERVER_NAMES = ("host", "hostaddr")
# what PostgreSQL's five characters mean to a person; the first that fits the start
_STATES: dict[str, tuple[str, str]] = {
    "28P01": ("The server does not accept this password", "Check .pgpass, PGPASSWORD or keyring."),
    "28": ("The server does not let this login in", "Ask its owner for a login."),
    "3D": ("There is no such database on the server", "Check the address."),
    "42501": (
        "This login has no right to do that",
        "Ask the team's owner: GRANT ipyfootprint_writer TO your login.",
    ),
    "42P01": ("There is no team ledger in this database", "Its owner types: team init ADDRESS."),
    "3F": ("There is no team ledger in this database", "Its owner types: team init ADDRESS."),
    "53100": ("The server's disk is full", "Its owner frees space; nothing else is to be done."),
    "53": ("The server has no room for another connection", "It is tried again later."),
    "57P03": ("The server is starting or stopping", "It is tried again later."),
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
        "The server does not encrypt, and is not on this machine",
        "Its owner switches ssl on; an unencrypted connection is not made.",
    ),
    "ssl": ("The encrypted connection failed", "Ask the server's owner."),
    "no pg_hba.conf entry": _STATES["28"],
    "does not exist": ("The server knows no such database or login", "Check the address."),
    "disk full": _STATES["53100"],
    "no space left": _STATES["53100"],
    "starting up": _STATES["57P03"],
    "shutting down": _STATES["57P03"],
    "recovery mode": _STATES["57P03"],
}


def parameters(address: str, env: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """What libpq is given for an address, the certificate check included.

    Raises:
        ConfigError: no address of PostgreSQL, a password in it, or an encryption that does not
            check who answers.
    """
    psycopg = _psycopg()
    try:
        known = psycopg.conninfo.conninfo_to_dict(team_address(address))
    except ValueError as error:
        raise ConfigError("That is not a team's address", "nothing was sent", str(error)) from None
    except psycopg.Error:
        known = None
    if known is None:  # outside the except block: psycopg's error repeats the text
        raise ConfigError(
            "That is not an address PostgreSQL understands",
            "nothing was sent",
            "Type e.g. postgresql://name@host/database.",
        )
    servers = [known.get(name) or env.get(f"PG{name.upper()}", "") for name in _SERVER_NAMES]
    service = known.get("service") or env.get("PGSERVICE")
    if _on_this_machine(str(servers[1] or servers[0] or ("?" if service else ""))):
        known.setdefault("sslmode", "prefer")
    elif known.setdefault("sslmode", "verify-full") != "verify-full":
        raise ConfigError(
            f"sslmode={known['sslmode']} does not check who answers",
            "nothing was sent",
            "Leave sslmode out, or write sslmode=verify-full.",
        )
    return {
        "application_name": "ipyfootprint",
        "connect_timeout": CONNECT_WITHIN_S,
        **known,
        "options": f"{known.get('options', '')} -c statement_timeout=60000".strip(),
    }


def engine(address: str, settings: Mapping[str, str] = MappingProxyType({})) -> Engine:
    """Connections to a team's server, one at a time, made when they are first used.

    Args:
        address: of the database.
        settings: of PostgreSQL, for every connection.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
    """
    psycopg = _psycopg()
    known = parameters(address)
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    def connect() -> Any:
        made = psycopg.connect(**known, **_from_keyring(known))
        wanted = {"search_path": f"{SCHEMA}, pg_temp", **settings}
        made.execute("; ".join(f"SET {name} = {value}" for name, value in wanted.items()))
        made.commit()
        # sums of integers are numeric in PostgreSQL; a reader wants numbers it can divide
        made.adapters.register_loader("numeric", psycopg.types.numeric.FloatLoader)
        return made

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
    )


@contextmanager
def session(made: Engine, version: int | None = None) -> Iterator[Connection]:
    """One transaction on the team's server.

    Args:
        made: what `engine` gave.
        version: the schema that is needed; None does not look.

    Raises:
        TeamError: the server cannot be reached or used as asked.
        LedgerNewer: its schema is newer than this version of ipyfootprint.
    """
    from sqlalchemy.exc import SQLAlchemyError

    problem: FootprintError | None = None
    try:
        with made.begin() as connection:
            if version is not None:
                check(connection, version)
            yield connection
    except SQLAlchemyError as error:
        problem = explained(error)
    except _psycopg().Error as error:
        problem = explained(error)
    if problem is not None:  # outside: the driver's error is no part of ours
        raise problem


def see_server(connection: Connection) -> None:
    """See that the server is not too old.

    Raises:
        TeamError: it is.
    """
    number = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if number < OLDEST_SERVER:
        raise TeamError(
            f"The server runs PostgreSQL {number // 10000}, and"
            f" {OLDEST_SERVER // 10000} is the oldest that will do",
            KEPT,
            "Its owner updates it.",
        )


def check(connection: Connection, version: int) -> None:
    """See that the server is new enough and has the schema that this version knows.

    Raises:
        TeamError: it is too old, or its schema is.
        LedgerNewer: its schema is newer.
    """
    see_server(connection)
    found = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'schema'").scalar_one()
    if int(found) > version:
        raise LedgerNewer(
            f"The team's server has schema {found}, and this version knows {version}",
            KEPT,
            "pip install -U 'ipyfootprint[team]'.",
        )
    if int(found) < version:
        raise TeamError(
            f"The team's server has schema {found}, and this version needs {version}",
            KEPT,
            "Its owner types: ipyfootprint team init ADDRESS.",
        )


def explained(error: Exception) -> TeamError:
    """PostgreSQL's, libpq's or the network's error as ours; nothing of a row is repeated."""
    cause: Any = getattr(error, "orig", None) or error
    state = str(getattr(cause, "sqlstate", None) or "")
    words = str(cause).lower()
    told = [told for known, told in _STATES.items() if state.startswith(known)]
    told += [told for known, told in _WORDS.items() if known in words and not state]
    if state:
        told.append((f"The team's server refused ({state})", "Tell its owner."))
    told.append(("The team's server cannot be reached", "It is tried again later."))
    what, remedy = told[0]
    return _Refusal(what, KEPT, remedy, state)


class _Refusal(TeamError):
    """A TeamError that knows PostgreSQL's state, so that a bad row is told from a bad day."""

    def __init__(self, what: str, instead: str = "", remedy: str = "", state: str = "") -> None:
        super().__init__(what, instead, remedy)
        self.state = state


def is_about_a_row(error: FootprintError) -> bool:
    """Whether the server refused what was sent, so that sending it again would not help."""
    return getattr(error, "state", "")[:2] in ("22", "23")


def _on_this_machine(hosts: str) -> bool:
    """Whether every host is a Unix socket or a loopback address."""
    for host in hosts.split(","):
        if not host or host.startswith(("/", "@")) or host == "localhost":
            continue
        try:
            if not ipaddress.ip_address(host).is_loopback:
                return False
        except ValueError:
            return False
    return True


def _from_keyring(known: Mapping[str, Any]) -> dict[str, str]:
    """The password that keyring has for "login@host/database", where libpq would find none."""
    if os.environ.get("PGPASSWORD"):
        return {}
    try:
        import keyring

        name = f"{known.get('user', '')}@{known.get('host', '')}/{known.get('dbname', '')}"
        stored = keyring.get_password("ipyfootprint", name)
    except Exception:  # not installed, or what its many backends raise
        return {}
    return {"password": stored} if stored else {}


def _psycopg() -> Any:
    try:
        import psycopg
        import psycopg.conninfo
        import psycopg.types.numeric
    except ImportError:
        raise ConfigError(
            "A team's server needs SQLAlchemy and psycopg",
            KEPT,
            "pip install 'ipyfootprint[team]'.",
        ) from None
    return psycopg
