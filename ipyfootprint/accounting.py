"""From the meter's window to a run's figures: this user's share, then its impacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ipyfootprint.attribution import Cores, Totals, attribute, totals
from ipyfootprint.impact import Context, account, run_fields
from ipyfootprint.model import Estimate, Gap, Method, Run, Window, weakest


@dataclass(frozen=True, slots=True)
class Accountant:
    """What turns a window into figures; the same for all runs of a session.

    Args:
        cores: how much of the machine is granted to this kernel.
        context: grid, overheads and hardware behind the impacts.
        hardware_id: name of machines of this kind.
    """

    cores: Cores
    context: Context
    hardware_id: str | None = None

    def known_before(self, at: datetime) -> dict[str, Any]:
        """Fields of a run that are known before it starts, for its journal row."""
        return {
            "hardware_id": self.hardware_id,
            "pue": self.context.pue.mid,
            "intensity": self.context.intensity_at(at),
        }

    def shares(self, window: Window) -> Totals:
        """This user's and the node's energy over a window."""
        return totals(attribute(window, self.cores), window, self.cores)

    def measured(self, run: Run, window: Window, **known: Any) -> Run:
        """The run with everything that its window tells, and what else is known of it."""
        devices = attribute(window, self.cores)
        total = totals(devices, window, self.cores)
        energy = None
        if total.energy_j is not None and total.low_j is not None and total.high_j is not None:
            energy = Estimate(total.energy_j, total.low_j, total.high_j)
        footprint = account(
            energy, window.duration_s, run.started_at, self.context, trace=window.trace
        )
        return replace(
            run,
            duration_s=window.duration_s,
            cpu_time_s=window.own_ns / 1e9,
            devices=devices,
            settled=window.settled,
            method=total.method,
            energy_j=total.energy_j,
            energy_low_j=total.low_j,
            energy_high_j=total.high_j,
            node_energy_j=total.node_j,
            idle_j=total.idle_j,
            **run_fields(footprint),
            **known,
        )


@dataclass(slots=True)
class GapSum:
    """The running sum of a session's time between runs."""

    session_id: str
    duration_s: float = 0.0
    energy_j: float | None = None
    node_energy_j: float | None = None
    method: Method | None = None

    def add(self, window: Window, shares: Totals) -> None:
        """One more stretch of time between runs."""
        self.duration_s += window.duration_s
        if shares.energy_j is None or shares.node_j is None:
            return
        self.energy_j = (self.energy_j or 0.0) + shares.energy_j
        self.node_energy_j = (self.node_energy_j or 0.0) + shares.node_j
        self.method = weakest([self.method or shares.method, shares.method])

    def row(self) -> Gap:
        """The sum as the session's gap row."""
        return Gap(
            session_id=self.session_id,
            duration_s=self.duration_s,
            energy_j=self.energy_j,
            node_energy_j=self.node_energy_j,
            method=self.method or "unavailable",
        )
