"""What the `%footprint` sub-commands about rebound, budgets and the life cycle do."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NoReturn

from IPython.core.magic_arguments import MagicArgumentParser

from ipyfootprint import widgets
from ipyfootprint.errors import ConfigError
from ipyfootprint.jupyter.lines import NOTHING_YET, Command, say, show
from ipyfootprint.units import energy_text

if TYPE_CHECKING:
    from ipyfootprint.jupyter.live import Live

NO_GAIN = "No gain and no budget yet: there is nothing that could feed back."


def rebound(live: Live, rest: str) -> None:
    """Show what was found, or answer the newest finding."""
    from ipyfootprint import insight

    if rest:
        said, _, amount = rest.partition(" ")
        finding = insight.answer(said, budget=amount.strip() or None)
        live.show.banners.answered(finding)
        return say(f"Kept: {finding.answer}, for {finding.lineage}.")
    findings = insight.findings()
    if not findings:
        return say("No rebound has been found in this session.")
    for finding in findings:
        advice = widgets.gather.advice_rows(insight.explain(finding).advice)
        show(widgets.static_view.finding_view(finding, advice))


def plan(live: Live, rest: str) -> None:
    """Announce work, so that it is no evidence of a rebound."""
    from ipyfootprint import insight

    wanted = dict(part.partition("=")[::2] for part in rest.split())
    try:
        runs = int(wanted.pop("runs")) if "runs" in wanted else None
        wh = float(wanted.pop("wh")) if "wh" in wanted else None
    except ValueError:
        wanted["?"] = rest
    label = wanted.pop("label", None)
    if wanted or not rest:
        raise ConfigError(
            f"{rest!r} is not a plan", "nothing was changed", "Type e.g. plan runs=40 wh=300."
        )
    insight.plan(runs, wh, label=label)
    said = [f"{runs} runs"] if runs else []
    said += [energy_text(wh * 3600)] if wh else []
    of = f" of {label}" if label else ""
    say(f"Planned: {' and '.join(said)}{of}; warnings are silent until 120 % of it is used.")


def budget(live: Live, rest: str) -> None:
    """Show the budget, or set one."""
    from ipyfootprint import insight

    if rest:
        kept = insight.set_budget(rest)
        if kept is not None:
            say(f"Kept in {kept}." if insight.budget() else f"Taken out of {kept}.")
    used = insight.budget()
    say("No budget is set." if used is None else f"Budget: {used}. {_asks(used.budget.action)}")


def compare(live: Live, rest: str) -> None:
    """Hold two stretches of runs against each other."""
    from ipyfootprint import insight

    try:
        named = shlex.split(rest)
    except ValueError:
        named = [rest]
    if len(named) not in (0, 2):
        raise ConfigError(
            f"{rest!r} is not two stretches",
            "nothing was compared",
            "Type e.g. compare 1-12 13-30, compare yesterday today, compare LABEL LABEL.",
        )
    show(widgets.rebound_view.compare_view(insight.compare(*named)))


def advice(live: Live, rest: str) -> None:
    """Say what would have saved energy."""
    from ipyfootprint import insight

    found = insight.advice()
    if not found:
        return say("Nothing stands out: no advice whose saving is known and worth a word.")
    show(widgets.rebound_view.advice_view(found))


def lifecycle(live: Live, rest: str) -> None:
    """Show totals by phase."""
    from ipyfootprint import insight

    if rest not in ("", "all"):
        raise ConfigError(f"{rest!r} is not known here", "nothing was shown", "Type lifecycle all.")
    totals = insight.lifecycle(all=rest == "all")
    if not totals:
        return say(NOTHING_YET)
    show(widgets.rebound_view.lifecycle_view(totals))


def loop(live: Live, rest: str) -> None:
    """Show how the session feeds back."""
    from ipyfootprint import insight

    found = insight.loop()
    if not found:
        return say(NO_GAIN)
    show(widgets.rebound_view.loop_view(found))


def breakeven(live: Live, rest: str) -> None:
    """Say when efficiency work, or new hardware, has paid for itself."""
    from ipyfootprint import insight

    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise ConfigError(f"{error}", "nothing was computed", _USAGE) from None
    typed = _BREAKEVEN.parse_args(words)
    found = insight.breakeven(
        typed.cost,
        cost_label=typed.cost_label,
        old=typed.old,
        new=typed.new,
        uses_per_day=typed.uses_per_day,
        days=typed.days,
        carbon=typed.carbon,
    )
    say(widgets.rebound_view.breakeven_text(found))


class _Parser(MagicArgumentParser):
    """Says what is wrong in three parts."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(message, "nothing was computed", _USAGE)


_USAGE = (
    "Type breakeven --cost-label LABEL|--cost AMOUNT --old LABEL|AMOUNT --new LABEL|AMOUNT "
    "[--uses-per-day N] [--days N] [--carbon]."
)
_BREAKEVEN = _Parser("breakeven", add_help=False)
_BREAKEVEN.add_argument("--cost-label")
_BREAKEVEN.add_argument("--cost")
_BREAKEVEN.add_argument("--old", required=True)
_BREAKEVEN.add_argument("--new", required=True)
_BREAKEVEN.add_argument("--uses-per-day", type=float)
_BREAKEVEN.add_argument("--days", type=float, default=365.0)
_BREAKEVEN.add_argument("--carbon", action="store_true")


def _asks(action: str) -> str:
    if action == "confirm":
        return "A cell that is likely to pass it is asked about first."
    return "It is spoken of from 80 % on."


COMMANDS: dict[str, Command] = {
    "rebound": (
        rebound,
        "rebound [ANSWER]",
        "what was found; answer planned, snooze, not-rebound or budget [500 Wh]",
    ),
    "plan": (plan, "plan runs=N wh=X [label=L]", "announce work, so that it is no rebound"),
    "budget": (
        budget,
        "budget [500 Wh per day]",
        "what to stay below, in Wh, g or L per session, day or week; --action confirm asks first",
    ),
    "compare": (compare, "compare [A B]", "two stretches of runs, and what made them differ"),
    "advice": (advice, "advice", "what would have saved energy, and how much"),
    "lifecycle": (lifecycle, "lifecycle [all]", "totals by phase, failed runs included"),
    "loop": (loop, "loop", "how a gain and a budget feed back in this session"),
    "breakeven": (
        breakeven,
        "breakeven ...",
        "when efficiency work has paid for itself (--cost-label, --old, --new, --uses-per-day)",
    ),
}
