"""Statements that only read, over a ledger file or a team's server, for whoever shows sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipyfootprint.errors import LedgerError
from ipyfootprint.ledger.opening import ledger_path
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.ledger.sqlite_file import Fetch

READING = {
    "default_transaction_read_only": "on",
    "jit": "off",  # compiling these statements takes longer than running them
    "random_page_cost": "1.1",  # rollups are in memory: a part of one is found by its index
}


def read_file(chosen: str | None) -> Fetch:
    """Answers to statements with named values over a ledger file; nothing can be written.

    Raises:
        LedgerError: there is no such ledger, or it cannot be read.
    """
    path = ledger_path(chosen)
    if not path.exists():
        raise LedgerError(
            f"No ledger is at {path}",
            "nothing was read",
            "Meter a cell first, or name a file with IPYFOOTPRINT_LEDGER.",
        )
    return SqliteLedger(str(path)).reader()


def read_server(address: str) -> Fetch:
    """The same over a team's PostgreSQL, in transactions that cannot write.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
        TeamError: the server cannot be reached or used as asked.
    """
    from sqlalchemy import text

    from ipyfootprint.ledger.connection import engine, session
    from ipyfootprint.ledger.pg_schema import VERSION

    made = engine(address, READING)
    needed: list[int | None] = [VERSION]  # looked at once

    def fetch(sql: str, values: Mapping[str, object]) -> Sequence[Any]:
        with session(made, needed[-1]) as db:
            needed[:] = [None]
            return db.execute(text(sql), dict(values)).mappings().all()

    return fetch


def writes_too(address: str) -> bool:
    """Whether this login, which reads sums, could send runs or change tables besides.

    Raises:
        TeamError: the server cannot be reached, or lets this login read no sums.
    """
    from ipyfootprint.ledger.connection import engine, session
    from ipyfootprint.ledger.pg_schema import OWNER, WRITER

    made = engine(address)
    member = " OR ".join(f"pg_has_role(rolname, '{role}', 'MEMBER')" for role in (OWNER, WRITER))
    query = f"SELECT rolsuper OR {member} FROM pg_roles WHERE rolname = session_user"
    try:
        with session(made) as db:
            too_much = bool(db.exec_driver_sql(query).scalar_one())
            if not too_much:
                db.exec_driver_sql("SELECT 1 FROM ipyfootprint.rollup_day LIMIT 1")
    finally:
        made.dispose()
    return too_much
