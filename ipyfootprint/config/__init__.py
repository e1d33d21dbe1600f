"""Settings: what a person chose, and where each choice came from.

Order: a value set in this session, the environment (IPYFOOTPRINT_ZONE and so on), the
configuration file, the default. A value that cannot be used is reported and passed over.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ipyfootprint.config.values import PARSERS, UNITS, Value, holds_password
from ipyfootprint.errors import ConfigError

NONE = ("none", "default", "")  # what takes a setting back
SESSION = "this session"  # the origin of a value that no file keeps
# What a session takes when it begins; the rest holds for whatever comes after a change.
AT_THE_START = ("ledger", "project", "auto")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a session.

    Attributes:
        ledger: path of the ledger file, or ":memory:"; None is the user's data folder.
        zone: where the electricity comes from: "DE", "FRA", "US-CA"; None is unknown.
        intensity: the grid's gCO2e/kWh where you know better than the tables.
        project: name that groups runs of several notebooks.
        pue: data-centre overhead, facility energy / metered energy, >= 1.
        wue: on-site cooling water in L/kWh.
        lifetime: years a device serves, for embodied carbon.
        utilisation: fraction of that life spent on work, for embodied carbon.
        host_kg: kgCO2e of making this machine without its GPUs.
        gpu_kg: kgCO2e of making each of its GPUs.
        platform: "desktop", "laptop", "server" or "cloud" where it is not recognised.
        wall_factor: energy at the wall / metered energy, from a wall meter, >= 1; carbon and
            water then count what the wall meter sees, energy stays as metered.
        network: whether carbon-intensity services may be asked.
        auto: whether every cell is metered from the start, as after `%footprint on`.
        threshold: joules below which a cell stays silent in auto mode.
        live: whether a running cell shows a live line.
        team: address of the team's PostgreSQL, without a password; None sends nothing anywhere.
        share: what else than figures and keyed hashes may be sent there: any of label, metric,
            notebook, findings.
        budget: what to stay below: "500 Wh per day --action confirm", "200 g", "5 L per week".
        equivalents: whether the summary also tells everyday equivalents, each with its source.
        waste: joules used up by a rebound below which it is not told; runs that use less
            than a 36th of it are folded into the next.
        origin: for each setting that is not a default, who set it.
    """

    ledger: str | None = None
    zone: str | None = None
    intensity: float | None = None
    project: str | None = None
    pue: float | None = None
    wue: float | None = None
    lifetime: float | None = None
    utilisation: float | None = None
    host_kg: float | None = None
    gpu_kg: float | None = None
    platform: str | None = None
    wall_factor: float | None = None
    network: bool = False
    auto: bool = False
    threshold: float = 100.0
    live: bool = True
    team: str | None = None
    share: str = ""
    budget: str | None = None
    equivalents: bool = False
    waste: float = 3600.0
    origin: Mapping[str, str] = field(default_factory=dict)

    def with_value(self, name: str, text: str, origin: str) -> Settings:
        """These settings with one more, given as text ("none" takes it back).

        Raises:
            ConfigError: no such setting, or a value it cannot take.
        """
        parse = PARSERS.get(name)
        if parse is None:
            close = difflib.get_close_matches(name, PARSERS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Settings: {', '.join(PARSERS)}."
            raise ConfigError(f"{name!r} is not a setting", "nothing was changed", hint)
        if text.strip().lower() in NONE:
            kept = {key: who for key, who in self.origin.items() if key != name}
            return self._replaced(name, getattr(Settings(), name), kept)
        try:
            value = parse(text.strip())
        except ValueError as error:
            # what was typed as an address may hold a secret, so it is not repeated
            secret = name == "team" or "://" in text or holds_password(text)
            said = "That" if secret else repr(text)
            raise ConfigError(
                f"{said} is not a value for {name}", "nothing was changed", f"{error}"
            ) from None
        return self._replaced(name, value, {**self.origin, name: origin})

    def text(self, name: str) -> str:
        """A setting's value as it is typed, with its unit: "on", "none", "1.5 L/kWh"."""
        value: Value = getattr(self, name)
        if value is None or value == "":
            return "none"
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, float):
            return f"{value:g} {UNITS.get(name, '')}".rstrip()
        return value

    def _replaced(self, name: str, value: Value, origin: Mapping[str, str]) -> Settings:
        changes: dict[str, Any] = {name: value, "origin": origin}
        return replace(self, **changes)


def config_path() -> Path:
    """The configuration file of this user (it need not exist)."""
    from platformdirs import user_config_path

    return user_config_path("ipyfootprint", appauthor=False) / "config.json"


def load(
    env: Mapping[str, str] = os.environ, path: Path | None = None
) -> tuple[Settings, list[ConfigError]]:
    """The settings in force, and what was wrong with those that were passed over."""
    path = path or config_path()
    settings = Settings()
    problems: list[ConfigError] = []
    found = [(name, text, str(path)) for name, text in _read_file(path, problems).items()]
    found += [
        (name, env[f"IPYFOOTPRINT_{name.upper()}"], f"IPYFOOTPRINT_{name.upper()}")
        for name in PARSERS
        if f"IPYFOOTPRINT_{name.upper()}" in env
    ]
    for name, text, origin in found:
        try:
            settings = settings.with_value(name, text, origin)
        except ConfigError as error:
            problems.append(
                ConfigError(f"{origin}: {error.what}", f"{name} is left unset", error.remedy)
            )
    return settings, problems


def save(name: str, text: str, path: Path | None = None) -> Path:
    """Keep one setting in the configuration file for later sessions; returns the file.

    "none" takes it out of the file again, and makes no file where there is none.

    Raises:
        ConfigError: no such setting, a bad value, or the file cannot be written.
    """
    Settings().with_value(name, text, "check")
    path = path or config_path()
    before = _read_file(path, [])
    kept = {**before, name: text}
    if text.strip().lower() in NONE:
        kept.pop(name)
        if kept == before:
            return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})", "the setting holds for this session"
        ) from None
    return path


def is_kept(name: str, path: Path | None = None) -> bool:
    """Whether the configuration file has a value for a setting."""
    return name in _read_file(path or config_path(), [])


def _read_file(path: Path, problems: list[ConfigError]) -> dict[str, str]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in read.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        problems.append(
            ConfigError(
                f"{path} is not a readable settings file ({error})",
                "its settings are passed over",
                "Mend or delete it.",
            )
        )
        return {}
