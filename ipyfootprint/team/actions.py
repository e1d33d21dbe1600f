"""Efficiency actions and what became of them: gains found in the weeks of an experiment.

A week of an experiment is read as one run of it, so that the search for a gain and the estimate
of R are the notebook's own (`rebound.gain`, `rebound.volume`): energy per unit of work fell, and
so much of the saving per calendar week went into more work. Weeks in which it did not run are no
evidence of pace and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ipyfootprint.rebound import gain, volume
from ipyfootprint.rebound.history import History
from ipyfootprint.rebound.observation import Observation
from ipyfootprint.team.aggregates import Course, Volume
from ipyfootprint.team.filters import WEEK


@dataclass(frozen=True, slots=True)
class Action:
    """A lasting fall of energy per unit of work, and energy per week before and after it.

    Attributes:
        since: Monday of the first week with it.
        unit: the unit of work, or "run".
        ratio: energy per unit after over before.
        before_j: energy per active week; `after_j` likewise.
        kept_j: energy per week that the same work would use now.
        rebound: R with its 80 % interval `low` to `high`, fractions of the potential saving.
        weeks: how many before and after.
    """

    project: str
    lineage: str
    since: date
    unit: str
    ratio: float
    before_j: float
    after_j: float
    kept_j: float
    rebound: float
    low: float
    high: float
    weeks: tuple[int, int]


def actions(courses: Iterable[Course]) -> list[Action]:
    """What was found in each course, the largest saving first."""
    found = [action for course in courses if (action := _action(course)) is not None]
    return sorted(found, key=lambda a: (a.kept_j - a.before_j, a.project, a.lineage))


def _action(course: Course) -> Action | None:
    weeks = [(monday, one) for monday, one in course.weeks if one.energy_j > 0]
    kind = _kind(one for _, one in weeks)
    history = History(kind or "runs", counted=True)
    for index, (monday, one) in enumerate(weeks):
        seen = _as_run(course, index, monday, one, kind)
        history.append(seen, one.energy_j, one.carbon_g, WEEK.total_seconds(), plan=False)
    found = gain.find(history, 0)
    became = volume.estimate(history, found, course.lineage) if found else None
    if found is None or became is None:
        return None
    before = became.before.power_w * WEEK.total_seconds()
    return Action(
        project=course.project,
        lineage=course.lineage,
        since=weeks[found.split][0],
        unit=kind or "runs",
        ratio=became.ratio,
        before_j=before,
        after_j=became.after.power_w * WEEK.total_seconds(),
        kept_j=became.ratio * before,
        rebound=became.shown,
        low=became.low,
        high=became.high,
        weeks=(became.before.runs, became.after.runs),
    )


def _kind(weeks: Iterable[Volume]) -> str:
    """The one unit in which every week's work was counted, or "" where runs are the unit."""
    kinds = {one.work_kind if one.work else "" for one in weeks}
    return kinds.pop() if len(kinds) == 1 else ""


def _as_run(course: Course, index: int, monday: date, one: Volume, kind: str) -> Observation:
    return Observation(
        session="",
        index=index,
        t_start=datetime.combine(monday, time(), UTC).timestamp(),
        duration_s=WEEK.total_seconds(),
        lineage=course.lineage,
        # of the mean run: it is a run that has a fixed cost, not a week
        energy_j=one.energy_j / one.runs,
        carbon_g=one.carbon_g,
        work=(one.work or 0.0) / one.runs if kind else 1.0,
        work_kind=kind or "runs",
    )
