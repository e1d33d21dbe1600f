"""`ipyfootprint team serve`: the dashboard as an app, for whoever has a browser."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ipyfootprint.config import Settings, load
from ipyfootprint.config.values import team_address
from ipyfootprint.errors import ConfigError

# The app is one cell; what it reads comes from the settings of this process.
CELL = "from ipyfootprint.jupyter.team_lines import app\napp()"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--server", metavar="ADDRESS", help="else the setting team, or the ledger")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--port", type=int, default=8866, help="port to listen on (default: 8866)")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises:
        ConfigError: Voila is not installed, or the login could write.
        LedgerError: there is nothing to read.
    """
    settings = chosen(args.server)
    if importlib.util.find_spec("voila") is None:
        raise ConfigError(
            "The app needs Voila", "nothing was started", "pip install 'ipyfootprint[app]'."
        )
    check(settings)
    if args.host not in LOOPBACK:
        print(
            f"Whoever reaches {args.host}:{args.port} sees these sums: nobody is asked who they"
            " are. A proxy that does is the usual way.",
            file=sys.stderr,
        )
    env = dict(os.environ)
    env |= {"IPYFOOTPRINT_TEAM": settings.team} if settings.team else {}
    env |= {"IPYFOOTPRINT_LEDGER": settings.ledger} if settings.ledger else {}
    with tempfile.TemporaryDirectory(prefix="ipyfootprint-") as folder:
        notebook = write_app(Path(folder))
        command = voila_command(notebook, args.host, args.port, args.theme)
        return _until_told(command, env=env, cwd=folder)


def _until_told(command: list[str], **known: Any) -> int:
    """Run a program until it ends; it ends too when this process is told to."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        with subprocess.Popen(command, **known) as app:
            try:
                return app.wait()
            finally:
                app.terminate()
    finally:
        signal.signal(signal.SIGTERM, before)


def chosen(address: str | None) -> Settings:
    """The settings, with another server where one was named."""
    settings, _ = load()
    if address is None:
        return settings
    try:
        return settings.with_value("team", team_address(address), "--server")
    except ValueError as error:
        raise ConfigError("That is not a team's address", "nothing was done", f"{error}") from None


def check(settings: Settings) -> None:
    """See that there is something to read, by a login that can do that and no more.

    Raises:
        ConfigError: the login could write to the team's server.
        LedgerError: there is no ledger, or the server cannot be used.
    """
    from ipyfootprint.team.place import source_of

    if settings.team:
        from ipyfootprint.ledger.reading import writes_too

        if writes_too(settings.team):
            raise ConfigError(
                "This login may do more than read sums",
                "nothing was started",
                "Name one that has the role ipyfootprint_dashboard alone.",
            )
    source_of(settings)


def write_app(folder: Path) -> Path:
    """The app as a notebook of one cell."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    notebook = {
        "cells": [{**cell, "source": CELL}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    path = folder / "footprint.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def voila_command(notebook: Path, host: str, port: int, theme: str) -> list[str]:
    """How Voila is started."""
    return [
        *(sys.executable, "-m", "voila", str(notebook), "--no-browser"),
        *(f"--Voila.ip={host}", f"--port={port}", f"--theme={theme}"),
        *("--progressive_rendering=True", "--show_tracebacks=False", "--strip_sources=True"),
    ]
