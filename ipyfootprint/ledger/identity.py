"""Who a person is to the team's server, and what of a row may go there.

The server names a person by a hash of their login, keyed with a salt that only its owner can
read. Names that come from a person's code (experiment, cell, code, configuration, repository)
are hashed with the team's key, so that the same experiment of two people is one. Source code and
output are in no row; a host's name and a process number are never sent; the words of
`config.values.SHAREABLE` are sent only where they were switched on, each by its name.
"""

from __future__ import annotations

import configparser
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ipyfootprint.ids import short_hash
from ipyfootprint.ledger.outbox import Batch, Columns

REPOSITORY = "git:"
LONGEST = 200  # characters of a text; the server refuses more
_KEYED = ("cell_id", "code_hash", "config_hash")
_NEVER = ("pid", "boot_id")
_CLEANED = ("project", "label", "phase", "work_kind", "metric_name", "zone", "notebook", "reason")
_OPTIONAL = {  # column -> the word that switches it on
    "label": "label",
    "metric_name": "metric",
    "metric": "metric",
    "notebook": "notebook",
    "message": "findings",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the team's server knows them.

    Args:
        user_id: the pseudonym that the server gave.
        key: the team's key, 64 hexadecimal digits.
        share: what may be sent besides figures and hashes: words of `config.values.SHAREABLE`.
    """

    user_id: str
    key: str
    share: frozenset[str] = frozenset()

    def keyed(self, values: Sequence[Any]) -> list[str | None]:
        """Sixteen hexadecimal digits for each text; None stays None."""
        key = bytes.fromhex(self.key)
        known: dict[Any, str | None] = {None: None}
        for value in set(values) - {None}:
            text = str(value).encode("utf-8", "surrogatepass")
            known[value] = blake2b(text, key=key, digest_size=8).hexdigest()
        return [known[value] for value in values]


def outgoing(batch: Batch, who: Identity) -> dict[str, Columns]:
    """Exactly what is sent for a batch, table by table, in the order in which it must arrive."""
    tables = {**batch.beside, **batch.waiting}
    return {table: _filtered(columns, who) for table, columns in tables.items()}


def _filtered(columns: Columns, who: Identity) -> Columns:
    sent: dict[str, Sequence[Any]] = {**columns}
    number = len(next(iter(columns.values())))
    sent["user_id"] = [who.user_id] * number
    for name in sent.keys() & set(_KEYED):
        sent[name] = who.keyed(sent[name])
    if "lineage" in sent:
        sent["lineage"] = _lineages(columns, who)
    if "project" in sent:
        sent["project"] = _projects(sent["project"], who)
    for name in sent.keys() & set(_NEVER):
        sent[name] = [None] * number
    for name, word in _OPTIONAL.items():
        if name in sent and word not in who.share:
            sent[name] = ["" if name == "message" else None] * number
    if "message" in sent:
        sent.pop("label")
        sent["message"] = [_clean(text, 1000) for text in sent["message"]]
    for name in sent.keys() & set(_CLEANED):
        sent[name] = [_clean(text) for text in sent[name]]
    return sent


def _lineages(columns: Columns, who: Identity) -> Sequence[str | None]:
    """Hashed, but for a label that its person shares."""
    hidden = who.keyed(columns["lineage"])
    if "label" not in who.share:
        return hidden
    return [
        _clean(lineage) if lineage is not None and lineage == label else keyed
        for lineage, label, keyed in zip(columns["lineage"], columns["label"], hidden, strict=True)
    ]


def _projects(names: Sequence[str | None], who: Identity) -> Sequence[str | None]:
    """As they were configured; a repository by its keyed hash."""
    hidden = who.keyed(names)
    return [
        f"{REPOSITORY}{keyed}" if name and name.startswith(REPOSITORY) else name
        for name, keyed in zip(names, hidden, strict=True)
    ]


def _clean(text: str | None, longest: int = LONGEST) -> str | None:
    """A text that every server takes: no NUL, no half of a character, not too long."""
    if text is None:
        return None
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


def repository_project(folder: Path | None = None) -> str | None:
    """A name for the git repository around a folder (the current one): a hash of its remote.

    None without one.

    The same repository has the same name by https and by ssh, and whoever's token is in the
    address: host and path alone are hashed. No program is started.
    """
    try:
        folder = folder or Path.cwd()
        git = next(g for place in (folder, *folder.parents) if (g := place / ".git").exists())
        found = _remote(git)
    except (OSError, StopIteration, configparser.Error):
        return None
    return None if found is None else REPOSITORY + short_hash(_host_and_path(found))


def _remote(git: Path) -> str | None:
    """The address of the remote `origin` (or of the first one)."""

    def read(path: Path) -> str:
        return path.read_text(errors="replace")

    if git.is_file():  # a work tree or a submodule: the file says where the repository is
        git = git.parent / read(git).removeprefix("gitdir:").strip()
        common = git / "commondir"
        git = git / read(common).strip() if common.is_file() else git
    settings = configparser.RawConfigParser(strict=False, allow_no_value=True)
    settings.read_string(read(git / "config"))
    remotes = [name for name in settings.sections() if name.startswith("remote ")]
    remotes.sort(key=lambda name: name != 'remote "origin"')
    return settings.get(remotes[0], "url", fallback=None) if remotes else None


def _host_and_path(address: str) -> str:
    _, mark, rest = address.partition("://")
    rest = (rest if mark else address.replace(":", "/", 1)).rpartition("@")[2]
    host, _, path = rest.partition("/")
    return f"{host.partition(':')[0].lower()}/{path.strip('/').removesuffix('.git')}"
