"""What a sensor is: a set of energy counters that only ever grow."""

from __future__ import annotations

from typing import Protocol

from ipyfootprint.model import Channel


class Sensor(Protocol):
    """One way to read joules from this machine.

    A power gauge is wrapped so that it looks like a counter: it integrates by the
    trapezoid rule over real timestamps each time it is read.

    Attributes:
        name: "nvml", "powercap", "perf", "amdgpu", "apple", "windows", "modelled", "replay".
        channels: the counters, fixed in number, order and name for the sensor's life; the
            tuple is replaced when a counter is found frozen and demoted to its power gauge.
        verified: False while nobody has run it on real hardware; `doctor` says so.
    """

    name: str
    channels: tuple[Channel, ...]
    verified: bool

    def read(self) -> tuple[float | None, ...]:
        """Joules per channel since the sensor was opened; None where one cannot be read now.

        Never decreases, whatever the hardware's register does (wrap, reset, loss), and never
        raises: a failing channel answers None and its reason appears in `faults()`.
        A None is followed by the known total again when the device comes back.
        """

    def doubt(self) -> tuple[float, ...]:
        """Joules per channel that the counter may be off by since it was opened.

        It grows only where something was missed (a long pause of an integrated gauge, a
        reset): the doubt of a window is the difference of two calls.
        """

    def faults(self) -> tuple[str | None, ...]:
        """Per channel why it cannot be read now, or None."""

    def own(self, pids: frozenset[int]) -> tuple[float | None, ...]:
        """Per channel the fraction of its present activity that these processes cause.

        None where the driver does not say. Only GPUs know; the CPU is shared by CPU time.
        """

    def shared(self, pids: frozenset[int]) -> tuple[bool, ...]:
        """Per channel whether processes other than these use the device now."""

    def close(self) -> None:
        """Release handles; harmless when called twice."""
