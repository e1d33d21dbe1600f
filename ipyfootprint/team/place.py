"""Where a dashboard reads: the local ledger, or the team's server where one is set."""

from __future__ import annotations

from ipyfootprint.config import Settings
from ipyfootprint.ledger.reading import read_file, read_server
from ipyfootprint.team.source import DatabaseSource


def source_of(settings: Settings) -> DatabaseSource:
    """The source that the settings name: `team`, else `ledger`.

    A file's single runs can be read; of a server only sums are, whatever the login may read.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
        LedgerError: there is no ledger, or the server cannot be used.
    """
    if settings.team:
        return DatabaseSource(read_server(settings.team))
    return DatabaseSource(read_file(settings.ledger), runs=True)


def source_at(place: str) -> DatabaseSource:
    """The source at a place that somebody typed: a ledger file, or a server's address.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
        LedgerError: there is no ledger, or the server cannot be used.
    """
    name = "team" if "://" in place else "ledger"
    return source_of(Settings().with_value(name, place, "here"))
