"""The values that walk through the house; frozen, validated, without behaviour of their own.

Units are in the names: _j joule, _w watt, _s second, _ns nanosecond, _g gram CO2e, _l litre.
Absent is None, never 0. Times are aware UTC datetimes, or `time.monotonic_ns` where named _ns.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Method = Literal["counter", "integrated", "modelled", "unavailable"]
Kind = Literal["gpu", "cpu", "dram", "other"]
Status = Literal["started", "ok", "error", "interrupted", "lost"]
Phase = Literal["data", "exploration", "tuning", "training", "evaluation", "inference"]

REPLAY = "replay of "  # begins the label of a device that is played back, not read
METHODS: tuple[Method, ...] = ("counter", "integrated", "modelled", "unavailable")
PHASES: tuple[Phase, ...] = (
    "data",
    "exploration",
    "tuning",
    "training",
    "evaluation",
    "inference",
)


def weakest(methods: Iterable[Method]) -> Method:
    """The method that names a sum: the weakest of its parts; "unavailable" for no part."""
    return max(methods, key=METHODS.index, default="unavailable")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its bounds, all in one unit that the holder's name says.

    Raises:
        ValueError: a bound that is not finite, or low <= mid <= high does not hold.
    """

    mid: float
    low: float
    high: float

    def __post_init__(self) -> None:
        # One comparison for the many that are right: every run makes dozens of these.
        if -math.inf < self.low <= self.mid <= self.high < math.inf:
            return
        if not all(map(math.isfinite, (self.low, self.mid, self.high))):
            raise ValueError(f"not finite: {self.low}, {self.mid}, {self.high}")
        raise ValueError(f"bounds out of order: {self.low} <= {self.mid} <= {self.high}")

    @classmethod
    def exact(cls, value: float) -> Estimate:
        """A figure taken as given: both bounds are the value, in whatever unit it is."""
        return cls(value, value, value)

    def __add__(self, other: Estimate) -> Estimate:
        """The sum; bounds add, as errors of one cause do (no independence is assumed)."""
        return Estimate(self.mid + other.mid, self.low + other.low, self.high + other.high)

    def __mul__(self, factor: float | Estimate) -> Estimate:
        """The product with a factor >= 0; both operands must be >= 0."""
        by = factor if isinstance(factor, Estimate) else Estimate.exact(factor)
        return Estimate(self.mid * by.mid, self.low * by.low, self.high * by.high)


@dataclass(frozen=True, slots=True)
class Channel:
    """One energy counter of one device, as its sensor describes it.

    Args:
        name: "gpu0", "cpu0" (a package), "dram0", "psys0"; unique on the node.
        kind: what the device is.
        method: how its joules come about.
        sensor: name of the sensor that reads it.
        label: the device's own name, e.g. "NVIDIA H100 80GB HBM3".
        period_s: the counter's update period where known.
        error: relative error of the sensor (0.05 is five per cent); for a model the
            factor is in `spread`.
        spread: a model's bounds are value / spread and value x spread; 1 for a counter.
        path: a file that holds the counter in microjoules and cannot block, or None.
        wrap_j: where that file's counter starts again at 0, or None.
        note: what a person should know of it ("MIG: the whole GPU"), or "".
    """

    name: str
    kind: Kind
    method: Method
    sensor: str
    label: str = ""
    period_s: float | None = None
    error: float = 0.05
    spread: float = 1.0
    path: str | None = None
    wrap_j: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A sensor that was not chosen, and why.

    Args:
        sensor: its name.
        reason: what stands in the way, as a sentence without its full stop.
        remedy: the exact command or step that would enable it, or "".
        exposes: what taking that step lets others see, or "".
    """

    sensor: str
    reason: str
    remedy: str = ""
    exposes: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Energy over a window with its bounds and how it was obtained."""

    energy_j: float
    low_j: float
    high_j: float
    method: Method

    def __post_init__(self) -> None:
        if not 0 <= self.low_j <= self.energy_j <= self.high_j < math.inf:
            raise ValueError(f"bounds: 0 <= {self.low_j} <= {self.energy_j} <= {self.high_j}")


@dataclass(frozen=True, slots=True)
class PowerTrace:
    """Mean power of the metered devices in equal steps, `watts[device][step]`; None: not seen."""

    dt_s: float
    watts: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class Window:
    """What the meter knows of the time between two edges, for the whole node.

    Args:
        duration_s: length of the window.
        devices: whole-device energy by channel name; a device not seen has none here.
        idle_j: the part of each device's energy that is its idle power, with bounds.
        own_j: joules of a device that its driver attributes to this process tree; only
            where the driver says so.
        shared: devices that processes outside this tree used during the window.
        busy_ns: CPU time of all processes on the node, or None.
        own_ns: CPU time of this kernel, its live children and those that exited.
        settled: False while a counter's next step could still change the figures.
        labels: the devices' own names, where they have any.
        trace: power over the window, or None when it was too short to be sampled.
    """

    duration_s: float
    devices: Mapping[str, Measurement]
    idle_j: Mapping[str, Estimate]
    own_j: Mapping[str, float]
    shared: frozenset[str]
    busy_ns: int | None
    own_ns: int
    settled: bool
    trace: PowerTrace | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CarbonIntensity:
    """Grams of CO2e per kWh with everything that says what kind of figure it is.

    Raises:
        ValueError: bounds that are negative, out of order or not finite.
    """

    g_per_kwh: float
    low_g_per_kwh: float
    high_g_per_kwh: float
    zone: str
    accounting: Literal["average", "marginal"] = "average"
    basis: Literal["lifecycle", "direct"] = "lifecycle"
    boundary: Literal["consumption", "generation"] = "generation"
    method: Literal["location", "market"] = "location"
    resolution: Literal["5min", "15min", "30min", "hour", "month-hour", "year"] = "year"
    source: str = ""
    year: int | None = None
    estimated: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.low_g_per_kwh <= self.g_per_kwh <= self.high_g_per_kwh < math.inf:
            raise ValueError(
                f"intensity bounds: 0 <= {self.low_g_per_kwh} <= {self.g_per_kwh}"
                f" <= {self.high_g_per_kwh} g/kWh"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What one run cost besides joules; a part that cannot be known is None.

    Attributes:
        pue: facility energy / metered energy.
        intensity: the grid's intensity while it ran (energy-weighted over its hours).
        operational: gCO2e of the electricity.
        embodied: gCO2e of making the machine, this run's share.
        water: litres consumed by cooling and generating.
        adpe_kgsbeq: minerals and metals, kg antimony equivalent.
        primary_energy_mj: primary energy.
        ewaste_kg: mass of device used up, where masses are known.
    """

    pue: float
    intensity: CarbonIntensity | None
    operational: Estimate | None
    embodied: Estimate | None
    water: Estimate | None
    adpe_kgsbeq: float | None
    primary_energy_mj: float | None
    ewaste_kg: float | None


@dataclass(frozen=True, slots=True)
class DeviceEnergy:
    """One device over one run: the whole device's joules, and `share`, this user's fraction."""

    energy_j: float | None
    low_j: float | None
    high_j: float | None
    share: float
    method: Method
    kind: Kind
    label: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one cell: the row that everything else reads.

    `energy_j` is this user's share: the sum over devices of `energy_j * share`.
    `node_energy_j` is what the devices used altogether. `idle_j` is the part of `energy_j`
    that is this user's share of the machine's idle power. `work_units` counts work in units
    of `work_kind`; `metric` is on the scale of `metric_name`. `flops` (a number of operations)
    and `parameters` (how many the model in use has) are known only where they were asked for.

    Raises:
        ValueError: `started_at` is not an aware time in UTC.
    """

    run_id: str
    session_id: str
    user_id: str
    started_at: datetime
    number: int
    project: str | None = None
    hardware_id: str | None = None
    cell_id: str | None = None
    code_hash: str | None = None
    config_hash: str | None = None
    lineage: str | None = None
    label: str | None = None
    phase: Phase | None = None
    planned: int | None = None
    status: Status = "started"
    duration_s: float | None = None
    cpu_time_s: float | None = None
    energy_j: float | None = None
    energy_low_j: float | None = None
    energy_high_j: float | None = None
    node_energy_j: float | None = None
    idle_j: float | None = None
    devices: Mapping[str, DeviceEnergy] = field(default_factory=dict)
    method: Method = "unavailable"
    settled: bool = False
    pue: float | None = None
    intensity: CarbonIntensity | None = None
    operational_g: float | None = None
    operational_low_g: float | None = None
    operational_high_g: float | None = None
    embodied_g: float | None = None
    embodied_low_g: float | None = None
    embodied_high_g: float | None = None
    water_l: float | None = None
    water_low_l: float | None = None
    water_high_l: float | None = None
    adpe_kgsbeq: float | None = None
    primary_energy_mj: float | None = None
    ewaste_kg: float | None = None
    work_units: float | None = None
    work_kind: str | None = None
    metric_name: str | None = None
    metric: float | None = None
    flops: float | None = None
    parameters: float | None = None

    def __post_init__(self) -> None:
        if self.started_at.utcoffset() != timedelta(0):
            raise ValueError(f"started_at must be aware UTC: {self.started_at!r}")

    @property
    def is_replay(self) -> bool:
        """Whether a device's energy is a recording played back, not this machine's."""
        return any(device.label.startswith(REPLAY) for device in self.devices.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The time of a session between its runs, kept as one row."""

    session_id: str
    duration_s: float
    energy_j: float | None
    node_energy_j: float | None
    method: Method = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One kernel from load to exit."""

    session_id: str
    user_id: str
    started_at: datetime
    project: str | None = None
    hardware_id: str | None = None
    hardware: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    notebook: str | None = None
    pid: int | None = None
    boot_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rebound pattern seen in a session, as it was told.

    `run` is the index of the run that brought it, from 0. Percentages are of the
    potential saving; `low_pct` and `high_pct` are the 80 % interval.
    """

    finding_id: str
    session_id: str
    lineage: str
    run: int
    at: datetime
    level: Literal["warn", "notice"]
    kind: Literal["backfire", "scale-up", "breadth", "intensification", "creep"]
    message: str
    rebound_pct: float | None = None
    low_pct: float | None = None
    high_pct: float | None = None
    wasted_j: float | None = None
    wasted_g: float | None = None
    answer: Literal["planned", "snooze", "not-rebound", "budget"] | None = None
