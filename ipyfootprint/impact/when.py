"""A better hour, a better place: advice from a forecast or a shape, never part of a total."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from ipyfootprint.model import CarbonIntensity
from ipyfootprint.units import percent_text

IntensityAt = Callable[[datetime], CarbonIntensity | None]

_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Start:
    """A time to start and the mean intensity a run would then meet, g/kWh."""

    at: datetime
    g_per_kwh: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What moving a run would do; None where no data say.

    Attributes:
        now: starting now.
        best: the best start within the window; may be now.
        saving: fraction of carbon that the best start saves.
        places: fraction that each other zone saves by its yearly average, best first;
            negative where it would be worse.
        source: what the advice rests on.
        accounting: "marginal" where the figures say what one more kWh causes.
    """

    now: Start | None
    best: Start | None
    saving: float | None
    places: tuple[tuple[str, float], ...]
    source: str
    accounting: str = "average"


def best_start(
    intensity_at: IntensityAt, duration_s: float, now: datetime, before: datetime
) -> Start | None:
    """The start with the least mean intensity between now and `before`; the earliest of equals.

    None where the intensity is not known for the whole of a run at any start: run at once.
    """
    starts = []
    begin = now
    while begin <= before:
        mean = mean_intensity(intensity_at, begin, duration_s)
        if mean is not None:
            starts.append(Start(begin, mean))
        begin += _STEP
    return min(starts, key=lambda start: (round(start.g_per_kwh, 6), start.at), default=None)


def mean_intensity(intensity_at: IntensityAt, start: datetime, duration_s: float) -> float | None:
    """Mean g/kWh over a run of even power; None where it is unknown at any of its quarters."""
    count = max(1, min(4 * 48, round(duration_s / _STEP.total_seconds())))
    step = timedelta(seconds=duration_s / count)
    total = 0.0
    for index in range(count):
        found = intensity_at(start + (index + 0.5) * step)
        if found is None:
            return None
        total += found.g_per_kwh
    return total / count


def advise(
    intensity_at: IntensityAt,
    duration_s: float,
    now: datetime,
    *,
    window_s: float = 86_400.0,
    here: CarbonIntensity | None = None,
    elsewhere: Mapping[str, CarbonIntensity] | None = None,
) -> Advice:
    """When and where a run of this length would meet a cleaner grid.

    Args:
        intensity_at: forecast, or month-by-hour shape; a flat source gives no better hour.
        duration_s: how long the run takes.
        now: aware UTC.
        window_s: how far ahead it may start.
        here: yearly average of this place, to compare places with.
        elsewhere: yearly averages of other zones by name. Those on another basis than
            `here` (direct against lifecycle) are left out: they do not compare.
    """
    mean = mean_intensity(intensity_at, now, duration_s)
    best = best_start(intensity_at, duration_s, now, now + timedelta(seconds=window_s))
    found = intensity_at(now)
    places = []
    for name, there in (elsewhere or {}).items():
        if here and here.g_per_kwh > 0 and there.basis == here.basis:
            places.append((name, 1 - there.g_per_kwh / here.g_per_kwh))
    saving = 1 - best.g_per_kwh / mean if mean and best else None
    return Advice(
        now=None if mean is None else Start(now, mean),
        best=best,
        saving=saving,
        places=tuple(sorted(places, key=lambda place: -place[1])),
        source=found.source if found else "",
        accounting=found.accounting if found else "average",
    )


def advice_text(advice: Advice, *, zone: tzinfo = UTC) -> str:
    """One or two sentences, with what they rest on."""
    parts = []
    if advice.best is None:
        parts.append("no data say which hour would be cleaner here")
    elif advice.saving is None or advice.saving < 0.01:
        parts.append("no hour of the window is cleaner than now")
    else:
        local = advice.best.at.astimezone(zone)
        parts.append(
            f"this run again at {local:%H:%M} would emit {percent_text(advice.saving)} less"
        )
    better = [(name, saved) for name, saved in advice.places if saved >= 0.01][:3]
    parts += [f"in {name} {percent_text(saved)} less" for name, saved in better]
    text = "; ".join(parts)
    text = text[0].upper() + text[1:] + "."
    kind = "marginal figures" if advice.accounting == "marginal" else "figures"
    source = f" by {kind} of {advice.source}" if advice.source else ""
    return f"{text} Advice{source}; no total holds it."
