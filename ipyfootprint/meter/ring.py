"""Rings of records in shared memory: one writer, readers that never wait.

A record is a row of 8-byte words: time, how long the reading took, flags, then four numbers a
channel. The writer puts the row first and the count after it; a reader takes the count, the
rows, and the count again, and drops what may have been written over meanwhile.
"""

from __future__ import annotations

import math

WORD = 8
LEAD = 3  # t_ns, took_ns, flags
PER_CHANNEL = 4  # energy_j, doubt_j, own_j, own_s
HEAD = 4  # words of a ring before its records: its count
COARSE_SLOTS = 2048
# The coarse ring keeps a run of a day: a second apart, or a 300th of the time gone by.
COARSE_S = 1.0
COARSE_PARTS = 300

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Words = memoryview[int]
    Reals = memoryview[float]


class Sample:
    """One reading of one sensor.

    Attributes:
        t_ns: middle of the reading.
        took_ns: how long the reading took.
        flags: bit i: other processes use channel i.
        values: (energy_j, doubt_j, own_j, own_s) of each channel, in one row; NaN: unreadable.
    """

    __slots__ = ("flags", "t_ns", "took_ns", "values")

    def __init__(self, t_ns: int, took_ns: int, flags: int, values: Sequence[float]) -> None:
        self.t_ns, self.took_ns, self.flags, self.values = t_ns, took_ns, flags, values


class Ring:
    """A fixed number of samples, the oldest written over.

    Args:
        words: shared memory as 64-bit integers.
        reals: the same memory as doubles.
        base: index of the first word.
        channels: how many channels a sample has.
        slots: how many samples it holds.
    """

    def __init__(self, words: Words, reals: Reals, base: int, channels: int, slots: int) -> None:
        self._words, self._reals = words, reals
        self._count, self._first = base, base + HEAD
        self._width = LEAD + PER_CHANNEL * channels
        self.slots = slots

    @staticmethod
    def size(channels: int, slots: int) -> int:
        """How many words it takes."""
        return HEAD + slots * (LEAD + PER_CHANNEL * channels)

    @property
    def count(self) -> int:
        """How many samples were ever written."""
        return int(self._words[self._count])

    def append(self, sample: Sample) -> None:
        """Add a sample; times must not fall."""
        count = self._words[self._count]
        at = self._first + count % self.slots * self._width
        words, reals = self._words, self._reals
        words[at], words[at + 1], words[at + 2] = sample.t_ns, sample.took_ns, sample.flags
        at += LEAD
        for value in sample.values:
            reals[at] = value
            at += 1
        words[self._count] = count + 1

    def time(self, index: int) -> int:
        """When the sample of that number (from 0, ever) was taken."""
        return int(self._words[self._first + index % self.slots * self._width])

    def bridge(self, field: int, at_ns: int, energy_j: float) -> None:
        """Write a field of the newest samples anew, on the line to a value known now.

        Those are meant in which it stood still or was unreadable, back to where it last moved.
        """
        values: list[tuple[int, float]] = []
        index = self.count - 1
        flat = math.nan
        while index >= self.oldest():
            place = self._first + index % self.slots * self._width + LEAD + field
            value = self._reals[place]
            if not math.isnan(value):
                if not math.isnan(flat) and value != flat:
                    break
                flat = value
            values.append((place, self.time(index)))
            index -= 1
        if not values or math.isnan(flat):
            return
        start_ns = values[-1][1]
        for place, t_ns in values:
            part = (t_ns - start_ns) / max(1, at_ns - start_ns)
            self._reals[place] = flat + (energy_j - flat) * part

    def oldest(self) -> int:
        """Number of the oldest sample that is safe to read."""
        return max(0, self.count - self.slots + self.slots // 16)

    def place(self, t_ns: int) -> int:
        """Number of the first sample after that time, among those still there."""
        low, high = self.oldest(), self.count
        while low < high:
            middle = (low + high) // 2
            if self.time(middle) <= t_ns:
                low = middle + 1
            else:
                high = middle
        return low

    def slice(self, start: int, stop: int) -> list[Sample]:
        """Samples by number, as many of them as are there."""
        start, stop = max(start, self.oldest()), min(stop, self.count)
        found = [self._at(index) for index in range(start, stop)]
        overwritten = self.oldest() - start
        return found[overwritten:] if overwritten > 0 else found

    def _at(self, index: int) -> Sample:
        at = self._first + index % self.slots * self._width
        t_ns, took_ns, flags = self._words[at : at + LEAD]
        return Sample(t_ns, took_ns, flags, self._reals[at + LEAD : at + self._width].tolist())


class Track:
    """The samples of one sensor, fine and coarse, and what is known of each channel's steps.

    Args:
        words: shared memory as 64-bit integers.
        reals: the same memory as doubles.
        base: index of the first word.
        channels: how many channels.
    """

    STEPS = 6  # words a channel: period_ns, anchor_ns, doubt_ns, idle_w, lowest_w, spare

    def __init__(self, words: Words, reals: Reals, base: int, channels: int) -> None:
        self._words, self._reals, self._base = words, reals, base
        self.channels = channels
        rings = base + self.STEPS * channels
        self.fine = Ring(words, reals, rings, channels, self.fine_slots(channels))
        rings += Ring.size(channels, self.fine.slots)
        self.coarse = Ring(words, reals, rings, channels, COARSE_SLOTS)

    @staticmethod
    def fine_slots(channels: int) -> int:
        """Samples of the fine ring: fewer where they are wide."""
        return 4096 if channels <= 4 else 2048

    @classmethod
    def size(cls, channels: int) -> int:
        """How many words it takes."""
        slots = cls.fine_slots(channels)
        return cls.STEPS * channels + Ring.size(channels, slots) + Ring.size(channels, COARSE_SLOTS)

    def steps(self, channel: int) -> tuple[int, int, int]:
        """(period_ns, time of a step, how far off that may be); a period of 0: no steps."""
        at = self._base + channel * self.STEPS
        period_ns, anchor_ns, doubt_ns = self._words[at : at + 3]
        return period_ns, anchor_ns, doubt_ns

    def set_steps(self, channel: int, period_ns: int, anchor_ns: int, doubt_ns: int) -> None:
        """Say when a channel's counter steps."""
        at = self._base + channel * self.STEPS
        words = self._words
        words[at], words[at + 1], words[at + 2] = period_ns, anchor_ns, doubt_ns

    def idle(self, channel: int) -> tuple[float, float]:
        """Lowest 10-s mean and lowest mean of a second, in W; infinite until there is one."""
        at = self._base + channel * self.STEPS + 3
        return self._reals[at] or math.inf, self._reals[at + 1] or math.inf

    def set_idle(self, channel: int, idle_w: float, lowest_w: float) -> None:
        """Say a channel's idle power; 0 W cannot be said, and is not a power of anything."""
        at = self._base + channel * self.STEPS + 3
        self._reals[at], self._reals[at + 1] = idle_w, lowest_w

    def around(self, t_ns: int, before: int, after: int) -> list[Sample]:
        """The samples next to a time, from the fine ring as far as it still reaches."""
        for ring in (self.fine, self.coarse):
            place = ring.place(t_ns)
            if place > ring.oldest() or ring.oldest() == 0:
                return ring.slice(place - before, place + after)
        return self.coarse.slice(0, after) or self.fine.slice(0, after)

    def readable(self, channel: int, t_ns: int) -> list[tuple[int, float]]:
        """Two readable energies of a channel before a time and two after, however far away.

        While a device is lost its samples hold nothing: what was known before must be found.
        """
        found: list[tuple[int, float]] = []
        for ring in (self.fine, self.coarse):
            place = ring.place(t_ns)
            before = _readable(ring, range(place - 1, ring.oldest() - 1, -1), channel)
            after = _readable(ring, range(place, ring.count), channel)
            found = [*reversed(before), *after]
            if before:
                break
        return found

    def between(self, start_ns: int, end_ns: int) -> list[Sample]:
        """The samples of a stretch of time and one on each side."""
        ring = self.fine
        if ring.oldest() > 0 and ring.time(ring.oldest()) > start_ns:
            ring = self.coarse
        return ring.slice(ring.place(start_ns) - 1, ring.place(end_ns) + 1)

    def newest(self, count: int) -> list[Sample]:
        """The last samples."""
        return self.fine.slice(self.fine.count - count, self.fine.count)


def _readable(ring: Ring, numbers: range, channel: int) -> list[tuple[int, float]]:
    """The first two readable energies of a channel, with their times, in this order."""
    found: list[tuple[int, float]] = []
    for number in numbers:
        for sample in ring.slice(number, number + 1):
            energy_j = sample.values[PER_CHANNEL * channel]
            if not math.isnan(energy_j):
                found.append((sample.t_ns, energy_j))
        if len(found) == 2:
            break
    return found
