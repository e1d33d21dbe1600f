"""What would help, with what it would have saved: only where everything it needs is known."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from ipyfootprint.amounts import energy_of, total_of
from ipyfootprint.model import Estimate, Phase, Run
from ipyfootprint.rebound.sums import abandoned, failed
from ipyfootprint.words import WORDS, counted, say

AdviceKind = Literal["early-stopping", "halving", "reuse", "subset", "cleaner-hour"]

LEAST_SAVING_J = 100.0
LEAST_SHARE = 0.02  # of the energy looked at
LEAST_CONFIGS = 4
TOLERANCE = 0.01  # a metric within one per cent of the best is as good
SUBSET = 0.1  # a first run on a tenth of the data
_WORK: tuple[Phase, ...] = ("training", "tuning", "evaluation", "data")  # no looking around
# Which way is better cannot be seen from a value; these names say it.
_LOWER = re.compile(r"loss|err|mse|mae|rmse|perplex|ppl|wer|fid|nll", re.I)
_HIGHER = re.compile(r"acc|auc|f1|score|r2|precision|recall|bleu|roug|iou|dice|map\b", re.I)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that would have helped.

    Args:
        kind: what it is.
        text: a sentence without its full stop.
        saves_j: energy it would have saved, in J, or None.
        saves_g: operational carbon it would have saved, in g, or None.
    """

    kind: AdviceKind
    text: str
    saves_j: Estimate | None = None
    saves_g: Estimate | None = None


def advise(runs: Sequence[Run], *, least_j: float = LEAST_SAVING_J) -> tuple[Suggestion, ...]:
    """What would have saved energy in these runs, the largest saving first.

    The savings of two suggestions may be of the same joules and are not to be added up.

    Args:
        runs: of a session, or of one lineage; oldest first.
        least_j: savings below this are not worth a word, in J.
    """
    known = [run for run in runs if run.energy_j is not None and run.status != "started"]
    whole = sum(run.energy_j or 0.0 for run in known)
    lineages: dict[str, list[Run]] = defaultdict(list)
    for run in known:
        lineages[run.lineage or ""].append(run)
    found: list[Suggestion | None] = [small_first(known)]
    for rows in lineages.values():
        found += [early_stop(rows), halving(rows), reuse(rows)]
    least_j = max(least_j, LEAST_SHARE * whole)
    savings = [(one.saves_j.mid, one) for one in found if one and one.saves_j]
    savings.sort(key=lambda saving: -saving[0])
    return tuple(one for saved_j, one in savings if saved_j >= least_j)


def early_stop(runs: Sequence[Run]) -> Suggestion | None:
    """Longer runs of a lineage that end no better than shorter ones.

    Needs work in one unit at two amounts or more, and a metric whose name says which way is
    better. The saving is the work beyond the least that was as good.
    """
    good = [r for r in runs if r.status == "ok" and r.work_units and r.metric is not None]
    kinds, names = {r.work_kind for r in good}, {r.metric_name for r in good}
    better = _direction(names.pop() if len(names) == 1 else None)
    if len(good) < 4 or len(kinds) != 1 or better is None:
        return None
    values = [better * (r.metric or 0.0) for r in good]
    best = max(values)
    near = [r for r, v in zip(good, values, strict=True) if v >= best - TOLERANCE * abs(best)]
    least = min(near, key=lambda r: r.work_units or 0.0)
    enough = least.work_units or 0.0
    longer = [r for r in good if (r.work_units or 0.0) > 1.05 * enough]
    saved = total_of(
        energy * (1 - enough / (r.work_units or enough))
        for r in longer
        if (energy := energy_of(r)) is not None
    )
    if saved is None:
        return None
    unit = (kinds.pop() or "").strip() or WORDS["units"]
    return Suggestion(
        "early-stopping",
        counted(
            "advice_early_stopping",
            len(longer),
            enough=f"{enough:g}",
            unit=unit,
            metric=least.metric_name,
            value=f"{least.metric:.4g}",
        ),
        saved,
        _carbon(saved, longer),
    )


def halving(runs: Sequence[Run]) -> Suggestion | None:
    """A search over configurations, each at full length.

    Successive halving (Jamieson and Talwalkar, AISTATS 2016) starts n configurations at
    1/eta^s of the work, s = floor(log_eta n), and keeps one in eta at each of s + 1 rungs: in
    all (s + 1)/eta^s of the full search. The bounds are those of eta 2, 3 and 4.
    """
    good = [r for r in runs if r.status == "ok" and (r.work_units or 0) > 1 and r.config_hash]
    newest = {r.config_hash: r for r in good}
    works = [r.work_units or 0.0 for r in newest.values()]
    if len(newest) < LEAST_CONFIGS or min(works) < 0.5 * max(works):
        return None
    energy = total_of(map(energy_of, newest.values()))
    if energy is None:
        return None
    shares = sorted(1 - _halved(len(newest), eta) for eta in (2, 3, 4))
    saved = Estimate(
        energy.mid * (1 - _halved(len(newest), 3)), energy.low * shares[0], energy.high * shares[-1]
    )
    unit = good[0].work_kind or WORDS["units"]
    return Suggestion(
        "halving",
        say(
            "advice_halving",
            count=len(newest),
            work=f"{median(works):.3g}",
            unit=unit,
            share=f"{_halved(len(newest), 3) * 100:.0f}",
        ),
        saved,
        _carbon(saved, list(newest.values())),
    )


def reuse(runs: Sequence[Run]) -> Suggestion | None:
    """Runs of the same code and configuration as an earlier one.

    Where a metric is known it must have come out the same: else the runs differ in something
    that is not seen, and nothing is said.
    """
    first: dict[tuple[object, ...], Run] = {}
    again: list[Run] = []
    for run in runs:
        if run.status != "ok" or not run.code_hash or not run.config_hash:
            continue
        key = (run.code_hash, run.config_hash, run.work_units)
        earlier = first.setdefault(key, run)
        if earlier is run:
            continue
        if run.metric != earlier.metric:
            continue
        if run.metric is None and run.phase not in _WORK:
            continue
        again.append(run)
    saved = total_of(map(energy_of, again))
    if saved is None:
        return None
    # Without a metric the runs may have differed in what is not seen: all of it, or nothing.
    if any(run.metric is None for run in again):
        saved = Estimate(saved.mid, 0.0, saved.high)
    return Suggestion("reuse", counted("advice_reuse", len(again)), saved, _carbon(saved, again))


def small_first(runs: Sequence[Run]) -> Suggestion | None:
    """Runs that failed or were stopped: a first try on a tenth of the data finds most errors."""
    lost = [run for run in runs if failed(run) or abandoned(run)]
    energy = total_of(map(energy_of, lost))
    if energy is None or len(lost) < 2:
        return None
    saved = Estimate(energy.mid * (1 - SUBSET), 0.0, energy.high)
    return Suggestion("subset", say("advice_subset", count=len(lost)), saved, _carbon(saved, lost))


def cleaner_hour(runs: Sequence[Run], saving: float | None, at: str) -> Suggestion | None:
    """The next run at a cleaner hour of the grid.

    Args:
        runs: of the lineage; its newest says what a run emits.
        saving: fraction of carbon that the best hour saves, or None where no data say.
        at: that hour in words.
    """
    emitted = [run.operational_g for run in runs if run.operational_g is not None]
    if saving is None or saving < 0.05 or not emitted:
        return None
    return Suggestion(
        "cleaner-hour",
        say("advice_cleaner_hour", at=at, share=f"{saving * 100:.0f}"),
        None,
        Estimate.exact(emitted[-1] * saving),
    )


def _direction(name: str | None) -> float | None:
    """1 where a higher value is better, -1 where a lower one is, None where it is not known."""
    if not name:
        return None
    if _LOWER.search(name):
        return -1.0
    return 1.0 if _HIGHER.search(name) else None


def _halved(configs: int, eta: int) -> float:
    """Work of successive halving over that of running every configuration in full."""
    rungs = math.floor(math.log(configs, eta) + 1e-9)
    return (rungs + 1) / float(eta**rungs)


def _carbon(saved_j: Estimate, runs: Iterable[Run]) -> Estimate | None:
    """Carbon of saved energy at the mean intensity of the runs it is of."""
    rows = [run for run in runs if run.energy_j]
    if not rows or any(run.operational_g is None for run in rows):
        return None
    rate = sum(run.operational_g or 0.0 for run in rows) / sum(run.energy_j or 0.0 for run in rows)
    return saved_j * rate
