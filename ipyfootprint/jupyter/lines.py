"""What each `%footprint` sub-command does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IPython.display import display

from ipyfootprint import config as configuration
from ipyfootprint.errors import ConfigError
from ipyfootprint.export import to_table, write
from ipyfootprint.model import PHASES
from ipyfootprint.units import energy_text
from ipyfootprint.widgets.static_view import View, finding_view, run_view, summary_view

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live

_NOTHING_YET = (
    "No cell has been metered in this session. Put %%footprint on a cell's first line, "
    "or type %footprint on to meter every cell."
)


def _say(text: str) -> None:
    print(text)


def _show(view: View) -> None:
    display(view.mimebundle(), raw=True)


def on(live: Live, rest: str) -> None:
    """Meter every cell."""
    live.extension.auto = True
    threshold = live.settings.threshold
    _say(
        "Every cell is metered from the next one on"
        + (f"; cells below {threshold:g} J stay silent." if threshold else ".")
    )


def off(live: Live, rest: str) -> None:
    """Meter only cells under %%footprint."""
    live.extension.auto = False
    _say("Only cells under %%footprint are metered from now on.")


def last(live: Live, rest: str) -> None:
    """Show the newest run."""
    runs = live.tracker.runs()
    if not runs:
        return _say(_NOTHING_YET)
    earlier = [run for run in runs[:-1] if run.lineage == runs[-1].lineage]
    _show(run_view(runs[-1], earlier[-1] if earlier else None))


def summary(live: Live, rest: str) -> None:
    """Show the session so far."""
    if not live.tracker.runs():
        return _say(_NOTHING_YET)
    _show(summary_view(live.summary()))


def cells(live: Live, rest: str) -> None:
    """Show every run as a table."""
    runs = live.tracker.runs()
    if not runs:
        return _say(_NOTHING_YET)
    _say(to_table(runs))


def why(live: Live, rest: str) -> None:
    """Say where the numbers come from."""
    _say(live.diagnosis().why())


def doctor(live: Live, rest: str) -> None:
    """Print the report of this installation."""
    _say(live.diagnosis().report())


def export(live: Live, rest: str) -> None:
    """Write the session's runs to a file."""
    if not rest:
        raise ConfigError("No file was named", "nothing was written", "Type e.g. runs.csv.")
    runs = live.tracker.runs()
    path = write(runs, Path(rest.strip("'\"")).expanduser())
    _say(f"{len(runs)} runs written to {path}")


def config(live: Live, rest: str) -> None:
    """Show or change settings."""
    name, _, value = rest.partition(" ")
    if not name:
        for key in configuration.PARSERS:
            origin = live.settings.origin.get(key, "default")
            _say(f"{key:<12} {getattr(live.settings, key)!s:<12} {origin}")
        return
    if not value.strip():
        if name not in configuration.PARSERS:
            live.settings.with_value(name, "none", "")
        return _say(f"{name} = {getattr(live.settings, name)}")
    live.recording.change(name, value.strip())
    path = configuration.save(name, value.strip())
    _say(f"{name} = {getattr(live.settings, name)}, kept in {path}")


def phase(live: Live, rest: str) -> None:
    """Show or set the phase of the cells that follow."""
    if rest and rest not in (*PHASES, "none"):
        raise ConfigError(
            f"{rest!r} is not a phase", "nothing was changed", f"Phases: {', '.join(PHASES)}, none."
        )
    if rest:
        live.extension.phase = None if rest == "none" else rest
    _say(f"phase = {live.extension.phase or 'not set (each cell is guessed from its code)'}")


def rebound(live: Live, rest: str) -> None:
    """Show what was found, or answer the newest finding."""
    watch = live.recording.watch
    if rest:
        finding = watch.answer(rest)
        return _say(f"Kept: {finding.answer}, for {finding.lineage}.")
    if not watch.findings:
        return _say("No rebound has been found in this session.")
    for finding in watch.findings:
        _show(finding_view(finding))


def plan(live: Live, rest: str) -> None:
    """Announce work, so that it is no evidence of a rebound."""
    wanted = dict(part.partition("=")[::2] for part in rest.split())
    try:
        runs = int(wanted.pop("runs")) if "runs" in wanted else None
        wh = float(wanted.pop("wh")) if "wh" in wanted else None
    except ValueError:
        wanted["?"] = rest
    if wanted or not rest or not ((runs or 0) > 0 or (wh or 0) > 0):
        raise ConfigError(
            f"{rest!r} is not a plan", "nothing was changed", "Type e.g. plan runs=40 wh=300."
        )
    live.recording.watch.plan(runs, None if wh is None else wh * 3600)
    said = [f"{runs} runs"] if runs else []
    said += [energy_text(wh * 3600)] if wh else []
    _say(f"Planned: {' and '.join(said)}; warnings are silent until 120 % of it is used.")
