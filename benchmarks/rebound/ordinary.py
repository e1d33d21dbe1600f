"""Stories of ordinary work, in which nothing may be told.

Each writes a session and returns the index of the first run after a gain, or None without one.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.rebound.growing import same_work
from benchmarks.rebound.writer import Writer

Story = Callable[[Writer, int], int | None]


def debugging(w: Writer, n: int) -> None:
    """Many tries and failures."""
    rng = w.world.rng
    w.world.try_rate, w.world.fail_rate = rng.uniform(0.4, 0.7), rng.uniform(0.1, 0.4)
    w.usual(n)


def first_exploration(w: Writer, n: int) -> None:
    """Small runs first, until the usual size is found."""
    rng = w.world.rng
    until = rng.randint(8, 16)
    for i in range(n):
        w.around()
        size = min(1.0, 0.15 + 0.85 * i / until)
        w.run(w.size() * size, w.pause(rng.uniform(0.7, 1.3)), metric=w.saturating(i))


def reload(w: Writer, n: int) -> None:
    """The kernel restarts, and cells run again one after another."""
    rng = w.world.rng
    w.usual(n // 2)
    for _ in range(rng.randint(1, 3)):
        for _ in range(rng.randint(3, 9)):
            w.run(w.size(), rng.uniform(1, 15), fresh=0.0)
        w.usual(n // 4, first=n // 2)


def planned_sweep(w: Writer, n: int) -> int | None:
    """An announced search, in half of the sessions after a gain."""
    rng = w.world.rng
    w.usual(n // 3)
    at = w.gain(rng.uniform(0.4, 0.8)) if rng.random() < 0.5 else None
    size = rng.randint(12, 40)
    mark = rng.choice([True, size])
    for _ in range(size):
        w.run(w.size(), rng.uniform(1, 20), fresh=1.0, planned=mark)
    if at is None:
        w.usual(n // 4, first=n // 3)
    return at


def next_day(w: Writer, n: int) -> None:
    """A night in between, and another pace after it."""
    rng = w.world.rng
    w.usual(n // 2)
    w.run(w.size(), rng.uniform(9, 16) * 3600)
    w.world.pause_s *= rng.uniform(0.7, 1.3)
    w.usual(n // 2, first=n // 2)


def dirty_grid(w: Writer, n: int) -> None:
    """The grid's carbon intensity doubles for some hours; energy does not."""
    usual = w.world.intensity
    for i in range(n):
        dirty = 0.4 < i / n < 0.8
        w.world.intensity = usual * (w.world.rng.uniform(1.8, 3) if dirty else 1)
        w.usual(1, first=i)


def noisy_machine(w: Writer, n: int) -> None:
    """20-35 % noise."""
    w.world.sigma = w.world.rng.uniform(0.2, 0.35)
    w.usual(n)


def gain_same_work(w: Writer, n: int) -> int:
    """A gain, and no more work an hour than before."""
    rng, world = w.world.rng, w.world
    world.power_w = max(world.power_w, world.run_j / 350)
    n0 = rng.randint(8, 25)
    w.usual(n0)
    at = w.gain(rng.uniform(0.3, 0.8))
    same_work(w, rng.randint(15, 40), n0)
    return at


def plan_finished_sooner(w: Writer, n: int) -> int:
    """The rest of the same plan after a gain, at a quicker pace."""
    rng = w.world.rng
    n0 = rng.randint(12, 30)
    w.usual(n0)
    at = w.gain(rng.uniform(0.3, 0.8))
    total = n0 * min(1.0, 20 / n0) * rng.uniform(0.4, 0.85)
    done = 0.0
    while done < total:
        size = min(w.size(), total - done + 0.01)
        w.run(size, w.pause(0.8))
        done += size
    return at


def real_progress(w: Writer, n: int) -> None:
    """Runs grow, and so does what comes out of them."""
    rng = w.world.rng
    w.world.metric = True
    grow = rng.uniform(1.5, 3.0)
    for i in range(n):
        w.around()
        share = max(0.0, (i - n / 3) / (2 * n / 3))
        metric = 0.5 + 0.4 * i / n + rng.gauss(0, 0.01)
        w.run(w.size() * (1 + (grow - 1) * share), metric=metric)


def one_long_run(w: Writer, n: int) -> int | None:
    """A long run at the end, in half of the sessions after a gain."""
    rng = w.world.rng
    w.usual(n // 2)
    at = w.gain(rng.uniform(0.4, 0.8)) if rng.random() < 0.5 else None
    if at is None:
        w.usual(n // 2, first=n // 2)
    else:
        same_work(w, rng.randint(4, 12), n // 2)
    w.run(rng.uniform(8, 30), metric=w.saturating(n))
    return at


def bursty_pace(w: Writer, n: int) -> None:
    """Hours of haste and hours of thought."""
    rng, world = w.world.rng, w.world
    world.pace_lag = rng.uniform(0.6, 0.9)
    world.pause_sigma = rng.uniform(0.9, 1.5)
    world.pace = "lognormal"
    w.usual(n)


def two_projects(w: Writer, n: int) -> None:
    """Two unrelated trainings in one notebook, by turns."""
    rng = w.world.rng
    other = rng.uniform(0.3, 4.0)
    on = "main"
    for _ in range(n):
        if rng.random() < 0.15:
            on = "other" if on == "main" else "main"
        w.run(w.size() * (other if on == "other" else 1.0), lineage=on)
        if rng.random() < w.world.plot_rate:
            w.around()


ORDINARY: dict[str, Story] = {
    "debugging": debugging,
    "first exploration": first_exploration,
    "reload": reload,
    "planned sweep": planned_sweep,
    "next day": next_day,
    "dirty grid": dirty_grid,
    "noisy machine": noisy_machine,
    "gain, same work": gain_same_work,
    "plan finished sooner": plan_finished_sooner,
    "real progress": real_progress,
    "one long run": one_long_run,
}
HELD_OUT: dict[str, Story] = {"bursty pace": bursty_pace, "two projects": two_projects}
