"""Plotly figures from aggregates, as plain JSON: what `plotly.graph_objects.Figure` takes.

They carry no template and no background of their own, and their colours hold at least 3:1 on a
white page and on a dark one. Nothing of plotly is imported: the front end draws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ipyfootprint.team.actions import Action
from ipyfootprint.team.aggregates import Aggregates
from ipyfootprint.team.filters import Measure
from ipyfootprint.team.queries import NAMED, OTHERS
from ipyfootprint.team.tables import SHOWN_ACTIONS, WASTE, waste_j
from ipyfootprint.team.texts import name_of, total
from ipyfootprint.team.who import Who
from ipyfootprint.units import CARBON, ENERGY
from ipyfootprint.widgets.drawing import COLOURS
from ipyfootprint.widgets.markup import plain

Figure = dict[str, Any]
PALETTE = (
    *("#2f7fc1", "#b3670c", "#8a63c9", "#2e8b57", "#c8553d", "#4a8c94", "#b0568a"),
    COLOURS["muted"],
)
_INK = "#6e7781"


def series(found: Aggregates, measure: Measure) -> Figure:
    """Stacked bars over time, one colour a group."""
    by_group: dict[str, dict[str, float]] = defaultdict(dict)
    starts = sorted({one.start for one in found.bins})
    for one in found.bins:
        value = total(one.sums, measure)
        if value is not None:
            by_group[one.group][one.start] = value.mid
    factor, unit = _scale(max((_stack(by_group, s) for s in starts), default=0.0), measure)
    order = [g.name for g in found.groups[:NAMED] if g.name in by_group]
    order += [name for name in by_group if name not in order]
    data = [
        {
            "type": "bar",
            "name": _short(name_of(found, name)),
            "x": [start for start in starts if start in by_group[name]],
            "y": [
                _rounded(by_group[name][start] / factor)
                for start in starts
                if start in by_group[name]
            ],
            "marker": {"color": PALETTE[-1] if name == OTHERS else PALETTE[index % NAMED]},
            "hovertemplate": f"%{{x}}<br>%{{y:.3g}} {unit}<extra>%{{fullData.name}}</extra>",
        }
        for index, name in enumerate(order)
    ]
    clock = f"{found.bin_size} ({found.bin_zone})"
    return _figure(data, x=clock, y=_axis(measure, unit), barmode="stack")


def parts(whole: Who, measure: Measure) -> Figure:
    """The decomposition as a waterfall from the earlier weeks' total to the later."""
    ends = (whole.before, whole.after)
    factor, unit = _scale(max(*ends, *(abs(p) for _, p in whole.parts), 0.0), measure)
    names = ["before", *(_wrapped(name) for name, _ in whole.parts), "after"]
    values = [whole.before, *(part for _, part in whole.parts), whole.after]
    labels = [f"{value / factor:+.3g}" for value in values]
    labels[0], labels[-1] = (f"{value / factor:.3g}" for value in ends)
    data: list[dict[str, Any]] = [
        {
            "type": "waterfall",
            "orientation": "v",
            "measure": ["absolute", *["relative"] * len(whole.parts), "total"],
            "x": names,
            "y": [_rounded(value / factor) for value in values],
            "text": labels,
            "textposition": "outside",
            "cliponaxis": False,
            "increasing": {"marker": {"color": COLOURS["up"]}},
            "decreasing": {"marker": {"color": COLOURS["down"]}},
            "totals": {"marker": {"color": COLOURS["muted"]}},
            "connector": {"line": {"color": COLOURS["muted"], "width": 1}},
            "hovertemplate": f"%{{x}}: %{{text}} {unit}<extra></extra>",
        }
    ]
    return _figure(data, y=_axis(measure, unit), height=320)


def waste(found: Aggregates) -> Figure:
    """Each kind of waste in this period and in the one before."""
    sides = {"before": found.before, "this period": found.now}
    known = {
        side: {name: waste_j(sums, attribute) for name, attribute in WASTE.items()}
        for side, sums in sides.items()
    }
    values = [v for row in known.values() for v in row.values() if v is not None]
    factor, unit = _scale(max(values, default=0.0), "energy")
    names = list(reversed(WASTE))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": side,
            "y": names,
            "x": [None if row[n] is None else _rounded((row[n] or 0.0) / factor) for n in names],
            "marker": {"color": COLOURS["muted"] if side == "before" else COLOURS["line2"]},
            "hovertemplate": f"%{{y}}: %{{x:.3g}} {unit}<extra>{side}</extra>",
        }
        for side, row in known.items()
    ]
    return _figure(data, x=_axis("energy", unit), barmode="group")


def actions(found: Sequence[Action]) -> Figure:
    """Energy a week before each gain, what the same work would use now, and what is used."""
    shown = list(reversed(found[:SHOWN_ACTIONS]))
    factor, unit = _scale(max((max(a.before_j, a.after_j) for a in shown), default=0.0), "energy")
    rows = (
        ("now", COLOURS["up"], [a.after_j for a in shown]),
        ("the same work now", COLOURS["down"], [a.kept_j for a in shown]),
        ("before", COLOURS["muted"], [a.before_j for a in shown]),
    )
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": [f"{_short(plain(a.lineage, 40))}, {a.since.day} {a.since:%b}" for a in shown],
            "x": [_rounded(value / factor) for value in values],
            "marker": {"color": colour},
            "hovertemplate": f"%{{x:.3g}} {unit} a week<extra>{name}</extra>",
        }
        for name, colour, values in rows
    ]
    height = 120 + 60 * len(shown)
    return _figure(data, x=f"{_axis('energy', unit)} a week", barmode="group", height=height)


def _figure(
    data: list[dict[str, Any]],
    x: str = "",
    y: str = "",
    barmode: str | None = None,
    height: int = 280,
) -> Figure:
    axis: dict[str, Any] = {"gridcolor": "rgba(125,133,144,0.25)", "automargin": True}
    axis["zerolinecolor"] = COLOURS["muted"]
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 30, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _INK, "size": 12},
        "colorway": list(PALETTE),
        "xaxis": {**axis, "title": {"text": x}},
        "yaxis": {**axis, "title": {"text": y}},
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
        "hovermode": "closest",
    }
    if barmode:
        layout |= {"barmode": barmode, "bargap": 0.25, "showlegend": True}
    if barmode == "group" and data and data[0].get("orientation") == "h":
        layout["legend"]["traceorder"] = "reversed"
    return {"data": data, "layout": layout}


def _stack(by_group: Mapping[str, Mapping[str, float]], start: str) -> float:
    return sum(values.get(start, 0.0) for values in by_group.values())


def _scale(value: float, measure: Measure) -> tuple[float, str]:
    """The unit in which a figure's largest value is at least one."""
    scale = ENERGY if measure == "energy" else CARBON
    return next(((f, unit) for f, unit in scale if value >= f), next(s for s in scale if s[0] == 1))


def _axis(measure: Measure, unit: str) -> str:
    return f"energy, {unit}" if measure == "energy" else f"operational carbon, {unit} CO2e"


def _wrapped(factor: str) -> str:
    return factor.replace(" ", "<br>", 1)


def _short(name: str) -> str:
    """A foreign text as plotly shows it: its own markup (<b>, <a>) is taken apart."""
    return plain(name, 30).replace("&", "&amp;").replace("<", "&lt;")


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
