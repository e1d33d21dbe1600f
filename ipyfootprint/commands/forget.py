"""`ipyfootprint forget --all`: delete what was recorded on this machine."""

from __future__ import annotations

import argparse
import sys

from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--all", action="store_true", required=True, help="every run of every session"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace) -> int:
    """Ask, then delete; 1 when the answer is no.

    Raises:
        LedgerError: there is no ledger, or it cannot be written.
        ConfigError: there is nobody to ask.
    """
    from ipyfootprint.ledger import ledger_path, read_ledger, remove_ledger

    chosen = load()[0].ledger
    with read_ledger(chosen) as ledger:
        count = len(ledger.runs())
    path = ledger_path(chosen)
    if not (args.yes or _agreed(f"Delete all {count} runs in {path}? [y/N] ")):
        print("Nothing was deleted.")
        return 1
    emptied = remove_ledger(chosen)
    print(f"{count} runs deleted.")
    if emptied:
        print(f"A running kernel uses {path}: it is empty now, and was not removed.")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError(
            "There is nobody to ask", "nothing was deleted", "Type forget --all --yes."
        )
    return input(question).strip().lower() in ("y", "yes")
