"""`ipyfootprint doctor`: what can be measured here, and how to measure more."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print the report."""
    from ipyfootprint.diagnosis import diagnose
    from ipyfootprint.widgets.markup import harmless

    diagnosis = diagnose()
    print(json.dumps(diagnosis.as_dict(), indent=1) if args.json else harmless(diagnosis.report()))
    return 0
