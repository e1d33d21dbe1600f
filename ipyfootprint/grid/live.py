"""Live carbon intensity: asked in the background, kept on disk, never waited for.

`Live.at` only looks at what is already known. When that is too old it starts one short-lived
thread that asks the service and ends. A service that fails is left alone for a while; the
last known value stands in, with its age, and each cause is reported once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ipyfootprint.errors import GridError
from ipyfootprint.grid.profiles import HOUR_OVER_SHAPE
from ipyfootprint.grid.providers.base import Provider, Secret, Slot, malformed, mismatch
from ipyfootprint.grid.store import Store
from ipyfootprint.model import CarbonIntensity

TIMEOUT_S = 3.0
LARGEST_BODY = 4_000_000

_HOUR = timedelta(hours=1)
_BACK = timedelta(hours=24)  # how far back a service is asked
_AHEAD = timedelta(hours=48)  # and how far ahead
_LAST_KNOWN = timedelta(hours=6)  # how long an old value may stand in
_AGAIN_S = 300.0  # the pause after a failure, doubled each time up to an hour
_AGAIN_FRESH_S = 600.0  # the pause after an answer that did not reach as far as wanted


class Refused(GridError):
    """The service does not accept the key: asking again does not help."""


class Busy(GridError):
    """The service asks for a pause of `pause_s` seconds."""

    pause_s = 900.0


class Live:
    """One service's intensity of one zone, as an intensity source.

    Args:
        provider: the service.
        place: its own name of the zone, as `provider.place` gives it.
        key: gives the key, asked for in the background.
        folder: where answers are kept; None keeps them in memory.
        now: the present, aware UTC.
        start: runs a function in the background; a test may run it at once.
    """

    def __init__(
        self,
        provider: Provider,
        place: str,
        *,
        key: Callable[[], Secret | None] = lambda: None,
        folder: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self.name = provider.name
        self.provider = provider
        self.place = place
        self._key = key
        self._now = now
        self._start = start or _in_background
        self._store = Store(folder and folder / f"{provider.slug}-{place}.json")
        self._lock = threading.Lock()
        self._busy = False
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._failures = 0
        self._causes: dict[str, GridError] = {}
        self._told: set[str] = set()
        #: Called in the background after each answer: past runs may be restated now.
        self.on_answer: Callable[[], None] = lambda: None

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The known intensity at a time, else the last known with its age, else None.

        Never blocks; asks in the background for what is missing.
        """
        slot = self._store.at(when)
        now = self._now()
        if (slot is None or slot.forecast) and now - _BACK <= when <= now + _HOUR:
            self._ask_soon(now)
        if slot is not None:
            return slot.intensity
        return self._last_known(when)

    def settled(self, when: datetime) -> CarbonIntensity | None:
        """The service's own figure for a time that has passed: no forecast, no older value."""
        slot = self._store.at(when)
        return None if slot is None or slot.forecast else slot.intensity

    def expected(self, when: datetime) -> CarbonIntensity | None:
        """The service's figure or forecast for a time; asks in the background for a forecast."""
        self.forecast()
        slot = self._store.at(when)
        return None if slot is None else slot.intensity

    def forecast(self) -> Sequence[Slot]:
        """What is known of the time from now on; asks in the background where that is nothing."""
        now = self._now()
        ahead = self._store.after(now)
        if not ahead:
            self._ask_soon(now)
        return ahead

    def problems(self) -> tuple[GridError, ...]:
        """Why it failed, each cause once since the last call."""
        with self._lock:
            new = [error for cause, error in self._causes.items() if cause not in self._told]
            self._told |= self._causes.keys()
        return tuple(new)

    def refresh(self) -> None:
        """Ask the service now and wait for it; failures go to `problems`."""
        now = self._now()
        try:
            slots = self._fetch(now)
        except GridError as error:
            self._failed(error, now)
            return
        except Exception:  # a thread's traceback would land in a cell's output
            self._failed(malformed(self.name), now)
            return
        finally:
            with self._lock:
                self._busy = False
        with self._lock:
            self._failures = 0
            self._not_before = now + timedelta(seconds=_AGAIN_FRESH_S)
        self._store.add(slots, now)
        self.on_answer()

    def _fetch(self, now: datetime) -> Sequence[Slot]:
        key = self._key() if self.provider.needs_key else None
        if self.provider.needs_key and key is None:
            raise Refused(
                f"{self.name} needs a key and none is set",
                "using the bundled averages",
                f"Set {key_name(self.provider.slug)} or store it with keyring.",
            )
        get = Http(self.provider.url, self.name)
        start = (now - _BACK).replace(minute=0, second=0, microsecond=0)
        slots = self.provider.fetch(get, self.place, start, now + _AHEAD, key)
        near = [
            slot for slot in slots if slot.end > start - _HOUR and slot.start < now + 2 * _AHEAD
        ]
        if slots and not near:
            raise mismatch(self.name, "time")
        return near

    def _ask_soon(self, now: datetime) -> None:
        with self._lock:
            if self._busy or now < self._not_before:
                return
            self._busy = True
        try:
            self._start(self.refresh)
        except RuntimeError:  # no thread can be started: an interpreter that is shutting down
            self._busy = False

    def _failed(self, error: GridError, now: datetime) -> None:
        if isinstance(error, Refused):
            pause = 24 * 3600.0
        elif isinstance(error, Busy):
            pause = error.pause_s
        else:
            pause = min(3600.0, _AGAIN_S * 2**self._failures)
        with self._lock:
            self._failures += 1
            self._not_before = now + timedelta(seconds=pause)
            known = type(error)(
                error.what, error.instead or "using the bundled averages", error.remedy
            )
            self._causes.setdefault(error.what, known)

    def _last_known(self, when: datetime) -> CarbonIntensity | None:
        slot = self._store.before(when)
        if slot is None or when - slot.end > _LAST_KNOWN:
            return None
        age = max(1, round((when - slot.end) / timedelta(minutes=1)))
        text = f"{age // 60} h {age % 60:02d} min" if age >= 60 else f"{age} min"
        low, high = HOUR_OVER_SHAPE
        known = slot.intensity
        return replace(
            known,
            low_g_per_kwh=known.g_per_kwh * low,
            high_g_per_kwh=known.g_per_kwh * high,
            source=f"{known.source}, last known, {text} old",
            estimated=True,
        )


class Http:
    """`Get` over HTTP: 3 seconds for everything, no redirects, no key in any error."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url.rstrip("/")
        self._name = name

    def __call__(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> bytes:
        """The body of the answer; raises GridError."""
        import requests

        until = time.monotonic() + TIMEOUT_S
        try:
            with requests.get(
                self._url + path,
                params=params,
                headers={"Accept": "application/json, application/xml", **(headers or {})},
                auth=auth or (lambda request: request),  # never a .netrc's
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                self._check(answer.status_code, answer.headers)
                body = b""
                for part in answer.iter_content(65536):
                    body += part
                    if len(body) > LARGEST_BODY or time.monotonic() > until:
                        raise GridError(f"{self._name} took too long or sent too much")
                return body
        except requests.Timeout:
            raise GridError(f"{self._name} did not answer within {TIMEOUT_S:g} s") from None
        except requests.RequestException:
            raise GridError(f"{self._name} could not be reached") from None

    def _check(self, status: int, headers: Mapping[str, str]) -> None:
        if status == 200:
            return
        if status in (401, 403):
            raise Refused(
                f"{self._name} refused the request (HTTP {status})",
                "using the bundled averages",
                "Check its key, and whether the key's plan covers this zone.",
            )
        if status == 429:
            busy = Busy(f"{self._name} asks for fewer requests (HTTP 429)")
            wait = headers.get("Retry-After", "")
            busy.pause_s = min(3600.0, float(wait)) if wait.isdigit() else Busy.pause_s
            raise busy
        raise GridError(f"{self._name} failed (HTTP {status})")


def key_name(slug: str) -> str:
    """The environment variable that holds a provider's key."""
    return f"IPYFOOTPRINT_{slug.upper().replace('-', '_')}_KEY"


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="ipyfootprint-grid", daemon=True).start()
