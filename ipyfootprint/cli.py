"""The command line: `ipyfootprint COMMAND ...`; one module of `commands` each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import ipyfootprint
from ipyfootprint.errors import FootprintError, without_secrets

# name -> (module of ipyfootprint.commands, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "execute a notebook with every cell metered and print its table"),
    "doctor": ("doctor", "say what can be measured here, what cannot, and how to enable it"),
    "enable": ("enable", "have %%footprint in every kernel without %load_ext"),
    "disable": ("disable", "take that back"),
    "forget": ("forget", "delete what was recorded on this machine"),
    "export": ("export", "the recorded runs as JSON, CSV, Parquet or CodeCarbon's columns"),
    "import": ("importing", "add runs that CodeCarbon recorded to the ledger"),
    "assume": ("assume", "recorded totals, their inputs, and the totals under others"),
    "when": ("when", "which hour and which place would be cleaner"),
    "statement": ("statement", "a methods paragraph and table, or a model card's carbon"),
    "impact": ("impact", "carbon and water of a figure, e.g. to check a paper"),
    "rebound": ("rebound", "what became of efficiency gains in a log, the ledger or MLflow"),
    "team": ("team", "a team's server: make it, watch what is sent, forget"),
    "publish": ("publish", "send the recorded runs that wait to the team's server"),
    "metrics": ("metrics", "the ledger's totals for Prometheus, on the loopback address"),
}


class _Parser(argparse.ArgumentParser):
    """A parser that repeats what was typed, but for a password in it."""

    def error(self, message: str) -> NoReturn:
        super().error(without_secrets(message))


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command and its options; exits as argparse does where they are off."""
    parser = _Parser(
        prog="ipyfootprint", description="Energy and carbon of notebook cells, with bounds."
    )
    parser.add_argument(
        "--version", action="version", version=f"ipyfootprint {ipyfootprint.__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in words if word in COMMANDS), None)
    for name, (module, text) in COMMANDS.items():
        sub = commands.add_parser(name, help=text.replace("%", "%%"), description=text)
        if name == chosen:
            command = import_module(f"ipyfootprint.commands.{module}")
            command.add_arguments(sub)
            sub.set_defaults(run=command.run)
    return parser.parse_args(words)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status (2: it could not be done as asked)."""
    args = parse(list(sys.argv[1:] if argv is None else argv) or ["--help"])
    try:
        return int(args.run(args))
    except FootprintError as error:
        print(f"ipyfootprint {args.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
