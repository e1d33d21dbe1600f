"""Public fakes: a clock that stands until it is moved, sensors whose energy is known exactly.

Units are those of the package: power in watts (W), energy in joules (J), durations in seconds
(s), clocks in nanoseconds (ns) as `time.monotonic_ns`.

    clock = FakeClock()
    sensor = FakeSensor({"gpu0": constant(250.0)}, clock)
    clock.advance(10.0)
    assert sensor.read() == (2500.0,)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import floor

from ipyfootprint.model import CarbonIntensity, Channel, Kind, Method
from ipyfootprint.sensors.replay import ReplaySensor
from ipyfootprint.sensors.trace import Trace, constant, square, training

__all__ = [
    "FakeClock",
    "FakeGrid",
    "FakeSensor",
    "ReplaySensor",
    "Trace",
    "constant",
    "square",
    "training",
]


class FakeClock:
    """Nanoseconds that move only when told; call it where `time.monotonic_ns` is wanted."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        """The time in nanoseconds."""
        return self.now_ns

    def advance(self, seconds: float) -> int:
        """Move on; returns the new time in nanoseconds.

        Raises:
            ValueError: a time before now.
        """
        if seconds < 0:
            raise ValueError(f"a monotonic clock never goes back: {seconds} s")
        self.now_ns += round(seconds * 1e9)
        return self.now_ns


class FakeSensor:
    """Scripted power seen through a counter that may step, fail, doubt and be shared.

    Args:
        traces: watts over time by channel name; they start when the sensor is made.
        clock: nanoseconds that only grow.
        name: the sensor's name.
        kinds: kind by channel name; else from the name ("gpu0" is a gpu), else "other".
        method: method of every channel.
        period_s: the counter shows only multiples of this time; None: at any moment.
        phase_s: offset of those multiples.
        outages: (from_s, to_s, reason): in between every channel is unreadable.
        own_share: what `own()` answers while any process is asked for.
        shared: what `shared()` answers.
        error: relative error of the channels.
    """

    verified = True

    def __init__(
        self,
        traces: Mapping[str, Trace],
        clock: Callable[[], int],
        *,
        name: str = "fake",
        kinds: Mapping[str, Kind] | None = None,
        method: Method = "counter",
        period_s: float | None = None,
        phase_s: float = 0.0,
        outages: Sequence[tuple[float, float, str]] = (),
        own_share: float | None = None,
        shared: bool = False,
        error: float = 0.0,
    ) -> None:
        self.name = name
        self.closed = False
        self.doubt_j = 0.0
        self.own_share = own_share
        self.is_shared = shared
        self._traces = dict(traces)
        self._clock = clock
        self._start_ns = clock()
        self._period_s, self._phase_s = period_s, phase_s
        self._outages = tuple(outages)
        known = dict(kinds or {})
        self.channels = tuple(
            Channel(
                name=channel,
                kind=known.get(channel) or _kind(channel),
                method=method,
                sensor=name,
                label=f"fake {channel}",
                period_s=period_s,
                error=error,
            )
            for channel in traces
        )

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was made."""
        return (self._clock() - self._start_ns) / 1e9

    def exact_j(self, channel: str, from_s: float, to_s: float) -> float:
        """The true energy of a channel between two times since the sensor was made."""
        trace = self._traces[channel]
        return trace.energy_j(to_s) - trace.energy_j(from_s)

    def read(self) -> tuple[float | None, ...]:
        """Energy of each channel in joules, as the counter shows it; None during an outage."""
        if self._outage() is not None:
            return (None,) * len(self.channels)
        seen_s = self.elapsed_s
        if self._period_s:
            steps = floor((seen_s - self._phase_s) / self._period_s + 1e-9)
            seen_s = max(0.0, steps * self._period_s + self._phase_s)
        return tuple(trace.energy_j(seen_s) for trace in self._traces.values())

    def doubt(self) -> tuple[float, ...]:
        """`doubt_j`, in joules, for every channel."""
        return (self.doubt_j,) * len(self.channels)

    def faults(self) -> tuple[str | None, ...]:
        """The reason of the present outage."""
        return (self._outage(),) * len(self.channels)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """`own_share`, a fraction, for every channel."""
        return (self.own_share if pids else None,) * len(self.channels)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """`is_shared`, for every channel."""
        return (self.is_shared,) * len(self.channels)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _outage(self) -> str | None:
        now_s = self.elapsed_s
        return next((why for start, end, why in self._outages if start <= now_s < end), None)


def _kind(name: str) -> Kind:
    kinds: dict[str, Kind] = {"gpu": "gpu", "cpu": "cpu", "dram": "dram"}
    return kinds.get(name.rstrip("0123456789"), "other")


class FakeGrid:
    """An intensity source of known grams: one figure, or one for each hour of the day (UTC).

    Args:
        g_per_kwh: a figure, or 24 of them.
        zone: where it stands.
    """

    def __init__(self, g_per_kwh: float | Sequence[float] = 400.0, zone: str = "DE") -> None:
        self.name = "fake grid"
        hours = list(g_per_kwh) if isinstance(g_per_kwh, Sequence) else [g_per_kwh] * 24
        self._hours = [
            CarbonIntensity(grams, grams, grams, zone=zone, resolution="hour", source=self.name)
            for grams in hours
        ]

    def at(self, when: datetime) -> CarbonIntensity | None:
        """The figure of that hour."""
        return self._hours[when.hour]
