"""`ipyfootprint enable`: load the extension in every kernel."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--profile", default="default", help="IPython profile, if not the default")


def run(args: argparse.Namespace) -> int:
    """Write the startup file.

    Raises:
        ConfigError: there is no such profile, or it cannot be written.
    """
    from ipyfootprint.jupyter.profile import enable

    print(f"Every kernel started from now on has %%footprint: {enable(args.profile)}")
    print("To meter every cell as well: %footprint config auto on")
    return 0
