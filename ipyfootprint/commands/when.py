"""`ipyfootprint when`: which hour and which place would be cleaner."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from ipyfootprint import explain
from ipyfootprint.config import load
from ipyfootprint.widgets.when import advice_view


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--hours", type=float, default=1.0, metavar="H", help="how long it runs")
    parser.add_argument("--within", type=float, default=24.0, metavar="H", help="hours to wait")
    parser.add_argument("--zone", metavar="DE", help="default: as configured or recognised")


def run(args: argparse.Namespace) -> int:
    """Print the advice.

    Raises:
        ConfigError: no such zone, or a time that is none.
    """
    settings = load()[0]
    if args.zone:
        settings = settings.with_value("zone", args.zone, "--zone")
    for option in ("hours", "within"):
        explain.checked_hours(f"--{option}", getattr(args, option))
    subject = explain.recorded([], None, settings)
    advice = explain.advice_of(subject, args.hours * 3600, args.within * 3600)
    print(advice_view(advice, datetime.now().astimezone().tzinfo or UTC).text)
    if subject.place.zone is None:
        print("Where this machine stands is unknown; name it with --zone DE.")
    return 0
