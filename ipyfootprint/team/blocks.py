"""The five blocks of the dashboard: a sentence, tables and a figure each."""

from __future__ import annotations

from dataclasses import dataclass

from ipyfootprint.team import figures, tables
from ipyfootprint.team.actions import Action, actions
from ipyfootprint.team.aggregates import Aggregates
from ipyfootprint.team.drawings import parts_drawing, series_drawing
from ipyfootprint.team.filters import Measure
from ipyfootprint.team.queries import OTHERS
from ipyfootprint.team.texts import headline, name_of, verdict
from ipyfootprint.team.who import by_experiment, by_project, together
from ipyfootprint.units import energy_text, percent_text
from ipyfootprint.widgets.drawing import Drawing
from ipyfootprint.widgets.tables import Table

TITLES = {
    "headline": "Totals",
    "series": "Over time",
    "who": "Who and what moved the total",
    "waste": "Waste",
    "actions": "What became of efficiency gains",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Attributes:
        name: what a program calls it.
        sentence: what it says, in one sentence.
        tables: the same in figures, as texts.
        figure: plotly's JSON, or None; `drawing` shows it where no script runs.
    """

    name: str
    title: str
    sentence: str
    tables: tuple[Table, ...]
    figure: figures.Figure | None = None
    drawing: Drawing | None = None


def blocks(found: Aggregates, measure: Measure = "carbon") -> list[Block]:
    """The five blocks, in reading order.

    The series and the decomposition are of energy or of operational carbon, as `measure` says.
    """
    whole = together(found.experiments, measure)
    projects = by_project(found.experiments, measure)
    moved = by_experiment([e for e in found.experiments if e.lineage != OTHERS], measure)
    gains = actions(found.courses)
    some = bool(found.experiments)
    said = {
        "headline": headline(found, measure),
        "series": _largest(found),
        "who": verdict(whole, measure) if some else "No whole week of runs is in this period.",
        "waste": _waste(found),
        "actions": _gains(gains),
    }
    shown = {
        "headline": (tables.headline_table(found),),
        "series": (tables.groups_table(found, measure),),
        "who": (
            tables.parts_table(found, whole, measure),
            tables.who_table(found, "By project", projects, measure, project=True),
            tables.who_table(found, "Experiments that moved most", moved, measure, project=False),
        )
        if some
        else (),
        "waste": (tables.waste_table(found),),
        "actions": (tables.actions_table(gains),),
    }
    drawn = {
        "series": figures.series(found, measure) if found.bins else None,
        "who": figures.parts(whole, measure) if some else None,
        "waste": figures.waste(found) if found.now.n_energy else None,
        "actions": figures.actions(gains) if gains else None,
    }
    pictures = {
        "series": series_drawing(found, measure),
        "who": parts_drawing(whole, measure, said["who"]) if some else None,
    }
    return [
        Block(name, title, said[name], shown[name], drawn.get(name), pictures.get(name))
        for name, title in TITLES.items()
    ]


def _largest(found: Aggregates) -> str:
    if not found.groups or found.now.energy_j <= 0:
        return "Nothing to show."
    first = found.groups[0]
    share = percent_text(first.now.energy_j / found.now.energy_j)
    return f"{name_of(found, first.name)} used most: {share} of the energy."


def _waste(found: Aggregates) -> str:
    lost = found.now.failed_j + found.now.rerun_j
    if not found.now.n_energy:
        return "No energy was recorded."
    share = percent_text(lost / found.now.energy_j if found.now.energy_j > 0 else None)
    return (
        f"{energy_text(float(f'{lost:.3g}'))} ({share}) went into runs that failed, were stopped"
        " or repeated what had succeeded."
    )


def _gains(gains: list[Action]) -> str:
    if not gains:
        return "No lasting fall of energy per unit of work was found in the last half year."
    eaten = [action for action in gains if action.rebound > 1]
    kept = [action for action in gains if action.rebound < 0.2]
    found = "1 gain was" if len(gains) == 1 else f"{len(gains)} gains were"
    return (
        f"{found} found: in {len(eaten)} more energy is used than before it, in {len(kept)} at"
        " least 80 % of the saving was kept."
    )
