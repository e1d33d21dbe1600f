"""A ledger's SQLite file: opened by many at once, migrated, written one transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ipyfootprint.errors import LedgerCorrupt, LedgerError, LedgerNewer
from ipyfootprint.ledger.schema import MIGRATIONS, VERSION

Fetch = Callable[[str, Mapping[str, object]], Sequence[Any]]
MEMORY = ":memory:"
_BUSY_S = 10.0


class SqliteFile:
    """A file with the ledger's tables; one connection under one lock serves every thread.

    Args:
        path: the file, or MEMORY. Its folder must exist.

    Raises:
        LedgerNewer: the file was written by a newer version; it is left as it is.
        LedgerCorrupt: the file is no ledger, or is damaged; it is left as it is.
        LedgerError: the file cannot be opened or written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._translated():
            if path != MEMORY:
                Path(path).touch(mode=0o600)
            self._db = sqlite3.connect(
                path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            self._refuse_newer()  # before anything is written, the journal's mode included
            self._open_wal()
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate()

    def close(self) -> None:
        """Flush and release; harmless when called twice."""
        with self._lock, self._translated():
            self._db.close()

    def reader(self) -> Fetch:
        """Answers to statements with named values; from now on this ledger cannot be written."""
        with self._lock, self._translated():
            self._db.execute("PRAGMA query_only = 1")
            self._db.execute(f"PRAGMA mmap_size = {1 << 30}")
        return self._read

    def _open_wal(self) -> None:
        # The first simultaneous opens ignore the busy timeout: the switch is tried again.
        for attempt in range(50):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or attempt == 49:
                    raise
                time.sleep(0.02)

    def _migrate(self) -> None:
        version = self._refuse_newer()
        while version < VERSION:
            with self._write() as db:
                # Another process may have migrated while this one waited for its turn.
                version = db.execute("PRAGMA user_version").fetchone()[0]
                if version < VERSION:
                    for statement in MIGRATIONS[version].split(";"):
                        db.execute(statement)
                    version += 1
                    db.execute(f"PRAGMA user_version = {version}")

    def _refuse_newer(self) -> int:
        """The file's version, unless this code is too old for it."""
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            self._db.close()
            raise LedgerNewer(
                f"{self.path} was written by a newer version (schema {version}, known {VERSION})",
                "it is left as it is",
                "pip install -U ipyfootprint, or choose another file with IPYFOOTPRINT_LEDGER.",
            )
        return version

    def _read(self, sql: str, values: Sequence[Any] | Mapping[str, object] = ()) -> list[Any]:
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; IMMEDIATE, because a deferred one cannot wait for its turn."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's and the system's errors as ours."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeError) as error:
            text = str(error)
            if "not a database" in text or "malformed" in text:
                raise LedgerCorrupt(
                    f"{self.path} is not a readable ledger ({text})", "it is left as it is"
                ) from None
            raise LedgerError(
                f"{self.path} cannot be used ({text})",
                "",
                "Choose another file with IPYFOOTPRINT_LEDGER.",
            ) from None
