"""CPU time of everything that a process started, on Linux, in one number that only grows.

A process's CPU time sits in one of three places, and moves between them when it ends:

* it lives (or is a zombie): its own clock, in nanoseconds;
* it ended and its parent waited for it: the parent's `cutime + cstime`, which holds the
  waited-for children of its children too, in 10-ms ticks;
* it ended without a waiting parent in the tree (double fork, SIGCHLD ignored): nowhere.

The total is the sum of the first two over the tree, the root's own clock left out, plus what
was last seen of the third. Where the sum drops by more than the ticks can explain, a process
ended unwaited and the drop is kept. What is missed: of a process that ends unwaited, the time
since the last read (one interval, or all of it when it lived shorter than that) and at most
the growth of the rest of the tree in that interval. A waited-for process is never missed,
however short; ticks blur the total by up to 20 ms at a time and do not add up.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 10_000_000
TAG = "IPYFOOTPRINT_SESSION"
_SWEEP = 512  # more births than this since the last read: list /proc instead of asking each


@dataclass(slots=True)
class _Process:
    """A member of the tree; `waited_ns` is the time of its own waited-for children."""

    pid: int
    parent: int
    session: int
    born: int
    space: tuple[int, int]
    waited_ns: int
    clock_ns: int = 0


def clock_ns(pid: int) -> int | None:
    """CPU time of a process, all threads, in ns; None when it is gone or is a mere thread.

    The clock id is Linux's encoding of a process's CPU clock (`CPUCLOCK_SCHED` is 2), what
    `clock_getcpuclockid(3)` returns; asking needs no permission and takes under 1 us.
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


class OpenFile:
    """The head of a small file of /proc, kept open: a read costs a quarter of opening it."""

    def __init__(self, path: str) -> None:
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._fd = -1

    def read(self) -> bytes:
        """Its first 256 bytes as they are now; empty when it cannot be read."""
        try:
            return os.pread(self._fd, 256, 0)
        except OSError:
            return b""

    def close(self) -> None:
        """Release the handle; harmless when called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class ProcessTree:
    """The descendants of a process, found once each and followed by id.

    Ours is who has a parent in the tree, sits in the session that the root leads, shares the
    root's address layout (a fork that has not called exec), or carries the tag in its
    environment (a double fork that has); once ours, ours until it ends.

    Args:
        pid: the root, not itself counted.
        root: where `/proc` is.
        tag: value of the environment variable IPYFOOTPRINT_SESSION in our descendants.
    """

    def __init__(self, pid: int, root: str = "/", tag: str | None = None) -> None:
        self._pid = pid
        self._proc = f"{root.rstrip('/')}/proc"
        self._tag = f"{TAG}={tag}".encode() if tag else None
        self._uid = os.getuid()
        self._tree: dict[int, _Process] = {}
        self._newest: int | None = None
        self._loadavg = OpenFile(f"{self._proc}/loadavg")
        self._base = self._stat(pid)
        above = self._stat(self._base.parent) if self._base else None
        # A root forked without exec shares its layout with its siblings: no evidence then.
        alone = self._base is not None and (above is None or above.space != self._base.space)
        self._space = self._base.space if self._base and alone and any(self._base.space) else None
        self._lost_ns = 0
        self._total_ns: int | None = None
        self._read_ns = 0
        self._cores = os.cpu_count() or 1

    def read(self) -> int:
        """CPU time of all descendants, living and ended, in ns; never decreases."""
        for _ in range(4):
            if self._follow():
                break
        now = time.monotonic_ns()
        waited = self._base.waited_ns if self._base else 0
        seen = waited + sum(p.clock_ns + p.waited_ns for p in self._tree.values())
        total = self._settle(seen, now - self._read_ns)
        self._read_ns = now
        return total

    def close(self) -> None:
        """Release the open file."""
        self._loadavg.close()

    @property
    def pids(self) -> frozenset[int]:
        """The living descendants at the last read."""
        return frozenset(self._tree)

    def _follow(self) -> bool:
        """Look at every member once; False when one ended meanwhile and the sum is torn.

        Waited-for time is read before the clocks: a clock that still answers then belongs to
        a process that no parent had waited for when the waited-for times were read.
        """
        newest = self._newest_pid()
        gone = [pid for pid in self._tree if clock_ns(pid) is None]
        if gone or newest is None or newest != self._newest:
            for pid in gone:
                del self._tree[pid]
            self._welcome(newest)
            self._newest = newest
            self._refresh()
        for process in self._tree.values():
            now_ns = clock_ns(process.pid)
            if now_ns is None:
                return False
            process.clock_ns = now_ns
        return True

    def _welcome(self, newest: int | None) -> None:
        """Take in the processes born since the last look."""
        known = self._newest
        if known is None or newest is None or not known <= newest <= known + _SWEEP:
            pids = [int(name) for name in os.listdir(self._proc) if name.isdigit()]
        else:
            pids = list(range(known + 1, newest + 1))
        me = os.getpid() if os.getpid() != self._pid else -1
        fresh = [
            process
            for pid in pids
            if pid not in (self._pid, me) and pid not in self._tree and clock_ns(pid) is not None
            if (process := self._stat(pid)) is not None and process.parent != me
        ]
        found = True
        while found:
            found = False
            for process in fresh:
                if process.pid not in self._tree and self._is_child(process):
                    self._tree[process.pid] = process
                    found = True
        for process in fresh:
            if process.pid not in self._tree and self._is_orphan(process):
                self._tree[process.pid] = process

    def _is_child(self, process: _Process) -> bool:
        return process.parent == self._pid or process.parent in self._tree

    def _is_orphan(self, process: _Process) -> bool:
        if self._base is None or process.born < self._base.born:
            return False
        if self._base.session == self._pid and process.session == self._pid:
            return True
        if self._space is not None and process.space == self._space:
            return True
        return self._tag is not None and self._tag in self._environ(process.pid)

    def _refresh(self) -> None:
        """Read parents and waited-for times again; a reused process id leaves the tree."""
        base = self._stat(self._pid)
        if base is not None:
            self._base = base
        for pid, old in list(self._tree.items()):
            new = self._stat(pid)
            if new is None:
                continue  # the clock will say that it is gone
            if new.born != old.born:
                del self._tree[pid]
            else:
                old.parent, old.waited_ns = new.parent, new.waited_ns

    def _settle(self, seen: int, elapsed_ns: int) -> int:
        """The total that follows the last one: never less, never more than the cores can do."""
        seen += self._lost_ns
        if self._total_ns is None:
            self._total_ns = seen
            return seen
        blur = 2 * TICK_NS * (1 + sum(p.waited_ns > 0 for p in self._tree.values()))
        if seen < self._total_ns - blur:
            self._lost_ns += self._total_ns - seen
        most = self._total_ns + elapsed_ns * self._cores + blur
        self._total_ns = max(self._total_ns, min(seen, most))
        return self._total_ns

    def _newest_pid(self) -> int | None:
        """The process id given out last: as long as it stays, nobody was born."""
        line = self._loadavg.read()
        try:
            return int(line.split()[4])
        except (ValueError, IndexError):
            return None

    def _stat(self, pid: int) -> _Process | None:
        try:
            with open(f"{self._proc}/{pid}/stat", "rb") as file:
                # The name may hold blanks and brackets; the state follows the last bracket.
                field = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        waited = (int(field[13]) + int(field[14])) * TICK_NS
        space = (int(field[25]), int(field[45]))  # startstack, arg_start: random at each exec
        return _Process(pid, int(field[1]), int(field[3]), int(field[19]), space, waited)

    def _environ(self, pid: int) -> tuple[bytes, ...]:
        try:
            if os.stat(f"{self._proc}/{pid}").st_uid != self._uid:
                return ()
            with open(f"{self._proc}/{pid}/environ", "rb") as file:
                return tuple(file.read().split(b"\0"))
        except OSError:
            return ()
