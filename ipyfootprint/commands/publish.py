"""`ipyfootprint publish`: send what waits to the team's server, in the foreground."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from ipyfootprint.bars import bar
from ipyfootprint.config import load
from ipyfootprint.errors import FootprintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--once", action="store_true", help="send what waits now, then end")


def run(args: argparse.Namespace) -> int:
    """Send once, or until interrupted; rows that were not acknowledged wait.

    Raises:
        ConfigError: no team is set.
        LedgerError: the local ledger, or with --once the server, cannot be used.
    """
    from ipyfootprint.ledger.publish import Publisher, send_for_ever
    from ipyfootprint.ledger.told import needed_address, outbox_of

    settings, _ = load()
    address = needed_address(settings.team, settings.ledger)
    outbox = outbox_of(settings.ledger)
    waiting = outbox.pending()
    outbox.close()
    publisher = Publisher(outbox.path, address, settings.share, batch=5000, notice=_once())
    try:
        if not args.once:
            send_for_ever(publisher)
        with bar(unit="row", total=waiting) as shown:
            sent = publisher.send_all(shown.update)
        print(f"{sent} rows sent.")
    finally:
        publisher.close()
    return 0


def _once() -> Callable[[FootprintError], None]:
    """Prints each cause once, however often it is tried."""
    told = set()

    def notice(error: FootprintError) -> None:
        if str(error) not in told:
            told.add(str(error))
            print(f"ipyfootprint publish: {error}", file=sys.stderr)

    return notice
