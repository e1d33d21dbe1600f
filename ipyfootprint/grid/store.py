"""What services answered, kept by the hour: in memory, and in one small file a zone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ipyfootprint.grid.providers.base import Slot
from ipyfootprint.model import CarbonIntensity

_KEPT = timedelta(days=14)
_HOUR = timedelta(hours=1)


class Store:
    """Slots by the hours they touch. Looking up never reads the disk but once, at the start.

    Readers need no lock: what they see is replaced, never changed.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._ordered: tuple[Slot, ...] = ()
        self._hours: dict[datetime, tuple[Slot, ...]] = {}
        if path is not None:
            self._keep(_read(path))

    def at(self, when: datetime) -> Slot | None:
        """The slot that holds a time; the shortest where several do."""
        hour = when.replace(minute=0, second=0, microsecond=0)
        holding = [slot for slot in self._hours.get(hour, ()) if slot.start <= when < slot.end]
        return min(holding, key=lambda slot: slot.end - slot.start, default=None)

    def before(self, when: datetime) -> Slot | None:
        """The last slot that ended before a time."""
        for slot in reversed(self._ordered):
            if slot.end <= when:
                return slot
        return None

    def after(self, when: datetime) -> Sequence[Slot]:
        """All slots that end after a time, in order."""
        return [slot for slot in self._ordered if slot.end > when]

    def add(self, slots: Iterable[Slot], now: datetime) -> None:
        """Keep slots, newer ones in the place of older ones, and forget what is long past."""
        recent = (slot for slot in self._ordered if slot.end > now - _KEPT)
        kept = {(slot.start, slot.end): slot for slot in recent}
        kept |= {(slot.start, slot.end): slot for slot in slots}
        self._keep(kept.values())
        if self._path is not None:
            _write(self._path, self._ordered)

    def _keep(self, slots: Iterable[Slot]) -> None:
        self._ordered = tuple(sorted(slots, key=lambda slot: (slot.start, slot.end)))
        self._hours = _by_hour(self._ordered)


def _by_hour(slots: Iterable[Slot]) -> dict[datetime, tuple[Slot, ...]]:
    hours: dict[datetime, list[Slot]] = {}
    for slot in slots:
        hour = slot.start.replace(minute=0, second=0, microsecond=0)
        while hour < slot.end:
            hours.setdefault(hour, []).append(slot)
            hour += _HOUR
    return {hour: tuple(held) for hour, held in hours.items()}


def _read(path: Path) -> list[Slot]:
    """A file's slots; none from one that is missing or damaged (it is written anew)."""
    try:
        return [
            Slot(
                datetime.fromtimestamp(row["start"], UTC),
                datetime.fromtimestamp(row["end"], UTC),
                CarbonIntensity(**row["intensity"]),
                bool(row["forecast"]),
            )
            for row in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return []


def _write(path: Path, slots: Iterable[Slot]) -> None:
    """Replace the file at once; a disk that refuses costs the cache, nothing else."""
    rows = [
        {
            "start": slot.start.timestamp(),
            "end": slot.end.timestamp(),
            "intensity": asdict(slot.intensity),
            "forecast": slot.forecast,
        }
        for slot in slots
    ]
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(rows), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
