"""What the live widgets are told: plain JSON built from rows by pure functions.

Foreign texts are made harmless here already; the browser sets them as text only.
"""

from __future__ import annotations

from collections.abc import Sequence

from ipyfootprint.amounts import carbon_of, energy_of
from ipyfootprint.model import Estimate, Finding, PowerTrace, Run
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    percent_text,
    power_text,
)
from ipyfootprint.widgets import tables
from ipyfootprint.widgets.charts import Link, sparkline
from ipyfootprint.widgets.drawing import shapes_payload
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.rows import (
    Advice,
    Change,
)
from ipyfootprint.widgets.static_view import (
    LEVELS,
    MARKS,
    advice_words,
    boundary_words,
    headline,
)
from ipyfootprint.widgets.summary import Summary, boundary
from ipyfootprint.words import WORDS, method_word, say

Json = dict[str, object]
QUIET_S = 4.0
ONE_BYTE = 57  # ratios that are written as one printable ASCII character
OPEN_TABLES = ("totals", "equivalents", "timeline", "budget", "top", "rebound")
LIST_WORDS = (
    "all_cells", "run", "energy", "carbon", "time", "state", "method", "label", "cell", "unknown",
    "started", "ok", "error", "interrupted", "lost", "counter", "integrated", "modelled",
    "replay", "unavailable", "whatif", "whatif_note", "pue", "intensity", "zone", "lifetime",
    "reset", "operational", "embodied", "total_carbon", "live", "ended",
    "gone", "time_ms", "time_s", "time_min", "time_h",
)  # fmt: skip
TICKING_WORDS = ("time_s", "time_min", "time_h")
BANNER_WORDS = (
    "planned", "snooze", "not-rebound", "budget_button", "answers", "answer_planned",
    "answer_snooze", "answer_not-rebound", "answer_budget", "later", "amount", "unit", "set",
    "gone", "cancel", "dismiss", "show", "details", "helps",
)  # fmt: skip


def badge_payload(
    run: Run,
    previous: Run | None = None,
    trace: PowerTrace | None = None,
    *,
    power_w: float | None = None,
    predicted: tuple[Estimate, float] | None = None,
    next_s: float = 0.0,
) -> Json:
    """A running (or ended) run for its badge.

    Args:
        run: the run as known now; `duration_s` is the time since its start.
        previous: the same cell's run before it.
        trace: its power so far.
        power_w: the devices' power at this moment.
        predicted: energy in J of the whole run and seconds left, where work is counted.
        next_s: seconds until the next payload; without it for much longer there is no news.
    """
    name = say("cell", number=run.number)
    return {
        "state": run.status,
        "mark": MARKS[run.status],
        "name": f"{name} ({plain(run.label, 40)})" if run.label else name,
        "status": WORDS[run.status],
        "elapsed_s": run.duration_s,
        "energy": energy_text(energy_of(run)) if run.energy_j is not None else "",
        "method": "replay" if run.is_replay else run.method,
        "how": _how(run),
        "carbon": carbon_text(carbon_of(run)) if run.operational_g is not None else "",
        "power": power_text(power_w) if power_w is not None else "",
        "change": _change(run, previous),
        "predicted": _predicted(predicted),
        "quiet": WORDS["quiet"],
        "gone": WORDS["gone"],
        "quiet_s": QUIET_S + round(2 * next_s, 1),
        "spark": _spark(trace),
        "words": _words(TICKING_WORDS),
    }


def panel_payload(summary: Summary, *, live: bool = True) -> Json:
    """A session for its panel: the tables of the static view, their drawings, and "what if"."""
    shown = tables.summary_tables(summary) if summary.runs else []
    return {
        "title": WORDS["summary_title"],
        "headline": headline(summary) if summary.runs else WORDS["no_runs"],
        "live": live,
        "tables": [_table(table) for table in shown],
        "whatif": whatif_payload(summary),
    }


def fixed_payload(summary: Summary) -> Json:
    """What a panel is told once: its words, and the zones that "what if" offers."""
    return {
        "words": _words(LIST_WORDS),
        "zones": [[plain(zone, 32), round(value, 1)] for zone, value in summary.zones.items()],
    }


def banner_payload(
    finding: Finding,
    *,
    change: Change | None = None,
    links: Sequence[Link] = (),
    advice: Sequence[Advice] = (),
    runs_left: int | None = None,
) -> Json:
    """A rebound warning for its banner: the sentence, the pictures, and what would help."""
    shown = [tables.waterfall(change), tables.loop(links)]
    return {
        "id": finding.finding_id,
        "level": finding.level,
        "mark": LEVELS[finding.level],
        "title": WORDS[finding.level],
        "sentence": plain(finding.message, 600),
        "interval": _interval(finding),
        "runs_left": _runs_left(runs_left),
        "answer": finding.answer,
        "tables": [_table(table) for table in shown if table is not None],
        "advice": [advice_words(item) for item in advice],
        "words": _words(BANNER_WORDS),
    }


def rows_payload(runs: Sequence[Run]) -> Json:
    """All runs as short columns: about 22 bytes a run, so that 10 000 fit into 300 kB.

    Bounds are kept as whole per cents of the value in one table that rows point into, one
    character each; columns of numbers are texts with commas, which JSON writes without the space
    and the quotes of a list; states, methods and bounds are strings with a character a run.
    """
    ratios: dict[tuple[int, int], int] = {}
    labels: dict[str, int] = {"": 0}
    known = [run for run in runs if run.energy_j is not None]
    return {
        "count": len(runs),
        "first": runs[0].number if runs else 1,
        "number": _numbers(runs),
        "energy": ",".join(_short(run.energy_j) for run in runs),
        "carbon": ",".join(_short(run.operational_g) for run in runs),
        "time": ",".join(_short(run.duration_s) for run in runs),
        "energy_bounds": "".join(
            _ratio(ratios, run.energy_j, run.energy_low_j, run.energy_high_j) for run in runs
        ),
        "carbon_bounds": "".join(
            _ratio(ratios, run.operational_g, run.operational_low_g, run.operational_high_g)
            for run in runs
        ),
        "state": "".join(run.status[0] for run in runs),
        "method": "".join("r" if run.is_replay else run.method[0] for run in runs),
        "label": ",".join(
            str(labels.setdefault(plain(run.label or "", 40), len(labels))) for run in runs
        )
        if any(run.label for run in known or runs)
        else "",
        "labels": list(labels),
        "ratios": list(ratios),
    }


def whatif_payload(summary: Summary) -> Json | None:
    """What "what if" recomputes from: energy in kWh, carbon in g, and today's assumptions."""
    if summary.energy is None or summary.operational is None:
        return None
    kwh = summary.energy * (1 / 3.6e6)
    pues = {run.pue for run in summary.runs if run.pue is not None}
    pue = pues.pop() if len(pues) == 1 else 1.0
    weighted = summary.operational.mid / (kwh.mid * pue) if kwh.mid > 0 else 0.0
    return {
        "energy_kwh": _bounds(kwh),
        "operational_g": _bounds(summary.operational),
        "embodied_g": _bounds(summary.embodied) if summary.embodied else None,
        "pue": pue,
        "g_per_kwh": round(weighted, 1),
        "lifetime_y": summary.lifetime_y,
    }


def _words(names: Sequence[str]) -> Json:
    return {name: WORDS[name] for name in names}


def _how(run: Run) -> str:
    named = boundary_words(boundary(run.devices.values()))
    word = method_word(run)
    return f"{word} {say('at', boundary=named)}" if named else word


def _change(run: Run, previous: Run | None) -> str:
    if previous is None or not previous.energy_j or run.energy_j is None:
        return ""
    if run.status == "started":
        return say("so_far", share=percent_text(run.energy_j / previous.energy_j))
    change = change_text(run.energy_j, previous.energy_j)
    return say("change_short", change=change) if change else ""


def _predicted(predicted: tuple[Estimate, float] | None) -> str:
    if predicted is None:
        return ""
    total, left_s = predicted
    return say("predicted", total=energy_text(total), left=duration_text(left_s))


def _spark(trace: PowerTrace | None) -> Json | None:
    if trace is None or not trace.watts:
        return None
    seen = [w for curve in trace.watts.values() for w in curve if w is not None]
    if len(seen) < 2:
        return None
    low, high = power_text(min(seen)), power_text(max(seen))
    title = say("power_title", low=low, high=high)
    return shapes_payload(sparkline(list(trace.watts.values()), title))


def _interval(finding: Finding) -> str:
    if finding.low_pct is None or finding.high_pct is None:
        return ""
    return say("interval", low=f"{finding.low_pct:.0f} %", high=f"{finding.high_pct:.0f} %")


def _runs_left(count: int | None) -> str:
    if count is None:
        return ""
    if count < 1:
        return WORDS["runs_left_none"]
    return WORDS["runs_left_one"] if count == 1 else say("runs_left", count=count)


def _table(table: tables.Table) -> Json:
    return {
        "id": table.name,
        "title": table.title,
        "head": table.head,
        "rows": table.rows,
        "notes": table.notes,
        "drawing": shapes_payload(table.drawing) if table.drawing else None,
        "open": table.name in OPEN_TABLES,
    }


def _numbers(runs: Sequence[Run]) -> list[int]:
    """The runs' numbers, or nothing where they count up by one."""
    numbers = [run.number for run in runs]
    consecutive = list(range(numbers[0], numbers[0] + len(numbers))) if numbers else []
    return [] if numbers == consecutive else numbers


def _short(value: float | None) -> str:
    """A value to three digits, as short as it can be written; "" for None."""
    if value is None:
        return ""
    rounded = float(f"{value:.3g}")
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def _ratio(
    ratios: dict[tuple[int, int], int], mid: float | None, low: float | None, high: float | None
) -> str:
    """A character that points to the bounds in per cent of the value."""
    pair = (100, 100)
    if mid and low is not None and high is not None:
        pair = (round(100 * low / mid), round(100 * min(high / mid, 1000)))
    index = ratios.setdefault(pair, len(ratios))
    # One byte each for the first; `"` and `\\`, which JSON writes as two, lie outside.
    return chr(0x23 + index) if index < ONE_BYTE else chr(0x100 + index - ONE_BYTE)


def _bounds(value: Estimate) -> list[float]:
    return [value.mid, value.low, value.high]
