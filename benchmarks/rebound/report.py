"""The tables: what was asked, what was reached, kind by kind and beside the peers."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterable, Sequence

from benchmarks.rebound import growing, ordinary
from benchmarks.rebound.cost import cost_ms
from benchmarks.rebound.peers import DETECTORS, Watch, ours
from benchmarks.rebound.score import (
    Tally,
    binomial_interval,
    poisson_interval,
    score,
    share,
    total,
    typical,
)
from benchmarks.rebound.sessions import REPORTING, TUNING, sessions
from benchmarks.rebound.world import Labelled

Tallies = dict[str, Tally]
QUICK, FULL = 40, 150  # sessions of each family and seed


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables over the reporting seeds; --tuning over the others, without held-out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rebound")
    parser.add_argument("--full", action="store_true", help=f"{FULL} sessions a family and seed")
    parser.add_argument("--tuning", action="store_true", help="the seeds thresholds are chosen on")
    args = parser.parse_args(argv)
    each = FULL if args.full else QUICK
    seeds = TUNING if args.tuning else REPORTING
    growths = [*growing.REBOUND, *growing.CREEP]
    plain = [*sessions([*growths, *ordinary.ORDINARY], each, seeds)]
    stressed = [*sessions([*growths, *ordinary.ORDINARY], each, seeds, stress=True)]
    held = []
    if not args.tuning:
        held = [*sessions([*growing.HELD_OUT, *ordinary.HELD_OUT], each, seeds)]
    print(
        f"Seeds {', '.join(map(str, seeds))} with {each} sessions of each family:"
        f" {len(plain)} sessions, {len(held)} of families held out of all tuning, and"
        f" {len(stressed)} under stress (autocorrelated pace, heavy gaps, correlated noise)."
    )
    goals(score(plain, ours), score(stressed, ours), score(held, ours))
    by_kind("Sessions with growth", score(_growing(plain), ours))
    by_seed(plain, seeds)
    by_counting(plain)
    if held:
        by_kind("Families held out: growth", score(_growing(held), ours))
        by_family("Families held out: ordinary work", score(_benign(held), ours))
    by_family("Ordinary work", score(_benign(plain), ours))
    by_family("Ordinary work under stress", score(_benign(stressed), ours))
    by_kind("Sessions with growth under stress", score(_growing(stressed), ours))
    beside_peers(plain)


def goals(plain: Tallies, stressed: Tallies, held: Tallies) -> None:
    """Each number that was asked for, and what was reached."""
    growth = _rebounds(plain)
    every = total(growth.values())
    calm, stress = _alarms(plain), _alarms(stressed)
    early = _early([*plain.values(), *held.values()])
    median, slow = cost_ms()
    rows = [("recall, R >= 25 %", ">= .87", _recall(every))]
    rows += [
        (f"recall, {kind}", f">= {goal}", _recall(growth.get(kind, Tally())))
        for kind, goal in (
            ("backfire", ".92"),
            ("breadth", ".90"),
            ("intensification", ".90"),
            ("scale-up", ".90"),
        )
    ]
    rows += [
        ("recall, creep with a metric", ">= .65", _recall(plain["creep"])),
        ("false alarms per benign active hour", "<= .002 (.004)", calm),
        ("the same under stress", "<= .004", stress),
        ("alarms before the gain", "0", f"{early} (under stress {_early(stressed.values())})"),
    ]
    for kind, warn, notice in (
        ("backfire", "9", ""),
        ("scale-up", "12", ""),
        ("breadth", "18", "11"),
        ("intensification", "18", "11"),
    ):
        tally = growth.get(kind, Tally())
        reach = f"warn {typical(tally.warn_delays):.0f}, notice {typical(tally.notice_delays):.0f}"
        rows.append((f"delay in runs, {kind}", f"<= {warn}" + (notice and f", {notice}"), reach))
    alert, end = typical(every.alert_errors), typical(every.end_errors)
    rows += [
        ("median error of R at alert / at end", "<= 15 / 5 points", f"{alert:.1f} / {end:.1f}"),
        (
            "80 % interval holds R, at alert / at end",
            ".75-.85",
            f"{share(every.alert_covered):.2f} / {share(every.end_covered):.2f}",
        ),
        (
            "cost of a run at 10 000 runs, median / p99",
            "<= 0.1 / 1 ms",
            f"{median:.3f} / {slow:.3f}",
        ),
    ]
    _table("Goals", ("what", "goal", "reached"), rows)


def by_kind(title: str, tallies: Tallies) -> None:
    """Recall, kind, delay and error of each kind of growth."""
    _table(
        title,
        ("kind", "recall", "right kind", "delay warn / notice", "error of R", "interval holds R"),
        [
            (
                kind,
                _recall(tally),
                f"{tally.right_kind}/{tally.warned}",
                f"{typical(tally.warn_delays):.0f} / {typical(tally.notice_delays):.0f}",
                f"{typical(tally.alert_errors):.1f} / {typical(tally.end_errors):.1f}",
                f"{share(tally.alert_covered):.2f} / {share(tally.end_covered):.2f}",
            )
            for kind, tally in sorted(tallies.items())
        ],
    )


def by_family(title: str, tallies: Tallies) -> None:
    """Alarms and notices of each family of ordinary work."""
    _table(
        title,
        ("family", "sessions", "active hours", "alarms", "notices"),
        [
            (name, str(t.sessions), f"{t.active_h:.0f}", str(t.alarms), str(t.notices))
            for name, t in tallies.items()
        ]
        + [("all", "", "", _alarms(tallies), "")],
    )


def by_seed(plain: list[Labelled], seeds: Sequence[int]) -> None:
    """How much the figures differ from seed to seed."""
    rows = []
    for seed in seeds:
        tallies = score((s for s in plain if s.seed // 100_000 == seed), ours)
        growth = _rebounds(tallies)
        recalls = [_recall(growth.get(kind, Tally())) for kind in growing.REBOUND]
        rows.append((str(seed), _recall(total(growth.values())), *recalls, _alarms(tallies)))
    _table("Seed by seed", ("seed", "recall", *growing.REBOUND, "false alarms an hour"), rows)


def by_counting(plain: list[Labelled]) -> None:
    """Where work is counted, and where it is not: larger runs cannot be told from dearer ones."""
    rows = []
    for counted in ("all", "some", "none"):
        growth = _rebounds(score((s for s in plain if s.counted == counted), ours))
        recalls = [_recall(growth.get(kind, Tally())) for kind in growing.REBOUND]
        rows.append((counted, _recall(total(growth.values())), *recalls))
    for title, quiet in (("noise below 15 %", True), ("noise from 15 % on", False)):
        chosen = (s for s in plain if s.counted == "all" and (s.sigma < 0.15) == quiet)
        growth = _rebounds(score(chosen, ours))
        recalls = [_recall(growth.get(kind, Tally())) for kind in growing.REBOUND]
        rows.append((f"all, {title}", _recall(total(growth.values())), *recalls))
    _table("Recall by what is counted", ("work counted", "recall", *growing.REBOUND), rows)


def beside_peers(plain: list[Labelled]) -> None:
    """The same sessions through a naive detector and a change-point library."""
    rows = []
    for name, watch in DETECTORS.items():
        if name == "ruptures" and importlib.util.find_spec("ruptures") is None:
            rows.append((name, *["not installed"] * 6))
            continue
        rows.append((name, *_peer(plain, watch)))
    columns = ("recall", "backfire", "creep", "false alarms an hour", "early", "error of R")
    _table("Beside peers", ("detector", *columns), rows)


def _peer(plain: list[Labelled], watch: Watch) -> tuple[str, ...]:
    tallies = score(plain, watch)
    growth = _rebounds(tallies)
    every = total(growth.values())
    early = sum(tally.early for tally in tallies.values())
    error = f"{typical(every.alert_errors):.1f}" if every.alert_errors else "none given"
    creep = _recall(tallies["creep"])
    return _recall(every), _recall(growth["backfire"]), creep, _alarms(tallies), str(early), error


def _early(tallies: Iterable[Tally]) -> str:
    every = total(tallies)
    return f"{every.early}, and {every.early_notices} notices"


def _growing(of: Iterable[Labelled]) -> list[Labelled]:
    return [session for session in of if not session.benign]


def _benign(of: Iterable[Labelled]) -> list[Labelled]:
    return [session for session in of if session.benign]


def _rebounds(tallies: Tallies) -> Tallies:
    return {kind: tally for kind, tally in tallies.items() if kind in growing.REBOUND}


def _recall(tally: Tally) -> str:
    if not tally.sessions:
        return "none"
    low, high = binomial_interval(tally.warned, tally.sessions)
    return f"{tally.recall:.3f} ({tally.warned}/{tally.sessions}; {low:.2f}-{high:.2f})"


def _alarms(tallies: Tallies) -> str:
    all_families = {**ordinary.ORDINARY, **ordinary.HELD_OUT}
    benign = total(tally for name, tally in tallies.items() if name in all_families)
    if not benign.active_h:
        return "none"
    low, high = (count / benign.active_h for count in poisson_interval(benign.alarms))
    rate = benign.alarms / benign.active_h
    return f"{rate:.4f} ({benign.alarms} in {benign.active_h:.0f} h; {low:.4f}-{high:.4f})"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
