"""Runs as plain rows: JSON lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ipyfootprint.bars import bar
from ipyfootprint.codecarbon import to_codecarbon
from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Run

COLUMNS = tuple(f.name for f in fields(Run))


def as_dict(run: Run) -> dict[str, Any]:
    """A run by the names of `Run`: devices an object by name, times ISO 8601, absent None."""
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


FORMATS: dict[str, Callable[[Iterable[Run]], str]] = {
    "json": to_json_lines,
    "csv": to_csv,
    "codecarbon": to_codecarbon,
}


def text_of(runs: Iterable[Run], form: str) -> str:
    """The runs in a format of FORMATS, with a bar where it takes longer than a second."""
    return FORMATS[form](bar(runs, unit="run"))


def to_parquet(runs: Iterable[Run], path: Path) -> None:
    """A Parquet file with the columns of the CSV, for DuckDB, Spark or pandas.

    Times are microseconds in UTC; devices and intensity are JSON.

    Raises:
        ConfigError: pyarrow is not installed.
        OSError: the file cannot be written.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ConfigError(
            "A Parquet file needs pyarrow",
            "nothing was written",
            "pip install 'ipyfootprint[parquet]'.",
        ) from None
    whole, real = {"number", "planned"}, {"settled": pa.bool_()}
    kinds = {"float": pa.float64(), "datetime": pa.timestamp("us", "UTC"), **real}
    columns: dict[str, Any] = {}
    made = list(runs)
    for known in bar(fields(Run), unit="column"):
        kind = next((kinds[word] for word in kinds if word in str(known.type)), pa.string())
        kind = pa.int64() if known.name in whole else kinds.get(known.name, kind)
        values = [getattr(run, known.name) for run in made]
        if known.name in ("devices", "intensity"):
            rows = [as_dict(run)[known.name] for run in made]
            values, kind = [json.dumps(row) if row else None for row in rows], pa.string()
        columns[known.name] = pa.array(values, kind)
    pq.write_table(pa.table(columns), path)


def write(runs: Iterable[Run], path: Path) -> Path:
    """Write runs to a file in the format that its name says.

    .json, .jsonl, .csv or .parquet; a file called emissions.csv has CodeCarbon's columns.

    Raises:
        ConfigError: another ending, or a file that cannot be written.
    """
    if path.suffix.lower() == ".parquet":
        return _written(path, lambda: to_parquet(runs, path))
    endings = {".json": "json", ".jsonl": "json", ".csv": "csv"}
    name = "codecarbon" if path.name == "emissions.csv" else endings.get(path.suffix.lower())
    if name is None:
        raise ConfigError(
            f"{path.name!r} names no format",
            "nothing was written",
            "End it in .json, .csv or .parquet; emissions.csv has CodeCarbon's columns.",
        )
    return _written(path, lambda: path.write_text(text_of(runs, name), encoding="utf-8"))


def _written(path: Path, act: Callable[[], object]) -> Path:
    try:
        act()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})", "nothing was written", "Name another."
        ) from None
    return path
