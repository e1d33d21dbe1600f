"""Rows on their way to a team's server, and the two names that it gives a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
    if not columns[KEYS[table][0]]:
        return 0
    statement, values = _insertion(table, columns)
    return db.exec_driver_sql(statement, values).rowcount


def _insertion(table: str, columns: Columns) -> tuple[str, tuple[Any, ...]]:
    """A column that is the same in every row goes as one value, every other as an array.

    A person's rows have half of their columns in common, which are then neither sent nor read
    so many times.
    """
    constant, arrays = {}, {}
    for name in COLUMNS[table]:
        values, kind = columns[name], type_of(name).partition("(")[0]
        if name != KEYS[table][-1] and values.count(values[0]) == len(values):
            constant[f"%s::{kind}", name] = values[0]
        else:
            arrays[f"%s::{kind}[]", name] = _array(values, kind)
    names = ", ".join(name for _, name in (*arrays, *constant))
    given = ", ".join(["t.*", *(place for place, _ in constant)])
    unnested = ", ".join(place for place, _ in arrays)
    statement = (
        f"INSERT INTO {table} ({names}) SELECT {given} FROM unnest({unnested}) t {_AGAIN[table]}"
    )
    return statement, (*constant.values(), *arrays.values())


def _array(values: Sequence[Any], kind: str) -> object:
    """An array as PostgreSQL reads it, at a fifth of what psycopg takes to write it."""
    if kind == "bytea":
        return list(values)
    if kind != "varchar":
        return f"{{{json.dumps(values)[1:-1]}}}"
    quoted = {None: "NULL"}
    for value in set(values) - {None}:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        quoted[value] = f'"{escaped}"'
    return f"{{{','.join([quoted[value] for value in values])}}}"


def _again(table: str) -> str:
    """What becomes of a row that is there already."""
    raised = ", ".join(f"{name} = excluded.{name}" for name in GROWING.get(table, ()))
    later = " WHERE excluded.duration_us > gap.duration_us" if table == "gap" else ""
    return f"ON CONFLICT ({', '.join(KEYS[table])}) DO " + (
        f"UPDATE SET {raised}{later}" if raised else "NOTHING"
    )


_AGAIN = {table: _again(table) for table in COLUMNS}
