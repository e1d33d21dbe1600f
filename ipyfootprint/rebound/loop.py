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

Z80 = 1.2816  # the normal deviate of an 80 % interval
LEAST_RUNS = 3
GAIN, WORK = "cheaper unit of work", "work per hour"
ENERGY, CARBON, BUDGET = "energy per hour", "carbon per hour", "budget used"


@dataclass(frozen=True, slots=True)
class Strength:
    """One link of the loop.

    Args:
        source: what changes first; `target` what follows.
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
        links.append(
            Strength(ENERGY, BUDGET, 1.0, 1.0, 1.0, "by definition: a budget counts what is used")
        )
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
    lines = []
    for link in links:
        strength = "not measured yet" if link.value is None else f"{link.value:+.2f}"
        if link.low is not None and link.high is not None and link.low < link.high:
            strength += f" ({link.low:+.2f} to {link.high:+.2f})"
        doubt = "" if link.known or link.value is None else "; could be none"
        how = f"; {link.how}" if link.how else ""
        lines.append(f"{link.source} -> {link.target}: {strength}{doubt}{how}.")
    gained = next((link for link in links if (link.source, link.target) == (GAIN, WORK)), None)
    if gained is None or gained.low is None or gained.high is None:
        return lines
    if gained.low > 1:
        lines.append("The gain feeds its own undoing: more than the whole saving is used up.")
    elif gained.high >= 1:
        lines.append("About the whole saving is used up: the interval holds 1.")
    elif gained.low > 0:
        lines.append("The gain is partly used up by more work: below 1 it still saves.")
    return lines


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
        f"a unit costs {(1 - rho) * 100:.0f} % less, {rebound.growth:.2f}x the work per hour",
    )
    return [
        work,
        Strength(GAIN, ENERGY, -1.0, -1.0, -1.0, "by definition, at the same work"),
        Strength(WORK, ENERGY, 1.0, 1.0, 1.0, "by definition, at the same energy per unit"),
    ]


def _of_grid(change: tuple[float, float] | None) -> Strength:
    how = "by definition, at the same grid"
    if change is not None and abs(change[1] - change[0]) > 0.01 * change[0]:
        how += f"; the grid itself went from {change[0]:.0f} to {change[1]:.0f} g/kWh"
    return Strength(ENERGY, CARBON, 1.0, 1.0, 1.0, how)


def _of_budget(feedback: Feedback) -> Strength:
    """Ln of energy per active hour, after over before, with the scatter's 80 % interval."""
    before, after = feedback.before, feedback.after
    if min(len(before), len(after)) < LEAST_RUNS:
        return Strength(BUDGET, WORK, None, how=f"at least {LEAST_RUNS} runs on each side tell")
    value = fmean(after) - fmean(before)
    half = Z80 * math.sqrt(variance(after) / len(after) + variance(before) / len(before))
    how = f"energy per active hour is {math.exp(value):.2f}x what it was before the budget"
    return Strength(BUDGET, WORK, value, value - half, value + half, how)
