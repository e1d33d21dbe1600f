"""Runs as plain rows: JSON lines, CSV, and a table of text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ipyfootprint.codecarbon import to_codecarbon
from ipyfootprint.errors import ConfigError
from ipyfootprint.model import METHODS, Estimate, Run
from ipyfootprint.units import carbon_text, duration_text, energy_text, method_text

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
    for known in fields(Run):
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
    return _written(path, lambda: path.write_text(FORMATS[name](runs), encoding="utf-8"))


def _written(path: Path, act: Callable[[], object]) -> Path:
    try:
        act()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})", "nothing was written", "Name another."
        ) from None
    return path


_HEAD = ("#", "cell", "time", "energy", "how", "operational carbon", "status")


def to_table(runs: Sequence[Run]) -> str:
    """Runs as a table of text, one line a run and one for their sum."""
    rows = [_HEAD, *(_row(run) for run in runs)]
    if len(runs) > 1:
        rows.append(_sum(runs))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _row(run: Run) -> tuple[str, ...]:
    return (
        str(run.number),
        (run.label or f"cell {run.number}")[:24],
        duration_text(run.duration_s),
        energy_text(estimate(run.energy_j, run.energy_low_j, run.energy_high_j)),
        method_text(run),
        carbon_text(estimate(run.operational_g, run.operational_low_g, run.operational_high_g)),
        run.status,
    )


def _sum(runs: Sequence[Run]) -> tuple[str, ...]:
    """The last row: what is known of all runs together, named by its weakest method."""

    def total(*names: str) -> Estimate | None:
        known = [e for run in runs if (e := estimate(*(getattr(run, name) for name in names)))]
        return sum(known, Estimate.exact(0.0)) if known else None

    weakest = max(runs, key=lambda run: METHODS.index(run.method))
    return (
        "",
        f"all {len(runs)}",
        duration_text(sum(run.duration_s or 0.0 for run in runs)),
        energy_text(total("energy_j", "energy_low_j", "energy_high_j")),
        method_text(weakest),
        carbon_text(total("operational_g", "operational_low_g", "operational_high_g")),
        "",
    )


def estimate(mid: float | None, low: float | None, high: float | None) -> Estimate | None:
    """A figure of a run with its bounds, or None where it is absent."""
    if mid is None:
        return None
    return Estimate(mid, mid if low is None else low, mid if high is None else high)
