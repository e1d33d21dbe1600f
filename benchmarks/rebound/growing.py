"""Stories in which a gain is used up by more work, and those in which work creeps up.

Each writes a session and returns the index of the first run after the turn and the kind of
the growth.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.rebound.world import ratio_uniform
from benchmarks.rebound.writer import Writer

Story = Callable[[Writer], tuple[int, str]]


def scale_up(w: Writer) -> tuple[int, str]:
    """Larger runs."""
    return _larger(w, w.world.rng.uniform(0.35, 1.0))


def backfire(w: Writer) -> tuple[int, str]:
    """Larger or more runs, or both, beyond the whole saving."""
    rng = w.world.rng
    n0, n1, ratio = _lengths(w)
    w.usual(n0)
    at = w.gain(ratio)
    grown = 1 + rng.uniform(1.1, 1.8) * (1 / ratio - 1)
    how = rng.choice(["larger", "more", "both"])
    larger = {"larger": grown, "more": 1.0, "both": grown ** rng.uniform(0.3, 0.8)}[how]
    pauses = 1.0 if how == "larger" else rng.uniform(0.1, 0.6)
    _more(w, n0, n1, larger, pauses, rng.choice([w.world.fresh, rng.uniform(0.8, 1.0)]))
    return at, "scale-up"


def breadth(w: Writer) -> tuple[int, str]:
    """More runs an hour, nearly all of them new configurations."""
    rng = w.world.rng
    w.world.fresh = rng.uniform(0.1, 0.55)
    n0, n1, ratio = _lengths(w)
    w.usual(n0)
    at = w.gain(ratio)
    _more(w, n0, n1, 1.0, rng.uniform(0.15, 0.7), rng.uniform(0.85, 1.0))
    return at, "breadth"


def intensification(w: Writer) -> tuple[int, str]:
    """The same configurations more often."""
    rng = w.world.rng
    n0, n1, ratio = _lengths(w)
    w.usual(n0)
    at = w.gain(ratio)
    _more(w, n0, n1, 1.0, rng.uniform(0.15, 0.7), w.world.fresh * rng.uniform(0.1, 1.0))
    return at, "intensification"


def delayed(w: Writer) -> tuple[int, str]:
    """The same work for a while, and larger runs only then."""
    rng = w.world.rng
    n0, ratio = round(ratio_uniform(rng, 6, 28)), rng.uniform(0.25, 0.75)
    w.usual(n0)
    at = w.gain(ratio)
    same_work(w, rng.randint(6, 14), n0)
    larger = 1 + rng.uniform(0.8, 2.0) * (1 / ratio - 1)
    for i in range(rng.randint(25, 60)):
        w.around()
        w.run(w.size() * larger, metric=w.saturating(n0 + i))
    return at, "scale-up"


def staircase(w: Writer) -> tuple[int, str]:
    """Two gains, each followed by larger runs; the truth counts from the first."""
    rng = w.world.rng
    n0 = round(ratio_uniform(rng, 6, 20))
    w.usual(n0)
    at, larger = -1, 1.0
    for _ in range(2):
        ratio = rng.uniform(0.4, 0.75)
        index = w.gain(ratio)
        at = index if at < 0 else at
        larger *= 1 + rng.uniform(0.5, 1.3) * (1 / ratio - 1)
        for i in range(rng.randint(14, 30)):
            w.around()
            w.run(w.size() * larger, w.pause(0.8), metric=w.saturating(n0 + i))
    return at, "scale-up"


def creep(w: Writer) -> tuple[int, str]:
    """No gain; larger and more frequent runs while the metric hardly moves any more."""
    rng = w.world.rng
    w.world.metric = True
    n0, n1 = rng.randint(10, 25), rng.randint(20, 40)
    w.usual(n0)
    at = len(w.runs)
    reached = w.saturating(n0, stalled=True) or 0.0
    larger, pauses = rng.uniform(1.4, 4.0), rng.uniform(0.4, 1.0)
    ramp = rng.choice([1, 4, 10, 20])
    slope, missing = rng.choice([0.0, 0.0, 0.0005]), rng.choice([0.0, 0.0, 0.3])
    scatter = ratio_uniform(rng, 0.004, 0.03)
    for i in range(n1):
        w.around()
        grown = min(1.0, (i + 1) / ramp)
        top = None if rng.random() < missing else reached + slope * i + rng.gauss(0, scatter)
        w.run(w.size() * (1 + (larger - 1) * grown), w.pause(1 + (pauses - 1) * grown), metric=top)
    return at, "creep"


def same_work(w: Writer, n: int, n0: int = 0) -> None:
    """After a gain: as much work per active hour as before, the time saved is spent thinking."""
    world = w.world
    for i in range(n):
        w.around()
        size = w.size()
        saved_s = world.run_j * (1 - world.overhead) * size * (1 - w.speed) / world.power_w
        pause = w.pause()
        w.run(size, pause + saved_s if pause < 600 else pause, metric=w.saturating(n0 + i))


def _larger(w: Writer, strength: float) -> tuple[int, str]:
    n0, n1, ratio = _lengths(w)
    w.usual(n0)
    at = w.gain(ratio)
    _more(w, n0, n1, 1 + strength * (1 / ratio - 1), 1.0, w.world.fresh)
    return at, "scale-up"


def _lengths(w: Writer) -> tuple[int, int, float]:
    """Runs before and after, and the gain's ratio."""
    rng = w.world.rng
    n0 = round(ratio_uniform(rng, 6, 28))
    return n0, max(rng.randint(18, 60), round(1.5 * n0)), rng.uniform(0.25, 0.82)


def _more(w: Writer, n0: int, n1: int, larger: float, pauses: float, fresh: float) -> None:
    """`n1` runs that grow to `larger` work, shorter pauses and another share of new tries."""
    rng = w.world.rng
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


REBOUND: dict[str, Story] = {
    "scale-up": scale_up,
    "breadth": breadth,
    "intensification": intensification,
    "backfire": backfire,
}
HELD_OUT: dict[str, Story] = {"delayed": delayed, "staircase": staircase}
CREEP: dict[str, Story] = {"creep": creep}
