"""The detector: one run in, at most one finding out, at a cost that does not grow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Literal

from ipyfootprint.model import Finding
from ipyfootprint.rebound import creep, gain, sentences, volume
from ipyfootprint.rebound.history import History
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.rebound.plans import Plan, use
from ipyfootprint.rebound.volume import Bar, Rebound

Answer = Literal["planned", "snooze", "not-rebound", "budget"]

LONGEST_GAP_S = 600.0
LEAST_RUN_J = 100.0
MICRO = 0.15  # of the lineage's typical energy
FEW = 0.25  # of the lineage's typical work
SMALL_BECOMES_USUAL = 12  # so many small runs in a row are the new size, not tries
UNCOUNTED_BECOMES_USUAL = 5
AGAIN = 0.5  # growth of R after which a lineage is spoken of once more
SNOOZE_S = 3600.0  # of active time


@dataclass(slots=True)
class _Episode:
    """One gain and what was said of it."""

    gain: gain.Gain
    first: int  # where the baseline may start
    told: float | None = None  # R at the last warning
    noticed: bool = False
    quiet: bool = False


@dataclass(slots=True)
class _Lineage:
    history: History
    episode: _Episode | None = None
    creep_told: float | None = None
    creep_since: int = 0
    energy_j: float = 0.0  # folded, waiting for the next real run
    carbon_g: float | None = 0.0
    small_in_a_row: int = 0
    snoozed_until_s: float = -math.inf
    bar: Bar = field(default_factory=Bar)


class Detector:
    """Watches one session's runs for gains that more work uses up, and for creep.

    Its state is a function of the runs, plans and answers it was given, in order: feeding a
    session's record again rebuilds it.

    Args:
        timezone: in which times are told; None for the machine's own.
        least_run_j: runs below this energy are folded into the next (J).
        least_waste_j: waste below this is not worth a word (J).
        earlier: findings of earlier sessions; a lineage once answered "not a rebound" starts
            with its bar raised.
    """

    def __init__(
        self,
        *,
        timezone: tzinfo | None = UTC,
        least_run_j: float = LEAST_RUN_J,
        least_waste_j: float = 3600.0,
        earlier: Sequence[Finding] = (),
    ) -> None:
        self._timezone = timezone
        self._least_run_j = least_run_j
        self._bar = Bar(waste_j=least_waste_j)
        self._bars: dict[str, Bar] = {}
        self._lineages: dict[str, _Lineage] = {}
        self._findings: dict[str, Finding] = {}
        self._plans: list[Plan] = []
        self._largest_j = 0.0  # what the usual run of the dearest lineage uses
        self._waiting_s = 0.0  # active time of small and failed runs, for the next real one
        self._active_s = 0.0
        self._energy_j = 0.0
        self._last_end: float | None = None
        for finding in earlier:
            if finding.answer == "not-rebound":
                self._bars[finding.lineage] = self._bar.raised()

    @property
    def findings(self) -> Sequence[Finding]:
        """What was told so far, oldest first, with the answers."""
        return tuple(self._findings.values())

    def feed(self, run: Observation) -> Finding | None:
        """Take one finished run, in the order of the session; returns what to tell, if anything."""
        active_s = self._elapse(run)
        lineage = self._lineage(run)
        lineage.energy_j += run.energy_j
        if lineage.carbon_g is not None:
            lineage.carbon_g = None if run.carbon_g is None else lineage.carbon_g + run.carbon_g
        if self._is_small(run, lineage):
            self._waiting_s += active_s
            return None
        planned = use(self._plans, run)
        history = lineage.history
        self._waiting_s += active_s
        history.append(run, lineage.energy_j, lineage.carbon_g, self._waiting_s, planned)
        lineage.energy_j = lineage.carbon_g = 0.0
        usual_j, _ = history.typical()
        self._largest_j = max(self._largest_j, usual_j)
        if usual_j >= MICRO * self._largest_j:
            self._waiting_s = 0.0  # else a plot or an evaluation: its time is the training's too
        self._follow_gain(lineage)
        if planned or self._active_s < lineage.snoozed_until_s:
            return None
        return self._judge(run, lineage)

    def answer(self, finding_id: str, answer: Answer) -> Finding:
        """Store what the person said of a finding, and follow it from now on.

        "planned" and "budget" end the matter for this gain; "snooze" is silence for an hour of
        active time, after which the same gain may be told again; "not-rebound" ends it and
        raises the bar for the lineage.

        Raises:
            KeyError: no such finding in this session.
        """
        finding = replace(self._findings[finding_id], answer=answer)
        self._findings[finding_id] = finding
        if answer == "not-rebound":
            self._bars[finding.lineage] = self._bars.get(finding.lineage, self._bar).raised()
        lineage = self._lineages.get(finding.lineage)
        if lineage is None:
            return finding
        lineage.bar = self._bars.get(finding.lineage, self._bar)
        if answer == "snooze":
            lineage.snoozed_until_s = self._active_s + SNOOZE_S
            lineage.creep_told = None
            if lineage.episode:
                lineage.episode.told = None
        elif finding.kind == "creep":
            lineage.creep_told = math.inf
        elif lineage.episode:
            lineage.episode.quiet = True
        return finding

    def plan(
        self,
        *,
        runs: int | None = None,
        energy_j: float | None = None,
        lineage: str | None = None,
    ) -> Plan:
        """Announce work: runs from now on are no evidence until 120 % of the plan is used."""
        plan = Plan(runs=runs, energy_j=energy_j, lineage=lineage)
        self._plans.append(plan)
        return plan

    def rebounds(self) -> Sequence[Rebound]:
        """Every lineage with a gain, and what became of it as of now; whether told or not."""
        found = [
            volume.estimate(lineage.history, lineage.episode.gain, name)
            for name, lineage in self._lineages.items()
            if lineage.episode
        ]
        return [rebound for rebound in found if rebound]

    def _elapse(self, run: Observation) -> float:
        """Active time of a run: its duration and the pause before it, at most ten minutes."""
        gap_s = 0.0
        if self._last_end is not None:
            gap_s = min(LONGEST_GAP_S, max(0.0, run.t_start - self._last_end))
        self._last_end = max(self._last_end or -math.inf, run.t_start + run.duration_s)
        self._energy_j += run.energy_j
        self._active_s += run.duration_s + gap_s
        return run.duration_s + gap_s

    def _lineage(self, run: Observation) -> _Lineage:
        """The run's lineage; it starts anew where its work is counted in another way."""
        counted = bool(run.work)
        known = self._lineages.get(run.lineage)
        if known is not None:
            history = known.history
            other_unit = counted and history.counted and run.work_kind != history.work_kind
            uncounted = history.uncounted_in_a_row >= UNCOUNTED_BECOMES_USUAL
            if not (other_unit or (counted and not history.counted) or uncounted):
                return known
            if not run.ok:
                return known
        bar = self._bars.get(run.lineage, self._bar)
        self._lineages[run.lineage] = _Lineage(History(run.work_kind, counted), bar=bar)
        return self._lineages[run.lineage]

    def _is_small(self, run: Observation, lineage: _Lineage) -> bool:
        """Whether to fold a run into the next: it failed, or is a try beside its lineage."""
        if not run.ok or run.energy_j < self._least_run_j or run.energy_j <= 0:
            return True
        history = lineage.history
        if run.work:
            history.cheapest_j = min(history.cheapest_j, run.energy_j)
        energy_j, work = history.typical()
        small = run.energy_j < MICRO * energy_j
        if history.counted and run.work:
            # The same work for much less energy is a gain; a few units at the price of many
            # are a try, whose fixed cost says nothing of what a unit costs.
            small = run.work < FEW * work
        lineage.small_in_a_row = lineage.small_in_a_row + 1 if small else 0
        return small and lineage.small_in_a_row < SMALL_BECOMES_USUAL

    def _follow_gain(self, lineage: _Lineage) -> None:
        """Look for a newer gain, and measure the known one again with the newest run."""
        history, episode = lineage.history, lineage.episode
        first = episode.gain.split if episode else 0
        newer = gain.find(history, first)
        if newer is not None:
            lineage.episode = _Episode(newer, first)
        elif episode is not None:
            known, stop = episode.gain, len(history)
            if stop - known.split in (6, 10, 16):
                known = gain.settle(history, known, episode.first, reach=3)
            episode.gain = gain.measure(history, known.start, known.split, stop)

    def _judge(self, run: Observation, lineage: _Lineage) -> Finding | None:
        history, episode = lineage.history, lineage.episode
        if episode is None or not episode.gain.clear:
            return self._judge_creep(run, lineage)
        if episode.quiet:
            return None
        found = volume.estimate(history, episode.gain, run.lineage)
        if found is None:
            return None
        if episode.told is not None and found.shown < episode.told + AGAIN:
            return None
        level = volume.level(history, episode.gain, found, self._energy_j, lineage.bar)
        if level is None or (level == "notice" and (episode.noticed or episode.told is not None)):
            return None
        episode.noticed = True
        if level == "warn":
            episode.told = found.shown
        return self._tell(
            run,
            level,
            found.kind,
            sentences.rebound_sentence(found, self._timezone),
            found.wasted_j,
            found.wasted_g,
            (found.shown, found.low, found.high),
        )

    def _judge_creep(self, run: Observation, lineage: _Lineage) -> Finding | None:
        found = creep.find(
            lineage.history,
            lineage.creep_since,
            run.lineage,
            self._energy_j,
            lineage.bar.waste_j,
            lineage.bar.evidence,
        )
        if found is None or (
            lineage.creep_told is not None and found.growth < lineage.creep_told + AGAIN
        ):
            return None
        lineage.creep_told = found.growth
        sentence = sentences.creep_sentence(found, self._timezone, run.metric_name)
        return self._tell(run, "warn", "creep", sentence, found.wasted_j, found.wasted_g, None)

    def _tell(
        self,
        run: Observation,
        level: volume.Level,
        kind: volume.Kind,
        message: str,
        wasted_j: float,
        wasted_g: float | None,
        rebound: tuple[float, float, float] | None,
    ) -> Finding:
        identity = f"{run.session}\x1f{run.lineage}\x1f{run.index}\x1f{level}"
        percent = [100 * r for r in rebound] if rebound else [None] * 3
        finding = Finding(
            finding_id=blake2b(identity.encode(), digest_size=8).hexdigest(),
            session_id=run.session,
            lineage=run.lineage,
            run=run.index,
            at=datetime.fromtimestamp(run.t_start + run.duration_s, UTC),
            level=level,
            kind=kind,
            message=message,
            rebound_pct=percent[0],
            low_pct=percent[1],
            high_pct=percent[2],
            wasted_j=wasted_j,
            wasted_g=wasted_g,
        )
        self._findings[finding.finding_id] = finding
        return finding
