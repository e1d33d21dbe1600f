"""`ipyfootprint disable`: load the extension in no kernel of its own accord."""

from __future__ import annotations

import argparse

from ipyfootprint.commands.enable import add_arguments

__all__ = ["add_arguments", "run"]


def run(args: argparse.Namespace) -> int:
    """Remove the startup file.

    Raises:
        ConfigError: it cannot be removed.
    """
    from ipyfootprint.jupyter.profile import disable

    removed = disable(args.profile)
    print(f"Removed: {removed}" if removed else "It was not enabled; nothing was changed.")
    return 0
