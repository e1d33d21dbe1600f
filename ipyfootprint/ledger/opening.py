"""Which file is the ledger, and what happens when it cannot be one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ipyfootprint.errors import FootprintError, LedgerCorrupt, LedgerError
from ipyfootprint.ids import boot_id, short_hash
from ipyfootprint.ledger.place import network_filesystem
from ipyfootprint.ledger.sqlite import SqliteLedger
from ipyfootprint.ledger.sqlite_file import MEMORY
from ipyfootprint.model import Session


def default_path() -> Path:
    """The ledger of this user on this host, in the platform's data folder."""
    from platformdirs import user_data_path

    # One file a host: a home shared by several hosts cannot hold one for all of them.
    name = f"ledger-{short_hash(socket.gethostname())[:8]}.db"
    return user_data_path("ipyfootprint", appauthor=False) / name


def ledger_path(chosen: str | None) -> Path:
    """The file that a setting names; the default one for None or ":memory:"."""
    return Path(chosen) if chosen and chosen != MEMORY else default_path()


def open_ledger(chosen: str | None) -> tuple[SqliteLedger, FootprintError | None]:
    """The chosen ledger, or one in memory with the reason why; never raises.

    Args:
        chosen: a path, ":memory:", or None for `default_path()`.
    """
    if chosen == MEMORY:
        return SqliteLedger(MEMORY), None
    try:
        return _open_file(Path(chosen) if chosen else default_path())
    except FootprintError as error:
        return SqliteLedger(MEMORY), LedgerError(
            error.what,
            "this session is kept in memory only",
            error.remedy or "Choose another file with IPYFOOTPRINT_LEDGER.",
        )


@contextmanager
def read_ledger(chosen: str | None) -> Iterator[SqliteLedger]:
    """The chosen ledger for reading, closed afterwards.

    Raises:
        LedgerError: there is none, or it cannot be read.
    """
    path = ledger_path(chosen)
    if chosen == MEMORY or not path.exists():
        raise LedgerError(
            f"No ledger is at {MEMORY if chosen == MEMORY else path}",
            "nothing was read",
            "Meter a cell first, or name a file with IPYFOOTPRINT_LEDGER.",
        )
    ledger = SqliteLedger(str(path))
    try:
        yield ledger
    finally:
        ledger.close()


def remove_ledger(chosen: str | None) -> bool:
    """Delete every row, and the file; returns whether the file stayed, for a running kernel.

    Raises:
        LedgerError: there is none, or it cannot be written or removed.
    """
    path = ledger_path(chosen)
    with read_ledger(chosen) as ledger:
        in_use = any(is_alive(session) for session in ledger.sessions())
        ledger.forget()
    if in_use:
        return True
    try:
        for tail in ("", "-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be removed ({error.strerror})", "it is empty now", "Delete it."
        ) from None
    return False


def make_shared(chosen: str) -> Path:
    """Make a ledger that everybody in the file's group may use on this host; returns its path.

    Raises:
        LedgerError: it cannot be made, or lies on a network file system.
    """
    path = Path(chosen).absolute()
    if not path.parent.is_dir():
        raise LedgerError(
            f"There is no folder {path.parent}", "nothing was made", "Make it, or name another."
        )
    _refuse_network(path)
    try:
        SqliteLedger(str(path)).close()
        path.chmod(0o660)  # its companions take the same rights
    except OSError as error:
        raise LedgerError(f"{path} cannot be shared ({error.strerror})") from None
    return path


def _refuse_network(path: Path) -> None:
    if (kind := network_filesystem(path)) is not None:
        raise LedgerError(
            f"{path} is on a network file system ({kind}), where a ledger could be damaged",
            "",
            "Name a file on a disk of this host with IPYFOOTPRINT_LEDGER; "
            "people on several hosts share a PostgreSQL: the setting team.",
        )


def _open_file(path: Path) -> tuple[SqliteLedger, FootprintError | None]:
    _refuse_network(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"{path.parent} cannot be made ({error.strerror})") from None
    warning = None
    try:
        ledger = SqliteLedger(str(path))
    except LedgerCorrupt as error:
        aside = _set_aside(path)
        warning = LedgerCorrupt(
            error.what, f"it is kept as {aside.name} and a new ledger is begun", ""
        )
        ledger = SqliteLedger(str(path))
    ledger.close_orphans([s.session_id for s in ledger.sessions() if is_alive(s)])
    return ledger, warning


def _set_aside(path: Path) -> Path:
    """Rename a file that is no ledger; its bytes are never lost."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        for tail in ("", "-wal", "-shm"):
            part = path.with_name(path.name + tail)
            if part.exists():
                part.rename(aside.with_name(aside.name + tail))
    except OSError as error:
        raise LedgerError(f"{path} is damaged and cannot be renamed ({error.strerror})") from None
    return aside


def is_alive(session: Session) -> bool:
    """Whether the kernel of a session still runs on this boot of this machine."""
    if session.pid is None or session.boot_id != boot_id():
        return False
    if session.pid == os.getpid():
        return True
    try:
        os.kill(session.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
