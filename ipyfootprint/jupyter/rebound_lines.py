"""What the `%footprint` sub-commands about rebound do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipyfootprint import widgets
from ipyfootprint.errors import ConfigError
from ipyfootprint.jupyter.lines import Command, say, show
from ipyfootprint.units import energy_text

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live


def rebound(live: Live, rest: str) -> None:
    """Show what was found, or answer the newest finding."""
    watch = live.recording.watch
    if rest:
        finding = watch.answer(rest)
        live.show.banners.answered(finding)
        return say(f"Kept: {finding.answer}, for {finding.lineage}.")
    if not watch.findings:
        return say("No rebound has been found in this session.")
    for finding in watch.findings:
        show(widgets.static_view.finding_view(finding))


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
    say(f"Planned: {' and '.join(said)}; warnings are silent until 120 % of it is used.")


COMMANDS: dict[str, Command] = {
    "rebound": (
        rebound,
        "rebound [ANSWER]",
        "what was found; answer planned, snooze, not-rebound or budget",
    ),
    "plan": (plan, "plan runs=N wh=X", "announce work, so that it is no rebound"),
}
