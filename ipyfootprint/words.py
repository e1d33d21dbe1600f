"""Every word that a person reads in a view, from one file: a translation is another words.json.

Names that are stored or compared stay in the code, and so do error messages and the help and
answers of the command line and the magics: those are for who types, not for the views.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from ipyfootprint.model import Run, weakest

WORDS: Mapping[str, str] = MappingProxyType(
    json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
)


def say(key: str, **values: object) -> str:
    """The phrase of that name with its gaps filled in.

    Raises:
        KeyError: no such phrase, or a gap without its value.
    """
    return WORDS[key].format(**values)


def counted(key: str, count: int, **values: object) -> str:
    """The phrase for one or for `count` of something: "1 cell", "12 cells".

    Raises:
        KeyError: no phrases KEY_one and KEY_many, or a gap without its value.
    """
    return say(f"{key}_one" if count == 1 else f"{key}_many", count=count, **values)


def named(what: str, name: str) -> str:
    """The phrase for something that the code knows by a name, as "node" for a node of the loop.

    What the catalogue does not know is called by its own name.
    """
    return WORDS.get(f"{what}_{name.replace(' ', '_')}", name)


def method_word(run: Run) -> str:
    """How a run's energy was obtained, as a word."""
    return WORDS["replay" if run.is_replay else run.method]


def sum_method_word(runs: Iterable[Run]) -> str:
    """How a sum of energies was obtained: by the weakest of its parts, and a replay is that."""
    known = [run for run in runs if run.energy_j is not None]
    if any(run.is_replay for run in known):
        return WORDS["replay"]
    return WORDS[weakest(run.method for run in known)]
