"""A power recording played back as if it were this machine's counters, and labelled so."""

from __future__ import annotations

import time

from ipyfootprint.model import REPLAY, Absence, Channel
from ipyfootprint.sensors.trace import Trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ipyfootprint.model import Kind

NOTE = "replay: a recording, not this machine"


class ReplaySensor:
    """Plays power over time, one trace a device, as energy counters; over and over.

    Args:
        traces: watts over time by device name ("gpu0", "cpu0", "dram0", ...).
        source: what is played, for people.
        clock: nanoseconds that only grow, `time.monotonic_ns` unless given.
        start_ns: the clock at which the traces begin; now unless given.
    """

    name = "replay"
    verified = True

    def __init__(
        self,
        traces: Mapping[str, Trace],
        source: str = "recording",
        clock: Callable[[], int] = time.monotonic_ns,
        start_ns: int | None = None,
    ) -> None:
        self._traces = tuple(traces.values())
        self._clock = clock
        self._start_ns = clock() if start_ns is None else start_ns
        self._opened_s = self._seconds()
        self.channels = tuple(
            Channel(
                name=name,
                kind=_kind(name),
                method="counter",
                sensor=self.name,
                label=f"{REPLAY}{source}",
                note=NOTE,
            )
            for name in traces
        )

    @classmethod
    def load(cls, path: str, clock: Callable[[], int] = time.monotonic_ns) -> ReplaySensor:
        """A sensor that plays a file from now on.

        CSV: a column `time_s` and one column of watts a device. JSON:
        `{"dt_s": 0.1, "watts": {"gpu0": [..], ...}}`, equal steps.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a power recording.
        """
        with open(path, encoding="utf-8") as file:
            body = file.read()
        traces = _from_json(body) if body.lstrip().startswith("{") else _from_csv(body)
        return cls(traces, source=path.replace("\\", "/").rsplit("/", 1)[-1], clock=clock)

    def _seconds(self) -> float:
        return (self._clock() - self._start_ns) / 1e9

    def read(self) -> tuple[float | None, ...]:
        """Energy of each device since it was opened, in joules."""
        now_s = self._seconds()
        return tuple(t.energy_j(now_s) - t.energy_j(self._opened_s) for t in self._traces)

    def doubt(self) -> tuple[float, ...]:
        """0 J for each device: a recording misses nothing."""
        return (0.0,) * len(self.channels)

    def faults(self) -> tuple[str | None, ...]:
        """None: a recording is always there."""
        return (None,) * len(self.channels)

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """None for each device's share: a recording says nothing of processes."""
        return (None,) * len(self.channels)

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Nobody else uses a recording."""
        return (False,) * len(self.channels)

    def close(self) -> None:
        """There is nothing to release."""


def find(path: str, clock: Callable[[], int] = time.monotonic_ns) -> ReplaySensor | Absence:
    """The recording that IPYFOOTPRINT_REPLAY names, or why it cannot be played."""
    try:
        return ReplaySensor.load(path, clock)
    except (OSError, ValueError) as error:
        return Absence(
            "replay",
            f"the recording {path} cannot be played ({error})",
            "set IPYFOOTPRINT_REPLAY to a CSV with columns time_s, gpu0, cpu0, ... in watts",
        )


def _kind(name: str) -> Kind:
    kinds: dict[str, Kind] = {"gpu": "gpu", "cpu": "cpu", "dram": "dram"}
    return kinds.get(name.rstrip("0123456789"), "other")


def _from_csv(body: str) -> dict[str, Trace]:
    rows = [line.split(",") for line in body.splitlines() if line.strip() and line[0] != "#"]
    head = [cell.strip() for cell in rows[0]] if rows else []
    if "time_s" not in head or len(head) < 2 or len(rows) < 3:
        raise ValueError("it needs a column time_s, a column of watts and two rows")
    at = head.index("time_s")
    try:
        columns = [[float(row[index]) for row in rows[1:]] for index in range(len(head))]
    except IndexError:
        raise ValueError("a row is shorter than the header") from None
    times = columns[at]
    return {
        name: Trace(
            (times[i + 1] - times[i], watts[i], watts[i + 1]) for i in range(len(times) - 1)
        )
        for name, watts in zip(head, columns, strict=True)
        if name != "time_s"
    }


def _from_json(body: str) -> dict[str, Trace]:
    import json

    try:
        record = json.loads(body)
        dt_s = float(record["dt_s"])
        watts = {str(name): [float(w) for w in row] for name, row in record["watts"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it needs dt_s and watts by device: {error}") from None
    if not watts:
        raise ValueError("it names no device")
    return {name: Trace((dt_s, w, w) for w in row) for name, row in watts.items()}
