"""Charts: rows in, a `Drawing` out; the widgets and the static views show the same one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ipyfootprint.widgets.drawing import Drawing, Role, Shape, bar, n
from ipyfootprint.widgets.markup import plain
from ipyfootprint.words import WORDS


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a waterfall: a factor's name, and `value`, its part in the change's unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the causal loop with its measured strength; None where it is not known.

    `strength`, with its bounds `low` and `high`, is an elasticity: the per cent of change at the
    target for one per cent at the source.
    """

    source: str
    target: str
    strength: float | None
    low: float | None = None
    high: float | None = None

    @property
    def dotted(self) -> bool:
        """Whether the interval covers 0, or nothing was measured: the link could be none."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


def blocks(values: Sequence[float | None], width: int = 16) -> str:
    """A curve in block characters, `width` of them at most, for places without graphics."""
    steps = _binned(values, width)
    top = max((v for v in steps if v is not None), default=0.0)
    signs = "▁▂▃▄▅▆▇█"
    return "".join(" " if v is None else signs[round(7 * v / top) if top > 0 else 0] for v in steps)


def sparkline(
    series: Sequence[Sequence[float | None]], title: str, width: int = 96, height: int = 18
) -> Drawing:
    """Curves over equal steps, one a device, on one scale from 0; gaps stay gaps."""
    roles: tuple[Role, ...] = ("line", "line2", "line3")
    binned = [_binned(values, width // 2) for values in series]
    top = max((v for steps in binned for v in steps if v is not None), default=0.0) or 1.0
    shapes = [
        Shape("path", stroke=roles[index % len(roles)], d=_curve(steps, top, width, height))
        for index, steps in enumerate(binned)
    ]
    return Drawing(width, height, title, tuple(shape for shape in shapes if shape.d))


def timeline(
    spans: Sequence[tuple[float, float, float]], duration: float, title: str, width: int = 640
) -> Drawing:
    """Bars of energy over a session; spans are (start_s, duration_s, energy_j)."""
    height, steps = 56, width // 4
    bins = [0.0] * steps
    for start, length, energy in spans:
        _spread(bins, start, length, energy, duration)
    top = max(bins, default=0.0) or 1.0
    bars = [
        Shape("path", fill="line", d=bar(4 * i, height - 1, 3, -_height(v, top, height - 4)))
        for i, v in enumerate(bins)
        if v > 0
    ]
    base = Shape("path", stroke="muted", d=f"M0 {height - 0.5}H{width}", width=1)
    return Drawing(width, height, title, (base, *bars))


def waterfall(
    parts: Sequence[Part], before: float, after: float, title: str, width: int = 560
) -> Drawing:
    """Horizontal steps from one total to another, each with its name and part."""
    rows = [("", before, 0.0), *[(p.name, p.value, 0.0) for p in parts], ("", after, 0.0)]
    edges, run = [(0.0, before)], before
    for part in parts:
        edges.append((run, run + part.value))
        run += part.value
    edges.append((0.0, after))
    low = min(0.0, *(min(e) for e in edges))
    high = max(0.0, *(max(e) for e in edges)) or 1.0
    left, scale, step = 170, (width - 250) / (high - low), 22
    shapes: list[Shape] = []
    for index, (start, end) in enumerate(edges):
        ends = index in (0, len(edges) - 1)
        role: Role = "muted" if ends else "up" if end > start else "down"
        x, y = left + (min(start, end) - low) * scale, index * step + 3
        wide = max(1.5, abs(end - start) * scale)
        end_name = WORDS["before" if index == 0 else "after"]
        name = end_name if ends else plain(rows[index][0], 26)
        value = f"{end:.3g}" if ends else part_text(end - start, high)
        shapes += [
            Shape("text", fill="text", x=left - 8, y=y + 12, anchor="end", text=name),
            Shape("path", fill=role, d=bar(x, y, wide, 15)),
            Shape("text", fill="text", x=x + wide + 6, y=y + 12, text=value),
        ]
    return Drawing(width, len(edges) * step + 4, title, tuple(shapes))


def part_text(part: float, whole: float) -> str:
    """A part of a change with its sign; "0" where it is nothing beside the whole."""
    return "0" if abs(part) < abs(whole) / 1000 else f"{part:+.3g}"


def budget_bar(used: float, limit: float, title: str, width: int = 240) -> Drawing:
    """How much of a budget is used; what is over it continues in the colour of a warning."""
    top = max(used, limit, 1e-12)
    mark = width * limit / top
    inside = min(used, limit) / top * width
    shapes = [Shape("path", fill="box", stroke="muted", d=bar(0.5, 2.5, width - 1, 9), width=1)]
    shapes.append(Shape("path", fill="line", d=bar(0.5, 3, max(0.0, inside - 1), 8)))
    if used > limit:
        shapes.append(Shape("path", fill="up", d=bar(mark, 3, width - mark - 1, 8)))
        shapes.append(Shape("path", stroke="text", d=f"M{n(mark)} 0V14", width=2))
    return Drawing(width, 14, title, tuple(shapes))


def loop(links: Sequence[Link], title: str, width: int = 560, height: int = 300) -> Drawing:
    """The causal loop: nodes on an ellipse, links as arrows, dotted where they could be none."""
    nodes = list(dict.fromkeys(n for link in links for n in (link.source, link.target)))
    place = {node: _on_ellipse(i, len(nodes), width, height) for i, node in enumerate(nodes)}
    shapes: list[Shape] = []
    for link in links:
        role: Role = "muted" if link.dotted else "up" if (link.strength or 0) > 0 else "down"
        path, head, (tx, ty) = _arrow(place[link.source], place[link.target], (width, height))
        shapes.append(Shape("path", stroke=role, d=path, dotted=link.dotted, width=2))
        shapes.append(Shape("path", fill=role, d=head))
        label = "?" if link.strength is None else f"{link.strength:+.2g}"
        shapes.append(Shape("text", fill="text", x=tx, y=ty, anchor="middle", text=label))
    for node, (x, y) in place.items():
        half = 4.2 * len(plain(node, 28)) + 8
        box = bar(x - half, y - 13, 2 * half, 26)
        shapes.append(Shape("path", fill="box", stroke="muted", d=box, width=1))
        text = plain(node, 28)
        shapes.append(Shape("text", fill="text", x=x, y=y + 4, anchor="middle", text=text))
    return Drawing(width, height, title, tuple(shapes))


def _height(value: float, top: float, height: int) -> float:
    return max(1.0, value / top * height)


def _binned(values: Sequence[float | None], width: int) -> list[float | None]:
    """At most `width` steps; a step is the mean of what was seen in it, or None."""
    count = len(values)
    if count <= width:
        return list(values)
    steps: list[float | None] = []
    for index in range(width):
        seen = [
            v
            for v in values[index * count // width : (index + 1) * count // width]
            if v is not None
        ]
        steps.append(sum(seen) / len(seen) if seen else None)
    return steps


def _curve(steps: Sequence[float | None], top: float, width: int, height: int) -> str:
    path, pen = [], "M"
    gap = (width - 2) / max(1, len(steps) - 1)
    for index, value in enumerate(steps):
        if value is None:
            pen = "M"
            continue
        y = height - 1 - max(0.0, value) / top * (height - 2)
        path.append(f"{pen}{n(1 + index * gap)} {n(y)}")
        pen = "L"
    return "".join(path)


def _spread(bins: list[float], start: float, length: float, energy: float, total: float) -> None:
    """Add a span's energy to the bins that it covers, in proportion to time."""
    if total <= 0 or not bins:
        return
    scale = len(bins) / total
    first = min(max(start * scale, 0.0), len(bins) - 1e-9)
    last = min(max((start + length) * scale, first), float(len(bins)))
    if math.floor(first) == math.floor(last) or last == first:
        bins[int(first)] += energy
        return
    for index in range(int(first), min(len(bins), math.ceil(last))):
        covered = min(index + 1, last) - max(index, first)
        bins[index] += energy * covered / (last - first)


def _on_ellipse(index: int, count: int, width: int, height: int) -> tuple[float, float]:
    angle = 2 * math.pi * index / max(1, count) - math.pi / 2
    return (
        width / 2 + (width / 2 - 95) * math.cos(angle),
        height / 2 + (height / 2 - 24) * math.sin(angle),
    )


def _arrow(
    start: tuple[float, float], end: tuple[float, float], size: tuple[float, float]
) -> tuple[str, str, tuple[float, float]]:
    """A curved link, its head, and where its label stands."""
    (x0, y0), (x1, y1) = start, end
    # Bowing away from the middle keeps links of a loop off each other and off its centre.
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    cx, cy = mx + (mx - size[0] / 2) * 0.35, my + (my - size[1] / 2) * 0.35
    reach = math.hypot(x1 - cx, y1 - cy) or 1.0
    ux, uy = (x1 - cx) / reach, (y1 - cy) / reach
    back = min(60.0 if abs(ux) > abs(uy) else 17.0, reach * 0.8)
    tip_x, tip_y = x1 - ux * back, y1 - uy * back
    side_x, side_y = -uy * 4, ux * 4
    base_x, base_y = tip_x - ux * 9, tip_y - uy * 9
    path = f"M{n(x0)} {n(y0)}Q{n(cx)} {n(cy)} {n(base_x)} {n(base_y)}"
    head = (
        f"M{n(tip_x)} {n(tip_y)}L{n(base_x + side_x)} {n(base_y + side_y)}"
        f"L{n(base_x - side_x)} {n(base_y - side_y)}z"
    )
    return path, head, ((x0 + 2 * cx + x1) / 4, (y0 + 2 * cy + y1) / 4 - 6)
