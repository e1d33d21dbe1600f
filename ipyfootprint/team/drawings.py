"""Static pictures of the dashboard, for pages without scripts."""

from __future__ import annotations

from collections import defaultdict

from ipyfootprint.team.aggregates import Aggregates
from ipyfootprint.team.filters import Measure
from ipyfootprint.team.texts import amount, name_of, total
from ipyfootprint.team.who import Who
from ipyfootprint.units import CARBON, ENERGY
from ipyfootprint.widgets.charts import Part, waterfall
from ipyfootprint.widgets.drawing import Drawing, Role, Shape, bar

_ROLES: tuple[Role, ...] = ("line", "line2", "line3")
WIDTH, HEIGHT, FOOT = 640, 120, 34


def series_drawing(found: Aggregates, measure: Measure) -> Drawing | None:
    """Stacked bars of the three largest groups and the rest; None where there is nothing."""
    order = [group.name for group in found.groups[: len(_ROLES)]]
    stacks: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in found.bins:
        value = total(one.sums, measure)
        if value is not None:
            stacks[one.start][one.group if one.group in order else ""] += value.mid
    top = max((sum(stack.values()) for stack in stacks.values()), default=0.0)
    if top <= 0:
        return None
    starts = sorted({one.start for one in found.bins})
    step = WIDTH / len(starts)
    roles: dict[str, Role] = dict(zip(order, _ROLES, strict=False))
    roles[""] = "muted"
    shapes = []
    for index, start in enumerate(starts):
        y = float(HEIGHT)
        for name in [*order, ""]:
            tall = stacks[start].get(name, 0.0) / top * (HEIGHT - 8)
            if tall > 0.05:
                y -= tall
                path = bar(index * step, y, max(1.0, step - 2), tall)
                shapes.append(Shape("path", fill=roles[name], d=path))
    shapes.append(Shape("path", stroke="muted", d=f"M0 {HEIGHT}H{WIDTH}", width=1))
    shapes.append(Shape("text", fill="text", x=0, y=HEIGHT + 13, text=starts[0]))
    if len(starts) > 1:
        last = Shape("text", fill="text", x=WIDTH, y=HEIGHT + 13, anchor="end", text=starts[-1])
        shapes.append(last)
    shapes += _legend([(name_of(found, name), role) for name, role in roles.items() if name])
    title = (
        f"{measure} by {found.filters.by} from {starts[0]} to {starts[-1]},"
        f" at most {amount(float(f'{top:.3g}'), measure)} a {found.bin_size}"
    )
    return Drawing(WIDTH, HEIGHT + FOOT, title, tuple(shapes))


def _legend(names: list[tuple[str, Role]]) -> list[Shape]:
    shapes = []
    rest: tuple[str, Role] = ("the rest", "muted")
    for index, (name, role) in enumerate([*names, rest]):
        x, y = index * WIDTH / 4, HEIGHT + 20
        shapes.append(Shape("path", fill=role, d=bar(x, y, 10, 10)))
        shapes.append(Shape("text", fill="text", x=x + 14, y=y + 10, text=name[:20]))
    return shapes


def parts_drawing(whole: Who, measure: Measure, sentence: str) -> Drawing:
    """The decomposition as steps from the earlier total to the later, in one unit."""
    scale = ENERGY if measure == "energy" else CARBON
    largest = max(whole.before, whole.after, *(abs(part) for _, part in whole.parts), 0.0)
    factor = next((f for f, _ in scale if largest >= f), 1.0)
    parts = [Part(name, value / factor) for name, value in whole.parts]
    return waterfall(parts, whole.before / factor, whole.after / factor, sentence)
