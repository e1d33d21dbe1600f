"""What the `%footprint` sub-commands about a team do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipyfootprint.errors import ConfigError
from ipyfootprint.jupyter.lines import Command, say

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live


def team(live: Live, rest: str) -> None:
    """Tell what waits for the team's server, or what exactly would be sent."""
    from ipyfootprint.ledger.told import preview_text, status_text

    tellers = {"status": status_text, "preview": preview_text}
    if rest not in tellers:
        raise ConfigError(
            f"{rest!r} is nothing that a team does", "nothing was done", "Type status or preview."
        )
    settings = live.settings
    say(tellers[rest](settings.ledger, settings.team, settings.share))


COMMANDS: dict[str, Command] = {
    "team": (team, "team status|preview", "what waits to be sent to the team, and what it holds"),
}
