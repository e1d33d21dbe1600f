"""What the detector sees of a run: a line of a log, or a row of the ledger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ipyfootprint.model import Run
from ipyfootprint.rebound.lineage import lineage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One run as evidence. Absent is None.

    Args:
        session: runs of one session never inform another.
        index: the run's place in its session, from 0.
        t_start: seconds since 1970, UTC.
        lineage: which experiment this run belongs to.
        code: hash of the code skeleton (literals normalised).
        config: hash of the configuration.
        work: units of `work_kind` done.
        metric: the outcome, on any scale; which way is better is learnt from its course.
        ok: False for a run that raised or was interrupted.
        planned: True for a run that belongs to a plan, or the number of runs planned.
    """

    session: str
    index: int
    t_start: float
    duration_s: float
    lineage: str
    energy_j: float
    carbon_g: float | None = None
    code: str | None = None
    config: str | None = None
    work: float | None = None
    work_kind: str | None = None
    metric: float | None = None
    metric_name: str | None = None
    ok: bool = True
    planned: bool | int | None = None

    @classmethod
    def from_run(cls, run: Run, index: int) -> Observation | None:
        """A ledger row as evidence; None while it runs or where its energy is unknown."""
        if run.status == "started" or run.energy_j is None or run.duration_s is None:
            return None
        return cls(
            session=run.session_id,
            index=index,
            t_start=run.started_at.timestamp(),
            duration_s=run.duration_s,
            lineage=run.lineage or lineage_of(run.label, run.cell_id, run.code_hash),
            energy_j=run.energy_j,
            carbon_g=run.operational_g,
            code=run.code_hash,
            config=run.config_hash,
            work=run.work_units,
            work_kind=run.work_kind,
            metric=run.metric,
            metric_name=run.metric_name,
            ok=run.status == "ok",
            planned=run.planned,
        )

    @classmethod
    def from_log(cls, line: Mapping[str, object], index: int) -> Observation:
        """One line of a run log; unknown keys are ignored, absent ones count as null.

        Raises:
            ValueError: a field that must be there is not, or one is no value of its kind;
                the text names the field and the reason.
        """
        energy_j = _number(line, "energy_j", least=0)
        duration_s = _number(line, "duration_s", least=0)
        t_start = _number(line, "t_start")
        if energy_j is None or duration_s is None or t_start is None:
            missing = [k for k in ("t_start", "duration_s", "energy_j") if line.get(k) is None]
            raise ValueError(f"{' and '.join(missing)} missing{_other_unit(line, missing)}")
        try:
            datetime.fromtimestamp(t_start)
        except (OverflowError, OSError, ValueError):
            raise ValueError(f"t_start is no time of this age: {t_start}") from None
        code = _text(line, "code_hash")
        planned = line.get("planned")
        if planned is not None and not isinstance(planned, bool):
            count = _number(line, "planned", least=0)
            planned = int(count) if count else None
        ok = line.get("ok")
        if not (ok is None or isinstance(ok, bool)):
            raise ValueError(f"ok is neither true nor false: {ok!r}")
        return cls(
            session=_text(line, "session") or "",
            index=index,
            t_start=t_start,
            duration_s=duration_s,
            lineage=lineage_of(_text(line, "label"), _text(line, "cell_id"), code),
            energy_j=energy_j,
            carbon_g=_number(line, "carbon_g", least=0),
            code=code,
            config=_text(line, "config_hash"),
            work=_number(line, "work_units", least=0),
            work_kind=_text(line, "work_kind"),
            metric=_number(line, "metric"),
            metric_name=_text(line, "metric_name"),
            ok=ok is not False,
            planned=planned,
        )


def _other_unit(line: Mapping[str, object], missing: list[str]) -> str:
    """Names a key that says the same in a unit that is not read: a guess would be no reading."""
    stems = {"energy_j": "energy_", "duration_s": "duration_", "t_start": "t_start_"}
    for key in missing:
        for other in line:
            if other != key and other.startswith(stems[key]):
                return f"; {other} is in a unit that is not read"
    return ""


def _number(line: Mapping[str, object], key: str, least: float = -math.inf) -> float | None:
    value = line.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{key} is no number: {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{key} is not finite: {number}")
    if number < least:
        raise ValueError(f"{key} is negative: {number}")
    return number


def _text(line: Mapping[str, object], key: str) -> str | None:
    value = line.get(key)
    if value is None:
        return None
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{key} is no text: {value!r}")
