"""One sensor and its track: when to read it, and what to keep of a reading."""

from __future__ import annotations

import _thread
import math
import time

from ipyfootprint.meter.holdback import Holdback
from ipyfootprint.meter.ring import COARSE_PARTS, COARSE_S, Sample
from ipyfootprint.meter.steps import PROBE_EVERY_S, PROBE_S, StepClock, burst_s, poll_s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ipyfootprint.meter.board import Board
    from ipyfootprint.meter.ring import Track
    from ipyfootprint.sensors.base import Sensor

RUN_EVERY_S = 0.1
MODEL_EVERY_S = 0.25  # what a model reads moves in ticks of 10 ms: oftener says nothing more
GAUGE_EVERY_S = 0.02
IDLE_EVERY_S = 1.0
USERS_EVERY_S = 1.0
QUIET_S = 10
SILENT_S = 1.5
PROMPT_NS = 4_000_000


class Quiet:
    """The lowest mean power of 10 s, and of a second, that a channel has shown."""

    __slots__ = ("_past", "idle_w", "lowest_w")

    def __init__(self) -> None:
        self.idle_w = self.lowest_w = math.inf
        self._past: list[tuple[int, float]] = []

    def see(self, t_ns: int, energy_j: float) -> None:
        """Take the energy so far, about once a second."""
        past = self._past
        if past:
            self.lowest_w = min(self.lowest_w, _watts(past[-1], t_ns, energy_j))
        past.append((t_ns, energy_j))
        while len(past) > 1 and past[1][0] <= t_ns - QUIET_S * 1_000_000_000:
            del past[0]
        if past[0][0] <= t_ns - QUIET_S * 1_000_000_000:
            self.idle_w = min(self.idle_w, _watts(past[0], t_ns, energy_j))

    def gap(self) -> None:
        """Forget the last seconds: the counter was away."""
        self._past.clear()


def _watts(before: tuple[int, float], t_ns: int, energy_j: float) -> float:
    return max(0.0, (energy_j - before[1]) * 1e9 / (t_ns - before[0]))


class Source:
    """Reads one sensor at the pace that a run needs, and writes its track.

    Args:
        sensor: what is read.
        track: where it goes.
        board: what the kernel wants.
        pids: the processes that count as ours.
        clock: nanoseconds that only grow.
        changed: called when a channel's joules come about in another way from now on.
    """

    def __init__(
        self,
        sensor: Sensor,
        track: Track,
        board: Board,
        pids: Callable[[], frozenset[int]],
        clock: Callable[[], int] = time.monotonic_ns,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._changed = changed
        self.sensor = sensor
        self._track, self._board, self._pids, self._clock = track, board, pids, clock
        self._wake = _thread.allocate_lock()
        self._wake.acquire()
        self._stopped = False
        count = len(sensor.channels)
        self._clocks = [StepClock() for _ in range(count)]
        self._quiets = [Quiet() for _ in range(count)]
        self._last: tuple[int, tuple[float | None, ...]] = (0, (None,) * count)
        self._own = [[0.0, 0.0] for _ in range(count)]
        self._own_seen: tuple[int, tuple[float | None, ...]] | None = None
        self._flags = 0
        self._kept_ns = self._coarse_ns = self._second_ns = 0
        self._probe_until = clock() + int(PROBE_S * 1e9)
        self._silent_ns = 0
        self._methods = [channel.method for channel in sensor.channels]
        self._holdback = Holdback(self._methods)

    def loop(self) -> None:
        """Read until `stop`; in a thread of its own, so that a driver that hangs is alone."""
        while not self._stopped:
            self._wake.acquire(True, self.step())

    def wake(self) -> None:
        """Read now: an edge, or the end."""
        if self._wake.locked():
            self._wake.release()

    def stop(self) -> None:
        """End the loop after the reading that is under way."""
        self._stopped = True
        self.wake()

    def step(self) -> float:
        """Read once; returns the seconds to wait until the next."""
        start_ns = self._clock()
        energies = self.sensor.read()
        end_ns = self._clock()
        # A call that waits for its driver reads when it gets its turn, at the end.
        at_ns = end_ns - min(end_ns - start_ns, PROMPT_NS) // 2
        self._see_demotions(at_ns, energies)
        self._see_steps(at_ns, energies)
        wait_s, is_burst = self._pace(end_ns)
        if None in energies:
            # It may have stopped just now: soon there will be something in its place.
            self._silent_ns = self._silent_ns or end_ns
            if end_ns - self._silent_ns < SILENT_S * 1e9:
                wait_s = min(wait_s, RUN_EVERY_S)
        else:
            self._silent_ns = 0
        if at_ns - self._second_ns >= USERS_EVERY_S * 1e9:
            self._second_ns = at_ns
            self._each_second(at_ns, energies)
        if is_burst or at_ns - self._kept_ns >= RUN_EVERY_S * 0.9e9:
            self._keep(at_ns, end_ns - start_ns, energies)
        self._last = (at_ns, energies)
        return max(0.0005, wait_s - (self._clock() - start_ns) / 1e9)

    def _pace(self, now_ns: int) -> tuple[float, bool]:
        """Seconds from this reading's start to the next, and whether an edge is near."""
        methods = self._methods
        stepping = "counter" in methods
        clocks = self._clocks
        if now_ns < self._probe_until:
            known = all(clock.period_ns or clock.is_continuous for clock in clocks)
            return (GAUGE_EVERY_S if known or not stepping else PROBE_EVERY_S), True
        edge_ns = self._board.edge_ns
        since_s = (now_ns - edge_ns) / 1e9 if edge_ns else math.inf
        if stepping and since_s < burst_s(clocks):
            return poll_s(clocks), True
        if since_s < 0.015:
            return 0.01, True
        if not self._board.active:
            # A gauge is read on for a moment: its power of the last second was a run's.
            is_gauge = "integrated" in methods and since_s < 1.0
            return (GAUGE_EVERY_S if is_gauge else IDLE_EVERY_S), since_s < 1.0
        if "integrated" in methods:
            return GAUGE_EVERY_S, False
        return (RUN_EVERY_S if stepping else MODEL_EVERY_S), False

    def _see_steps(self, at_ns: int, energies: tuple[float | None, ...]) -> None:
        before_ns, before = self._last
        for index, clock in enumerate(self._clocks):
            now_j, then_j = energies[index], before[index]
            if now_j is None or then_j is None:
                continue
            if self._methods[index] != "counter":
                continue
            clock.see(before_ns, at_ns, now_j != then_j)
            if now_j != then_j and clock.period_ns:
                self._track.set_steps(index, clock.period_ns, clock.anchor_ns, clock.doubt_ns)

    def _see_demotions(self, at_ns: int, energies: tuple[float | None, ...]) -> None:
        """A counter that was found frozen has no steps any more, and its rest is bridged."""
        for index, channel in enumerate(self.sensor.channels):
            if channel.method != self._methods[index]:
                self._methods[index] = channel.method
                self._clocks[index] = StepClock()
                self._track.set_steps(index, 0, 0, 0)
                energy_j = energies[index]
                if energy_j is not None:
                    self._track.fine.bridge(4 * index, at_ns, energy_j)
                self._changed()

    def _keep(self, at_ns: int, took_ns: int, energies: tuple[float | None, ...]) -> None:
        values: list[float] = []
        for energy_j, doubt_j, own in zip(energies, self.sensor.doubt(), self._own, strict=True):
            values += (math.nan if energy_j is None else energy_j, doubt_j, own[0], own[1])
        self._kept_ns = at_ns
        sample = Sample(at_ns, took_ns, self._flags, values)
        for ready in self._holdback.pass_on(sample, self._methods):
            self._append(ready)

    def _append(self, sample: Sample) -> None:
        at_ns = sample.t_ns
        self._track.fine.append(sample)
        since_ns = at_ns - self._board.start_ns if self._board.active else 0
        if at_ns - self._coarse_ns >= max(COARSE_S * 1e9, since_ns / COARSE_PARTS):
            self._track.coarse.append(sample)
            self._coarse_ns = at_ns

    def _each_second(self, at_ns: int, energies: tuple[float | None, ...]) -> None:
        for index, quiet in enumerate(self._quiets):
            energy_j = energies[index]
            if energy_j is None:
                quiet.gap()
                continue
            quiet.see(at_ns, energy_j)
            self._track.set_idle(index, quiet.idle_w, quiet.lowest_w)
        if any(channel.kind == "gpu" for channel in self.sensor.channels):
            self._see_users(at_ns, energies)

    def _see_users(self, at_ns: int, energies: tuple[float | None, ...]) -> None:
        """What the driver says of the last second: whose activity it was."""
        pids = self._pids()
        fractions = self.sensor.own(pids)
        if self._own_seen is not None:
            then_ns, then = self._own_seen
            for index, fraction in enumerate(fractions):
                now_j, then_j = energies[index], then[index]
                if fraction is None or now_j is None or then_j is None:
                    continue
                self._own[index][0] += fraction * (now_j - then_j)
                self._own[index][1] += (at_ns - then_ns) / 1e9
        self._own_seen = (at_ns, energies)
        self._flags = sum(1 << i for i, other in enumerate(self.sensor.shared(pids)) if other)
