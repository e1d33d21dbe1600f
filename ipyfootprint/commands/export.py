"""`ipyfootprint export`: the recorded runs as JSON lines or CSV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--all", action="store_true", help="every session, not only the newest")
    parser.add_argument(
        "--format", choices=("json", "csv", "codecarbon", "parquet"), default="json"
    )
    parser.add_argument("--output", default="-", metavar="PATH", help="a file, or - for the screen")


def run(args: argparse.Namespace) -> int:
    """Print or write the runs."""
    from ipyfootprint.export import text_of
    from ipyfootprint.ledger import read_ledger

    if args.format == "parquet":
        return _parquet(args)
    with read_ledger(load()[0].ledger) as ledger:
        sessions = ledger.sessions()
        newest = sessions[-1].session_id if sessions and not args.all else None
        text = text_of(ledger.runs(newest), args.format)
    if args.output == "-":
        sys.stdout.write(text)
        return 0
    path = Path(args.output)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})", "nothing was written", "Name another."
        ) from None
    return 0


def _parquet(args: argparse.Namespace) -> int:
    from ipyfootprint.export import write
    from ipyfootprint.ledger import read_ledger

    if not args.output.lower().endswith(".parquet"):
        raise ConfigError(
            "A Parquet file is no text", "nothing was written", "Name it with --output X.parquet."
        )
    with read_ledger(load()[0].ledger) as ledger:
        sessions = ledger.sessions()
        newest = sessions[-1].session_id if sessions and not args.all else None
        write(ledger.runs(newest), Path(args.output))
    return 0
