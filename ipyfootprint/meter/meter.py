"""The kernel's side of metering: edges, windows, and the sampler behind them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Literal

from ipyfootprint.meter.board import RUNNING, Board, anonymous_file
from ipyfootprint.meter.child import Child
from ipyfootprint.meter.reader import Edge, Reader
from ipyfootprint.meter.registers import Registers
from ipyfootprint.model import Absence, Channel, Run, Status, Window
from ipyfootprint.sensors.cputime import own_cpu_ns

__all__ = ["Edge", "Meter"]

State = Literal["starting", "running", "in-kernel", "closed"]


class Meter:
    """Energies of windows of this session. Nothing here waits for a sensor.

    Args:
        ledger_path: where the sampler writes the progress of a running cell; None: nowhere.
        root: folder that stands for "/", for the kernel's files.
        env: environment of the sampler.
    """

    def __init__(
        self,
        ledger_path: str | None = None,
        *,
        root: str = "/",
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self._pid = os.getpid()
        self._root, self._env = root, env
        self._board = Board(anonymous_file())
        self._registers = Registers()
        self._reader = Reader(self._board, refine=self._registers.refine)
        self._closed = False
        self._child: Child | None = None
        self._local: object = None
        self._described = -1
        try:
            self._child = Child(self._board.fd, root, ledger_path or "", env)
        except OSError:
            self._sample_here()

    @property
    def state(self) -> State:
        """What the sampler is doing; "in-kernel": no child could be started, a thread samples."""
        if self._closed:
            return "closed"
        if self._child is None:
            return "in-kernel"
        return "running" if self._board.state == RUNNING else "starting"

    @property
    def sampler_pid(self) -> int | None:
        """The sampler's process, or None where a thread samples."""
        return None if self._child is None else self._child.pid

    def mark(self) -> Edge:
        """An edge without a run: now."""
        return Edge(time.monotonic_ns(), own_cpu_ns(), self._registers.read())

    def begin(self, run: Run | str) -> Edge:
        """The edge at which a run starts; wakes the sampler."""
        edge = self.mark()
        run_id = run if isinstance(run, str) else run.run_id
        if not self._closed:
            self._board.begin(run_id, edge.t_ns, edge.own_ns)
            self._wake()
        return edge

    def end(self, status: Status | str = "ok") -> Edge:
        """The edge at which the run ends."""
        edge = self.mark()
        if not self._closed:
            self._board.end(status, edge.t_ns, edge.own_ns)
            self._wake()
        return edge

    def window(self, start: Edge, end: Edge) -> Window:
        """What is known of the time between two edges, for the whole node.

        Once settled, windows that share an edge add up exactly.
        """
        if self._closed:
            return _unknown(start, end)
        self._attend()
        return self._reader.window(start, end)

    def channels(self) -> tuple[Channel, ...]:
        """The counters that were found; none while the sampler still looks."""
        found = None if self._closed else self._reader.description()
        return found.channels if found else ()

    def absences(self) -> tuple[Absence, ...]:
        """Why other sensors were not chosen."""
        found = None if self._closed else self._reader.description()
        return found.absences if found else ()

    def faults(self) -> tuple[str, ...]:
        """What cannot be read now, and why."""
        found = None if self._closed else self._reader.description()
        return tuple(fault for fault in found.faults if fault) if found else ()

    def close(self) -> None:
        """End the sampler and release everything; harmless when called twice, or in a fork."""
        if self._closed:
            return
        self._closed = True
        if os.getpid() == self._pid:
            self._board.ask_to_close()
            if self._child is not None:
                self._child.end()
            if self._local is not None:
                self._local.close()  # type: ignore[attr-defined]
        self._registers.close()
        self._board.close()

    def _wake(self) -> None:
        if self._child is not None:
            self._child.wake()
        elif self._local is not None:
            self._local.wake()  # type: ignore[attr-defined]

    def _attend(self) -> None:
        """Open the registers of newly described channels; see that somebody still samples."""
        described = self._board.described
        if described != self._described:
            self._described = described
            self._registers.open(self.channels())

    def _sample_here(self) -> None:
        from ipyfootprint.meter.local import LocalSampler

        self._local = LocalSampler(self._board, self._root, self._env)


def _unknown(start: Edge, end: Edge) -> Window:
    return Window(
        duration_s=max(0.0, (end.t_ns - start.t_ns) / 1e9),
        devices={},
        idle_j={},
        own_j={},
        shared=frozenset(),
        busy_ns=None,
        own_ns=max(0, end.own_ns - start.own_ns),
        settled=True,
    )
