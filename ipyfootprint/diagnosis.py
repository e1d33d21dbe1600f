"""What can be measured here, what cannot, why, and how to change that."""

from __future__ import annotations

import getpass
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import ipyfootprint
from ipyfootprint.config import Settings, config_path, load
from ipyfootprint.errors import FootprintError
from ipyfootprint.ledger import ledger_path, read_ledger
from ipyfootprint.ledger.told import WHO, status
from ipyfootprint.machine import place_of
from ipyfootprint.model import Absence, Channel
from ipyfootprint.sensors import UNVERIFIED, discover
from ipyfootprint.words import WORDS, counted

_VERSIONS = ("ipython", "ipykernel", "ipywidgets", "anywidget", "plotly", "psutil", "nvidia-ml-py")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A report of this installation, without secrets and without paths of the user's home.

    Attributes:
        channels: the counters in use.
        absences: the sensors not chosen, with reason and remedy.
        settings: the settings in force.
        facts: everything else worth knowing, as text by name.
        problems: what went wrong so far, as sentences.
    """

    channels: Sequence[Channel]
    absences: Sequence[Absence]
    settings: Settings
    facts: Mapping[str, str]
    problems: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def why(self) -> str:
        """Where the joules come from, and how to get better ones."""
        rows = ["Energy is read from:"]
        rows += [
            f"  {channel.name:<6} {WORDS[channel.method]:<9} {channel.label}"
            f" ({channel.sensor}{', ' + channel.note if channel.note else ''})"
            for channel in self.channels
        ] or ["  nothing: no energy counter and no model fits this machine"]
        rows += ["", "Not used:"]
        for absence in self.absences:
            rows.append(f"  {absence.sensor}: {absence.reason}.")
            if absence.remedy:
                rows.append(f"      to enable: {absence.remedy}")
            if absence.exposes:
                rows.append(f"      that exposes: {absence.exposes}")
        rows += ["", f"Not run on hardware yet, on simulations only: {', '.join(UNVERIFIED)}."]
        return "\n".join(rows)

    def report(self) -> str:
        """The whole report as text, to be copied into a report of a bug."""
        facts = {**self.facts, **self.versions}
        rows = [f"{name:<14} {text}" for name, text in facts.items()]
        chosen = [
            f"{name} = {_shown(self.settings, name)} ({who})"
            for name, who in self.settings.origin.items()
        ]
        rows += [f"{'settings':<14} {'; '.join(chosen) or 'all at their defaults'}"]
        rows += [f"{'problem':<14} {problem}" for problem in self.problems]
        return without_home("\n".join([*rows, "", self.why()]))

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        report = {
            "facts": dict(self.facts),
            "versions": dict(self.versions),
            "channels": [asdict(channel) for channel in self.channels],
            "absences": [asdict(absence) for absence in self.absences],
            "settings": {
                name: {"value": _shown(self.settings, name), "set_by": who}
                for name, who in self.settings.origin.items()
            },
            "not_run_on_hardware": list(UNVERIFIED),
            "problems": list(self.problems),
        }
        cleaned: dict[str, Any] = _without_home(report)
        return cleaned


def versions() -> dict[str, str]:
    """Versions of this package and of what it stands on; "absent" where not installed."""
    found = {"ipyfootprint": ipyfootprint.__version__, "python": platform.python_version()}
    for name in _VERSIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def machine() -> dict[str, str]:
    """What kind of machine this is, without its name."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "interpreter": f"{sys.implementation.name} {platform.python_version()}",
    }


def state(settings: Settings) -> dict[str, str]:
    """Where things are kept, where the electricity is from, and whether a network is asked."""
    place = place_of(settings)
    known = ", ".join(filter(None, (place.zone, place.source)))
    return {
        "ledger": _ledger(settings),
        "configuration": f"{config_path()}{'' if config_path().exists() else ' (not made yet)'}",
        "zone": known,
        "team": _team(settings),
        "network": "on: carbon-intensity services are asked" if settings.network else "off",
    }


def _ledger(settings: Settings) -> str:
    if settings.ledger == ":memory:":
        return "in memory only"
    path = ledger_path(settings.ledger)
    if not path.exists():
        return f"{path} (not made yet)"
    try:
        with read_ledger(settings.ledger) as ledger:
            count = len(ledger.sessions())
    except FootprintError as error:
        return f"{path}: {error}"
    return f"{path}, {counted('sessions', count)}, {path.stat().st_size / 1e6:.1f} MB"


def _shown(settings: Settings, name: str) -> str:
    """A setting's value; the team's address names a login and a host, so it is not told."""
    return "set" if name == "team" and settings.team else settings.text(name)


def _team(settings: Settings) -> str:
    """What waits for the team's server and what went wrong, without its address or one's name."""
    if settings.team is None:
        return "not set: nothing is sent anywhere"
    try:
        known = status(settings.ledger, settings.team)
    except FootprintError as error:
        return str(error)
    return "; ".join(f"{name}: {known[name]}" for name in known if name not in WHO)


def without_home(text: str) -> str:
    """The text with the user's home folder, and the login's name in other paths, taken out."""
    home = str(Path.home())
    shortened = text.replace(home, "~") if len(home) > 1 else text
    shortened = re.sub(r"(/home/|/Users/|\\Users\\)[^/\\\s]+", "~", shortened)
    try:
        login = re.escape(getpass.getuser())
    except (OSError, KeyError, ImportError):  # a user id without a name
        return shortened
    return re.sub(rf"(?<=[/\\]){login}(?=[/\\])", "~", shortened)


def _without_home(value: Any) -> Any:
    """The same for every text inside plain values."""
    if isinstance(value, str):
        return without_home(value)
    if isinstance(value, dict):
        return {name: _without_home(each) for name, each in value.items()}
    return [_without_home(each) for each in value] if isinstance(value, list) else value


def diagnose() -> Diagnosis:
    """The report of this machine outside any session: sensors are looked for here and now."""
    settings, problems = load()
    found = discover()
    channels = [channel for sensor in found.sensors for channel in sensor.channels]
    for sensor in found.sensors:
        sensor.close()
    return Diagnosis(
        channels=channels,
        absences=found.absences,
        settings=settings,
        facts={**machine(), **state(settings)},
        problems=[str(problem) for problem in problems],
        versions=versions(),
    )
