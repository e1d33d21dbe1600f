"""Runs as plain rows: JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from ipyfootprint.model import Run

COLUMNS = tuple(f.name for f in fields(Run))


def as_dict(run: Run) -> dict[str, Any]:
    """A run with the names of `Run`; devices as an object by name, times as ISO 8601, absent None."""
    row: dict[str, Any] = {name: getattr(run, name) for name in COLUMNS}
    row["started_at"] = run.started_at.isoformat()
    row["devices"] = {name: asdict(device) for name, device in run.devices.items()}
    row["intensity"] = asdict(run.intensity) if run.intensity else None
    return row


def to_json_lines(runs: Iterable[Run]) -> str:
    """One JSON object a line, one line a run."""
    return "".join(json.dumps(as_dict(run), allow_nan=False) + "\n" for run in runs)


def to_csv(runs: Iterable[Run]) -> str:
    """A CSV table with a header; absent cells are empty, devices and intensity are JSON."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for run in runs:
        row = as_dict(run)
        for name in ("devices", "intensity"):
            row[name] = json.dumps(row[name]) if row[name] else None
        writer.writerow(row)
    return out.getvalue()
