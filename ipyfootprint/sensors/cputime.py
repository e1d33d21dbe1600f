"""CPU time: how much of the node's was spent below one process.

The parts of a kernel's CPU time over a window are `own_cpu_ns`, exact at the edges and read
in the kernel, and `CpuTimes.tree_ns`, read where the sampling is done. Children that ended
are in `tree_ns`, not in `own_cpu_ns`: one clock sees a child both alive and ended, so that
its end between two readings moves nothing (see `proctree`).
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import Protocol

from ipyfootprint.sensors.proctree import TAG, TICK_NS, OpenFile, ProcessTree


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """CPU time so far; both only grow.

    Args:
        busy_ns: of all processes on the node, in steps of 10 ms; None where unknown.
        tree_ns: of all descendants of the process, living and ended, itself not counted.
    """

    busy_ns: int | None
    tree_ns: int


class _Tree(Protocol):
    @property
    def pids(self) -> frozenset[int]: ...
    def read(self) -> int: ...
    def close(self) -> None: ...


def own_cpu_ns() -> int:
    """CPU time of this process, all its threads, in ns (under 1 us to ask); no children."""
    return time.process_time_ns()


class CpuClock:
    """Reads the node's CPU time and that of a process's descendants.

    A read costs about 10 us plus 0.5 us a descendant while nothing is born on the node, and
    10 us more for each descendant and each birth when something is. The calling process is
    not counted when it is itself a descendant. Not thread-safe.

    Args:
        pid: the process whose descendants are meant.
        root: where `/proc` is.
        tag: value of IPYFOOTPRINT_SESSION in the environment of its descendants, by which
            those that gave up their parent are known; by default this process's own value.
    """

    def __init__(self, pid: int, root: str = "/", tag: str | None = None) -> None:
        self._linux = sys.platform == "linux"
        self._stat = OpenFile(f"{root.rstrip('/')}/proc/stat") if self._linux else None
        tag = os.environ.get(TAG) if tag is None else tag
        self._tree: _Tree = ProcessTree(pid, root, tag) if self._linux else _PortableTree(pid)
        self._busy_ns = 0

    def read(self) -> CpuTimes:
        """CPU time so far, of the node and of the tree."""
        return CpuTimes(self._busy(), self._tree.read())

    @property
    def pids(self) -> frozenset[int]:
        """The living descendants at the last read."""
        return self._tree.pids

    def close(self) -> None:
        """Release open files; harmless when called twice."""
        self._tree.close()
        if self._stat is not None:
            self._stat.close()

    def _busy(self) -> int | None:
        busy = _portable_busy_ns() if self._stat is None else stat_busy_ns(self._stat.read())
        if busy is None:
            return None
        # A virtual machine's counters have been seen to step back by a tick.
        self._busy_ns = max(self._busy_ns, busy)
        return self._busy_ns


def stat_busy_ns(stat: bytes) -> int | None:
    """CPU time of all processes in ns from the head of `/proc/stat`; None when it is not one.

    user + nice + system + irq + softirq. Guests run as processes and are in user and nice
    already; iowait is idle time; steal is time that other machines on the host had.
    """
    name, *ticks = stat.partition(b"\n")[0].split() or [b""]
    if name != b"cpu" or len(ticks) < 7:
        return None
    user, nice, system, _idle, _iowait, irq, softirq = map(int, ticks[:7])
    return (user + nice + system + irq + softirq) * TICK_NS


def _portable_busy_ns() -> int | None:
    import psutil

    times = psutil.cpu_times()
    named = ("user", "nice", "system", "irq", "softirq", "interrupt", "dpc")
    return int(sum(getattr(times, name, 0.0) for name in named) * 1e9)


class _PortableTree:
    """Descendants by psutil, off Linux.

    A child shorter than the time between two reads is missed; of others the last interval.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._last: dict[tuple[int, float], int] = {}
        self._ended_ns = 0

    @property
    def pids(self) -> frozenset[int]:
        """The living descendants at the last read."""
        return frozenset(pid for pid, _ in self._last)

    def read(self) -> int:
        """CPU time of all descendants seen so far, in ns; never decreases."""
        import psutil

        now: dict[tuple[int, float], int] = {}
        try:
            children = psutil.Process(self._pid).children(recursive=True)
        except psutil.Error:
            children = []
        for child in children:
            if child.pid == os.getpid():
                continue
            try:
                times = child.cpu_times()
                now[child.pid, child.create_time()] = int((times.user + times.system) * 1e9)
            except psutil.Error:
                continue
        self._ended_ns += sum(ns for key, ns in self._last.items() if key not in now)
        self._last = now
        return self._ended_ns + sum(now.values())

    def close(self) -> None:
        """Nothing is held open."""
