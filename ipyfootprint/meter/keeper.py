"""Keeps a running cell's energy in the ledger, and closes it when its kernel is gone.

Lives in the sampler: a cell that holds the GIL stops every thread of its kernel, not this.
"""

from __future__ import annotations

import _thread
import time

from ipyfootprint.meter.reader import Edge, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipyfootprint.attribution import Cores
    from ipyfootprint.ledger.progress import ProgressWriter
    from ipyfootprint.meter.board import Board, Order
    from ipyfootprint.model import DeviceEnergy, Window

EVERY_S = 4.0
FINISH_S = 10.0


class Keeper:
    """Writes rows from a thread of its own: a ledger that is locked holds up no reading.

    Args:
        board: the kernel's orders and the samples.
        pid: the kernel.
        ledger: path of the ledger.
    """

    def __init__(self, board: Board, pid: int, ledger: str) -> None:
        self._board, self._pid, self._ledger = board, pid, ledger
        self._reader = Reader(board)
        self._writer: ProgressWriter | None = None
        self._cores: Cores | None = None
        self._start: Edge | None = None
        self._run_id = ""
        self._wake, self._done = _thread.allocate_lock(), _thread.allocate_lock()
        self._wake.acquire()
        self._done.acquire()

    def loop(self) -> None:
        """Keep progress every few seconds until `finish` is called."""
        while not self._wake.acquire(True, EVERY_S):
            try:
                self._keep_progress()
            except Exception:
                # A ledger that cannot be written is the kernel's to report.
                self._drop_writer()
        try:
            for order in self._board.orders():
                self._close_run(order)
        except Exception:
            self._drop_writer()
        self._done.release()

    def finish(self) -> None:
        """The kernel is gone: close what it left open; returns when that is kept."""
        self._wake.release()
        self._done.acquire(True, FINISH_S)

    def _keep_progress(self) -> None:
        order = self._board.order()
        if order is None or not order.active:
            return
        window = self._window(order, time.monotonic_ns(), self._kernel_ns())
        self._writing().progress(
            order.run_id, window.duration_s, window.own_ns, self._devices(window)
        )

    def _close_run(self, order: Order) -> None:
        last_ns = self._board.beat_ns if order.active else order.end_ns
        own_ns = self._kernel_ns() if order.active else order.own_end_ns
        window = self._window(order, max(last_ns, order.start_ns), own_ns)
        status = "lost" if order.active else order.status
        self._writing().close_run(
            order.run_id, status, window.duration_s, window.own_ns, self._devices(window)
        )

    def _window(self, order: Order, end_ns: int, own_ns: int) -> Window:
        if order.run_id != self._run_id or self._start is None:
            self._run_id = order.run_id
            self._start = Edge(order.start_ns, order.own_start_ns)
        return self._reader.window(self._start, Edge(end_ns, own_ns), with_trace=False)

    def _kernel_ns(self) -> int:
        """CPU time of the kernel itself, as last sampled."""
        return self._reader.kernel_ns()

    def _devices(self, window: Window) -> dict[str, DeviceEnergy]:
        from ipyfootprint.attribution import attribute, granted_cores
        from ipyfootprint.model import DeviceEnergy

        if self._cores is None:
            self._cores = granted_cores()
        found = self._reader.description()
        labels = {c.name: c.label for c in found.channels} if found else {}
        return {
            name: DeviceEnergy(
                d.energy_j, d.low_j, d.high_j, d.share, d.method, d.kind, labels[name], d.shared
            )
            for name, d in attribute(window, self._cores).items()
        }

    def _writing(self) -> ProgressWriter:
        if self._writer is None:
            from ipyfootprint.ledger.progress import ProgressWriter

            self._writer = ProgressWriter(self._ledger)
        return self._writer

    def _drop_writer(self) -> None:
        self._writer = None
