"""The causal loop of a session: how a gain feeds back through what people do, with strengths.

    a cheaper unit of work -> more work per hour -> energy per hour -> carbon per hour
          the budget used <- energy per hour, and the budget used -> less work per hour

A strength is an elasticity: per cent of change at the link's end for a per cent at its
beginning. That of a gain on the work done is ln omega / ln(1/rho): 1 is where the whole saving
is used up, and above 1 is backfire.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, variance

from ipyfootprint.model import Run
from ipyfootprint.rebound.sums import active_seconds
from ipyfootprint.rebound.volume import Rebound
from ipyfootprint.words import WORDS, named, say

Z80 = 1.2816  # the normal deviate of an 80 % interval
LEAST_RUNS = 3
# Names of the loop's nodes; the views show the catalogue's phrase for each.
GAIN, WORK = "cheaper unit of work", "work per hour"
ENERGY, CARBON, BUDGET = "energy per hour", "carbon per hour", "budget used"


@dataclass(frozen=True, slots=True)
class Strength:
    """One link of the loop.

    Args:
        source: the node that changes first; `target` the one that follows.
        value: elasticity, or None where it was not measured; `low` and `high` its 80 %
            interval.
        how: where the figure comes from, as a sentence without its full stop.
    """

    source: str
    target: str
    value: float | None
    low: float | None = None
    high: float | None = None
    how: str = ""

    @property
    def known(self) -> bool:
        """Whether the interval leaves no doubt that there is a link."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Feedback:
    """How runs since a budget was set differ from those before.

    Args:
        before: natural logarithms of energy per active hour, one a run; likewise `after`.
    """

    before: tuple[float, ...]
    after: tuple[float, ...]


def causal_loop(
    rebound: Rebound | None,
    *,
    grid: tuple[float, float] | None = None,
    limited: Feedback | None = None,
) -> tuple[Strength, ...]:
    """The links of the loop; nothing where there was no gain and no budget.

    Args:
        rebound: the gain looked at, and what became of it.
        grid: intensity before and after, in g/kWh.
        limited: what a budget did to the pace, where there is one.
    """
    links: list[Strength] = []
    if rebound is not None:
        links += _of_gain(rebound)
    if links or limited:
        links.append(_of_grid(grid))
    if limited is not None:
        links.append(Strength(ENERGY, BUDGET, 1.0, 1.0, 1.0, WORDS["how_counted"]))
        links.append(_of_budget(limited))
    return tuple(links)


def feedback(runs: Sequence[Run], set_at: datetime) -> Feedback:
    """The pace of a session before and since a budget was set, from its runs that have energy."""
    active_s = active_seconds(runs)
    sides: tuple[list[float], list[float]] = ([], [])
    for run in runs:
        seconds = active_s[run.run_id]
        if run.energy_j and seconds > 0:
            sides[run.started_at >= set_at].append(math.log(run.energy_j / seconds))
    return Feedback(tuple(sides[0]), tuple(sides[1]))


def runs_left(gain: Rebound) -> int | None:
    """Runs until as much energy was used since the gain as in its whole baseline before.

    That is where the saving on that work is gone; 0 where it is gone already. None where
    nothing has run since.
    """
    if gain.after.runs == 0 or gain.after.energy_j <= 0:
        return None
    left_j = gain.before.energy_j - gain.after.energy_j
    return max(0, math.ceil(left_j / (gain.after.energy_j / gain.after.runs)))


def loop_text(links: Sequence[Strength]) -> list[str]:
    """The loop as sentences, one a link, and what kind of loop it makes."""
    lines = [_line(link) for link in links]
    gained = next((link for link in links if (link.source, link.target) == (GAIN, WORK)), None)
    if gained is None or gained.low is None or gained.high is None:
        return lines
    if gained.low > 1:
        lines.append(WORDS["loop_undone"])
    elif gained.high >= 1:
        lines.append(WORDS["loop_whole"])
    elif gained.low > 0:
        lines.append(WORDS["loop_partly"])
    return lines


def _line(link: Strength) -> str:
    strength = WORDS["loop_not_yet"] if link.value is None else f"{link.value:+.2f}"
    if link.low is not None and link.high is not None and link.low < link.high:
        low, high = f"{link.low:+.2f}", f"{link.high:+.2f}"
        strength = say("loop_range", strength=strength, low=low, high=high)
    doubt = "" if link.known or link.value is None else WORDS["loop_doubt"]
    told = "; ".join(filter(None, (strength, doubt, link.how)))
    ends = {"source": named("node", link.source), "target": named("node", link.target)}
    return say("loop_line", **ends, told=told)


def _of_gain(rebound: Rebound) -> list[Strength]:
    rho = rebound.ratio
    unit = 1 / -math.log(rho)

    def elasticity(r: float) -> float:
        # omega from R, the inverse of R = rho (omega - 1) / (1 - rho)
        return math.log(max(1e-6, 1 + r * (1 - rho) / rho)) * unit

    value = elasticity(rebound.shown)
    work = Strength(
        GAIN,
        WORK,
        value,
        elasticity(rebound.low),
        elasticity(rebound.high),
        say("how_gain", saved=f"{(1 - rho) * 100:.0f}", growth=f"{rebound.growth:.2f}"),
    )
    return [
        work,
        Strength(GAIN, ENERGY, -1.0, -1.0, -1.0, WORDS["how_same_work"]),
        Strength(WORK, ENERGY, 1.0, 1.0, 1.0, WORDS["how_same_energy"]),
    ]


def _of_grid(change: tuple[float, float] | None) -> Strength:
    how = WORDS["how_same_grid"]
    if change is not None and abs(change[1] - change[0]) > 0.01 * change[0]:
        how = say("how_grid_moved", before=f"{change[0]:.0f}", after=f"{change[1]:.0f}")
    return Strength(ENERGY, CARBON, 1.0, 1.0, 1.0, how)


def _of_budget(feedback: Feedback) -> Strength:
    """Ln of energy per active hour, after over before, with the scatter's 80 % interval."""
    before, after = feedback.before, feedback.after
    if min(len(before), len(after)) < LEAST_RUNS:
        return Strength(BUDGET, WORK, None, how=say("how_too_few", count=LEAST_RUNS))
    value = fmean(after) - fmean(before)
    half = Z80 * math.sqrt(variance(after) / len(after) + variance(before) / len(before))
    how = say("how_pace", ratio=f"{math.exp(value):.2f}")
    return Strength(BUDGET, WORK, value, value - half, value + half, how)
