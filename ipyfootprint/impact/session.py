"""A session's totals as a ledger of inputs, so that they can be explained and recomputed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

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
from ipyfootprint.model import CarbonIntensity, Run
from ipyfootprint.units import carbon_text, energy_text, kwh, water_text

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
    """A session under its own and under other assumptions."""

    before: Ledger
    after: Ledger
    was: Totals
    now: Totals
    moved: tuple[Factor, ...]


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
    lines = [Assumption("energy_kwh", energy, "kWh", "the session's runs", None, "measured")]
    if energy > 0:
        offsite = max(0.0, water - energy * wue) / facility
        lines += [
            _line(known, "pue", facility / energy, ""),
            _intensity_line(counted, carbon / facility),
            _line(known, "wue_l_per_kwh", wue, "L/kWh"),
            _line(known, "water_l_per_kwh", offsite, "L/kWh"),
        ]
    if hours > 0:
        held = made / 1000 * life * HOURS_PER_YEAR * used / hours
        devices = "; ".join(line.source for name, line in known.items() if name.endswith("_kg"))
        lines += [
            Assumption(
                "device_kg", held, "kg CO2e", devices or "this user's share", None, "recognised"
            ),
            Assumption("hours", hours, "h", "the session's runs", None, "measured"),
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
    after = changed(before, set_by="you, %footprint assume", **wanted)
    return Comparison(before, after, total(before), total(after), tuple(_moves(before, after)))


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


def comparison_text(compared: Comparison) -> str:
    """Both totals side by side, and which input moved them most."""
    was, now = compared.was, compared.now
    rows = [
        ("", "recorded", "assumed"),
        ("energy with overhead", _energy(was.facility_kwh), _energy(now.facility_kwh)),
        ("operational", carbon_text(was.operational_g), carbon_text(now.operational_g)),
        ("embodied", carbon_text(was.embodied_g), carbon_text(now.embodied_g)),
        ("water", water_text(was.water_l), water_text(now.water_l)),
    ]
    lines = [f"{name:22}{left:20}{right}".rstrip() for name, left, right in rows]
    lines += [
        f"{each.name}: {each.before:.4g} -> {each.after:.4g} alone makes it x{each.factor:.3g}"
        for each in compared.moved
    ]
    return "\n".join(lines)


def why_text(assumptions: Iterable[Assumption]) -> str:
    """Every input: value with bounds, unit, source, year, who set it."""
    lines = []
    for line in assumptions:
        bounds = (
            "" if line.low is None or line.high is None else f" ({line.low:.4g}-{line.high:.4g})"
        )
        value = f"{line.value:.4g}{bounds} {line.unit}".rstrip()
        year = f", {line.year}" if line.year else ""
        source = f"{line.source}{year}" or "as set"
        lines.append(f"{line.name:22}{value:34}{source} [{line.set_by}]")
    return "\n".join(lines)


def _moves(before: Ledger, after: Ledger) -> Sequence[Factor]:
    was = total(before)
    if was.total_g:
        return tornado(before, after, "total_g")
    return tornado(before, after, "operational_g") if was.operational_g else ()


def _line(known: dict[str, Assumption], name: str, value: float, unit: str) -> Assumption:
    line = known.get(name)
    return replace(line, value=value) if line else Assumption(name, value, unit, "the runs' rows")


def _intensity_line(runs: Sequence[Run], grams: float) -> Assumption:
    seen = [run.intensity for run in runs if run.intensity]
    sources = "; ".join(dict.fromkeys(one.source for one in seen))
    bases = sorted({one.basis for one in seen})
    if len(bases) > 1:
        sources += f" (mixed bases: {' and '.join(bases)})"
    low = min((one.low_g_per_kwh for one in seen), default=None)
    high = max((one.high_g_per_kwh for one in seen), default=None)
    years = [one.year for one in seen if one.year]
    return Assumption(
        "intensity_g_per_kwh",
        grams,
        "g/kWh",
        sources,
        max(years, default=None),
        "the place",
        low,
        high,
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


def _energy(facility_kwh: float | None) -> str:
    return energy_text(None if facility_kwh is None else facility_kwh * 3.6e6)
