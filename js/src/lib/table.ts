// A titled table that folds, with its drawing and notes; redrawn only where it changed.
import { el, fill } from "./dom";
import { draw } from "./draw";
import { localised } from "./figures";
import type { Table } from "./types";

export interface Folded {
  node: HTMLDetailsElement;
  update(table: Table): void;
}

/** A folding block for one table. */
export function folded(table: Table): Folded {
  const summary = el("summary", {});
  const body = el("div", { class: "ipf-body" });
  const node = el("details", { class: `ipf-block ipf-of-${table.id}` }, summary, body);
  node.open = table.open;
  let seen = "";
  const update = (next: Table): void => {
    const now = JSON.stringify(next);
    if (now === seen) return;
    seen = now;
    fill(summary, localised(next.title));
    fill(body, ...contents(next));
  };
  update(table);
  return { node, update };
}

/** The drawing, the rows and the notes of a table. */
export function contents(table: Table): Node[] {
  const parts: Node[] = [];
  if (table.drawing) parts.push(el("div", { class: "ipf-drawing" }, draw(table.drawing)));
  if (table.rows.length > 0) parts.push(grid(table));
  for (const note of table.notes) parts.push(el("p", { class: "ipf-note" }, localised(note)));
  return parts;
}

function grid(table: Table): HTMLElement {
  const node = el("table", { "aria-label": table.title });
  if (table.head.some((text) => text !== "")) {
    const head = table.head.map((text) => el("th", { scope: "col" }, text));
    node.append(el("thead", {}, el("tr", {}, ...head)));
  }
  const rows = table.rows.map((row) => {
    const [first = "", ...rest] = row;
    return el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((text) => el("td", {}, localised(text))));
  });
  node.append(el("tbody", {}, ...rows));
  return node;
}
