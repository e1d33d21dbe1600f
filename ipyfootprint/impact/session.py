"""A session's totals as a ledger of inputs, so that they can be explained and recomputed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from ipyfootprint.errors import ConfigError
from ipyfootprint.impact.assumptions import (
    Assumption,
    Factor,
    Ledger,
    Totals,
    changed,
    tornado,
    total,
)
from ipyfootprint.impact.embodied import HOURS_PER_YEAR
from ipyfootprint.impact.hardware import DATA_CENTRE_LIFE, DATA_CENTRE_USE
from ipyfootprint.impact.resources import electricity
from ipyfootprint.impact.statement import tags_text
from ipyfootprint.model import CarbonIntensity, Run
from ipyfootprint.units import kwh
from ipyfootprint.words import WORDS, counted, method_word, named, say

#: What a zone means: its intensity, and its country (ISO 3166 alpha-3) where known.
Place = Callable[[str], tuple[CarbonIntensity, str | None]]

#: What a person types, and the input it changes.
TYPED = {
    "pue": "pue",
    "zone": "zone",
    "intensity": "intensity_g_per_kwh",
    "lifetime": "lifetime_years",
    "utilisation": "utilisation",
    "wue": "wue_l_per_kwh",
    "water": "water_l_per_kwh",
    "device": "device_kg",
}
_UNITS = re.compile(r"(y|years?|g/kwh|l/kwh|kg|%)$", re.I)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A session under its own and under other assumptions.

    Attributes:
        before, after: the inputs.
        was, now: what they add up to.
        moved: each changed input alone, widest first, and by what it multiplies the total.
        notes: what stands in the way of comparing the two.
    """

    before: Ledger
    after: Ledger
    was: Totals
    now: Totals
    moved: tuple[Factor, ...]
    notes: tuple[str, ...] = ()


def session_ledger(runs: Sequence[Run], assumptions: Iterable[Assumption] = ()) -> Ledger:
    """The inputs whose formulas give this session's recorded totals, failed runs included.

    Inputs that differ between runs stand as the mean that gives the same total. Runs
    without a carbon figure are left out of energy too, so that both belong together.

    Args:
        runs: of the session.
        assumptions: the context's, for sources and who set them.
    """
    known = {line.name: line for line in assumptions}
    counted = [run for run in runs if run.energy_j is not None and run.operational_g is not None]
    energy = sum(kwh(run.energy_j or 0.0) for run in counted)
    facility = sum(kwh(run.energy_j or 0.0) * (run.pue or 1.0) for run in counted)
    carbon = sum(run.operational_g or 0.0 for run in counted)
    water = sum(run.water_l or 0.0 for run in counted)
    made = sum(run.embodied_g or 0.0 for run in runs)
    hours = sum(run.duration_s or 0.0 for run in runs if run.embodied_g is not None) / 3600
    wue = known["wue_l_per_kwh"].value if "wue_l_per_kwh" in known else 0.0
    life = known["lifetime_years"].value if "lifetime_years" in known else DATA_CENTRE_LIFE.mid
    used = known["utilisation"].value if "utilisation" in known else DATA_CENTRE_USE.mid
    # No run is no energy; runs whose energy is not known are not.
    lines = [_energy_line(counted, energy)] if counted or not runs else []
    if energy > 0:
        offsite = max(0.0, water - energy * wue) / facility
        lines += [
            _line(known, "pue", facility / energy, ""),
            _intensity_line(counted, carbon / facility, known.get("intensity_g_per_kwh")),
            _line(known, "wue_l_per_kwh", wue, "L/kWh"),
            _line(known, "water_l_per_kwh", offsite, "L/kWh"),
        ]
    if hours > 0:
        held = made / 1000 * life * HOURS_PER_YEAR * used / hours
        lines += [
            _device_line(known, held),
            Assumption("hours", hours, "h", WORDS["source_hours"], None, "measured"),
            _line(known, "lifetime_years", life, "years"),
            _line(known, "utilisation", used, ""),
        ]
    return tuple(lines)


def assume(
    runs: Sequence[Run],
    words: Sequence[str],
    place: Place,
    assumptions: Iterable[Assumption] = (),
) -> Comparison:
    """The session recomputed: `assume(runs, ["pue=1.58", "zone=USA", "lifetime=4y"], place)`.

    Raises:
        ConfigError: a word that is not name=value, an unknown name, an impossible value, or
            a session without anything to recompute.
    """
    before = session_ledger(runs, assumptions)
    wanted = parse_changes(words, place)
    missing = wanted.keys() - {line.name for line in before}
    if missing:
        raise ConfigError(
            f"this session has nothing that {', '.join(sorted(missing))} would change",
            "nothing was changed",
            "Run a metered cell first.",
        )
    after = changed(before, set_by="assumed here", **wanted)
    notes = tuple(_bases(runs, words, place))
    return Comparison(
        before, after, total(before), total(after), tuple(_moves(before, after)), notes
    )


def parse_changes(words: Sequence[str], place: Place) -> dict[str, float]:
    """Inputs and values from words such as "pue=1.2", "zone=DE", "lifetime=4y".

    Raises:
        ConfigError: what was typed and what can be.
    """
    changes: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in TYPED:
            close = difflib.get_close_matches(name, TYPED, n=1)
            raise ConfigError(
                f"{word!r} is not an assumption",
                "nothing was changed",
                f"Did you mean {close[0]}=...?" if close else f"Type one of {', '.join(TYPED)}=...",
            )
        if name == "zone":
            intensity, country = place(text)
            changes["intensity_g_per_kwh"] = intensity.g_per_kwh
            changes["water_l_per_kwh"] = electricity(country).water_l_per_kwh.mid
            continue
        changes[TYPED[name]] = _number(word, text)
    return changes


def _bases(runs: Sequence[Run], words: Sequence[str], place: Place) -> Iterable[str]:
    """A sentence for each zone whose figure is of another kind than the runs' own."""
    bases = {run.intensity.basis for run in runs if run.intensity}
    for word in words:
        name, _, text = word.partition("=")
        if name == "zone" and bases and (basis := place(text)[0].basis) not in bases:
            names = {"basis": named("tag_basis", basis), "own": named("tag_basis", bases.pop())}
            yield say("other_basis", zone=text, **names)


def _energy_line(runs: Sequence[Run], energy: float) -> Assumption:
    low = sum(kwh(_known(run.energy_low_j, run.energy_j)) for run in runs)
    high = sum(kwh(_known(run.energy_high_j, run.energy_j)) for run in runs)
    ways = sorted({method_word(run) for run in runs}) or [WORDS["counter"]]
    how = reduce(lambda a, b: say("both", a=a, b=b), ways)
    text = counted("source_runs", len(runs))
    return Assumption(
        "energy_kwh", energy, "kWh", text, None, how, min(low, energy), max(high, energy)
    )


def _known(bound: float | None, middle: float | None) -> float:
    """The bound, which may be 0; where there is none the middle."""
    return (middle or 0.0) if bound is None else bound


def _moves(before: Ledger, after: Ledger) -> Iterable[Factor]:
    was = total(before)
    if not (was.total_g or was.operational_g):
        return ()
    moved = tornado(before, after, "total_g" if was.total_g else "operational_g")
    return (each for each in moved if each.factor != 1)  # water moves no carbon


def _line(known: dict[str, Assumption], name: str, value: float, unit: str) -> Assumption:
    line = known.get(name)
    return (
        replace(line, value=value) if line else Assumption(name, value, unit, WORDS["source_rows"])
    )


def _device_line(known: Mapping[str, Assumption], held: float) -> Assumption:
    """What was in use, in kg of its making, its bounds as wide as its devices' together."""
    host = known["share_of_host"].value if "share_of_host" in known else 1.0
    devices = {
        line: host if name == "host_kg" else 1.0
        for name, line in known.items()
        if name.endswith("_kg")
    }
    mid = sum(line.value * share for line, share in devices.items())
    least = sum(_end(line.low, line) * share for line, share in devices.items())
    most = sum(_end(line.high, line) * share for line, share in devices.items())
    low, high = (least / mid, most / mid) if mid else (1.0, 1.0)
    setters = dict.fromkeys(line.set_by for line in devices)
    return Assumption(
        "device_kg",
        held,
        "kg CO2e",
        "; ".join(line.source for line in devices if line.source) or WORDS["source_share"],
        None,
        ", ".join(named("set_by", who) for who in setters) or "recognised",
        held * low,
        held * high,
    )


def _end(bound: float | None, line: Assumption) -> float:
    return line.value if bound is None else bound


def _intensity_line(runs: Sequence[Run], grams: float, known: Assumption | None) -> Assumption:
    seen = [run.intensity for run in runs if run.intensity]
    sources = " | ".join(dict.fromkeys(map(tags_text, seen)))
    bases = sorted({one.basis for one in seen})
    if len(bases) > 1:
        a, b = (named("tag_basis", basis) for basis in bases)
        sources = say("mixed_sources", sources=sources, a=a, b=b)
    years = [one.year for one in seen if one.year]
    return Assumption(
        "intensity_g_per_kwh",
        grams,
        "g/kWh",
        sources,
        max(years, default=None),
        known.set_by if known else "default",
        min([grams, *(one.low_g_per_kwh for one in seen)]),
        max([grams, *(one.high_g_per_kwh for one in seen)]),
    )


def _number(word: str, text: str) -> float:
    unit = _UNITS.search(text.strip())
    figure = text.strip()[: unit.start()] if unit else text.strip()
    try:
        value = float(figure)
    except ValueError:
        raise ConfigError(
            f"{word!r} holds no number", "nothing was changed", "Type e.g. pue=1.2 or lifetime=4y."
        ) from None
    return value / 100 if unit and unit[0] == "%" else value
