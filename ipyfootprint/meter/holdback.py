"""A sensor's first samples, kept back until its counters have been seen to move. Pure."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipyfootprint.meter.ring import Sample
    from ipyfootprint.model import Method

# A frozen counter is found within 0.6 s; an edge is settled after 0.9 s whatever happens.
HOLD_S = 0.8


class Holdback:
    """Passes samples on, the first of them only once each counter has moved or was replaced.

    A counter that is frozen from the start would otherwise have said 0 J of the first cells.
    What it said before it was replaced is written anew, on the line to the total known then.

    Args:
        methods: how each channel's joules come about at first.
    """

    def __init__(self, methods: Sequence[Method]) -> None:
        self._counters = {i for i, method in enumerate(methods) if method == "counter"}
        self._first: dict[int, float] = {}
        self._still = set(self._counters)
        self._held: list[Sample] = []
        self._is_open = not self._counters

    def pass_on(self, sample: Sample, methods: Sequence[Method]) -> Sequence[Sample]:
        """The samples that are ready to be kept, oldest first."""
        if self._is_open:
            return (sample,)
        self._held.append(sample)
        for index in self._counters:
            joules = sample.values[4 * index]
            if not math.isnan(joules) and joules != self._first.setdefault(index, joules):
                self._still.discard(index)
        waiting = {i for i in self._still & self._first.keys() if methods[i] == "counter"}
        if waiting and sample.t_ns - self._held[0].t_ns < HOLD_S * 1e9:
            return ()
        self._is_open = True
        for index in self._first:
            silent = math.isnan(sample.values[4 * index]) and index in self._still
            if silent or methods[index] != "counter":
                self._write_anew(index, sample)
        held, self._held = self._held, []
        return held

    def _write_anew(self, index: int, last: Sample) -> None:
        """NaN where nothing has replaced the counter, whose last value is NaN too."""
        start_ns, start_j = self._held[0].t_ns, self._first[index]
        span_ns, span_j = max(1, last.t_ns - start_ns), last.values[4 * index] - start_j
        for sample in self._held:
            values = list(sample.values)
            values[4 * index] = start_j + span_j * (sample.t_ns - start_ns) / span_ns
            sample.values = values
