"""`ipyfootprint import`: runs that another tool recorded, into the ledger."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from ipyfootprint.bars import bar
from ipyfootprint.codecarbon import TAG, Imported, from_codecarbon, overlapping
from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError
from ipyfootprint.ids import user_id
from ipyfootprint.ledger import open_ledger
from ipyfootprint.ledger.base import Ledger
from ipyfootprint.model import Session
from ipyfootprint.words import counted

# One session holds all of them, so that they are never part of another session's totals.
_SESSION = str(uuid5(NAMESPACE_URL, "ipyfootprint:codecarbon"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("tool", choices=("codecarbon",), help="what wrote the file")
    parser.add_argument("file", metavar="FILE", help="CodeCarbon's emissions.csv")


def run(args: argparse.Namespace) -> int:
    """Add the file's runs; a run that is known, or that was metered here, is left out.

    Raises:
        ConfigError: the file cannot be read, or no ledger can be written.
        LogError: it is no such file.
    """
    path = Path(args.file)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(
            f"{path} cannot be read ({reason})", "nothing was imported", "Check its name."
        ) from None
    user = user_id()
    session = str(uuid5(NAMESPACE_URL, f"{_SESSION}:{user}"))
    found = from_codecarbon(text, session, user)
    ledger, warning = open_ledger(load()[0].ledger)
    try:
        if warning is not None:
            raise ConfigError(warning.what, "nothing was imported", warning.remedy)
        print(_kept(found, ledger, session, user))
    finally:
        ledger.close()
    return 0


def _kept(found: Imported, ledger: Ledger, session: str, user: str) -> str:
    """Keep what is new; returns what became of every row in words."""
    here = ledger.runs()
    known = {run.run_id for run in here}
    doubled = overlapping(found.runs, [run for run in here if run.session_id != session])
    new = [run for run in found.runs if run.run_id not in known | doubled]
    if new:
        ledger.open_session(
            Session(
                session_id=session,
                user_id=user,
                started_at=new[0].started_at,
                hardware={"imported": TAG},
            )
        )
    first = 1 + sum(run.session_id == session for run in here)
    for number, run in enumerate(bar(new, unit="run"), first):
        ledger.begin(replace(run, number=number, status="started"))
        ledger.close_run(replace(run, number=number))
    parts = [f"{counted('runs', len(new))} imported, tagged ({TAG})"]
    there = sum(run.run_id in known for run in found.runs)
    left = len(found.runs) - len(new) - there
    if there:
        parts.append(f"{there} known already")
    if left:
        parts.append(f"{left} left out: their time was metered here, so they would count twice")
    if found.superseded:
        parts.append(f"{counted('rows', found.superseded)} were earlier sums of the same run")
    return "; ".join(parts) + "."
