"""What only the owner of a team's server does: make and migrate its tables, and delete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ipyfootprint.errors import LedgerNewer, TeamError
from ipyfootprint.ledger.connection import engine, see_server, session
from ipyfootprint.ledger.pg_schema import DASHBOARD, MIGRATIONS, OWNER, VERSION, WRITER
from ipyfootprint.ledger.refusals import is_about_rights
from ipyfootprint.ledger.rollups import GAP_TABLES, TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOCK = 0x69_66_70_74  # two owners at once: one waits
_BY_USER = ("run_adjust", "power_trace", "run", "run_open", "finding", "gap", "session")
_OLD_RUNS = "(SELECT run_id FROM run WHERE started_us < {cut} OR received_at < {day})"
_EMPTY_SESSION = (
    "started_us < {cut} AND NOT EXISTS (SELECT 1 FROM run r WHERE r.user_id = s.user_id"
    " AND r.session_id = s.session_id)"
)


def initialise(address: str) -> tuple[int, int]:
    """Make the roles and tables of a team, or bring them up to date.

    Args:
        address: the database, as a login that may create roles and schemas (the first time) or
            is a member of `ipyfootprint_owner` (afterwards).

    Returns:
        The schema's number before (0: there was none) and now.

    Raises:
        TeamError: the server cannot be reached, is too old, or this login may not.
        LedgerNewer: the schema is newer than this version.
    """
    with _owner(address, make=True) as db:
        found = _one(db, "SELECT to_regclass('ipyfootprint.meta')")
        before = int(_one(db, "SELECT value FROM meta WHERE name = 'schema'")) if found else 0
        if before > VERSION:
            raise LedgerNewer(
                f"The team's server has schema {before}, and this version knows {VERSION}",
                "it is left as it is",
                "pip install -U 'ipyfootprint[team]'.",
            )
        for step in MIGRATIONS[before:]:
            for statement in step:
                db.exec_driver_sql(statement)
        db.exec_driver_sql(
            "INSERT INTO meta VALUES ('schema', %s) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value",
            (str(VERSION),),
        )
    return before, VERSION


def forget_user(address: str, user: str) -> int:
    """Delete everything of one person, rollups included; returns how many runs there were.

    Args:
        address: the database, as its owner.
        user: a login, or the pseudonym that dashboards show.

    Raises:
        TeamError: the server cannot be used, or knows nobody of that name.
    """
    with _owner(address) as db:
        known = f"SELECT EXISTS (SELECT 1 FROM {' UNION ALL SELECT 1 FROM '.join(_by_user())})"
        user_id = user if re.fullmatch("[0-9a-f]{16}", user) else None
        if user_id is None or not _one(db, known, *[user_id] * len(_BY_USER)):
            user_id = _one(db, "SELECT pseudonym(%s)", user)
        if not _one(db, known, *[user_id] * len(_BY_USER)):
            raise TeamError(
                f"The team's server has no row of {user!r}",
                "nothing was deleted",
                "Name a login, or a pseudonym as a dashboard shows it.",
            )
        deleted = 0
        for table in (*_BY_USER, "hardware_name"):
            done = db.exec_driver_sql(f"DELETE FROM {table} WHERE user_id = %s", (user_id,))
            deleted += done.rowcount if table == "run" else 0
        _drop_empty(db)
    return deleted


def forget_older(address: str, days: int) -> int:
    """Delete what is older than so many days, rollups included; returns how many runs.

    A run is old by its own clock or by the server's: a wrong clock keeps nothing for ever.

    Raises:
        TeamError: the server cannot be used.
    """
    cut = f"((extract(epoch FROM now()) - {int(days) * 86400}) * 1000000)::bigint"
    day = f"now() - interval '{int(days)} days'"
    old = _OLD_RUNS.format(cut=cut, day=day)
    with _owner(address) as db:
        for table in ("run_adjust", "power_trace"):
            db.exec_driver_sql(f"DELETE FROM {table} WHERE run_id IN {old}")
        deleted = db.exec_driver_sql(
            f"DELETE FROM run WHERE started_us < {cut} OR received_at < {day}"
        ).rowcount
        db.exec_driver_sql(f"DELETE FROM run_open WHERE received_at < {day}")
        db.exec_driver_sql(f"DELETE FROM finding WHERE at_us < {cut}")
        ended = _EMPTY_SESSION.format(cut=cut)
        db.exec_driver_sql(
            "DELETE FROM gap WHERE (user_id, session_id) IN"
            f" (SELECT user_id, session_id FROM session s WHERE {ended})"
        )
        db.exec_driver_sql(f"DELETE FROM session s WHERE {ended}")
        _drop_empty(db)
    return deleted


def _by_user() -> list[str]:
    return [f"{table} WHERE user_id = %s" for table in _BY_USER]


def _drop_empty(db: Connection) -> None:
    """A rollup row of which nothing is left is no row."""
    for table in TABLES:
        gaps = " AND n_gap = 0 AND gap_us = 0" if table in GAP_TABLES else ""
        db.exec_driver_sql(f"DELETE FROM {table} WHERE n = 0{gaps}")


@contextmanager
def _owner(address: str, *, make: bool = False) -> Iterator[Connection]:
    """One transaction as the owner role, alone."""
    made = engine(address)
    try:
        with session(made, None if make else VERSION) as db:
            if make:
                see_server(db)
            db.exec_driver_sql("SET LOCAL statement_timeout = 0")
            db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            if make:
                _make_roles(db)
            if not _one(db, "SELECT pg_has_role(current_user, %s, 'MEMBER')", OWNER):
                raise TeamError(
                    "This login is not the owner of the team's server",
                    "nothing was changed",
                    f"Its owner types: GRANT {OWNER} TO your login.",
                )
            db.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
            yield db
    except TeamError as error:
        remedy = error.remedy
        if make and is_about_rights(error):
            remedy = f"Type it as a login that may create roles, or as a member of {OWNER}."
        raise TeamError(error.what, "nothing was changed", remedy) from None
    finally:
        made.dispose()


def _make_roles(db: Connection) -> None:
    """The three roles and the schema, where they are not there yet."""
    for role in (OWNER, WRITER, DASHBOARD):
        if not _one(db, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
            db.exec_driver_sql(f"CREATE ROLE {role} NOLOGIN")
            if role == OWNER:
                db.exec_driver_sql(f"GRANT {OWNER} TO CURRENT_USER")
    if not _one(db, "SELECT count(*) FROM pg_namespace WHERE nspname = 'ipyfootprint'"):
        db.exec_driver_sql(f"CREATE SCHEMA ipyfootprint AUTHORIZATION {OWNER}")


def _one(db: Connection, statement: str, *values: Any) -> Any:
    """The one value of a statement."""
    return db.exec_driver_sql(statement, values or None).scalar_one()
