"""`%footprint` and its sub-commands."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from ipyfootprint.errors import FootprintError, without_secrets
from ipyfootprint.jupyter import impact_lines, lines, marker, rebound_lines, team_lines
from ipyfootprint.jupyter.lines import Command

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live

# word -> (what carries it out, how it is typed, what it does)
SUBCOMMANDS: dict[str, Command] = {
    **lines.COMMANDS,
    **impact_lines.COMMANDS,
    **rebound_lines.COMMANDS,
    **team_lines.COMMANDS,
    "help": (lambda live, rest: lines.say(usage()), "help", "this list"),
}
SHORT = {"": "summary", "-h": "help", "--help": "help"}


def usage() -> str:
    """The sub-commands as a table of text."""
    rows = [(typed, text) for _, typed, text in SUBCOMMANDS.values()]
    width = max(len(typed) for typed, _ in rows)
    return "\n".join(f"  %footprint {typed:<{width}}  {text}" for typed, text in rows)


@magics_class
class FootprintMagics(Magics):
    """The magics of one shell."""

    def __init__(self, shell: Any, live: Live) -> None:
        super().__init__(shell)
        self._live = live

    @line_magic("footprint")
    def line(self, line: str) -> None:
        """What this session has used; `%footprint WORD` for more."""
        word, _, rest = line.strip().partition(" ")
        word, rest = SHORT.get(word, word), rest.strip()
        if word not in SUBCOMMANDS:
            close = get_close_matches(word, SUBCOMMANDS, n=1)
            hint = f"Did you mean %footprint {close[0]}?" if close else f"Type one of:\n{usage()}"
            word = without_secrets(word)
            raise UsageError(f"%footprint {word}: no such sub-command. {hint}")
        act, typed, _ = SUBCOMMANDS[word]
        if rest and typed == word:
            raise UsageError(
                f"%footprint {word}: it takes no {rest!r}; nothing was done. "
                f"Type %footprint {word} alone."
            )
        try:
            act(self._live, rest)
        except FootprintError as error:
            raise UsageError(f"%footprint {word}: {error}") from None

    @cell_magic("footprint")
    def cell(self, line: str, cell: str) -> None:
        """Only reached where the line could not be taken out of the cell."""
        marker.read_options(line)
        self.shell.run_cell(cell, store_history=False).raise_error()


FootprintMagics.line.__doc__ = f"Energy and carbon of this notebook.\n\n{usage()}\n"
FootprintMagics.cell.__doc__ = marker.read_options.__doc__
