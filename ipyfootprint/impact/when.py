"""A better hour, a better place: advice from a forecast or a shape, never part of a total."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from ipyfootprint.model import CarbonIntensity
from ipyfootprint.units import percent_text
from ipyfootprint.words import WORDS, say

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
        hours: mean intensity of each of the next hours from now, g/kWh; None: not known.
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
    hours: tuple[float | None, ...] = ()


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
    candidates: Sequence[IntensityAt],
    duration_s: float,
    now: datetime,
    *,
    window_s: float = 86_400.0,
    here: CarbonIntensity | None = None,
    elsewhere: Mapping[str, CarbonIntensity] | None = None,
) -> Advice:
    """When and where a run of this length would meet a cleaner grid.

    Args:
        candidates: what tells one hour from another, best first (marginal forecast,
            forecast, month-by-hour shape); the first that covers a run answers alone.
        duration_s: how long the run takes.
        now: aware UTC.
        window_s: how far ahead it may start.
        here: yearly average of this place, to compare places with.
        elsewhere: yearly averages of other zones by name. Those on another basis than
            `here` (direct against lifecycle) are left out: they do not compare.
    """
    mean, best, found = None, None, None
    hours: tuple[float | None, ...] = ()
    for intensity_at in candidates:
        mean = mean_intensity(intensity_at, now, duration_s)
        best = best_start(intensity_at, duration_s, now, now + timedelta(seconds=window_s))
        if mean is not None and best is not None:
            found, hours = intensity_at(now), _hours(intensity_at, now, window_s)
            break
    saving = 1 - best.g_per_kwh / mean if mean and best else None
    return Advice(
        now=None if mean is None else Start(now, mean),
        best=best,
        saving=saving,
        places=_places(here, elsewhere or {}),
        source=found.source if found else "",
        accounting=found.accounting if found else "average",
        hours=hours,
    )


def _hours(intensity_at: IntensityAt, now: datetime, window_s: float) -> tuple[float | None, ...]:
    count = max(1, min(72, math.ceil(window_s / 3600)))
    starts = (now + timedelta(hours=index) for index in range(count))
    return tuple(mean_intensity(intensity_at, start, 3600.0) for start in starts)


def _places(
    here: CarbonIntensity | None, elsewhere: Mapping[str, CarbonIntensity]
) -> tuple[tuple[str, float], ...]:
    if here is None or here.g_per_kwh <= 0:
        return ()
    saved = [
        (name, 1 - there.g_per_kwh / here.g_per_kwh)
        for name, there in elsewhere.items()
        if there.basis == here.basis
    ]
    return tuple(sorted(saved, key=lambda place: -place[1]))


def advice_text(advice: Advice, *, zone: tzinfo = UTC) -> str:
    """One or two sentences, with what they rest on."""
    if advice.best is None:
        parts = [WORDS["when_no_data"]]
    elif advice.saving is None or advice.saving < 0.01:
        parts = [WORDS["when_now"]]
    else:
        at = f"{advice.best.at.astimezone(zone):%H:%M}"
        parts = [say("when_best", at=at, share=percent_text(advice.saving))]
    better = [(name, saved) for name, saved in advice.places if saved >= 0.01][:3]
    parts += [say("when_place", place=name, share=percent_text(saved)) for name, saved in better]
    said = "; ".join(parts)
    if advice.best is None and not better:
        return say("when_said", said=said)
    if not advice.source:
        return say("when_advice", said=said)
    return say(f"when_advice_{advice.accounting}", said=said, source=advice.source)
