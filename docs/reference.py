"""Reference pages, made from the code when the site is built (a hook of MkDocs)."""

from __future__ import annotations

import argparse
import inspect
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import ipyfootprint
from ipyfootprint import testing
from ipyfootprint.cli import COMMANDS
from ipyfootprint.config import Settings
from ipyfootprint.config.values import PARSERS
from ipyfootprint.jupyter.magics import SUBCOMMANDS
from ipyfootprint.jupyter.marker import read_options

ROOT = Path(__file__).parent.parent
_OTHER = """| variable | meaning |
|---|---|
| `IPYFOOTPRINT_REPLAY` | a CSV of power (`time_s, gpu0, cpu0` in W), replayed and labelled |
| `IPYFOOTPRINT_EIA_KEY` and so on | keys of live services, see [there](../howto/grid.md#live) |
| `IPYFOOTPRINT_SESSION` | marks what a cell starts, so that it is found again; do not set it |"""
_VALUES = ("Run", "DeviceEnergy", "CarbonIntensity", "Gap", "Session", "Finding", "Estimate")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """Path in the site -> Markdown."""
    return {
        "reference/magics.md": magics(),
        "reference/commands.md": commands(),
        "reference/settings.md": settings(),
        "reference/python.md": python(),
        "reference/run.md": run(),
        "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    }


def magics() -> str:
    """The cell magic with its options, and every sub-command of the line magic."""
    rows = "\n".join(
        f"| `%footprint {typed}` | {text} |" for _, typed, text in SUBCOMMANDS.values()
    )
    return f"""# Magics

`%load_ext ipyfootprint` makes both magics known; it prints nothing and changes nothing else.

## %%footprint

Meters the cell it stands in. It may stand above or below other cell magics.

```text
{_help(read_options.parser)}
```

## %footprint

Without a word it shows what this session has used so far.

| typed | what it does |
|---|---|
{rows}
"""


def commands() -> str:
    """Every command with its options."""
    parts = ["# Command line\n\n`ipyfootprint COMMAND --help` prints the same.\n"]
    for name, (module, text) in COMMANDS.items():
        parser = argparse.ArgumentParser(f"ipyfootprint {name}", description=text)
        import_module(f"ipyfootprint.commands.{module}").add_arguments(parser)
        texts = "\n\n".join(_help(each) for each in (parser, *actions(parser)))
        parts.append(f"## {name}\n\n```text\n{texts}\n```\n")
    return "\n".join(parts)


def actions(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parsers of a command's own actions, as those of `team`."""
    return [
        sub
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for sub in action.choices.values()
    ]


def settings() -> str:
    """Every setting with the environment variable that sets it."""
    told = dict(_attributes((Settings.__doc__ or "").replace("None", "none")))
    rows = "\n".join(
        f"| `{name}` | `{_default(name)}` | `IPYFOOTPRINT_{name.upper()}` | {told[name]} |"
        for name in PARSERS
    )
    return f"""# Settings

`%footprint config NAME VALUE` changes a setting and keeps it in one file of your platform's
configuration folder; `none` takes it back. A variable of the environment goes before the file, and
what was changed in a session before both. `%footprint config` shows each value and who set it.

| setting | default | environment | meaning |
|---|---|---|---|
{rows}

## Other variables of the environment

{_OTHER}
"""


def python() -> str:
    """Every public name."""
    named = [name for name in ipyfootprint.__all__ if not name.endswith("ipython_extension")]
    entries = "\n\n".join(_entry(_home(name), name, "ipyfootprint") for name in named)
    fakes = "\n\n".join(
        _entry(getattr(testing, name).__module__, name, "ipyfootprint.testing")
        for name in testing.__all__
    )
    return f"""# Python

All of it can be used without magics, in scripts, tests and other notebooks.

{entries}

## IPython's hooks

::: ipyfootprint.load_ipython_extension

::: ipyfootprint.unload_ipython_extension

## For tests

{inspect.getdoc(testing)}

{fakes}
"""


def _entry(module: str, name: str, shown: str) -> str:
    """One public name under the path by which it is imported."""
    path = f"{shown}.{name}"
    return f"::: {module}.{name}\n    options:\n      heading: {path}\n      toc_label: {name}"


def run() -> str:
    """The values that a ledger keeps."""
    entries = "\n\n".join(f"::: ipyfootprint.model.{name}" for name in _VALUES)
    return f"""# The record of a run

`ipyfootprint export --format json` prints one JSON object a line, one a run, with these names.
Units are in the names: `_j` joule, `_w` watt, `_s` second, `_g` gram of CO2e, `_l` litre. What is
not known is null, never 0.

{entries}
"""


def _home(name: str) -> str:
    return str(getattr(ipyfootprint, name).__module__)


def _default(name: str) -> str:
    return Settings().text(name)


def _attributes(docstring: str) -> Iterator[tuple[str, str]]:
    """Names and texts of a docstring's attributes."""
    block = docstring.partition("Attributes:")[2]
    for name, text in re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", block, re.MULTILINE):
        yield name, " ".join(text.split())


def _help(parser: argparse.ArgumentParser) -> str:
    os.environ["COLUMNS"] = "90"
    return parser.format_help().removeprefix("::").strip()
