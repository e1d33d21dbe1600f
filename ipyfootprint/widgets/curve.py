"""The power of a running cell, kept from its growing energies at a cost that stays small."""

from __future__ import annotations

from itertools import pairwise

from ipyfootprint.model import PowerTrace, Run

MOST_KNOTS = 192
STEPS = 48
LEAST_S = 0.25  # two readings closer than this say little of power


class Curve:
    """Energies of a run's devices over its time, added as they become known."""

    def __init__(self) -> None:
        self._knots: list[tuple[float, dict[str, float]]] = []

    def add(self, run: Run) -> None:
        """Take a running run as it is known now."""
        time_s = run.duration_s or 0.0
        energies = {
            name: device.energy_j
            for name, device in run.devices.items()
            if device.energy_j is not None
        }
        if not energies or (self._knots and time_s - self._knots[-1][0] < LEAST_S):
            return
        self._knots.append((time_s, energies))
        if len(self._knots) > MOST_KNOTS:
            self._knots = [*self._knots[:-1:2], self._knots[-1]]

    @property
    def power_w(self) -> float | None:
        """Power of all devices over the newest stretch in W, or None."""
        if len(self._knots) < 2:
            return None
        (before_s, before), (now_s, now) = self._knots[-2:]
        return sum(max(0.0, now[n] - before[n]) for n in now.keys() & before) / (now_s - before_s)

    def trace(self) -> PowerTrace | None:
        """Mean power of each device in equal steps, or None before there are two."""
        if len(self._knots) < 3:
            return None
        start, end = self._knots[0][0], self._knots[-1][0]
        steps = min(STEPS, len(self._knots) - 1)
        step_s = (end - start) / steps
        times = [start + index * step_s for index in range(steps + 1)]
        names = [name for name in self._knots[-1][1] if name in self._knots[0][1]]
        return PowerTrace(step_s, {name: self._watts(name, times) for name in names})

    def _watts(self, name: str, times: list[float]) -> tuple[float | None, ...]:
        knots = [(time_s, energies[name]) for time_s, energies in self._knots if name in energies]
        energies, at = [], 1
        for time_s in times:
            while at < len(knots) - 1 and knots[at][0] < time_s:
                at += 1
            (left_s, left), (right_s, right) = knots[at - 1], knots[at]
            energies.append(left + (right - left) * (time_s - left_s) / (right_s - left_s))
        step_s = times[1] - times[0]
        return tuple(max(0.0, later - earlier) / step_s for earlier, later in pairwise(energies))
