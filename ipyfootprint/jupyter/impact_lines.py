"""What the `%footprint` sub-commands about carbon, water and hardware do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.display import display

from ipyfootprint import widgets
from ipyfootprint.errors import ConfigError
from ipyfootprint.jupyter.lines import NOTHING_YET, Command, say, show

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live

_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(s|min|m|h|d)", re.I)
_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def why(live: Live, rest: str) -> None:
    """Say where the numbers come from: every input of a total, and the sensors behind it."""
    from ipyfootprint import explain

    subject = explain.here()
    show(widgets.inputs.inputs_view(explain.inputs_of(subject), explain.place_text(subject)))
    say(live.diagnosis().why())


def assume(live: Live, rest: str) -> None:
    """Show the session under other assumptions; without any, which doubt moves it most."""
    from ipyfootprint import explain

    subject = explain.here()
    if not rest:
        return show(
            widgets.inputs.doubt_view(explain.inputs_of(subject), explain.place_text(subject))
        )
    show(widgets.inputs.comparison_view(explain.compared(subject, rest.split())))


def discrepancy(live: Live, rest: str) -> None:
    """Say where ranking runs by time, energy, carbon or compute misleads."""
    from ipyfootprint import explain
    from ipyfootprint.impact.discrepancy import discrepancy_text

    if not live.tracker.runs():
        return say(NOTHING_YET)
    say(discrepancy_text(explain.discrepancy()))


def when(live: Live, rest: str) -> None:
    """Say which hour and which place would be cleaner."""
    from ipyfootprint import explain

    advice = explain.when(seconds(rest) if rest else None)
    show(widgets.when.advice_view(advice, datetime.now().astimezone().tzinfo or UTC))
    if live.recording.place.zone is None:
        say("Where this machine stands is unknown; set it with %footprint config zone DE.")


def statement(live: Live, rest: str) -> None:
    """Print the methods paragraph and table, or keep it in a file."""
    from ipyfootprint import explain

    subject = explain.here()
    if not subject.runs:
        return say(NOTHING_YET)
    if rest == "card":
        return say(explain.card_of(subject) or "No carbon is known, so there is no card.")
    path, unit = _asked(rest)
    text = widgets.markup.harmless(explain.statement_of(subject, unit))
    if path is None:
        return display({"text/plain": text, "text/markdown": text}, raw=True)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})", "nothing was written", "Name another."
        ) from None
    say(f"{len(subject.runs)} runs stated in {path}")


def seconds(text: str) -> float:
    """A time typed as "90s", "30 min", "2h" or "1d".

    Raises:
        ConfigError: it is none.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or float(match[1]) <= 0:
        raise ConfigError(f"{text!r} is not a time", "nothing was done", "Type e.g. 30min or 2h.")
    return float(match[1]) * _SECONDS[match[2].lower()]


def _asked(rest: str) -> tuple[Path | None, tuple[float, str] | None]:
    from ipyfootprint import explain

    file, per, unit = f" {rest}".partition(" per ")
    name = file.strip().strip("'\"")
    return Path(name).expanduser() if name else None, explain.unit_of(unit) if per else None


COMMANDS: dict[str, Command] = {
    "why": (why, "why", "where every number comes from, and how to get better ones"),
    "assume": (
        assume,
        "assume [NAME=VALUE ...]",
        "the session under other assumptions, e.g. pue=1.58 zone=USA lifetime=4y",
    ),
    "discrepancy": (
        discrepancy,
        "discrepancy",
        "where ranking runs by time, energy, carbon or FLOPs misleads about another",
    ),
    "when": (when, "when [2h]", "which hour and which place would be cleaner"),
    "statement": (
        statement,
        "statement [PATH] [per N UNIT]",
        "a methods paragraph and table for a paper; statement card for a model card",
    ),
}
