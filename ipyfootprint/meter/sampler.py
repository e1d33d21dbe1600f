"""The sampler: one thread a sensor, one that looks after the kernel, in a child of its own.

Started by `child.py`. What it imports is counted memory: no dataclasses, typing, pathlib or
enum (so no `signal`, `threading`, `selectors`) in here.
"""

from __future__ import annotations

import _thread
import math
import os
import time
from contextlib import suppress

from ipyfootprint.meter.board import ENDED, RUNNING, Board, Description
from ipyfootprint.meter.ring import Sample
from ipyfootprint.meter.source import Source
from ipyfootprint.sensors import discover, late
from ipyfootprint.sensors.cputime import CpuClock
from ipyfootprint.sensors.proctree import clock_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ipyfootprint.sensors import Discovery
    from ipyfootprint.sensors.base import Sensor

LOOK_S = 1.0
# Edges that follow within this time are read together: cells by the hundred would otherwise
# share their processor with as many readings.
EDGES_S = 0.002
CPU_EVERY_NS = 950_000_000
STACK_BYTES = 512 << 10


class Sampler:
    """Reads all sensors of this machine into a board until it is told to stop.

    Args:
        board: the memory shared with the kernel.
        pid: the kernel.
        root: folder that stands for "/".
        env: environment of the kernel.
        find: finds the sensors.
    """

    def __init__(
        self,
        board: Board,
        pid: int,
        root: str = "/",
        env: Mapping[str, str] = os.environ,
        find: Callable[..., Discovery] = discover,
    ) -> None:
        self.board, self._pid = board, pid
        self._cpu = CpuClock(pid, root, tag=env.get("IPYFOOTPRINT_SESSION"))
        (base, self._cpu_track), *_ = board.tracks([1])
        self._cpu_ns = 0
        self.see_cpu()
        board.describe(Description([(base, 1, "cputime")], (), (), ()))
        self._found = find(root, env)
        self._places = [(base, 1, "cputime")]
        self.sources: list[Source] = []
        self._in_threads = False
        self._add(self._found.sensors)
        self._said: object = None
        self._saying = _thread.allocate_lock()
        self._describe()
        board.state = RUNNING

    def start(self) -> None:
        """Start one thread a sensor."""
        self._in_threads = True
        _start(self.sources)

    def wake(self) -> None:
        """An edge: read everything now."""
        for source in self.sources:
            source.wake()
        self.see_cpu()

    def look(self) -> None:
        """What is done once a second."""
        now_ns = time.monotonic_ns()
        self.board.beat(now_ns)
        if now_ns - self._cpu_ns >= CPU_EVERY_NS:
            self.see_cpu()
        if self._found.search is not None:
            self._see_late()
        self._describe()

    def stop(self) -> None:
        """End the threads that still answer."""
        self.board.state = ENDED
        for source in self.sources:
            source.stop()

    def close(self) -> None:
        """Release every sensor; only when no thread reads any more."""
        for sensor in self._found.sensors:
            sensor.close()
        self._cpu.close()

    def see_cpu(self) -> None:
        """Keep the CPU time of the node, of the kernel's descendants and of the kernel."""
        times = self._cpu.read()
        self._cpu_ns = time.monotonic_ns()
        busy = math.nan if times.busy_ns is None else times.busy_ns
        row = (busy, times.tree_ns, clock_ns(self._pid) or 0, 0.0)
        self._cpu_track.fine.append(Sample(self._cpu_ns, 0, 0, row))
        coarse = self._cpu_track.coarse
        if coarse.count == 0 or self._cpu_ns - coarse.time(coarse.count - 1) >= 5_000_000_000:
            coarse.append(Sample(self._cpu_ns, 0, 0, row))

    def _add(self, sensors: Sequence[Sensor]) -> None:
        """Make a track and a source for each of these sensors."""
        sizes = [count for _, count, _ in self._places]
        added = [len(sensor.channels) for sensor in sensors]
        tracks = self.board.tracks([*sizes, *added])[len(sizes) :]
        for sensor, (base, track) in zip(sensors, tracks, strict=True):
            self._places.append((base, len(sensor.channels), sensor.name))
            self.sources.append(
                Source(sensor, track, self.board, self._ours, changed=self._describe)
            )

    def _see_late(self) -> None:
        """Take GPUs in whose driver was slow to answer."""
        known = len(self._found.sensors)
        with self._saying:  # places and sensors change together
            self._found = late(self._found)
            self._add(self._found.sensors[known:])
        if self._in_threads:
            _start(self.sources[known:])

    def _ours(self) -> frozenset[int]:
        return self._cpu.pids | {self._pid}

    def _describe(self) -> None:
        """Say what was found, again when it changed."""
        channels = [channel for sensor in self._found.sensors for channel in sensor.channels]
        faults: list[str | None] = []
        for sensor in self._found.sensors:
            faults += sensor.faults()
        state = (channels, faults, self._found.absences)
        with self._saying:  # a source says at once that its counter was replaced
            if state != self._said:
                self._said = state
                described = Description(self._places, channels, self._found.absences, faults)
                self.board.describe(described)


def _start(sources: Sequence[Source]) -> None:
    """Start the thread of each source, with a small stack."""
    before = _thread.stack_size(STACK_BYTES)
    for source in sources:
        _thread.start_new_thread(source.loop, ())
    _thread.stack_size(before)


def watch(sampler: Sampler, wake_fd: int, pid: int, ledger: str) -> None:
    """Serve the kernel until it closes or is gone; then keep what it left open."""
    import select

    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):  # woken at a cell's edge, this thread does not push the cell aside
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    poll = select.poll()
    poll.register(wake_fd, select.POLLIN)
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):  # gone already: the parent's id says so below
            poll.register(os.pidfd_open(pid), select.POLLIN)
    keeper = None
    while not sampler.board.closing:
        if os.getppid() != pid:
            break
        ready = [fd for fd, _ in poll.poll(LOOK_S * 1000)]
        if wake_fd in ready:
            if not os.read(wake_fd, 65536):
                poll.unregister(wake_fd)
            sampler.wake()
            time.sleep(EDGES_S)
        sampler.look()
        if ledger and keeper is None and sampler.board.active:
            from ipyfootprint.meter.keeper import Keeper

            keeper = Keeper(sampler.board, pid, ledger)
            _thread.start_new_thread(keeper.loop, ())
    if keeper is not None and not sampler.board.closing:
        keeper.finish()


# Only its own process runs it.
def main(arguments: Sequence[str]) -> None:  # pragma: no mutate block
    """Sample for the kernel that started this process."""
    import _signal  # type: ignore[import-not-found]

    # An interrupt is meant for the cell, not for its meter.
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    board_fd, wake_fd, pid = map(int, arguments[:3])
    root, ledger = arguments[3:5]
    board = Board(board_fd)
    try:
        sampler = Sampler(board, pid, root)
        sampler.start()
        watch(sampler, wake_fd, pid, ledger)
    finally:
        board.state = ENDED
        # A driver that hangs holds its thread: nobody waits for it.
        os._exit(0)
