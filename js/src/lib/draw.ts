// A drawing's shapes as SVG in the theme's colours.
import type { Drawing, PathShape, TextShape } from "./types";

const SVG = "http://www.w3.org/2000/svg";
const ROLES = new Set(["line", "line2", "line3", "up", "down", "muted", "text", "box"]);

/** The drawing as an SVG element; its title is its accessible name. */
export function draw(drawing: Drawing): SVGSVGElement {
  const svg = node("svg", {
    viewBox: `0 0 ${drawing.w} ${drawing.h}`,
    width: String(drawing.w),
    height: String(drawing.h),
    role: "img",
    "aria-label": drawing.title,
    class: "ipf-svg",
  }) as SVGSVGElement;
  for (const shape of drawing.shapes) svg.append(shape.length === 5 ? path(shape) : label(shape));
  return svg;
}

function path([d, fill, stroke, width, dotted]: PathShape): SVGElement {
  const given: Record<string, string> = { d, fill: colour(fill), stroke: colour(stroke) };
  if (stroke) given["stroke-width"] = String(width);
  if (dotted) given["stroke-dasharray"] = "2 4";
  return node("path", given);
}

function label([x, y, anchor, text]: TextShape): SVGElement {
  const made = node("text", { x, y, "text-anchor": anchor, fill: colour("text") });
  made.textContent = text;
  return made;
}

function colour(role: string | null): string {
  return role && ROLES.has(role) ? `var(--ipf-${role})` : "none";
}

function node(tag: string, given: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(given)) made.setAttribute(name, value);
  return made;
}
