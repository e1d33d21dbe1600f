"""Every word a person reads in a view, from one file: a translation is another words.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ipyfootprint.model import Run, weakest

WORDS: Mapping[str, str] = json.loads(
    Path(__file__).with_name("words.json").read_text(encoding="utf-8")
)


def say(key: str, **values: object) -> str:
    """The phrase of that name with its gaps filled in.

    Raises:
        KeyError: no such phrase, or a gap without its value.
    """
    return WORDS[key].format(**values)


def method_word(run: Run) -> str:
    """How a run's energy was obtained, as a word."""
    return WORDS["replay" if run.is_replay else run.method]


def sum_method_word(runs: Iterable[Run]) -> str:
    """How a sum of energies was obtained: by the weakest of its parts, and a replay is that."""
    known = [run for run in runs if run.energy_j is not None]
    if any(run.is_replay for run in known):
        return WORDS["replay"]
    return WORDS[weakest(run.method for run in known)]


def cells(count: int) -> str:
    """A number of cells in words: "1 cell", "12 cells"."""
    return WORDS["cells_one"] if count == 1 else say("cells_many", count=count)
