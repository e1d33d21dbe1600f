// A list of any length that holds only the rows in sight.
import { el, fill } from "./dom";

export const ROW_PX = 22;
const SPARE = 6;

/** First and last (exclusive) row to draw for a scroll position. */
export function inSight(top: number, height: number, count: number): [number, number] {
  const first = Math.max(0, Math.min(count, Math.floor(top / ROW_PX) - SPARE));
  const last = Math.min(count, Math.ceil((top + height) / ROW_PX) + SPARE);
  return [first, Math.max(first, last)];
}

export interface VirtualList {
  node: HTMLElement;
  update(count: number): void;
}

/** A scrolling table; `texts` gives the cells of a row when it comes into sight. */
export function virtualList(label: string, head: string[], texts: (index: number) => string[]): VirtualList {
  let count = 0;
  const rows = el("div", { class: "ipf-rows", role: "rowgroup" });
  const header = el("div", { class: "ipf-row ipf-head", role: "row" });
  fill(header, ...head.map((text) => el("span", { role: "columnheader" }, text)));
  // A tab stop, so that the arrow and page keys scroll it.
  const node = el("div", { class: "ipf-list", role: "table", "aria-label": label, tabindex: 0 });
  node.append(el("div", { role: "rowgroup", class: "ipf-sticky" }, header), rows);
  const paint = (): void => {
    const [first, last] = inSight(node.scrollTop, node.clientHeight || 300, count);
    const shown: Node[] = [];
    for (let index = first; index < last; index += 1) {
      const row = el("div", { class: "ipf-row", role: "row", "aria-rowindex": index + 2 });
      fill(row, ...texts(index).map((text) => el("span", { role: "cell", title: text }, text)));
      shown.push(row);
    }
    rows.style.height = `${count * ROW_PX}px`;
    rows.style.paddingTop = `${first * ROW_PX}px`;
    rows.replaceChildren(...shown);
  };
  node.addEventListener("scroll", () => requestAnimationFrame(paint), { passive: true });
  return {
    node,
    update(next: number): void {
      count = next;
      node.setAttribute("aria-rowcount", String(count + 1));
      paint();
    },
  };
}
