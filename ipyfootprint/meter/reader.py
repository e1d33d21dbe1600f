"""From the board's samples to a window: energies between two edges with their bounds.

Read by the kernel for its runs, and by the sampler when it keeps a run that has no kernel.
"""

from __future__ import annotations

import math
import time

from ipyfootprint.meter.settle import PATIENCE_NS, Point, energy_at, knots_of
from ipyfootprint.meter.trace import power_trace
from ipyfootprint.model import Estimate, Measurement, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipyfootprint.meter.board import Board, Description
    from ipyfootprint.meter.ring import Sample, Track
    from ipyfootprint.model import Channel

BEFORE, AFTER = 14, 16  # samples on each side of an edge: three periods at a quarter of one
FIRST = 250  # samples after an edge before all of them: the power of the first 0.3 s
COVERAGE = 2.0  # bounds are so many standard uncertainties wide: about 95 %


class Edge:
    """A moment of this session, and what is known of it.

    Attributes:
        t_ns: `time.monotonic_ns`.
        own_ns: CPU time of the kernel until then.
        raws: registers read in the kernel just then, by channel.
        known: settled points by channel, kept so that windows which share an edge add up.
    """

    __slots__ = ("cpu", "known", "own_ns", "raws", "t_ns")

    def __init__(self, t_ns: int, own_ns: int, raws: dict[str, float] | None = None) -> None:
        self.t_ns, self.own_ns, self.raws = t_ns, own_ns, raws
        self.known: dict[str, Point] = {}
        self.cpu: tuple[float, float] | None = None

    def __repr__(self) -> str:
        return f"Edge({self.t_ns / 1e9:.6f} s)"


class Reader:
    """Windows from a board.

    Args:
        board: the memory that a sampler writes.
        clock: nanoseconds that only grow.
        refine: may replace a settled point by one that the edge's own register says.
    """

    def __init__(
        self,
        board: Board,
        clock: Callable[[], int] = time.monotonic_ns,
        refine: Callable[[Edge, Channel, Point], Point] | None = None,
    ) -> None:
        from ipyfootprint.meter.ring import Track

        self._make_track = Track
        self._board, self._clock, self._refine = board, clock, refine
        self._seen = -1
        self._description: Description | None = None
        self._tracks: list[tuple[Track, tuple[Channel, ...]]] = []
        self._cpu: Track | None = None

    def description(self) -> Description | None:
        """What the sampler last said; None before it said anything."""
        described = self._board.described
        if described != self._seen:
            found = self._board.description()
            if found is not None:
                self._seen, self._description = described, found
                self._take(found)
        return self._description

    def _take(self, found: Description) -> None:
        words, reals = self._board.words, self._board.reals
        tracks, channels = [], list(found.channels)
        for base, count, sensor in found.tracks:
            track = self._make_track(words, reals, base, count)
            if sensor == "cputime":
                self._cpu = track
            else:
                tracks.append((track, tuple(channels[:count])))
                del channels[:count]
        self._tracks = tracks

    def kernel_ns(self) -> int:
        """CPU time of the kernel itself at the last sample."""
        self.description()
        newest = self._cpu.newest(1) if self._cpu is not None else []
        return round(newest[0].values[2]) if newest else 0

    def tracks(self) -> Sequence[tuple[Track, tuple[Channel, ...]]]:
        """Each sensor's track with its channels."""
        self.description()
        return self._tracks

    def window(self, start: Edge, end: Edge, with_trace: bool = True) -> Window:
        """What is known of the time between two edges."""
        now_ns = self._clock()
        devices: dict[str, Measurement] = {}
        idle_j: dict[str, Estimate] = {}
        own_j: dict[str, float] = {}
        shared: set[str] = set()
        tracks = self.tracks()
        settled = bool(tracks)
        duration_s = max(0.0, (end.t_ns - start.t_ns) / 1e9)
        for track, channels in tracks:
            points = self._points(track, channels, start, now_ns)
            ends = self._points(track, channels, end, now_ns)
            near = (
                _near(track, start.t_ns),
                _near(track, end.t_ns),
            )
            for index, channel in enumerate(channels):
                a, b = points[index], ends[index]
                settled = settled and all(
                    now_ns - edge.t_ns >= PATIENCE_NS if point is None else point.settled
                    for edge, point in ((start, a), (end, b))
                )
                if a is None or b is None or not (a.seen or b.seen):
                    continue
                found = _measure(channel, a, b, _between(near, index, 1))
                devices[channel.name] = found
                idle_j[channel.name] = _idle(track.idle(index), duration_s, found)
                if _between(near, index, 3) > 0:
                    own_j[channel.name] = min(found.energy_j, _between(near, index, 2))
                if any(sample is not None and sample.flags >> index & 1 for sample in near):
                    shared.add(channel.name)
            settled = settled and track.fine.count > 0
        busy, tree = self._cpu_between(start, end, now_ns)
        trace = None
        if with_trace and settled and devices:
            trace = power_trace(tracks, start.t_ns, end.t_ns)
        return Window(
            duration_s=duration_s,
            devices=devices,
            idle_j=idle_j,
            own_j=own_j,
            shared=frozenset(shared),
            busy_ns=None if math.isnan(busy) else round(busy),
            own_ns=max(0, end.own_ns - start.own_ns) + round(tree),
            settled=settled,
            trace=trace,
            labels={c.name: c.label for _, channels in tracks for c in channels},
        )

    def _points(
        self, track: Track, channels: tuple[Channel, ...], edge: Edge, now_ns: int
    ) -> list[Point | None]:
        """The energy of each channel at an edge; settled ones are looked up."""
        if all(channel.name in edge.known for channel in channels):
            return [edge.known[channel.name] for channel in channels]
        samples = track.around(edge.t_ns, BEFORE, AFTER)
        if samples and samples[0].t_ns > edge.t_ns:
            samples = track.around(edge.t_ns, 0, FIRST)
        points: list[Point | None] = []
        for index, channel in enumerate(channels):
            point = edge.known.get(channel.name)
            if point is None:
                steps = track.steps(index)
                at = 4 * index
                good = [(s.t_ns, s.values[at]) for s in samples if not math.isnan(s.values[at])]
                knots = knots_of(good, *steps) or track.readable(index, edge.t_ns)
                point = energy_at(edge.t_ns, knots, steps[0], now_ns)
                if point is not None and self._refine is not None:
                    point = self._refine(edge, channel, point)
                if point is not None and point.settled:
                    edge.known[channel.name] = point
            points.append(point)
        return points

    def _cpu_between(self, start: Edge, end: Edge, now_ns: int) -> tuple[float, float]:
        """CPU time of the node and of the kernel's descendants between two edges, in ns."""
        if self._cpu is None:
            return math.nan, 0.0
        a, b = self._cpu_at(self._cpu, start, now_ns), self._cpu_at(self._cpu, end, now_ns)
        # In this order NaN, a node's time that is not known, stays what it is.
        return max(b[0] - a[0], 0.0), max(b[1] - a[1], 0.0)

    def _cpu_at(self, track: Track, edge: Edge, now_ns: int) -> tuple[float, float]:
        if edge.cpu is not None:
            return edge.cpu
        samples = track.around(edge.t_ns, 2, 1)
        if not samples:
            return math.nan, 0.0
        place = sum(sample.t_ns <= edge.t_ns for sample in samples)
        right = samples[min(place, len(samples) - 1)]
        left = samples[max(0, place - 1)]
        if right.t_ns == left.t_ns:
            found = (right.values[0], right.values[1])
        else:
            part = (edge.t_ns - left.t_ns) / (right.t_ns - left.t_ns)
            found = (
                left.values[0] + part * (right.values[0] - left.values[0]),
                left.values[1] + part * (right.values[1] - left.values[1]),
            )
        if place < len(samples) or now_ns - edge.t_ns > PATIENCE_NS:
            edge.cpu = found
        return found


def _near(track: Track, t_ns: int) -> Sample | None:
    """The first sample after a time, or the last before it."""
    samples = track.around(t_ns, 1, 1)
    return samples[-1] if samples else None


def _between(near: tuple[Sample | None, Sample | None], index: int, field: int) -> float:
    """How much a field of a channel grew from one sample to another."""
    a, b = near
    if a is None or b is None:
        return 0.0
    return max(0.0, b.values[4 * index + field] - a.values[4 * index + field])


def _measure(channel: Channel, a: Point, b: Point, doubt_j: float) -> Measurement:
    """Energy between two points: bounds by edges, sensor, what was missed, and the model.

    Edges in quadrature, and never beyond what the counter had shown before and after; the
    sensor's error and what it missed are added, as they do not average out.
    """
    energy_j = max(0.0, b.energy_j - a.energy_j)
    edges_j = COVERAGE * math.hypot(a.doubt_j, b.doubt_j)
    least_j = max(energy_j - edges_j, b.low_j - a.high_j, 0.0)
    most_j = min(energy_j + edges_j, max(energy_j, b.high_j - a.low_j))
    if not (a.seen and b.seen):
        most_j = max(most_j, b.high_j - a.low_j)
    low_j = (least_j * (1 - channel.error) - doubt_j) / channel.spread
    high_j = (most_j * (1 + channel.error) + doubt_j) * channel.spread
    return Measurement(
        energy_j, min(max(0.0, low_j), energy_j), max(high_j, energy_j), channel.method
    )


def _idle(powers: tuple[float, float], duration_s: float, whole: Measurement) -> Estimate:
    """Energy of a device's idle power.

    The lowest mean of 10 s is at most too high (a node that is never quiet), so the low end
    stays 0; before there is one, the middle between 0 and the lowest power seen.
    """
    idle_w, lowest_w = powers
    if math.isfinite(idle_w):
        most_j = min(whole.energy_j, idle_w * duration_s)
        return Estimate(most_j, 0.0, most_j)
    most_j = whole.energy_j
    if math.isfinite(lowest_w):
        most_j = min(most_j, lowest_w * duration_s)
    return Estimate(most_j / 2, 0.0, most_j)
