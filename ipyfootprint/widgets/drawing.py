"""Drawings: plain shapes whose colours are roles, drawn here as SVG text for static output.

The widgets draw the same shapes in the browser with the theme's own colours.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal

from ipyfootprint.widgets.markup import Markup, element, plain

Role = Literal["line", "line2", "line3", "up", "down", "muted", "text", "box"]

LONGEST_TITLE = 2000
# Middle tones: at least 3:1 on white and on a dark page alike.
COLOURS: dict[Role, str] = {
    "line": "#2f7fc1",
    "line2": "#b3670c",
    "line3": "#8a63c9",
    "up": "#c8553d",
    "down": "#2e8b57",
    "muted": "#7d8590",
    "text": "#24292f",
    "box": "#f6f8fa",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One mark: a "path" or "text" with its attributes; `fill` and `stroke` name roles."""

    kind: Literal["path", "text"]
    fill: Role | None = None
    stroke: Role | None = None
    d: str = ""
    x: float = 0.0
    y: float = 0.0
    anchor: Literal["start", "middle", "end"] = "start"
    text: str = ""
    dotted: bool = False
    width: float = 1.5


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: its size in pixels, what it shows in a sentence, and its shapes in order.

    Whatever the sentence holds, it is one harmless line here.
    """

    width: int
    height: int
    title: str
    shapes: tuple[Shape, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", plain(self.title, LONGEST_TITLE))


def svg(drawing: Drawing, paper: bool | None = None) -> Markup:
    """The drawing as one SVG element that needs nothing else.

    `paper` puts a light sheet behind it; by default where it holds text, so that the text
    can be read on a dark page too.
    """
    if paper is None:
        paper = any(shape.kind == "text" for shape in drawing.shapes)
    size = f"0 0 {drawing.width} {drawing.height}"
    sheet = [Shape("path", fill="box", d=bar(0, 0, drawing.width, drawing.height))]
    shapes = [*(sheet if paper else ()), *drawing.shapes]
    return element(
        "svg",
        element("title", drawing.title),
        *(_element(shape) for shape in shapes),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=size,
        width=drawing.width,
        height=drawing.height,
        font_family="sans-serif",
        font_size=12,
    )


def image(drawing: Drawing) -> Markup:
    """The drawing as an image of its own, its sentence as alternative text.

    A page that keeps no SVG or no such image shows the sentence, never loose labels.
    """
    data = base64.b64encode(svg(drawing).encode()).decode()
    return element(
        "img",
        src=f"data:image/svg+xml;base64,{data}",
        alt=drawing.title,
        width=drawing.width,
        height=drawing.height,
    )


def shapes_payload(drawing: Drawing) -> dict[str, object]:
    """The drawing for a browser: size, title and one short list a shape."""
    return {
        "w": drawing.width,
        "h": drawing.height,
        "title": drawing.title,
        "shapes": [
            [s.d, s.fill, s.stroke, s.width, s.dotted]
            if s.kind == "path"
            else [n(s.x), n(s.y), s.anchor, s.text]
            for s in drawing.shapes
        ],
    }


def n(value: float) -> str:
    """A coordinate to a tenth of a pixel, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def bar(x: float, y: float, width: float, height: float) -> str:
    """The path of a rectangle."""
    return f"M{n(x)} {n(y)}h{n(width)}v{n(height)}h{n(-width)}z"


def _element(shape: Shape) -> Markup:
    if shape.kind == "text":
        place = {"x": n(shape.x), "y": n(shape.y), "text_anchor": shape.anchor}
        return element("text", shape.text, fill=COLOURS[shape.fill or "text"], **place)
    stroke = COLOURS[shape.stroke] if shape.stroke else None
    return element(
        "path",
        d=shape.d,
        fill=COLOURS[shape.fill] if shape.fill else "none",
        stroke=stroke,
        stroke_width=shape.width if stroke else None,
        stroke_dasharray="2 4" if shape.dotted else None,
        stroke_linejoin="round" if stroke else None,
    )
