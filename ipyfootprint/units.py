"""Joules, grams, litres and seconds as people read and type them; only here.

Values inside the package are in base units (J, g, L, s). A text shows no more digits than
its bounds allow: a modelled 21.4 J between 11 and 43 is "20 J (10-40)". Symbols of units are
the same in every language and stand here; words come from the catalogue.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from ipyfootprint.errors import ConfigError
from ipyfootprint.model import Estimate
from ipyfootprint.words import WORDS, say

J_PER_KWH = 3.6e6

Scale = tuple[tuple[float, str], ...]
ENERGY: Scale = (
    (3.6e9, "MWh"),
    (3.6e6, "kWh"),
    (3600.0, "Wh"),
    (1.0, "J"),
    (1e-3, "mJ"),
    (1e-6, "µJ"),
)
CARBON: Scale = ((1e6, "t"), (1e3, "kg"), (1.0, "g"), (1e-3, "mg"), (1e-6, "µg"))
WATER: Scale = ((1e6, "ML"), (1e3, "m3"), (1.0, "L"), (1e-3, "mL"), (1e-6, "µL"))
LENGTH: Scale = ((1e3, "km"), (1.0, "m"), (1e-3, "mm"))
POWER: Scale = ((1e3, "kW"), (1.0, "W"), (1e-3, "mW"))
# One digit rounds 15 to 10 or 20, and a sum no longer looks like the sum of what stands above
# it; with two it is within a twentieth.
SUM_DIGITS = 2


def kwh(energy_j: float) -> float:
    """Kilowatt-hours in an energy in joules."""
    return energy_j / J_PER_KWH


def energy_text(energy_j: float | Estimate | None, least: int = 1) -> str:
    """An energy in joules as "21 Wh (20-22)"; "not measured" for None.

    At least `least` digits are shown: a sum has SUM_DIGITS.
    """
    return _text(energy_j, ENERGY, WORDS["unavailable"], least=least)


def power_text(power_w: float | Estimate | None) -> str:
    """A power in watts as "85 W"; "not measured" for None."""
    return _text(power_w, POWER, WORDS["unavailable"])


def carbon_text(mass_g: float | Estimate | None, least: int = 1) -> str:
    """A mass of CO2e in grams as "6.2 g CO2e (5.9-6.5)"; "unknown" for None.

    At least `least` digits are shown: a sum has SUM_DIGITS.
    """
    return _text(mass_g, CARBON, WORDS["unknown"], " CO2e", least)


def water_text(volume_l: float | Estimate | None, least: int = 1) -> str:
    """A volume in litres as "40 mL (30-50)"; "unknown" for None.

    At least `least` digits are shown: a sum has SUM_DIGITS.
    """
    return _text(volume_l, WATER, WORDS["unknown"], least=least)


def length_text(distance_m: float | Estimate | None) -> str:
    """A length in metres as "1.2 km (1.0-1.4)"; "unknown" for None."""
    return _text(distance_m, LENGTH, WORDS["unknown"])


def mass_text(mass_g: float | Estimate | None) -> str:
    """A mass of matter in grams as "3 mg"; "unknown" for None."""
    return _text(mass_g, CARBON, WORDS["unknown"])


def duration_text(duration_s: float | None) -> str:
    """A time as "85 ms", "12.3 s", "3 min 20 s", "2 h 05 min"; "unknown" for None."""
    if duration_s is None:
        return WORDS["unknown"]
    if duration_s < 0.9995:
        return say("time_ms", value=f"{duration_s * 1e3:.3g}")
    if duration_s < 59.95:
        return say("time_s", value=f"{duration_s:.3g}")
    minutes, seconds = divmod(round(duration_s), 60)
    if minutes < 60:
        return say("time_min", minutes=minutes, seconds=f"{seconds:02d}")
    return say("time_h", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def singular(work_kind: str | None) -> str:
    """One unit of work as a word: "epoch" of "epochs"; "run" where none is counted."""
    if not work_kind:
        return WORDS["run"]
    if work_kind.endswith(("ches", "shes", "sses", "xes")):
        return work_kind[:-2]
    return work_kind[:-1] if work_kind.endswith("s") and len(work_kind) > 2 else work_kind


def percent_text(fraction: float | None) -> str:
    """A fraction as "31 %"; "unknown" for None."""
    return WORDS["unknown"] if fraction is None else f"{fraction * 100:.0f} %"


def change_text(now: float | None, before: float | None) -> str:
    """How a figure changed against the one before it: "-12 %", "x3.1", or "" if unknown."""
    if now is None or before is None or before <= 0:
        return ""
    ratio = now / before
    if ratio >= 2:
        return f"x{ratio:.2g}"
    return f"{(ratio - 1) * 100:+.0f} %"


def digits(value: float, low: float, high: float) -> int:
    """Significant digits (1 to 3) of a value that its bounds bear out."""
    half = (high - low) / 2
    if half <= 0:
        return 3
    if value <= 0:
        return 1
    return max(1, min(3, math.floor(math.log10(value)) - math.floor(math.log10(half)) + 1))


def _text(
    value: float | Estimate | None, scale: Scale, absent: str, suffix: str = "", least: int = 1
) -> str:
    if value is None:
        return absent
    of = value if isinstance(value, Estimate) else Estimate.exact(value)
    n = max(least, digits(of.mid, of.low, of.high))
    factor, unit = _unit(abs(float(f"{of.mid:.{n}g}")), scale)
    mid = _rounded(of.mid / factor, n)
    if of.low == of.high:
        return f"{mid} {unit}{suffix}"
    low, high = _rounded(of.low / factor, n), _rounded(of.high / factor, n)
    return f"{mid} {unit}{suffix} ({low}-{high})"


def _unit(value: float, scale: Scale) -> tuple[float, str]:
    for factor, unit in scale:
        if value >= factor:
            return factor, unit
    return scale[-1] if value > 0 else next(step for step in scale if step[0] == 1.0)


def _rounded(value: float, n: int) -> str:
    """The value with n significant digits, never in scientific notation."""
    if value == 0:
        return "0"
    place = n - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, place):.{max(0, place)}f}"


AmountKind = Literal["energy", "carbon", "water"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A typed-in quantity: `value` is in J, g or L, as `kind` says."""

    value: float
    kind: AmountKind

    def __str__(self) -> str:
        show = {"energy": energy_text, "carbon": carbon_text, "water": water_text}
        return show[self.kind](self.value)


_AMOUNT = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([A-Za-z]+[0-9]?)\s*", re.I)
_UNITS: dict[str, tuple[float, AmountKind]] = {
    "j": (1.0, "energy"),
    "kj": (1e3, "energy"),
    "wh": (3600.0, "energy"),
    "kwh": (3.6e6, "energy"),
    "mg": (1e-3, "carbon"),
    "g": (1.0, "carbon"),
    "kg": (1e3, "carbon"),
    "t": (1e6, "carbon"),
    "ml": (1e-3, "water"),
    "l": (1.0, "water"),
    "m3": (1e3, "water"),
}


# milli or mega: only here does the case of a letter tell
_EXACT: dict[str, tuple[float, AmountKind]] = {
    "mWh": (3.6, "energy"),
    "MWh": (3.6e9, "energy"),
    "mJ": (1e-3, "energy"),
    "MJ": (1e6, "energy"),
    "ML": (1e6, "water"),
}


def parse_amount(text: str) -> Amount:
    """An amount typed as "500 Wh", "200 g" or "5 L".

    Raises:
        ConfigError: not a number above zero with a known unit.
    """
    match = _AMOUNT.fullmatch(text)
    unit = (_EXACT.get(match[2]) or _UNITS.get(match[2].lower())) if match else None
    if match is None or unit is None or float(match[1]) <= 0:
        raise ConfigError(
            f"{text!r} is not an amount", "nothing was changed", "Type e.g. 500 Wh, 200 g or 5 L."
        )
    return Amount(float(match[1]) * unit[0], unit[1])
