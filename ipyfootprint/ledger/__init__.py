"""The record of every run; all SQL lives here."""

from ipyfootprint.ledger.base import Ledger
from ipyfootprint.ledger.opening import (
    default_path,
    ledger_path,
    open_ledger,
    read_ledger,
    remove_ledger,
)
from ipyfootprint.ledger.sqlite_file import MEMORY

__all__ = [
    "MEMORY",
    "Ledger",
    "default_path",
    "ledger_path",
    "open_ledger",
    "read_ledger",
    "remove_ledger",
]
