"""What the `%footprint` sub-commands about a team do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipyfootprint.config import Settings, load
from ipyfootprint.errors import ConfigError
from ipyfootprint.jupyter.lines import Command, say

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live


def team(live: Live, rest: str) -> None:
    """Show the dashboard; or tell what waits for the team's server, or what would be sent."""
    if not rest:
        return _dashboard(live.settings)
    from ipyfootprint.ledger.told import preview_text, status_text

    tellers = {"status": status_text, "preview": preview_text}
    if rest not in tellers:
        raise ConfigError(
            f"{rest!r} is not known here",
            "nothing was done",
            "Type status or preview, or nothing for the dashboard.",
        )
    settings = live.settings
    say(tellers[rest](settings.ledger, settings.team, settings.share))


def app() -> None:
    """Display the dashboard of the settings in force: the one cell of the app."""
    _dashboard(load()[0])


def _dashboard(settings: Settings) -> None:
    from IPython.display import display

    from ipyfootprint.team.dashboard import TeamDashboard
    from ipyfootprint.team.place import source_of

    display(TeamDashboard(source_of(settings)))


COMMANDS: dict[str, Command] = {
    "team": (
        team,
        "team [status|preview]",
        "everyone's runs as a dashboard; or what waits to be sent",
    ),
}
