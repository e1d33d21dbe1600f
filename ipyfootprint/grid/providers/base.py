"""What a provider is, and how parts of its answers are read with suspicion."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Protocol

from ipyfootprint.errors import GridError
from ipyfootprint.model import CarbonIntensity
from ipyfootprint.tables import rows

#: How far a service's own figure may be off: measured, and forecast or estimated by it.
#: A choice; no service publishes one.
DOUBT_MEASURED = 0.10
DOUBT_ESTIMATED = 0.20

_LARGEST = 3000.0


class Secret:
    """A key that is never shown: not in a text, an error, a log or a pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the request alone."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, ("",)


class Slot(NamedTuple):
    """One intensity and the time it holds for, aware UTC, end excluded."""

    start: datetime
    end: datetime
    intensity: CarbonIntensity
    forecast: bool = False


class Get(Protocol):
    """Fetches one document of a provider's service.

    Raises:
        GridError: no answer, a refusal, or one that is too long; never with a key in it.
    """

    def __call__(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> bytes:
        """The body of the answer."""


class Provider(Protocol):
    """A live service.

    Attributes:
        name: what people call it.
        slug: its name in files and settings.
        url: where it is.
        needs_key: whether it answers only to a key; for WattTime "user:password".
        advice: whether its figures are marginal, for advice only.
    """

    name: str
    slug: str
    url: str
    needs_key: bool
    advice: bool

    def place(self, zone: str) -> str | None:
        """Its own name of a zone, or None where it does not cover it."""

    def fetch(
        self, get: Get, place: str, start: datetime, end: datetime, key: Secret | None
    ) -> Sequence[Slot]:
        """What it knows between two times, forecast included where it comes along.

        Raises:
            GridError: no usable answer.
        """


def malformed(provider: str) -> GridError:
    """The error of an answer that is not in the documented shape."""
    return GridError(f"{provider} gave an answer that cannot be read")


def mismatch(provider: str, what: str) -> GridError:
    """The error of an answer for another place or time than asked."""
    return GridError(f"{provider} answered for another {what} than asked")


def document(body: bytes, provider: str) -> dict[str, object]:
    """A JSON object.

    Raises:
        GridError: it is none.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise malformed(provider) from None
    if not isinstance(read, dict):
        raise malformed(provider)
    return read


def grams(value: object, provider: str) -> float | None:
    """gCO2e/kWh; None for null.

    Raises:
        GridError: not a number, or an impossible one.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed(provider)
    if not math.isfinite(value) or not 0 <= value <= _LARGEST:
        raise malformed(provider)
    return float(value)


def moment(text: object, provider: str) -> datetime:
    """An aware UTC time from ISO 8601, with or without seconds and offset.

    Raises:
        GridError: not a time.
    """
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        raise malformed(provider) from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def listed(of: Mapping[str, object], name: str, provider: str) -> list[object]:
    """A list by its name.

    Raises:
        GridError: there is none.
    """
    value = of.get(name)
    if not isinstance(value, list):
        raise malformed(provider)
    return value


def entry(value: object, provider: str) -> dict[str, object]:
    """An object inside a list.

    Raises:
        GridError: it is none.
    """
    if not isinstance(value, dict):
        raise malformed(provider)
    return value


def bounded(mid: float, estimated: bool) -> tuple[float, float, float]:
    """A service's figure and its bounds, g/kWh."""
    doubt = DOUBT_ESTIMATED if estimated else DOUBT_MEASURED
    return mid, mid * (1 - doubt), mid * (1 + doubt)


def steps(starts: Iterable[datetime], usual: timedelta) -> list[tuple[datetime, datetime]]:
    """Each start with the end its step has: the next start, at most the usual step on."""
    ordered = sorted(set(starts))
    ends = [min(after, start + usual) for start, after in pairwise(ordered)]
    return list(zip(ordered, [*ends, *(start + usual for start in ordered[-1:])], strict=True))


def mixture(generation: Mapping[str, float], provider: str) -> float:
    """gCO2e/kWh, lifecycle, of a generation mix by fuel (IPCC AR5, 2014).

    Raises:
        GridError: nothing was generated.
    """
    whole = sum(amount for amount in generation.values() if amount > 0)
    if whole <= 0:
        raise malformed(provider)
    factors = fuels()
    carbon = sum(
        amount * factors.get(fuel, factors["unknown"])
        for fuel, amount in generation.items()
        if amount > 0
    )
    return carbon / whole


def mixed_hours(
    hours: Mapping[datetime, Mapping[str, float]], place: str, name: str, how: str
) -> list[Slot]:
    """A slot for each hour whose generation is known, in order.

    Args:
        hours: energy or mean power by fuel, by hour.
        place: the area.
        name: the service.
        how: what its figures are.
    """
    return [
        Slot(
            hour,
            hour + timedelta(hours=1),
            CarbonIntensity(
                *bounded(mixture(mix, name), True),
                zone=place,
                resolution="hour",
                source=f"{name}, {how} at IPCC AR5 factors",
                estimated=True,
            ),
        )
        for hour, mix in sorted(hours.items())
        if any(mix.values())
    ]


@lru_cache(maxsize=1)
def fuels() -> dict[str, float]:
    """gCO2e/kWh of each fuel over its life cycle."""
    return {fuel: float(figure) for fuel, figure in rows("grid", "fuels.csv")}
