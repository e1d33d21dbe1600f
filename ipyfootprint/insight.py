"""What a person asks of a session: findings and answers, plans, budgets, comparisons, advice.

The magics, the buttons and scripts all call these functions; what they change is stored and
holds from then on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from ipyfootprint import config
from ipyfootprint.amounts import carbon_of, embodied_of, energy_of, total_of
from ipyfootprint.api import recording
from ipyfootprint.api import runs as runs_of
from ipyfootprint.errors import ConfigError
from ipyfootprint.explain import when
from ipyfootprint.model import Estimate, Finding, Run
from ipyfootprint.rebound.advise import Suggestion, advise, cleaner_hour
from ipyfootprint.rebound.budget import Budget, Usage
from ipyfootprint.rebound.explain import Explanation
from ipyfootprint.rebound.explain import explain as explained
from ipyfootprint.rebound.lifecycle import (
    BreakEven,
    PhaseTotal,
    Use,
    break_even,
    by_phase,
    per_use,
)
from ipyfootprint.rebound.loop import Strength
from ipyfootprint.rebound.periods import Comparison, select
from ipyfootprint.rebound.periods import compare as compared
from ipyfootprint.rebound.plans import Plan
from ipyfootprint.units import Amount, parse_amount


def findings() -> tuple[Finding, ...]:
    """The rebound findings of this session, oldest first, with the answers given."""
    return recording().watch.findings


def answer(said: str, finding_id: str | None = None, budget: str | None = None) -> Finding:
    """Answer a finding; the answer is stored and changes what is told from now on.

    Args:
        said: "planned", "snooze" (silence for an hour of active time), "not-rebound" (raises
            what it takes to speak of this experiment) or "budget".
        finding_id: which finding; the newest by default.
        budget: with "budget", the budget to set, e.g. "500 Wh per day".

    Raises:
        ConfigError: no such answer, finding or budget; nothing is changed then.
    """
    if budget is not None and said != "budget":
        raise ConfigError(
            f"{said!r} takes no budget", "nothing was changed", 'Type answer("budget", ...).'
        )
    wanted = Budget.parse(budget) if budget is not None else None
    finding = recording().watch.answer(said, finding_id)
    if wanted is not None:
        set_budget(str(wanted))
    return finding


def plan(runs: int | None = None, wh: float | None = None, *, label: str | None = None) -> Plan:
    """Announce work: it is no evidence of a rebound until 120 % of it is used.

    Args:
        runs: how many runs.
        wh: how much energy, in Wh.
        label: of this experiment alone; of any by default.

    Raises:
        ConfigError: neither runs nor energy above zero.
    """
    for name, value in (("runs", runs), ("wh", wh)):
        good = isinstance(value, int | float) and 0 < value < math.inf
        if value is not None and (not good or (name == "runs" and value != int(value))):
            raise ConfigError(
                f"{name}={value!r} is no plan", "nothing was changed", "Type e.g. runs=40 wh=300."
            )
    if runs is None and wh is None:
        raise ConfigError("Nothing was planned", "nothing was changed", "Type e.g. runs=40 wh=300.")
    return recording().watch.plan(runs, None if wh is None else wh * 3600, label)


def budget(text: str | None = None) -> Usage | None:
    """The budget in force and what of it is used; with a text, set it first.

    Args:
        text: e.g. "500 Wh per day --action confirm", "200 g", "5 L per week", or "none".

    Raises:
        ConfigError: no amount, period or action.
    """
    if text is not None:
        set_budget(text)
    return recording().budgets.usage()


def set_budget(text: str) -> str | None:
    """Put a budget in force; one per day or week is kept for other sessions too.

    Returns:
        The file that keeps it, or kept one that is now taken back; None where none does.

    Raises:
        ConfigError: no amount, period or action.
    """
    here = recording()
    if text.strip().lower() not in config.NONE:
        text = str(Budget.parse(text))
    here.change("budget", text)
    chosen = here.settings.budget
    lasting = chosen is not None and Budget.parse(chosen).period != "session"
    taken_back = chosen is None and config.is_kept("budget")
    return str(config.save("budget", text)) if lasting or taken_back else None


def compare(before: str | None = None, after: str | None = None) -> Comparison:
    """What made a second stretch of runs differ from a first, per active hour.

    Args:
        before: cells ("1-12"), a time of today, days ("yesterday"), a phase or a label.
        after: the same; without both, the newest gain's before and after.

    Raises:
        ConfigError: one of them names no run, or there is no gain to compare around.
    """
    here = recording()
    own = here.tracker.runs()
    if before is not None and after is not None:
        now = datetime.now(UTC)
        first, second = (select(text, own, _everything, now) for text in (before, after))
        return compared(first, second)
    found = None if before or after else explain().comparison
    if found is None:
        raise ConfigError(
            "No efficiency gain was seen in this session, so it has no before and after",
            "nothing was compared",
            "Name two stretches: compare 1-12 13-30, compare yesterday today, compare LABEL LABEL.",
        )
    return found


def advice(lineage: str | None = None) -> tuple[Suggestion, ...]:
    """What would have saved energy or carbon in this session, the largest saving first.

    Args:
        lineage: of this experiment alone.
    """
    here = recording()
    own = [run for run in here.tracker.runs() if lineage in (None, run.lineage)]
    found = advise(own, least_j=here.settings.threshold)
    hour = _cleaner_hour(own)
    return (*found, hour) if hour else found


def lifecycle(all: bool = False) -> tuple[PhaseTotal, ...]:
    """Totals by phase of the life cycle, failed and abandoned runs inside them.

    Args:
        all: over the whole ledger, not only this session.
    """
    return by_phase(runs_of(all=all))


def loop() -> tuple[Strength, ...]:
    """The causal loop of this session with measured strengths; empty without gain and budget."""
    return explain().loop


def explain(finding: Finding | None = None) -> Explanation:
    """What stands beside a finding: decomposition, causal loop, advice, runs left.

    Args:
        finding: which; without one, the gain that wasted most, and the advice of the session.
    """
    here = recording()
    return explained(
        here.tracker.runs(),
        here.watch.detector.rebounds(),
        finding.lineage if finding else None,
        budget_set_at=here.budgets.set_at,
        least_j=here.settings.threshold,
    )


def breakeven(
    cost: str | None = None,
    *,
    cost_label: str | None = None,
    old: str,
    new: str,
    uses_per_day: float | None = None,
    days: float = 365.0,
    carbon: bool = False,
) -> BreakEven:
    """When efficiency work, or new hardware, has paid for itself.

    Args:
        cost: an amount: energy ("420 Wh") or carbon ("150 kg", embodied in new hardware).
        cost_label: or the label of the runs that were the work; failed ones count.
        old: label of the runs, or amount, that one use was.
        new: the same for what it is.
        uses_per_day: declared use.
        days: horizon over which growth is judged.
        carbon: count in g CO2e: operational for uses, with the embodied share for the work.

    Raises:
        ConfigError: what is no amount or label, or amounts that are not of one kind.
    """
    for name, value in (("uses per day", uses_per_day), ("days", days)):
        if value is not None and not 0 < value < math.inf:
            raise _no(f"{value:g} {name}", "Give a number above 0.")
    if (cost is None) == (cost_label is None):
        raise _no("The cost is not known", "Give an amount (cost) or the label of its runs.")
    everything = runs_of(all=True)
    if cost is not None:
        amount = _amount(cost)
        if amount is None or amount.kind == "water":
            raise _no(f"{cost!r} is no cost", "Type e.g. 420 Wh or 150 kg.")
        paid, carbon = Estimate.exact(amount.value), carbon or amount.kind == "carbon"
        if carbon and amount.kind != "carbon":
            raise _no(f"{cost!r} is no carbon", "Type the cost in g or kg.")
    else:
        work = [run for run in everything if run.label == cost_label]
        parts = [energy_of(run) for run in work]
        if carbon:
            parts = [part for run in work for part in (carbon_of(run), embodied_of(run))]
        summed = total_of(parts)
        if summed is None:
            known = "No energy is known of runs" if work else "There is no run"
            raise _no(f"{known} with the label {cost_label!r}", _labels(everything))
        paid = summed
    uses = [_use(text, everything, carbon) for text in (old, new)]
    try:
        return break_even(paid, *_of_one_thing(*uses), uses_per_day, days, carbon=carbon)
    except ValueError as error:
        raise _no(str(error), "Compare runs that count one unit of work.") from None


def _cleaner_hour(own: Sequence[Run]) -> Suggestion | None:
    ended = [run for run in own if run.duration_s and run.operational_g]
    if not ended:
        return None
    longest = max(ended, key=lambda run: run.operational_g or 0.0)
    found = when(longest.duration_s)
    at = f"{found.best.at.astimezone():%H:%M}" if found.best else ""
    return cleaner_hour([longest], found.saving, at)


def _everything() -> list[Run]:
    return runs_of(all=True)


def _use(text: str, runs: Sequence[Run], carbon: bool) -> Use:
    """One use, by an amount or by the runs of a label."""
    amount = _amount(text)
    if amount is not None:
        if amount.kind != ("carbon" if carbon else "energy"):
            raise _no(f"{text!r} is not in the unit of the cost", "Give all in energy, or in g.")
        return Use(Estimate.exact(amount.value), "")
    chosen = [run for run in runs if text in (run.label, run.lineage)]
    found = per_use(chosen, carbon)
    if found is None:
        raise _no(f"{text!r} is no amount, and no metered run has that label", _labels(runs))
    return found


def _of_one_thing(old: Use, new: Use) -> tuple[Use, Use]:
    """A typed amount is of whatever the other counts."""
    what = old.what or new.what or "use"
    return (
        Use(old.per_use, old.what or what, old.runs),
        Use(new.per_use, new.what or what, new.runs),
    )


def _amount(text: str) -> Amount | None:
    try:
        return parse_amount(text)
    except ConfigError:
        return None


def _labels(runs: Sequence[Run]) -> str:
    labels = sorted({run.label for run in runs if run.label})
    return f"Labels: {', '.join(labels[:12])}." if labels else "Label cells with %%footprint -l."


def _no(what: str, remedy: str) -> ConfigError:
    return ConfigError(what, "nothing was computed", remedy)
