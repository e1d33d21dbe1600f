"""A sensor made of parts: each a channel, a way to read it, and the joules it has come to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipyfootprint.model import Channel
    from ipyfootprint.sensors.integral import Gauge, Register


class Part:
    """One channel of a sensor.

    Args:
        channel: what it counts.
        read: the register's count or the gauge's watts; whatever it raises is the fault.
        total: turns these into joules that only grow.
    """

    __slots__ = ("channel", "fault", "read", "total")

    def __init__(
        self, channel: Channel, read: Callable[[], float], total: Register | Gauge
    ) -> None:
        self.channel = channel
        self.read = read
        self.total = total
        self.fault: str | None = None

    def energy_j(self, clock: Callable[[], int]) -> float | None:
        """Joules since the first reading; None when it cannot be read now."""
        try:
            raw = self.read()
        except Exception as error:  # a reading never raises, whatever a driver's binding does
            what = self.channel.path or self.channel.name
            self.fault = f"{what} cannot be read ({error or type(error).__name__})"
            return None
        self.fault = None
        self.total.add(raw, clock())
        return self.total.energy_j


class PartsSensor:
    """Reads its parts one by one, so that one that fails leaves the others.

    Args:
        parts: the channels, in the order of its answers.
        clock: nanoseconds that only grow.
        release: called once, by the first `close`.
    """

    name = "parts"
    verified = False

    def __init__(
        self,
        parts: Sequence[Part],
        clock: Callable[[], int],
        release: Callable[[], None] | None = None,
    ) -> None:
        self._parts = tuple(parts)
        self._clock = clock
        self._release = release
        self.channels = tuple(part.channel for part in parts)
        self.read()

    def read(self) -> tuple[float | None, ...]:
        """Joules per channel since it was opened."""
        return tuple(part.energy_j(self._clock) for part in self._parts)

    def doubt(self) -> tuple[float, ...]:
        """Joules per channel that wraps, resets and gaps leave open."""
        return tuple(part.total.doubt_j for part in self._parts)

    def faults(self) -> tuple[str | None, ...]:
        """Why a channel cannot be read now."""
        return tuple(part.fault for part in self._parts)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """Unknown: these counters know nothing of processes."""
        return (None,) * len(self._parts)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Not said here: these counters know nothing of processes."""
        return (False,) * len(self._parts)

    def close(self) -> None:
        """Release what it holds; harmless when called twice."""
        release, self._release = self._release, None
        if release is not None:
            release()


def at_once(
    take: Callable[[], Sequence[float]], clock: Callable[[], int]
) -> Callable[[], Sequence[float]]:
    """One call for several channels: what came less than a millisecond ago is good enough."""
    kept: list[tuple[int, Sequence[float]]] = []

    def values() -> Sequence[float]:
        now_ns = clock()
        if not kept or now_ns - kept[0][0] >= 1_000_000:
            kept.clear()
            kept.append((now_ns, take()))
        return kept[0][1]

    return values
