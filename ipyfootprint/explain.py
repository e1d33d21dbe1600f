"""A session explained: its inputs, its totals under others, its statement, and when to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import overload

import ipyfootprint
from ipyfootprint.api import recording
from ipyfootprint.attribution import granted_cores
from ipyfootprint.config import Settings
from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import Place, Profile, country_of, yearly
from ipyfootprint.grid.averages import find
from ipyfootprint.grid.base import Chain
from ipyfootprint.grid.region import cloud_regions
from ipyfootprint.impact import Hardware
from ipyfootprint.impact import statement as text
from ipyfootprint.impact.accounting import Context
from ipyfootprint.impact.assumptions import Assumption, Ledger
from ipyfootprint.impact.discrepancy import Agreement, agreements
from ipyfootprint.impact.session import Comparison, assume, session_ledger
from ipyfootprint.impact.when import Advice, IntensityAt, advise
from ipyfootprint.machine import (
    advisers_of,
    context_of,
    grid_of,
    hardware_of,
    hardware_text,
    place_of,
)
from ipyfootprint.model import CarbonIntensity, Gap, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipyfootprint.grid.live import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is explained: runs, and the machine, place and settings behind their figures."""

    runs: Sequence[Run]
    gap: Gap | None
    settings: Settings
    hardware: Hardware
    place: Place
    grid: Chain
    context: Context
    advisers: Sequence[Live] = ()


def here() -> Subject:
    """This session."""
    open_now = recording()
    return Subject(
        runs=open_now.tracker.runs(),
        gap=open_now.tracker.gap(),
        settings=open_now.settings,
        hardware=open_now.hardware,
        place=open_now.place,
        grid=open_now.grid,
        context=open_now.tracker.accountant.context,
        advisers=open_now.advisers,
    )


def recorded(runs: Sequence[Run], gap: Gap | None, settings: Settings) -> Subject:
    """Runs read from a ledger, with the inputs that hold on this machine now."""
    place = place_of(settings)
    grid, hardware = grid_of(settings, place), hardware_of(settings, [])
    return Subject(
        runs=runs,
        gap=gap,
        settings=settings,
        hardware=hardware,
        place=place,
        grid=grid,
        context=context_of(settings, hardware, granted_cores(), place, grid),
        advisers=advisers_of(settings, place),
    )


@overload
def assumptions() -> Ledger: ...
@overload
def assumptions(**changes: float | str) -> Comparison: ...
def assumptions(**changes: float | str) -> Ledger | Comparison:
    """Every input of this session's totals; with changes, the totals under those.

        ipyfootprint.assumptions()
        ipyfootprint.assumptions(pue=1.58, zone="USA", lifetime="4y").now.total_g

    Args:
        changes: pue, zone, intensity (g/kWh), lifetime (years), utilisation, wue and water
            (L/kWh), device (kg).

    Raises:
        ConfigError: no such input, an impossible value, or a session without runs.
    """
    if not changes:
        return inputs_of(here())
    return compared(here(), [f"{name}={value}" for name, value in changes.items()])


def statement(unit: tuple[float, str] | None = None) -> str:
    """This session as a methods paragraph and table in Markdown, failed runs included.

    Args:
        unit: functional unit of the SCI score, e.g. (40, "epoch").
    """
    return statement_of(here(), unit)


def model_card() -> str:
    """This session as the `co2_eq_emissions` block of a Hugging Face model card, in grams."""
    return card_of(here())


def discrepancy() -> tuple[Agreement, ...]:
    """How far time, energy, carbon, FLOPs and parameters rank this session's runs alike."""
    return agreements(here().runs)


def when(
    duration_s: float | None = None, *, within_s: float = 86_400.0, zone: str | None = None
) -> Advice:
    """When and where a run would meet a cleaner grid; advice, never part of a total.

    Args:
        duration_s: how long it takes; default as long as the newest run.
        within_s: how far ahead it may start.
        zone: where; default where this machine stands.

    Raises:
        ConfigError: no such zone; no duration, and no run to take it from.
    """
    subject = here()
    if zone is not None:
        settings = subject.settings.with_value("zone", zone, "zone=")
        subject = recorded(subject.runs, subject.gap, settings)
    return advice_of(subject, duration_s, within_s)


def inputs_of(of: Subject) -> Ledger:
    """Every input, those of the recorded totals first."""
    known = (*of.context.assumptions, intensity_now(of))
    lines = session_ledger(of.runs, known) if of.runs else known
    named = {line.name for line in lines}
    return (*lines, *(line for line in known if line.name not in named))


def compared(of: Subject, words: Sequence[str]) -> Comparison:
    """The totals under other assumptions, typed as "pue=1.58", "zone=USA"."""
    known = (*of.context.assumptions, intensity_now(of))
    return assume(of.runs, words, lambda zone: (yearly(zone), country_of(zone)), known)


def intensity_now(of: Subject) -> Assumption:
    """The grid's intensity at this moment, with its tags and who set the place."""
    found = of.grid.at(datetime.now(UTC)) or yearly(None)
    origin: Mapping[str, str] = of.settings.origin
    recognised = "recognised" if of.place.zone else "default"
    who = origin.get("intensity") or origin.get("zone") or recognised
    return Assumption(
        "intensity_g_per_kwh",
        found.g_per_kwh,
        "g/kWh",
        text.tags_text(replace(found, year=None)),
        found.year,
        who,
        found.low_g_per_kwh,
        found.high_g_per_kwh,
    )


def place_text(of: Subject) -> str:
    """Where the electricity comes from, and how that is known."""
    return f"{of.place.zone}, {of.place.source}" if of.place.zone else of.place.source


def statement_of(of: Subject, unit: tuple[float, str] | None = None) -> str:
    """The Markdown statement of some runs."""
    return text.statement(
        of.runs,
        inputs_of(of),
        hardware=hardware_text(of.hardware),
        gap=of.gap,
        unit=unit,
        version=ipyfootprint.__version__,
    )


def card_of(of: Subject) -> str:
    """The model-card block of some runs; "" where no carbon is known."""
    return text.model_card(
        of.runs, hardware=hardware_text(of.hardware), version=ipyfootprint.__version__
    )


def advice_of(of: Subject, duration_s: float | None, within_s: float) -> Advice:
    """Advice for a run of that length, or for the newest run again."""
    length = duration_s or next((r.duration_s for r in reversed(of.runs) if r.duration_s), None)
    if length is None:
        raise ConfigError(
            "no run has been metered and no duration was given",
            "nothing was advised",
            "Type e.g. %footprint when 2h.",
        )
    here_now = yearly(of.place.zone)
    return advise(
        candidates(of),
        length,
        datetime.now(UTC),
        window_s=within_s,
        here=here_now if of.place.zone and of.settings.intensity is None else None,
        elsewhere=_elsewhere(here_now),
    )


def candidates(of: Subject) -> list[IntensityAt]:
    """What tells one hour from another here: marginal, then average forecasts, then the shape.

    A figure that a person set holds at any hour, so it tells nothing.
    """
    if of.settings.intensity is not None:
        return []
    forecasts = [*of.advisers, *(s for s in of.grid.sources if hasattr(s, "expected"))]
    return [*(live.expected for live in forecasts), Profile(of.place.zone).at]


def _elsewhere(here_now: CarbonIntensity) -> dict[str, CarbonIntensity]:
    """Yearly averages of the countries where a bundled cloud has a region."""
    found = {}
    for country in dict.fromkeys(row.country for row in cloud_regions().values()):
        row = find(country)
        if row and row.g_per_kwh is not None and row.zone != country_of(here_now.zone):
            found[row.iso2 or row.zone] = yearly(country)
    return found


def unit_of(text: str) -> tuple[float, str]:
    """A functional unit typed as "40 epochs".

    Raises:
        ConfigError: it is none.
    """
    number, _, name = text.strip().partition(" ")
    try:
        amount = float(number)
    except ValueError:
        amount = 0.0
    if not 0 < amount < float("inf") or not name.strip():
        raise ConfigError(
            f"{text!r} is no functional unit", "nothing was stated", "Type e.g. 40 epochs."
        )
    return amount, name.strip().removesuffix("s")


def checked_hours(name: str, hours: float) -> None:
    """Nothing, where it is a time that can be waited or run.

    Raises:
        ConfigError: it is none.
    """
    if not 0 < hours <= 24 * 14:
        raise ConfigError(
            f"{name} {hours:g} is no such time", "nothing was advised", "Give hours up to 336."
        )
