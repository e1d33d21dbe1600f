"""The memory that the kernel and its sampler share: orders one way, samples the other.

Anonymous: a memfd, or a file that is unlinked at once, so that nothing is left when both die.
"""

from __future__ import annotations

import marshal
import mmap
import os

from ipyfootprint.meter.ring import WORD, Track

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ipyfootprint.model import Absence, Channel

SIZE = 32 << 20  # virtual: only what is written takes memory
DESCRIPTION = 4096
TRACKS = 128 << 10
STATUSES = ("started", "ok", "error", "interrupted", "lost")
STARTING, RUNNING, ENDED = 0, 1, 2
_STATE, _CLOSING, _BEAT = 0, 1, 2
_ORDER = 8  # seq, active, start_ns, end_ns, own_start_ns, own_end_ns, status, run id (8 words)
_RUN_ID = _ORDER + 7
_DESCRIBED = 32  # seq, length
_RUN_ID_BYTES = 64


def anonymous_file() -> int:
    """A descriptor of memory that has no name."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("ipyfootprint", os.MFD_CLOEXEC)
    else:
        import tempfile

        fd, path = tempfile.mkstemp(prefix="ipyfootprint-")
        os.unlink(path)  # noqa: PTH108 (pathlib is heavy)
    os.ftruncate(fd, SIZE)
    return fd


class Order:
    """What the kernel told its sampler last: the newest run and its edges."""

    __slots__ = ("active", "end_ns", "own_end_ns", "own_start_ns", "run_id", "start_ns", "status")

    def __init__(
        self,
        run_id: str,
        active: bool,
        start_ns: int,
        end_ns: int,
        own_start_ns: int,
        own_end_ns: int,
        status: str,
    ) -> None:
        self.run_id, self.active = run_id, active
        self.start_ns, self.end_ns = start_ns, end_ns
        self.own_start_ns, self.own_end_ns = own_start_ns, own_end_ns
        self.status = status


class Description:
    """What the sampler found: its tracks and channels, what it cannot read, and why."""

    __slots__ = ("absences", "channels", "faults", "tracks")

    def __init__(
        self,
        tracks: Sequence[tuple[int, int, str]],
        channels: Sequence[Channel],
        absences: Sequence[Absence],
        faults: Sequence[str | None],
    ) -> None:
        self.tracks = tuple(tracks)  # (first word, channels, sensor)
        self.channels, self.absences = tuple(channels), tuple(absences)
        self.faults = tuple(faults)


class Board:
    """The shared memory behind a descriptor; both sides make one.

    Args:
        fd: descriptor of `anonymous_file()`; the board owns it from here.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._map = mmap.mmap(fd, SIZE)
        self._bytes = memoryview(self._map)
        self.words = self._bytes.cast("q")
        self.reals = self._bytes.cast("d")

    def close(self) -> None:
        """Let the memory go; harmless when called twice."""
        if self.fd < 0:
            return
        for view in (self.words, self.reals, self._bytes):
            view.release()
        self._map.close()
        os.close(self.fd)
        self.fd = -1

    @property
    def state(self) -> int:
        """STARTING, RUNNING or ENDED, as the sampler says."""
        return int(self.words[_STATE])

    @state.setter
    def state(self, value: int) -> None:
        self.words[_STATE] = value

    @property
    def closing(self) -> bool:
        """Whether the kernel wants the sampler to end."""
        return bool(self.words[_CLOSING])

    def ask_to_close(self) -> None:
        """Want the sampler to end; it looks when it is woken."""
        self.words[_CLOSING] = 1

    def beat(self, now_ns: int) -> None:
        """The sampler is alive."""
        self.words[_BEAT] = now_ns

    @property
    def beat_ns(self) -> int:
        """When the sampler was last alive."""
        return int(self.words[_BEAT])

    def begin(self, run_id: str, start_ns: int, own_ns: int) -> None:
        """A run starts (kernel side)."""
        words = self.words
        words[_ORDER] += 1
        words[_ORDER + 1], words[_ORDER + 2], words[_ORDER + 4] = 1, start_ns, own_ns
        words[_ORDER + 6] = 0
        name = run_id.encode()[:_RUN_ID_BYTES].ljust(_RUN_ID_BYTES, b"\0")
        self._bytes[_RUN_ID * WORD : _RUN_ID * WORD + _RUN_ID_BYTES] = name
        words[_ORDER] += 1

    def end(self, status: str, end_ns: int, own_ns: int) -> None:
        """The run ended (kernel side)."""
        words = self.words
        words[_ORDER] += 1
        words[_ORDER + 1], words[_ORDER + 3], words[_ORDER + 5] = 0, end_ns, own_ns
        words[_ORDER + 6] = STATUSES.index(status)
        words[_ORDER] += 1

    @property
    def active(self) -> bool:
        """Whether a run is under way."""
        return bool(self.words[_ORDER + 1])

    @property
    def edge_ns(self) -> int:
        """The newest edge of a run."""
        words = self.words
        return int(words[_ORDER + 2] if words[_ORDER + 1] else words[_ORDER + 3])

    @property
    def start_ns(self) -> int:
        """Where the newest run started."""
        return int(self.words[_ORDER + 2])

    def order(self) -> Order | None:
        """The newest run (sampler side); None when there was none yet, or it changes just now."""
        words = self.words
        for _ in range(100):
            seq = words[_ORDER]
            active, start, end, own_start, own_end, status = words[_ORDER + 1 : _ORDER + 7]
            name = bytes(self._bytes[_RUN_ID * WORD : _RUN_ID * WORD + _RUN_ID_BYTES])
            if seq % 2 == 0 and words[_ORDER] == seq:
                run_id = name.rstrip(b"\0").decode()
                if not run_id:
                    return None
                return Order(run_id, bool(active), start, end, own_start, own_end, STATUSES[status])
        return None

    def tracks(self, sizes: Sequence[int]) -> list[tuple[int, Track]]:
        """New tracks with so many channels each (sampler side), with their first words."""
        made, base = [], TRACKS // WORD
        for channels in sizes:
            made.append((base, Track(self.words, self.reals, base, channels)))
            base += -(-Track.size(channels) // 512) * 512
        return made

    def describe(self, description: Description) -> None:
        """Say what was found (sampler side)."""
        body = marshal.dumps(
            (
                description.tracks,
                tuple(_fields(channel, _CHANNEL) for channel in description.channels),
                tuple(_fields(absence, _ABSENCE) for absence in description.absences),
                description.faults,
            )
        )
        if len(body) > TRACKS - DESCRIPTION:
            raise ValueError(f"a description of {len(body)} bytes")
        words = self.words
        words[_DESCRIBED] += 1
        self._bytes[DESCRIPTION : DESCRIPTION + len(body)] = body
        words[_DESCRIBED + 1] = len(body)
        words[_DESCRIBED] += 1

    @property
    def described(self) -> int:
        """Grows with each description."""
        return int(self.words[_DESCRIBED])

    def description(self) -> Description | None:
        """What was found (kernel side); None while there is none or it changes just now."""
        from ipyfootprint.model import Absence, Channel

        seq, length = self.words[_DESCRIBED : _DESCRIBED + 2]
        if seq == 0 or seq % 2:
            return None
        body = bytes(self._bytes[DESCRIPTION : DESCRIPTION + length])
        if self.words[_DESCRIBED] != seq:
            return None
        # Our own sampler wrote it into memory that nobody else can open.
        tracks, channels, absences, faults = marshal.loads(body)
        return Description(
            tracks, [Channel(*row) for row in channels], [Absence(*row) for row in absences], faults
        )


_CHANNEL = (
    "name",
    "kind",
    "method",
    "sensor",
    "label",
    "period_s",
    "error",
    "spread",
    "path",
    "wrap_j",
    "note",
)
_ABSENCE = ("sensor", "reason", "remedy", "exposes")


def _fields(value: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in names)
