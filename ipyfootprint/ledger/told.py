"""What a person is told of their outbox: what waits, what went, and exactly what would go."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice

from ipyfootprint.errors import ConfigError, FootprintError
from ipyfootprint.ledger.identity import Identity, outgoing
from ipyfootprint.ledger.opening import read_ledger
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.publish import Server, identity_name, server_of
from ipyfootprint.ledger.sqlite_file import MEMORY
from ipyfootprint.words import counted

WHO = ("team", "known there as")  # what of a status names a login, a host or a person
_NOBODY = ("0" * 16, "0" * 64)


def outbox_of(ledger: str | None) -> Outbox:
    """The outbox of the ledger that a setting names.

    Raises:
        LedgerError: there is none, or it cannot be read.
    """
    with read_ledger(ledger) as found:  # brings an older file up to date
        return Outbox(found.path)


def needed_address(address: str | None, ledger: str | None = None) -> str:
    """The team's address, where one is set.

    Raises:
        ConfigError: none is set, or there is no file whose rows could be sent.
    """
    if address is None:
        raise ConfigError(
            "No team is set, so nothing is sent anywhere",
            "nothing was done",
            "Type %footprint config team postgresql://name@host/database, or set"
            " IPYFOOTPRINT_TEAM.",
        )
    if ledger == MEMORY:
        raise ConfigError(
            "This ledger is in memory only",
            "nothing is sent",
            "Name a file with IPYFOOTPRINT_LEDGER.",
        )
    return address


def status_text(ledger: str | None, address: str | None, share: str = "") -> str:
    """What waits, when something was last sent, and what went wrong since, line by line."""
    lines = status(ledger, address, share)
    width = max(map(len, lines))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines.items())


def status(ledger: str | None, address: str | None, share: str = "") -> dict[str, str]:
    """The same by name.

    Raises:
        ConfigError: no team is set, or there is no file.
        LedgerError: the ledger cannot be read.
    """
    address = needed_address(address, ledger)
    outbox = outbox_of(ledger)
    try:
        known = (outbox.recall(identity_name(address)) or "").partition(" ")[0]
        refused = outbox.refused()
        lines = {
            "team": address,
            "known there as": known or "not known yet",
            "waiting": counted("rows", outbox.pending()),
            "last success": outbox.recall("success") or "never",
            "last problem": outbox.recall("problem") or "none",
            "sent besides figures": share or "nothing",
        }
        if refused:
            why = outbox.recall("refusal") or ""
            lines["refused"] = (
                f"{counted('rows', refused)}, kept here and not sent again. {why}".rstrip()
            )
        return lines
    finally:
        outbox.close()


def preview_text(
    ledger: str | None,
    address: str | None,
    share: str = "",
    *,
    rows: int = 1,
    server: Callable[[str], Server] = server_of,
) -> str:
    """The next rows of each table as they would be sent, every field of them.

    Args:
        ledger: the setting `ledger`.
        address: the setting `team`.
        share: the setting `share`.
        rows: how many rows of each table.
        server: asked for the person's pseudonym where it never was.
    """
    address = needed_address(address, ledger)
    outbox = outbox_of(ledger)
    try:
        names, note = _names(outbox, address, server)
        batch = outbox.take(following=True)
        lines = [note] if note else []
        for table, columns in outgoing(batch, Identity(*names, frozenset(share.split()))).items():
            shown = list(islice(zip(*columns.values(), strict=True), rows))
            number = len(next(iter(columns.values())))
            lines.append(f"{table}: {counted('rows', number)}, the first of them")
            lines += [json.dumps(dict(zip(columns, row, strict=True))) for row in shown]
        return "\n".join(lines) if len(batch) else "Nothing waits to be sent."
    finally:
        outbox.close()


def _names(
    outbox: Outbox, address: str, make: Callable[[str], Server]
) -> tuple[tuple[str, str], str]:
    """The pseudonym and the key, and what is to be said where they could not be had."""
    known = outbox.recall(identity_name(address))
    if known is not None:
        user_id, _, key = known.partition(" ")
        return (user_id, key), ""
    try:
        server = make(address)
        try:
            return server.who(), ""
        finally:
            server.close()
    except FootprintError as error:
        return _NOBODY, f"Hashes will differ: the team's key is not known here yet. {error}"
