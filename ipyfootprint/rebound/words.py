"""A finding as one sentence: numbers, no moralising."""

from __future__ import annotations

from datetime import datetime, tzinfo

from ipyfootprint.rebound.creep import Creep
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.units import carbon_text, energy_text


def rebound_sentence(found: Rebound, timezone: tzinfo | None) -> str:
    """What was saved, what used it up, and how much that is so far."""
    unit = singular(found.work_kind)
    saved = f"{(1 - found.ratio) * 100:.0f} %"
    growth = f"{found.growth:.2f}x as much"
    to = "-" if found.low >= 0 else " to "
    interval = f"{_percent(found.low)}{to}{_percent(found.high)} %"
    amount = _amount(found.wasted_j, found.wasted_g)
    doing = f"do {growth} work" if found.work_kind else "run it " + growth.replace("much", "often")
    head = f"Since {_clock(found.since_t, timezone)} each {unit} costs {saved} less energy, but"
    if found.kind == "backfire":
        return (
            f"{head} you {doing} per hour of work: more than the whole saving is used up"
            f" ({_percent(found.shown)} %, {interval}), {amount} so far."
        )
    return (
        f"{head} you {doing} per hour of work{_how(found)}: {_percent(found.shown)} %"
        f" ({interval}) of the saving is used up, {amount} so far."
    )


def creep_sentence(found: Creep, timezone: tzinfo | None, metric_name: str | None = None) -> str:
    """How much dearer an hour of work became while the metric stood still."""
    name = metric_name or "the metric"
    return (
        f"Since {_clock(found.since_t, timezone)} an hour of work uses {found.growth:.2f}x the"
        f" energy it did before, while {name} went from {found.metric_before:.4g} to"
        f" {found.metric_after:.4g}: {_amount(found.wasted_j, found.wasted_g)} more so far."
    )


def singular(work_kind: str | None) -> str:
    """One unit of work as a word: "epoch" of "epochs"; "run" where none is counted."""
    if not work_kind:
        return "run"
    if work_kind.endswith(("ches", "shes", "sses", "xes")):
        return work_kind[:-2]
    return work_kind[:-1] if work_kind.endswith("s") and len(work_kind) > 2 else work_kind


def _how(found: Rebound) -> str:
    if found.kind == "scale-up":
        return f" ({found.run_growth:.2f}x per run)"
    if found.kind == "breadth":
        return " (on more configurations)"
    return " (runs repeated more often)"


def _percent(fraction: float) -> str:
    return f"{max(-999.0, min(999.0, fraction * 100)):.0f}"


def _amount(energy_j: float, mass_g: float | None) -> str:
    energy = energy_text(energy_j)
    return energy if mass_g is None else f"{energy} ({carbon_text(mass_g)})"


def _clock(t: float, timezone: tzinfo | None) -> str:
    return datetime.fromtimestamp(t, timezone).strftime("%H:%M")
