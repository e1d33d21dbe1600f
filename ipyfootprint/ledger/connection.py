"""A connection to a team's PostgreSQL: checked address, checked certificate, no secret shown.

The password comes from `.pgpass` or PGPASSWORD, which libpq reads by itself, or from keyring; it
is in no address, message or log. SQLAlchemy and psycopg are imported at the first connection.
"""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ipyfootprint.config.values import team_address
from ipyfootprint.errors import ConfigError, FootprintError, LedgerNewer, TeamError
from ipyfootprint.ledger.refusals import KEPT, SILENT, explained

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA = "ipyfootprint"
OLDEST_SERVER = 140000
CONNECT_WITHIN_S = 5
# a statement's longest, which the server watches; and a silence after which it is taken for gone
STATEMENT_WITHIN_S = 60
ANSWER_WITHIN_S = 90
_SERVER_NAMES = ("host", "hostaddr")


def parameters(address: str) -> dict[str, Any]:
    """What libpq is given for an address, the certificate check included.

    Raises:
        ConfigError: no address of PostgreSQL, a password in it, or an encryption that does not
            check who answers.
    """
    psycopg = _psycopg()
    try:
        text = team_address(address)
    except ValueError as error:
        raise ConfigError("That is not a team's address", "nothing was sent", str(error)) from None
    try:
        known = psycopg.conninfo.conninfo_to_dict(text)
    except (psycopg.Error, ValueError):
        known = None
    if known is None:  # outside the except block: psycopg's error repeats the text
        raise ConfigError(
            "That is not an address PostgreSQL understands",
            "nothing was sent",
            "Type e.g. postgresql://name@host/database.",
        )
    servers = [known.get(name) or os.environ.get(f"PG{name.upper()}", "") for name in _SERVER_NAMES]
    service = known.get("service") or os.environ.get("PGSERVICE")
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
        "options": f"{known.get('options', '')} -c statement_timeout={STATEMENT_WITHIN_S}s"
        # what a vanished client has begun holds up nobody for longer
        f" -c idle_in_transaction_session_timeout={STATEMENT_WITHIN_S}s".strip(),
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
        made = _impatient().connect(**known, **_from_keyring(known))
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
    # by its full name: of a schema that one may not use, PostgreSQL says so only then
    query = f"SELECT value FROM {SCHEMA}.meta WHERE name = 'schema'"
    found = connection.exec_driver_sql(query).scalar() or 0
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


@cache
def _impatient() -> Any:
    """A connection of psycopg that gives a server up that says nothing for `ANSWER_WITHIN_S`.

    A frozen server, or a wire cut without a word, keeps no promise of its own.
    """
    psycopg = _psycopg()

    class Impatient(psycopg.Connection):  # type: ignore[misc, name-defined]
        def wait(self, gen: Any, *args: Any, **known: Any) -> Any:
            return super().wait(self._watched(gen), *args, **known)

        def _watched(self, gen: Any) -> Generator[Any, Any, Any]:
            deadline = time.monotonic() + ANSWER_WITHIN_S
            try:
                wanted = next(gen)
                while True:
                    ready = yield wanted
                    if not ready and time.monotonic() > deadline:
                        self.pgconn.finish()
                        raise psycopg.OperationalError(SILENT)
                    wanted = gen.send(ready)
            except StopIteration as done:
                return done.value

    return Impatient


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
        import sqlalchemy  # noqa: F401  (the extra brings both)
    except ImportError:
        raise ConfigError(
            "A team's server needs SQLAlchemy and psycopg",
            KEPT,
            "pip install 'ipyfootprint[team]'.",
        ) from None
    return psycopg
