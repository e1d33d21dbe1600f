"""Rows on their way to a team's server, and the two names that it gives a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ipyfootprint.ledger.connection import engine, session
from ipyfootprint.ledger.outbox import Columns
from ipyfootprint.ledger.pg_schema import COLUMNS, GROWING, KEYS, VERSION, type_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TABLES = {"hardware": "hardware_name"}  # the ledger's name -> the server's


class TeamServer:
    """One login's way to a team's server; nothing is connected before it is used.

    Every method raises TeamError (or a child of it) and nothing else.

    Args:
        address: of the database, without a password.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
    """

    def __init__(self, address: str) -> None:
        self._engine = engine(address)
        self._checked = False

    def who(self) -> tuple[str, str]:
        """This login's pseudonym and the team's key."""
        with self.transaction() as db:
            user_id, key = db.exec_driver_sql("SELECT me(), team_key()").one()
        return str(user_id), str(key)

    def send(self, tables: Mapping[str, Columns]) -> None:
        """Insert rows that may have been sent before; a row that is there stays as it is.

        One transaction a table, so that rollup rows are locked in one order by everybody.
        """
        for table, columns in tables.items():
            with self.transaction() as db:
                insert(db, _TABLES.get(table, table), columns)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; the first one looks at the server's version."""
        with session(self._engine, None if self._checked else VERSION) as db:
            yield db
        self._checked = True

    def close(self) -> None:
        """Release the connection; the next use makes a new one and looks again."""
        self._checked = False
        self._engine.dispose()


def insert(db: Connection, table: str, columns: Columns) -> int:
    """Insert rows given by column, in one statement; returns how many were not there yet."""
    statement = _INSERTS[table]
    done = db.exec_driver_sql(statement, tuple(list(columns[name]) for name in COLUMNS[table]))
    return done.rowcount


def _statement(table: str) -> str:
    names, keys = COLUMNS[table], ", ".join(KEYS[table])
    arrays = ", ".join(f"%s::{type_of(name).partition('(')[0]}[]" for name in names)
    raised = ", ".join(f"{name} = excluded.{name}" for name in GROWING.get(table, ()))
    later = " WHERE excluded.duration_us > gap.duration_us" if table == "gap" else ""
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM unnest({arrays})"
        f" ON CONFLICT ({keys}) DO " + (f"UPDATE SET {raised}{later}" if raised else "NOTHING")
    )


_INSERTS = {table: _statement(table) for table in COLUMNS}
