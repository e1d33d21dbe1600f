"""Every error ipyfootprint raises on purpose.

    FootprintError              what happened, what was done instead, what to type
    ├── ConfigError             an option, setting, unit, zone or phase that is not one
    ├── SensorError             an energy counter that cannot be read
    │   ├── NoPermission        it exists, and this user may not read it
    │   ├── DeviceLost          it was there and is gone
    │   └── SensorTimeout       it did not answer in time
    ├── LedgerError             the record cannot be read or written
    │   ├── LedgerCorrupt       the file is not a ledger, or is damaged
    │   ├── LedgerNewer         it was written by a newer version
    │   └── TeamError           the team's server cannot be used as asked
    ├── GridError               a carbon-intensity source that gave no usable answer
    └── LogError                a line of an imported log that cannot be used

None of them ever leaves a hook: the Jupyter edge turns them into one line of text.
"""

from __future__ import annotations


class FootprintError(Exception):
    """An error in three parts.

    Args:
        what: what happened, as a sentence without its full stop.
        instead: what was done instead, e.g. "modelling the CPU".
        remedy: what the person can type or change.
    """

    def __init__(self, what: str, instead: str = "", remedy: str = "") -> None:
        self.what = without_secrets(what)
        self.instead = without_secrets(instead)
        self.remedy = without_secrets(remedy)
        super().__init__(self.what)

    def __str__(self) -> str:
        head = f"{self.what}; {self.instead}." if self.instead else f"{self.what}."
        return f"{head} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[type[FootprintError], tuple[str, str, str]]:
        return type(self), (self.what, self.instead, self.remedy)


def without_secrets(text: str) -> str:
    """The text with `***` for the password of an address in it, whoever typed it, wherever."""
    if "@" not in text and "=" not in text:
        return text
    import re  # here, since the sampler's memory is counted

    text = re.sub(r"(:/+[^/@\s:]*):.*@", r"\1:***@", text)
    return re.sub(r"(?i)(password\s*=\s*)('[^']*'|[^\s&'\"]+)", r"\1***", text)


class ConfigError(FootprintError, ValueError):
    """An option, setting, unit, zone or phase that is not one."""


class SensorError(FootprintError):
    """An energy counter that cannot be read."""


class NoPermission(SensorError):
    """A counter that exists and that this user may not read."""


class DeviceLost(SensorError):
    """A device that was there and is gone."""


class SensorTimeout(SensorError):
    """A driver call that did not return in time."""


class LedgerError(FootprintError):
    """The record cannot be read or written."""


class LedgerCorrupt(LedgerError):
    """The file is not a ledger, or is damaged."""


class LedgerNewer(LedgerError):
    """The file, or the team's server, was written by a newer version of ipyfootprint."""


class TeamError(LedgerError):
    """The team's server cannot be used as asked; the local ledger keeps every run meanwhile."""


class GridError(FootprintError):
    """A carbon-intensity source that gave no usable answer."""


class LogError(FootprintError, ValueError):
    """A line of an imported log that cannot be used."""
