"""The newest session, or all of them, for commands that explain what was recorded."""

from __future__ import annotations

import argparse

from ipyfootprint.config import load
from ipyfootprint.explain import Subject, recorded
from ipyfootprint.ledger import read_ledger


def add_all(parser: argparse.ArgumentParser) -> None:
    """The option that takes every session."""
    parser.add_argument("--all", action="store_true", help="every session, not only the newest")


def subject_of(args: argparse.Namespace) -> Subject:
    """The runs that a command was asked about.

    Raises:
        LedgerError: there is no ledger, or it cannot be read.
    """
    settings = load()[0]
    with read_ledger(settings.ledger) as ledger:
        sessions = ledger.sessions()
        newest = sessions[-1].session_id if sessions and not args.all else None
        gap = ledger.gap(newest) if newest else None
        return recorded(ledger.runs(newest), gap, settings)
