"""Sampling in a thread of the kernel, where no process can be started."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from ipyfootprint.meter.board import Board
from ipyfootprint.meter.sampler import Sampler


class LocalSampler:
    """One thread that reads all sensors in turn; a cell that holds the GIL stops it.

    Args:
        board: where samples go.
        root: folder that stands for "/".
        env: environment that says which sensors there are.
    """

    def __init__(self, board: Board, root: str, env: Mapping[str, str]) -> None:
        self._board, self._root, self._env = board, root, env
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="ipyfootprint-sampler", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """An edge: read now."""
        self._wake.set()

    def close(self) -> None:
        """End the thread; returns when it is gone, or after a second in a driver's call."""
        self._board.ask_to_close()
        self._wake.set()
        self._thread.join(1.0)

    def _loop(self) -> None:
        sampler = Sampler(self._board, os.getpid(), self._root, self._env)
        while not self._board.closing:
            waits = [source.step() for source in sampler.sources]
            sampler.look()
            if self._wake.wait(min(waits, default=1.0)):
                self._wake.clear()
                sampler.see_cpu()
        sampler.close()
