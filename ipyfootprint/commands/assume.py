"""`ipyfootprint assume`: recorded totals, their inputs, and the totals under others."""

from __future__ import annotations

import argparse

from ipyfootprint import explain
from ipyfootprint.commands._recorded import add_all, subject_of
from ipyfootprint.widgets.inputs import comparison_view, doubt_view


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_all(parser)
    parser.add_argument(
        "change",
        nargs="*",
        metavar="NAME=VALUE",
        help="pue, zone, intensity, lifetime, utilisation, wue, water or device;"
        " without any, every input and what its doubt does to the total",
    )


def run(args: argparse.Namespace) -> int:
    """Print the totals side by side, or the inputs.

    Raises:
        ConfigError: what cannot be assumed.
    """
    subject = subject_of(args)
    if args.change:
        print(comparison_view(explain.compared(subject, args.change)).text)
    else:
        print(doubt_view(explain.inputs_of(subject), explain.place_text(subject)).text)
    return 0
