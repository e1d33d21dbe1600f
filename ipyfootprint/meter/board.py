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
DESCRIPTION = 8192
TRACKS = 132 << 10
STATUSES = ("started", "ok", "error", "interrupted", "lost")
STARTING, RUNNING, ENDED = 0, 1, 2
_STATE, _CLOSING, _BEAT = 0, 1, 2
_BEGUN = 8  # how many runs ever began; the last of them are in slots of 16 words:
_ORDERS = 64  # seq, active, start_ns, end_ns, own_start_ns, own_end_ns, status, run id (8 words)
_ORDER_WORDS = 16
_RUN_ID_BYTES = 64
_DESCRIBED = 32  # seq, length
# Runs that end within the second in which their kernel is killed are closed by its sampler.
KEPT_ORDERS = 32


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
    """What the kernel told its sampler of a run: its edges, and how it ended."""

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
        words, number = self.words, self.words[_BEGUN]
        at = _slot(number)
        words[at] |= 1  # odd: it changes just now
        words[at + 1], words[at + 2], words[at + 4] = 1, start_ns, own_ns
        words[at + 6] = 0
        name = run_id.encode()[:_RUN_ID_BYTES].ljust(_RUN_ID_BYTES, b"\0")
        first = (at + 7) * WORD
        self._bytes[first : first + _RUN_ID_BYTES] = name
        words[at] += 1
        words[_BEGUN] = number + 1

    def end(self, status: str, end_ns: int, own_ns: int) -> None:
        """The run ended (kernel side)."""
        words, at = self.words, self._newest()
        words[at] |= 1
        words[at + 1], words[at + 3], words[at + 5] = 0, end_ns, own_ns
        words[at + 6] = STATUSES.index(status)
        words[at] += 1

    def _newest(self) -> int:
        """The first word of the newest run; of zeros while there was none."""
        return _slot(self.words[_BEGUN] - 1)

    @property
    def active(self) -> bool:
        """Whether a run is under way."""
        return bool(self.words[self._newest() + 1])

    @property
    def edge_ns(self) -> int:
        """The newest edge of a run."""
        words, at = self.words, self._newest()
        return int(words[at + 2] if words[at + 1] else words[at + 3])

    @property
    def start_ns(self) -> int:
        """Where the newest run started."""
        return int(self.words[self._newest() + 2])

    def order(self) -> Order | None:
        """The newest run (sampler side); None when there was none yet, or it changes just now."""
        begun = self.words[_BEGUN]
        return self._order(begun - 1) if begun else None

    def orders(self) -> list[Order]:
        """The newest runs that are still kept here, oldest first (sampler side)."""
        begun = self.words[_BEGUN]
        found = map(self._order, range(max(0, begun - KEPT_ORDERS), begun))
        return [order for order in found if order is not None]

    def _order(self, number: int) -> Order | None:
        words, at = self.words, _slot(number)
        first = (at + 7) * WORD
        for _ in range(100):
            seq = words[at]
            active, start, end, own_start, own_end, status = words[at + 1 : at + 7]
            name = bytes(self._bytes[first : first + _RUN_ID_BYTES]).rstrip(b"\0").decode()
            if seq % 2 == 0 and words[at] == seq:
                return Order(name, bool(active), start, end, own_start, own_end, STATUSES[status])
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


def _slot(number: int) -> int:
    return _ORDERS + number % KEPT_ORDERS * _ORDER_WORDS


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
