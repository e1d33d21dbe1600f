"""Seeded, labelled notebook sessions: people who gain efficiency, and what they do then.

Every session draws its own world (pace distribution, noise tails, drift, overhead, sizes of
work, which identifiers and counts are there), so that a detector cannot lean on one shape.
A session's label is what its latent quantities say, not what its family intended: R is
computed from realised energy and active time with the latent cost of work.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ipyfootprint.rebound.lineage import lineage_of
from ipyfootprint.rebound.observation import Observation

LONGEST_GAP_S = 600.0

REBOUND = ("scale-up", "breadth", "intensification", "backfire")
REBOUND_HELD_OUT = ("delayed", "staircase")
CREEP = ("creep",)
BENIGN = (
    "debugging",
    "first exploration",
    "reload",
    "planned sweep",
    "next day",
    "dirty grid",
    "noisy machine",
    "gain, same work",
    "plan finished sooner",
    "real progress",
    "one long run",
)
BENIGN_HELD_OUT = ("bursty pace", "two projects")


@dataclass
class World:
    """What a session is like, drawn once."""

    rng: random.Random
    stress: bool
    sigma: float = 0.0
    tails: str = "normal"
    noise_lag: float = 0.0
    drift: float = 0.0
    overhead: float = 0.0
    pace: str = "lognormal"
    pause_s: float = 60.0
    pause_sigma: float = 0.8
    pace_lag: float = 0.0
    break_rate: float = 0.03
    power_w: float = 200.0
    run_j: float = 3e4
    work: float = 10.0
    sizes: str = "jitter"
    fresh: float = 0.5
    fail_rate: float = 0.05
    try_rate: float = 0.1
    plot_rate: float = 0.2
    edit_rate: float = 0.08
    counted: str = "all"
    identity: str = "cell"
    metric: bool = True
    intensity: float = 300.0

    @classmethod
    def draw(cls, rng: random.Random, stress: bool) -> World:
        u = rng.uniform
        return cls(
            rng=rng,
            stress=stress,
            sigma=math.exp(u(math.log(0.02), math.log(0.18))),
            tails=rng.choice(["normal", "normal", "student", "outliers"]),
            noise_lag=u(0.3, 0.7) if stress else 0.0,
            drift=rng.choice([0, 0, 0, u(-0.1, 0.1)]),
            overhead=rng.choice([0, u(0, 0.05), u(0, 0.12)]),
            pace=rng.choice(["lognormal", "lognormal", "gamma", "mixture", "pareto"]),
            pause_s=math.exp(u(math.log(25), math.log(200))),
            pause_sigma=u(0.5, 1.4 if stress else 1.1),
            pace_lag=u(0.4, 0.8) if stress else rng.choice([0, 0, u(0, 0.4)]),
            break_rate=u(0.02, 0.12) if stress else u(0.0, 0.05),
            power_w=math.exp(u(math.log(40), math.log(700))),
            run_j=math.exp(u(math.log(6e3), math.log(2e5))),
            work=rng.choice([1, 3, 10, 50, 1000]),
            sizes=rng.choice(["constant", "jitter", "jitter", "steps", "wide"]),
            fresh=u(0.15, 0.75),
            fail_rate=u(0, 0.12),
            try_rate=u(0, 0.25),
            plot_rate=u(0, 0.5),
            edit_rate=u(0, 0.15),
            counted=rng.choices(["all", "none", "some"], [0.85, 0.05, 0.10])[0],
            identity=rng.choice(["label", "cell", "cell"]),
            metric=rng.random() < 0.6,
            intensity=u(40, 700),
        )


@dataclass
class Labelled:
    """A session's runs and the truth about it."""

    family: str
    seed: int
    runs: list[Observation]
    gain_index: int | None = None  # index in the session of the first run with the gain
    ratio: float | None = None
    rebound: float | None = None
    growth: float | None = None  # of energy per active hour, where there is creep
    active_h: float = 0.0
    counted: str = "all"
    benign: bool = True

    @property
    def kind(self) -> str:
        """The kind a finding should have: by the realised R, else by family."""
        if self.rebound is not None and self.rebound > 1 and not self.benign:
            return "backfire"
        return self.family


@dataclass
class Writer:
    """Writes a session run by run, as a person and a machine would."""

    world: World
    name: str
    t: float = 1.7e9
    runs: list[Observation] = field(default_factory=list)
    cost: float = 1.0  # latent energy of a unit of work, as a multiple of the first
    speed: float = 1.0  # duration of a unit of work, likewise
    code: int = 0
    config: int = 0
    progress: float = 0.0
    energy_true: list[tuple[int, float, float, float]] = field(default_factory=list)
    _shock: float = 0.0
    _mood: float = 0.0
    _end: float | None = None

    def noise(self) -> float:
        w, rng = self.world, self.world.rng
        if w.tails == "student":
            raw = rng.gauss(0, 1) / math.sqrt(rng.gammavariate(2.5, 1 / 2.5))
        elif w.tails == "outliers" and rng.random() < 0.04:
            raw = rng.uniform(2, 5)
        else:
            raw = rng.gauss(0, 1)
        a = w.noise_lag
        self._shock = a * self._shock + math.sqrt(1 - a * a) * raw
        return math.exp(w.sigma * max(-4.0, min(5.0, self._shock)))

    def pause(self, factor: float = 1.0) -> float:
        w, rng = self.world, self.world.rng
        a = w.pace_lag
        self._mood = a * self._mood + math.sqrt(1 - a * a) * rng.gauss(0, 1)
        if w.pace == "gamma":
            drawn = rng.gammavariate(1.2, 1 / 1.2) * math.exp(0.5 * self._mood)
        elif w.pace == "mixture":
            drawn = (0.25 if self._mood < 0.2 else 2.5) * rng.uniform(0.6, 1.4)
        elif w.pace == "pareto":
            drawn = 0.5 * rng.paretovariate(1.6) * math.exp(0.4 * self._mood)
        else:
            drawn = math.exp(w.pause_sigma * self._mood)
        if rng.random() < w.break_rate:
            return rng.uniform(1200, 5400)
        return max(1.5, drawn * factor * w.pause_s)

    def size(self) -> float:
        w, rng = self.world, self.world.rng
        if w.sizes == "jitter":
            return math.exp(rng.gauss(0, 0.12))
        if w.sizes == "steps":
            return rng.choice([0.5, 1.0, 1.0, 1.0, 2.0])
        if w.sizes == "wide":
            return math.exp(rng.gauss(0, 0.4))
        return 1.0

    def run(
        self,
        size: float = 1.0,
        pause_s: float | None = None,
        *,
        fresh: float | None = None,
        ok: bool = True,
        part: float = 1.0,
        planned: bool | int | None = None,
        metric: float | None = None,
        lineage: str = "main",
        power: float = 1.0,
    ) -> None:
        """One run of `size` times the usual work after a pause; `part` of it done."""
        w, rng = self.world, self.world.rng
        pause_s = self.pause() if pause_s is None else pause_s
        work = w.work * size * part
        if w.work >= 10:
            work = max(1.0, round(work))
        share = work / w.work
        latent = w.run_j * (w.overhead + (1 - w.overhead) * share * self.cost)
        latent *= 1 + w.drift * len(self.runs) / 60
        energy_j = latent * self.noise()
        fixed = w.overhead * w.run_j
        busy = (latent - fixed) * self.speed / self.cost + fixed
        duration_s = max(0.5, busy / w.power_w / power * rng.uniform(0.95, 1.05))
        if rng.random() < (w.fresh if fresh is None else fresh):
            self.config += 1
            config = self.config
        else:
            config = rng.randint(max(0, self.config - 3), self.config)
        if rng.random() < w.edit_rate:
            self.code += 1
        self._write(
            lineage, energy_j, duration_s, pause_s, config, work, ok, planned, metric, latent
        )

    def _write(
        self,
        lineage: str,
        energy_j: float,
        duration_s: float,
        pause_s: float,
        config: int,
        work: float,
        ok: bool,
        planned: bool | int | None,
        metric: float | None,
        latent: float,
    ) -> None:
        w = self.world
        gap = 0.0 if self._end is None else pause_s
        start = self.t + gap
        counted = w.counted == "all" or (w.counted == "some" and w.rng.random() < 0.75)
        label = f"train-{lineage}" if w.identity == "label" else None
        self.energy_true.append((len(self.runs), latent, work, duration_s + min(gap, 600.0)))
        self.runs.append(
            Observation(
                session=self.name,
                index=len(self.runs),
                t_start=start,
                duration_s=duration_s,
                lineage=lineage_of(label, f"cell-{lineage}", None),
                energy_j=energy_j,
                carbon_g=energy_j / 3.6e6 * w.intensity,
                code=f"{lineage}{self.code}",
                config=f"{lineage}{config}",
                work=work if counted and lineage != "plot" else None,
                work_kind="epochs" if counted and lineage != "plot" else None,
                metric=metric if ok else None,
                ok=ok,
                planned=planned,
            )
        )
        self.t = self._end = start + duration_s

    def around(self) -> None:
        """What happens between real runs: tries, failures, plots."""
        w, rng = self.world, self.world.rng
        while rng.random() < w.try_rate:
            self.run(rng.uniform(0.01, 0.1), self.pause(0.5))
        if rng.random() < w.fail_rate:
            self.run(1.0, self.pause(0.7), ok=False, part=rng.random())
        if rng.random() < w.plot_rate:
            t, e = rng.uniform(0.5, 8), rng.uniform(5, 400)
            self._write("plot", e, t, self.pause(0.4), 0, 0.0, True, None, None, e)

    def gain(self, ratio: float) -> int:
        """The code, the machine or a setting gets better; returns the next run's index."""
        rng = self.world.rng
        self.cost *= ratio
        self.speed *= ratio ** rng.uniform(0.5, 1.1)
        if rng.random() < 0.8:
            self.code += 1
        return len(self.runs)

    def saturating(self, n: int, stalled: bool = False) -> float | None:
        """The outcome metric of the n-th real run of this session."""
        if not self.world.metric:
            return None
        top = 0.6 * (1 - math.exp(-n / 6)) + (0 if stalled else 0.004 * n)
        return 0.3 + top + self.world.rng.gauss(0, 0.01)


def short_or_long(rng: random.Random, low: int, high: int) -> int:
    """A number of runs, small ones as likely as large ones on a ratio scale."""
    return round(math.exp(rng.uniform(math.log(low), math.log(high))))


def _before(w: Writer, n: int, first: int = 0) -> None:
    for i in range(n):
        w.around()
        w.run(w.size(), metric=w.saturating(first + i))


def _rebound(w: Writer, how: str) -> tuple[int, int]:
    """Before, a gain, and then more: by larger runs, more configurations or more repeats."""
    rng = w.world.rng
    n0 = short_or_long(rng, 6, 28)
    n1 = max(rng.randint(18, 60), round(1.5 * n0))
    ratio = rng.uniform(0.25, 0.8)
    if how == "breadth":
        w.world.fresh = rng.uniform(0.1, 0.55)
    _before(w, n0)
    at = w.gain(ratio)
    strength = rng.uniform(0.5, 1.0) if how != "backfire" else rng.uniform(1.1, 1.8)
    larger, pauses, fresh = 1.0, 1.0, w.world.fresh
    if how == "scale-up":
        larger = 1 + strength * (1 / ratio - 1)
    elif how == "breadth":
        pauses, fresh = rng.uniform(0.15, 0.7), rng.uniform(0.85, 1.0)
    elif how == "intensification":
        pauses, fresh = rng.uniform(0.15, 0.7), w.world.fresh * rng.uniform(0.1, 1.0)
    else:
        larger = (1 + strength * (1 / ratio - 1)) ** rng.uniform(0.5, 1.0)
        pauses = rng.uniform(0.2, 0.8)
        fresh = rng.choice([w.world.fresh, rng.uniform(0.8, 1.0)])
    ramp = rng.choice([0, 0, 3, 6])
    for i in range(n1):
        w.around()
        grown = min(1.0, (i + 1) / (ramp + 1))
        w.run(
            w.size() * (1 + (larger - 1) * grown),
            w.pause(1 + (pauses - 1) * grown),
            fresh=fresh,
            metric=w.saturating(n0 + i, stalled=rng.random() < 0.5),
        )
    return at, n0


def _delayed(w: Writer) -> tuple[int, int]:
    rng = w.world.rng
    n0, ratio = short_or_long(rng, 6, 28), rng.uniform(0.25, 0.75)
    _before(w, n0)
    at = w.gain(ratio)
    _same_work(w, rng.randint(6, 14), ratio)
    larger = 1 + rng.uniform(0.8, 2.0) * (1 / ratio - 1)
    for i in range(rng.randint(25, 60)):
        w.around()
        w.run(w.size() * larger, metric=w.saturating(n0 + i))
    return at, n0


def _staircase(w: Writer) -> tuple[int, int]:
    rng = w.world.rng
    n0 = short_or_long(rng, 6, 20)
    _before(w, n0)
    at = -1
    larger = 1.0
    for _ in range(2):
        ratio = rng.uniform(0.4, 0.75)
        index = w.gain(ratio)
        at = index if at < 0 else at
        larger *= 1 + rng.uniform(0.5, 1.3) * (1 / ratio - 1)
        for i in range(rng.randint(14, 30)):
            w.around()
            w.run(w.size() * larger, w.pause(0.8), metric=w.saturating(n0 + i))
    return at, n0


def _creep(w: Writer) -> int:
    rng = w.world.rng
    w.world.metric = True
    n0, n1 = rng.randint(10, 25), rng.randint(20, 40)
    _before(w, n0)
    at = len(w.runs)
    reached = w.saturating(n0, stalled=True) or 0.0
    larger, pauses = rng.uniform(1.6, 4.0), rng.uniform(0.4, 1.0)
    ramp = rng.choice([1, 4, 10])
    slope, missing = rng.choice([0.0, 0.0, 0.0005]), rng.choice([0.0, 0.0, 0.3])
    for i in range(n1):
        w.around()
        grown = min(1.0, (i + 1) / ramp)
        top = reached + slope * i + rng.gauss(0, 0.01)
        top = None if rng.random() < missing else top
        w.run(w.size() * (1 + (larger - 1) * grown), w.pause(1 + (pauses - 1) * grown), metric=top)
    return at


def _same_work(w: Writer, n: int, ratio: float, n0: int = 0) -> None:
    """After a gain: as much work per active hour as before, the time saved is spent thinking."""
    world = w.world
    for i in range(n):
        w.around()
        size = w.size()
        saved_s = world.run_j * (1 - world.overhead) * size * (1 - w.speed) / world.power_w
        pause = w.pause()
        if pause < LONGEST_GAP_S:
            pause += saved_s
        w.run(size, pause, metric=w.saturating(n0 + i))


def _benign(w: Writer, family: str) -> tuple[int, int] | None:
    rng, world = w.world.rng, w.world
    n = rng.randint(25, 60)
    if family == "debugging":
        world.try_rate, world.fail_rate = rng.uniform(0.4, 0.7), rng.uniform(0.1, 0.4)
        _before(w, n)
    elif family == "first exploration":
        for i in range(n):
            w.around()
            size = min(1.0, 0.15 + 0.85 * i / rng.randint(8, 16))
            w.run(w.size() * size, w.pause(rng.uniform(0.7, 1.3)), metric=w.saturating(i))
    elif family == "reload":
        _before(w, n // 2)
        for _ in range(rng.randint(1, 3)):
            for _ in range(rng.randint(3, 9)):
                w.run(w.size(), rng.uniform(1, 15), fresh=0.0)
            _before(w, n // 4, first=n // 2)
    elif family == "planned sweep":
        _before(w, n // 3)
        index = w.gain(rng.uniform(0.4, 0.8)) if rng.random() < 0.5 else None
        size = rng.randint(12, 40)
        mark = rng.choice([True, size])
        for _ in range(size):
            w.run(w.size(), rng.uniform(1, 20), fresh=1.0, planned=mark)
        if index is None:
            _before(w, n // 4, first=n // 3)
    elif family == "next day":
        _before(w, n // 2)
        w.run(w.size(), rng.uniform(9, 16) * 3600)
        world.pause_s *= rng.uniform(0.7, 1.3)
        _before(w, n // 2, first=n // 2)
    elif family == "dirty grid":
        usual = world.intensity
        for i in range(n):
            w.around()
            world.intensity = usual * (rng.uniform(1.8, 3) if 0.4 < i / n < 0.8 else 1)
            w.run(w.size(), metric=w.saturating(i))
    elif family == "noisy machine":
        world.sigma = rng.uniform(0.2, 0.35)
        _before(w, n)
    elif family == "gain, same work":
        n0, ratio = rng.randint(8, 25), rng.uniform(0.3, 0.8)
        world.power_w = max(world.power_w, world.run_j / 350)
        _before(w, n0)
        index = w.gain(ratio)
        _same_work(w, rng.randint(15, 40), ratio, n0)
        return index, n0
    elif family == "plan finished sooner":
        n0, ratio = rng.randint(12, 30), rng.uniform(0.3, 0.8)
        _before(w, n0)
        index = w.gain(ratio)
        total = n0 * min(1.0, 20 / n0) * rng.uniform(0.4, 0.85)
        done = 0.0
        while done < total:
            size = w.size()
            w.run(size, w.pause(0.8))
            done += size
        return index, n0
    elif family == "real progress":
        world.metric = True
        grow = rng.uniform(1.5, 3.0)
        for i in range(n):
            w.around()
            share = max(0.0, (i - n / 3) / (2 * n / 3))
            metric = 0.5 + 0.4 * i / n + rng.gauss(0, 0.01)
            w.run(w.size() * (1 + (grow - 1) * share), metric=metric)
    elif family == "one long run":
        _before(w, n // 2)
        index = w.gain(rng.uniform(0.4, 0.8)) if rng.random() < 0.5 else None
        if index is None:
            _before(w, n // 2, first=n // 2)
        else:
            _same_work(w, rng.randint(4, 12), w.cost, n // 2)
        w.run(rng.uniform(8, 30), metric=w.saturating(n))
    elif family == "bursty pace":
        world.pace_lag = rng.uniform(0.6, 0.9)
        world.pause_sigma = rng.uniform(0.9, 1.5)
        world.pace = "lognormal"
        _before(w, n)
    elif family == "two projects":
        other = rng.uniform(0.3, 4.0)
        on = "main"
        for _ in range(n):
            if rng.random() < 0.15:
                on = "other" if on == "main" else "main"
            w.run(w.size() * (other if on == "other" else 1.0), lineage=on)
            if rng.random() < world.plot_rate:
                w.around()
    else:
        raise ValueError(family)
    return None


def session(family: str, seed: int, stress: bool = False) -> Labelled:
    """The labelled session of a family with a seed; the same arguments give the same session.

    A family that stands for no growth is drawn again until its realised R is at most .1: pace
    alone can make an honest session of it that did use up its gain. Creep is drawn again until
    an active hour uses 1.3x the energy: larger runs that merely take longer do not.
    """
    for draw in range(50):
        labelled = _session(family, seed, draw, stress)
        if family == "gain, same work" and (labelled.rebound or 0.0) > 0.1:
            continue
        if family == "creep" and (labelled.growth or 0.0) < 1.3:
            continue
        return labelled
    raise RuntimeError(f"no session of {family!r} for seed {seed}")


def _session(family: str, seed: int, draw: int, stress: bool) -> Labelled:
    rng = random.Random(f"{family}/{seed}/{draw}/{stress}")
    world = World.draw(rng, stress)
    writer = Writer(world, name=f"{family}-{seed}", t=1.7e9 + rng.uniform(0, 3e7))
    makers: dict[str, Callable[[Writer], tuple[int, int]]] = {
        "delayed": _delayed,
        "staircase": _staircase,
    }
    benign = family in BENIGN + BENIGN_HELD_OUT
    found: tuple[int, int] | None = None
    if benign:
        found = _benign(writer, family)
    elif family == "creep":
        at = _creep(writer)
    elif family in makers:
        found = makers[family](writer)
    else:
        found = _rebound(writer, family)
    labelled = Labelled(family, seed, writer.runs, counted=world.counted, benign=benign)
    labelled.active_h = sum(active for *_, active in writer.energy_true) / 3600
    if family == "creep":
        labelled.growth = growth(writer, at)
    if found is not None:
        labelled.gain_index = found[0]
        labelled.ratio, labelled.rebound = truth(writer, found[0])
    return labelled


def truth(writer: Writer, at: int) -> tuple[float, float]:
    """(rho, R) of a session from its latent energies and realised active times."""
    e0 = w0 = t0 = e1 = w1 = t1 = 0.0
    lat0 = lat1 = u0 = u1 = 0.0
    for run, (index, latent, work, active) in zip(writer.runs, writer.energy_true, strict=True):
        main = work > 0
        if index < at:
            e0, t0 = e0 + (run.energy_j if main else 0.0), t0 + active
            w0 += work
            lat0, u0 = lat0 + (latent if main and run.ok else 0), u0 + (work if run.ok else 0)
        else:
            e1, t1 = e1 + (run.energy_j if main else 0.0), t1 + active
            w1 += work
            lat1, u1 = lat1 + (latent if main and run.ok else 0), u1 + (work if run.ok else 0)
    rho = (lat1 / u1) / (lat0 / u0)
    return rho, 1 - (1 - (e1 / t1) / (e0 / t0)) / (1 - rho)


def growth(writer: Writer, at: int) -> float:
    """Energy per active hour from run `at` on, over before."""
    energy = [0.0, 0.0]
    active = [0.0, 0.0]
    for run, (index, _, _, seconds) in zip(writer.runs, writer.energy_true, strict=True):
        energy[index >= at] += run.energy_j
        active[index >= at] += seconds
    return energy[1] / active[1] * active[0] / energy[0]


def sessions(
    families: tuple[str, ...], count: int, seed: int, stress: bool = False
) -> Iterator[Labelled]:
    """`count` sessions of each family, from `seed` x 100 000 on."""
    for family in families:
        for i in range(count):
            yield session(family, seed * 100_000 + i, stress)
