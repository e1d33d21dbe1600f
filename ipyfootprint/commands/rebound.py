"""`ipyfootprint rebound`: the detector over a log, the ledger or an MLflow store."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError, LogError
from ipyfootprint.ledger import read_ledger
from ipyfootprint.rebound.mlflow_store import read_store
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.rebound.replay import as_line, as_text, observations, read_log, replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "log",
        nargs="?",
        metavar="LOG.jsonl",
        help="runs, one JSON object a line; - reads standard input; without it the ledger is read",
    )
    source.add_argument("--ledger", metavar="PATH", help="a ledger other than the usual one")
    source.add_argument("--mlflow", metavar="PLACE", help="a folder mlruns, or an mlflow.db")
    parser.add_argument("--metric", metavar="NAME", help="outcome metric of the MLflow runs")
    parser.add_argument(
        "--power-w", type=float, metavar="W", help="power of MLflow runs that logged no energy"
    )
    parser.add_argument("--session", metavar="ID", help="this session of the ledger alone")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Print one line a finding; what could not be read goes to standard error.

    Raises:
        LogError: there is no such log or store, or nothing in it could be used.
        LedgerError: there is no ledger, or it cannot be read.
    """
    runs, problems, place = _read(args)
    for problem in problems:
        print(f"{place}, {problem}", file=sys.stderr)
    if problems and not runs:
        raise LogError(
            f"Nothing in {place} could be used", "no run was read", "The lines above say why."
        )
    found = replay(runs)
    lines = [json.dumps(as_line(f), ensure_ascii=False) for f in found] if args.json else None
    for line in as_text(found) if lines is None else lines:
        print(line)
    if not found and not args.json:
        sessions = len({run.session for run in runs})
        print(f"No rebound in {len(runs)} runs of {sessions} sessions.")
    return 0


def _read(args: argparse.Namespace) -> tuple[list[Observation], Sequence[object], str]:
    if args.mlflow is not None:
        power_w = args.power_w
        if power_w is not None and not 0 < power_w < 1e7:
            raise ConfigError(
                f"--power-w {power_w:g} is no power", "nothing was read", "Type watts above 0."
            )
        runs, notes = read_store(Path(args.mlflow), metric=args.metric, power_w=power_w)
        return runs, notes, args.mlflow
    if args.log is None:
        settings, _ = load()
        with read_ledger(args.ledger or settings.ledger) as ledger:
            return observations(ledger.runs(args.session)), (), "the ledger"
    if args.log == "-":
        runs, problems = read_log(sys.stdin)
        return runs, problems, "standard input"
    try:
        with Path(args.log).open(encoding="utf-8", errors="replace") as lines:
            runs, problems = read_log(lines)
    except OSError as error:
        raise LogError(
            f"{args.log} cannot be read ({error.strerror})", "nothing was read", "Name a log."
        ) from None
    return runs, problems, args.log
