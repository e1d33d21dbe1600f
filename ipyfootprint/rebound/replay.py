"""The detector over a record: a log of runs, or rows of a ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from ipyfootprint.model import Finding, Run
from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation


@dataclass(frozen=True, slots=True)
class Problem:
    """A line (from 1) that could not be used as it stands, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def read_log(lines: Iterable[str]) -> tuple[list[Observation], list[Problem]]:
    """The runs of a log with one JSON object a line, and the lines that are none.

    Runs keep the log's order; a run's index counts the usable runs of its session. A run whose
    metric is not a finite number counts without it, since trainings do diverge.
    """
    runs: list[Observation] = []
    problems: list[Problem] = []
    count: dict[str, int] = defaultdict(int)
    newest: dict[str, float] = {}
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            if not isinstance(line, dict):
                raise ValueError("not a JSON object")
            run, note = _read(line, count)
            if run.t_start < newest.get(run.session, run.t_start):
                raise ValueError("the time runs backwards within its session; the run is left out")
        except json.JSONDecodeError as error:
            problems.append(Problem(number, f"not JSON ({error.msg}, column {error.colno})"))
            continue
        except RecursionError:
            problems.append(Problem(number, "nested too deeply"))
            continue
        except ValueError as error:
            problems.append(Problem(number, str(error)))
            continue
        if note:
            problems.append(Problem(number, note))
        newest[run.session] = run.t_start
        count[run.session] += 1
        runs.append(run)
    return runs, problems


def observations(runs: Iterable[Run]) -> list[Observation]:
    """Ledger rows as observations; a run without energy keeps its index and is left out."""
    count: dict[str, int] = defaultdict(int)
    found = []
    for run in sorted(runs, key=lambda run: run.started_at):
        seen = Observation.from_run(run, count[run.session_id])
        count[run.session_id] += 1
        if seen is not None:
            found.append(seen)
    return found


def replay(
    runs: Iterable[Observation],
    *,
    timezone: tzinfo | None = UTC,
    least_run_j: float = 100.0,
    least_waste_j: float = 3600.0,
) -> list[Finding]:
    """What a detector per session tells, in the order in which it tells it."""
    detectors: dict[str, Detector] = {}
    found = []
    for run in runs:
        if run.session not in detectors:
            detectors[run.session] = Detector(
                timezone=timezone, least_run_j=least_run_j, least_waste_j=least_waste_j
            )
        finding = detectors[run.session].feed(run)
        if finding is not None:
            found.append(finding)
    return found


def as_line(finding: Finding) -> dict[str, object]:
    """A finding as one flat object; percentages rounded to a tenth, `t` seconds since 1970."""
    return {
        "session": finding.session_id,
        "run": finding.run,
        "t": round(finding.at.timestamp(), 3),
        "level": finding.level,
        "kind": finding.kind,
        "rebound_pct": _tenth(finding.rebound_pct),
        "low_pct": _tenth(finding.low_pct),
        "high_pct": _tenth(finding.high_pct),
        "lineage": finding.lineage,
        "message": finding.message,
    }


def as_text(findings: Sequence[Finding]) -> list[str]:
    """One line a finding, for people; what a terminal would act on is shown as a question mark."""
    lines = (
        f"{f.session_id} run {f.run} {f.at:%Y-%m-%d %H:%M} {f.level} {f.kind} [{f.lineage}]"
        f" {f.message}"
        for f in findings
    )
    return ["".join(c if c.isprintable() else "?" for c in line) for line in lines]


def _read(line: dict[str, object], count: dict[str, int]) -> tuple[Observation, str]:
    session = line.get("session")
    index = count[str(session) if session is not None else ""]
    try:
        return Observation.from_log(line, index), ""
    except ValueError as error:
        if not str(error).startswith("metric "):
            raise
        rest = {**line, "metric": None}
        return Observation.from_log(rest, index), f"{error}; the run counts without it"


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
