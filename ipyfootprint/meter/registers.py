"""Registers that cannot block, read in the kernel at the very edge."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace

from ipyfootprint.meter.reader import Edge
from ipyfootprint.meter.settle import Point
from ipyfootprint.model import Channel

UNIT_J = 1e-6
# The register and the sampler's counter may differ by what flows while an edge is looked at;
# more means that the register started again.
APART_J = 50.0


class Registers:
    """Open files of the channels that have one, and their offset from the sampler's counters."""

    def __init__(self) -> None:
        self._handles: dict[str, int] = {}
        self._offsets: dict[str, float] = {}

    def open(self, channels: Sequence[Channel]) -> None:
        """Open the files of channels that are new; one that cannot be opened is left out."""
        for channel in channels:
            if channel.path is not None and channel.name not in self._handles:
                with contextlib.suppress(OSError):
                    self._handles[channel.name] = os.open(channel.path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> dict[str, float] | None:
        """Joules that the registers show now; None where there are none."""
        if not self._handles:
            return None
        found = {}
        for name, handle in self._handles.items():
            with contextlib.suppress(OSError, ValueError):
                found[name] = int(os.pread(handle, 32, 0)) * UNIT_J
        return found

    def refine(self, edge: Edge, channel: Channel, point: Point) -> Point:
        """The point that the edge's own register says, in the sampler's joules.

        The first settled edge with a register fixes the offset between the two for good, so
        that from then on differences are those of the register, until it is found frozen.
        """
        raw_j = edge.raws.get(channel.name) if edge.raws else None
        if raw_j is None or channel.path is None or not point.settled or not point.seen:
            return point
        offset_j = self._offsets.setdefault(channel.name, point.energy_j - raw_j)
        energy_j = raw_j + offset_j
        if channel.wrap_j:
            energy_j += round((point.energy_j - energy_j) / channel.wrap_j) * channel.wrap_j
        if abs(energy_j - point.energy_j) > APART_J + point.high_j - point.low_j:
            del self._offsets[channel.name]
            return point
        return replace(point, energy_j=energy_j, doubt_j=0.0, low_j=energy_j, high_j=energy_j)

    def close(self) -> None:
        """Close the files; harmless when called twice."""
        handles, self._handles = self._handles, {}
        for handle in handles.values():
            os.close(handle)
