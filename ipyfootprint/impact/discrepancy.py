"""Time, energy and carbon side by side: where ranking runs by one misleads about another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from ipyfootprint.model import Run
from ipyfootprint.words import WORDS, counted, say

Quantity = Callable[[Run], float | None]

#: What runs are ranked by.
QUANTITIES: Mapping[str, Quantity] = {
    "time": lambda run: run.duration_s,
    "energy": lambda run: run.energy_j,
    "carbon": lambda run: run.operational_g,
}
#: What joins them where at least one run knows it.
COMPUTE: Mapping[str, Quantity] = {
    "FLOPs": lambda run: run.flops,
    "parameters": lambda run: run.parameters,
}

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Parting:
    """A run whose ranks by two quantities differ.

    Attributes:
        run: which.
        rank_a, rank_b: its ranks, 1 for the largest; ties have the mean of theirs.
    """

    run: Run
    rank_a: float
    rank_b: float

    @property
    def distance(self) -> float:
        """By how many places the ranks differ."""
        return abs(self.rank_a - self.rank_b)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two rankings agree.

    Attributes:
        a, b: the quantities.
        runs: how many runs entered.
        left_out: runs with both figures that may not enter: their energy is modelled from
            CPU time, so time and energy agree by construction.
        spearman: rank correlation, ties averaged; None for fewer than three runs or a
            quantity that is the same for all.
        parting: the run whose ranks differ most, or None where none do.
    """

    a: str
    b: str
    runs: int
    left_out: int
    spearman: float | None
    parting: Parting | None


def agreements(runs: Sequence[Run]) -> tuple[Agreement, ...]:
    """Every pair of time, energy and carbon, and of FLOPs and parameters where known.

    Args:
        runs: of one session.
    """
    joining = {name: of for name, of in COMPUTE.items() if any(of(run) is not None for run in runs)}
    known = {**QUANTITIES, **joining}
    names = list(known)
    return tuple(
        agreement(runs, (a, known[a]), (b, known[b]))
        for index, a in enumerate(names)
        for b in names[index + 1 :]
    )


def agreement(
    runs: Sequence[Run], first: tuple[str, Quantity], second: tuple[str, Quantity]
) -> Agreement:
    """How two quantities rank the same runs."""
    (a, of_a), (b, of_b) = first, second
    both = [run for run in runs if of_a(run) is not None and of_b(run) is not None]
    entering = [run for run in both if _may_enter(run, a, b)]
    ranks_a, ranks_b = ranks(list(map(of_a, entering))), ranks(list(map(of_b, entering)))
    distances = [abs(x - y) for x, y in zip(ranks_a, ranks_b, strict=True)]
    furthest = max(distances, default=0.0)
    parting = None
    if furthest > 0:
        at = distances.index(furthest)
        parting = Parting(entering[at], ranks_a[at], ranks_b[at])
    return Agreement(
        a,
        b,
        len(entering),
        len(both) - len(entering),
        correlation(ranks_a, ranks_b),
        parting,
    )


def ranks(values: Sequence[float | None]) -> list[float]:
    """Rank of each value, 1 for the largest; equal values share the mean of their places."""
    order = sorted(range(len(values)), key=lambda index: -(values[index] or 0.0))
    result = [0.0] * len(values)
    place = 0
    while place < len(order):
        end = place
        while end < len(order) and values[order[end]] == values[order[place]]:
            end += 1
        for index in order[place:end]:
            result[index] = (place + 1 + end) / 2
        place = end
    return result


def correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Pearson's correlation (of ranks: Spearman's); None where it has no meaning."""
    n = len(a)
    if n < _FEWEST:
        return None
    mean_a, mean_b = sum(a) / n, sum(b) / n
    across = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    along = sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return across / along if along > 0 else None


def discrepancy_text(agreed: Sequence[Agreement]) -> str:
    """One sentence a pair."""
    return "\n".join(map(_sentence, agreed))


def _sentence(each: Agreement) -> str:
    pair = {"a": WORDS.get(each.a, each.a), "b": WORDS.get(each.b, each.b)}
    if each.spearman is None:
        if each.left_out and each.runs < _FEWEST:
            return counted("agree_modelled", each.left_out, **pair)
        return counted("agree_few", each.runs, **pair)
    correlation, most = f"{each.spearman:.2f}", each.parting
    if most is None:
        return say("agree", **pair, count=each.runs, correlation=correlation)
    return say(
        "agree_but",
        **pair,
        count=each.runs,
        correlation=correlation,
        name=most.run.label or say("run_number", number=most.run.number),
        rank_a=f"{most.rank_a:g}",
        rank_b=f"{most.rank_b:g}",
    )


def _may_enter(run: Run, a: str, b: str) -> bool:
    """Modelled energy follows CPU time: it proves nothing about time or work against energy."""
    energetic = {"energy", "carbon"}
    if (a in energetic) == (b in energetic):
        return True
    return run.method in ("counter", "integrated")
