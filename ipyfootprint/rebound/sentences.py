"""A finding as one sentence: numbers, no moralising."""

from __future__ import annotations

from datetime import datetime, tzinfo

from ipyfootprint.rebound.creep import Creep
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.units import carbon_text, energy_text, singular
from ipyfootprint.words import WORDS, say


def rebound_sentence(found: Rebound, timezone: tzinfo | None) -> str:
    """What was saved, what used it up, and how much that is so far."""
    counted = "work" if found.work_kind else "runs"
    return say(
        f"rebound_{found.kind}_{counted}",
        clock=_clock(found.since_t, timezone),
        unit=singular(found.work_kind),
        saved=f"{(1 - found.ratio) * 100:.0f}",
        growth=f"{found.growth:.2f}",
        per_run=f"{found.run_growth:.2f}",
        used=_percent(found.shown),
        interval=say(
            "range" if found.low >= 0 else "range_below_zero",
            low=_percent(found.low),
            high=_percent(found.high),
        ),
        amount=_amount(found.wasted_j, found.wasted_g),
    )


def creep_sentence(found: Creep, timezone: tzinfo | None, metric_name: str | None = None) -> str:
    """How much dearer an hour of work became while the metric stood still."""
    return say(
        "creep",
        clock=_clock(found.since_t, timezone),
        growth=f"{found.growth:.2f}",
        metric=metric_name or WORDS["the_metric"],
        before=f"{found.metric_before:.4g}",
        after=f"{found.metric_after:.4g}",
        amount=_amount(found.wasted_j, found.wasted_g),
    )


def _percent(fraction: float) -> str:
    return f"{max(-999.0, min(999.0, fraction * 100)):.0f}"


def _amount(energy_j: float, mass_g: float | None) -> str:
    energy = energy_text(energy_j)
    return energy if mass_g is None else f"{energy} ({carbon_text(mass_g)})"


def _clock(t: float, timezone: tzinfo | None) -> str:
    return datetime.fromtimestamp(t, timezone).strftime("%H:%M")
