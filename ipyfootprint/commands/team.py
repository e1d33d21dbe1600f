"""`ipyfootprint team ...`: a team's server, made and kept by its owner, watched by everybody."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ipyfootprint.commands import team_serve
from ipyfootprint.config import load
from ipyfootprint.config.values import team_address
from ipyfootprint.errors import ConfigError

Action = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (text, declare, act) in ACTIONS.items():
        sub = actions.add_parser(name, help=text, description=text)
        declare(sub)
        sub.set_defaults(act=act)


def run(args: argparse.Namespace) -> int:
    """Do what was asked.

    Raises:
        ConfigError: no address, or one that cannot be used.
        LedgerError: the server or the local ledger cannot be used.
    """
    return int(args.act(args))


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place",
        metavar="ADDRESS",
        help="postgresql://owner@host/database, or a file that several people on one host share",
    )


def _init(args: argparse.Namespace) -> int:
    if "://" not in args.place and "=" not in args.place:
        from ipyfootprint.ledger.opening import make_shared

        path = make_shared(args.place)
        print(f"{path} is ready for everybody in its group. Each of them sets")
        print(f"  IPYFOOTPRINT_LEDGER={path}")
        return 0
    from ipyfootprint.ledger.administer import initialise

    before, now = initialise(_checked(args.place))
    print(f"The team's ledger has schema {now}" + (f" (before: {before})." if before else "."))
    print("A person may send with        GRANT ipyfootprint_writer TO their_login;")
    print("A dashboard may read with     GRANT ipyfootprint_dashboard TO its_login;")
    print("Each person then sets         IPYFOOTPRINT_TEAM=postgresql://their_login@host/database")
    return 0


def _forget_arguments(parser: argparse.ArgumentParser) -> None:
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("user", nargs="?", metavar="USER", help="a login, or a pseudonym")
    whom.add_argument("--older-than", type=int, metavar="DAYS", help="everybody's old runs")
    parser.add_argument("--server", metavar="ADDRESS", help="as its owner; else the setting team")


def _forget(args: argparse.Namespace) -> int:
    from ipyfootprint.ledger import administer
    from ipyfootprint.ledger.told import needed_address

    address = _checked(args.server) if args.server else needed_address(load()[0].team)
    if args.user is not None:
        count, of = administer.forget_user(address, args.user), f"of {args.user}"
    else:
        if not 1 <= args.older_than <= 36_500:
            raise ConfigError(
                f"{args.older_than} days are no retention",
                "nothing was deleted",
                "Type 1 to 36500.",
            )
        count, of = administer.forget_older(address, args.older_than), "that were older"
    print(f"{count} runs {of} were deleted from the team's server, and from its sums.")
    return 0


def _none(parser: argparse.ArgumentParser) -> None:
    """No options."""


def _status(args: argparse.Namespace) -> int:
    from ipyfootprint.ledger.told import status_text

    settings, _ = load()
    print(status_text(settings.ledger, settings.team, settings.share))
    return 0


def _preview_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1, help="rows of each table (default: 1)")
    parser.add_argument("--server", metavar="ADDRESS", help="before it is set; else the setting")


def _preview(args: argparse.Namespace) -> int:
    from ipyfootprint.ledger.told import preview_text

    settings, _ = load()
    address = _checked(args.server) if args.server else settings.team
    print(preview_text(settings.ledger, address, settings.share, rows=args.rows))
    return 0


def _checked(address: str) -> str:
    try:
        return team_address(address)
    except ValueError as error:
        raise ConfigError("That is not a team's address", "nothing was done", f"{error}") from None


ACTIONS: dict[str, Action] = {
    "init": ("make or update a team's tables (its owner only)", _init_arguments, _init),
    "forget": ("delete a person's rows, or old ones (owner only)", _forget_arguments, _forget),
    "status": ("what waits to be sent, and how the last try went", _none, _status),
    "preview": ("exactly what would be sent next", _preview_arguments, _preview),
    "serve": ("the dashboard as an app in a browser", team_serve.add_arguments, team_serve.run),
}
