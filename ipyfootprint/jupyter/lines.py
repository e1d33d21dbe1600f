"""What the `%footprint` sub-commands of a session do; other rooms have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.display import display

from ipyfootprint import config as configuration
from ipyfootprint import widgets
from ipyfootprint.config.values import PARSERS
from ipyfootprint.errors import ConfigError
from ipyfootprint.export import write
from ipyfootprint.model import PHASES

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live
    from ipyfootprint.widgets.static_view import View

# what carries a sub-command out, how it is typed, what it does
Command = tuple[Callable[["Live", str], None], str, str]

NOTHING_YET = (
    "No cell has been metered in this session. Put %%footprint on a cell's first line, "
    "or type %footprint on to meter every cell."
)


def say(text: str) -> None:
    """Print plain text; names in it come from anywhere, so that no terminal acts on it."""
    print(widgets.markup.harmless(text))


def show(view: View) -> None:
    """Display a view: HTML where there is a page, text in a terminal."""
    display(view.mimebundle(), raw=True)


def on(live: Live, rest: str) -> None:
    """Meter every cell."""
    live.extension.auto = True
    threshold = live.settings.threshold
    say(
        "Every cell is metered from the next one on"
        + (f"; cells below {threshold:g} J stay silent." if threshold else ".")
    )


def off(live: Live, rest: str) -> None:
    """Meter only cells under %%footprint."""
    live.extension.auto = False
    say("Only cells under %%footprint are metered from now on.")


def last(live: Live, rest: str) -> None:
    """Show the newest run."""
    runs = live.tracker.runs()
    if not runs:
        return say(NOTHING_YET)
    earlier = [run for run in runs[:-1] if run.lineage == runs[-1].lineage]
    show(widgets.static_view.run_view(runs[-1], earlier[-1] if earlier else None))


def summary(live: Live, rest: str) -> None:
    """Show the session so far."""
    runs = live.tracker.runs()
    if not runs:
        return say(NOTHING_YET)
    live.show.summary(runs)


def cells(live: Live, rest: str) -> None:
    """Show every run as a table."""
    runs = live.tracker.runs()
    if not runs:
        return say(NOTHING_YET)
    show(widgets.runs_table.runs_view(runs))


def doctor(live: Live, rest: str) -> None:
    """Print the report of this installation."""
    say(live.diagnosis().report())


def export(live: Live, rest: str) -> None:
    """Write the session's runs to a file."""
    if not rest:
        raise ConfigError("No file was named", "nothing was written", "Type e.g. runs.csv.")
    runs = live.tracker.runs()
    if not runs:
        return say(NOTHING_YET)
    path = write(runs, Path(rest.strip("'\"")).expanduser())
    say(f"{len(runs)} runs written to {path}")


def config(live: Live, rest: str) -> None:
    """Show or change settings."""
    name, _, value = rest.partition(" ")
    if not name:
        for key in PARSERS:
            origin = live.settings.origin.get(key, "default")
            say(f"{key:<12} {live.settings.text(key):<14} {origin}")
        return say("%footprint config NAME VALUE changes one; NAME none takes it back.")
    if not value.strip():
        if name not in PARSERS:
            live.settings.with_value(name, "none", "")
        return say(f"{name} = {live.settings.text(name)}")
    live.recording.change(name, value.strip())
    path = configuration.save(name, value.strip())
    where = f"kept in {path}" if configuration.is_kept(name) else f"taken out of {path}"
    say(f"{name} = {live.settings.text(name)}, {where}. {_since(name, live.settings)}")


def _since(name: str, settings: configuration.Settings) -> str:
    """What a changed setting is for, and from when on."""
    if name == "team":
        if settings.team is None:
            return "Nothing is sent anywhere."
        return "What this ledger holds is sent there from now on, earlier sessions too."
    if name == "auto":
        return "Sessions that begin from now on take it; %footprint on or off is for this one."
    if name in configuration.AT_THE_START:
        return "Sessions that begin from now on take it; this one stays as it is."
    return "It holds from the next cell on; what is recorded stays as it is."


def phase(live: Live, rest: str) -> None:
    """Show or set the phase of the cells that follow."""
    if rest and rest not in (*PHASES, "none"):
        raise ConfigError(
            f"{rest!r} is not a phase", "nothing was changed", f"Phases: {', '.join(PHASES)}, none."
        )
    if rest:
        live.extension.phase = None if rest == "none" else rest
    say(f"phase = {live.extension.phase or 'not set (each cell is guessed from its code)'}")


COMMANDS: dict[str, Command] = {
    "on": (on, "on", "meter every cell from now on"),
    "off": (off, "off", "meter only cells under %%footprint"),
    "last": (last, "last", "the newest run"),
    "summary": (summary, "summary", "what this session has used so far"),
    "cells": (cells, "cells", "every run of this session as a table"),
    "doctor": (doctor, "doctor", "a report of this installation, to copy"),
    "export": (export, "export PATH", "write the session's runs as .json or .csv"),
    "config": (config, "config [NAME VALUE]", "show or change a setting"),
    "phase": (phase, "phase [NAME]", "the phase of the cells that follow"),
}
