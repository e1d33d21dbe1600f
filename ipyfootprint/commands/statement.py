"""`ipyfootprint statement`: a methods paragraph and table, or a model card's carbon."""

from __future__ import annotations

import argparse

from ipyfootprint import explain
from ipyfootprint.commands._recorded import add_all, subject_of
from ipyfootprint.widgets.markup import harmless


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_all(parser)
    parser.add_argument("--card", action="store_true", help="the co2_eq_emissions of a model card")
    parser.add_argument("--per", metavar="N UNIT", help='functional unit, e.g. --per "40 epochs"')


def run(args: argparse.Namespace) -> int:
    """Print it.

    Raises:
        ConfigError: not a functional unit.
    """
    subject = subject_of(args)
    unit = explain.unit_of(args.per) if args.per else None
    text = explain.card_of(subject) if args.card else explain.statement_of(subject, unit)
    print(harmless(text), end="")
    return 0
