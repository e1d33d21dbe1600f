// Sliders for the assumptions behind the carbon; what they say stays in this view.
import { el, fill } from "./dom";
import { CARBON, amount, localised } from "./figures";
import type { Bounds, Fixed, WhatIf, Words } from "./types";
import { type Assumed, recompute } from "./whatif";
import { say } from "./words";

type Knob = keyof Assumed;
const RANGES: Record<Knob, [low: number, high: number, step: number]> = {
  pue: [1, 3, 0.01],
  g_per_kwh: [0, 1200, 1],
  lifetime_y: [1, 15, 0.5],
};
const SUM_DIGITS = 2; // as in units.py
const NAMES: Record<Knob, string> = { pue: "pue", g_per_kwh: "intensity", lifetime_y: "lifetime" };

export interface WhatIfForm {
  node: HTMLElement;
  update(given: WhatIf | null): void;
}

/** The form; hidden while there is nothing to recompute. */
export function whatIfForm(words: Words, zones: Fixed["zones"]): WhatIfForm {
  const word = (key: string): string => say(words, key);
  let given: WhatIf | null = null;
  const changed: Partial<Record<Knob, number>> = {};
  const inputs = {} as Record<Knob, HTMLInputElement>;
  const outputs = {} as Record<Knob, HTMLOutputElement>;
  const rows = {} as Record<Knob, HTMLElement>;
  for (const knob of Object.keys(RANGES) as Knob[]) {
    const [min, max, step] = RANGES[knob];
    const turn = (): void => {
      changed[knob] = Number(inputs[knob].value);
      if (knob === "g_per_kwh") zone.value = "";
      show();
    };
    inputs[knob] = el("input", { type: "range", min, max, step, input: turn });
    outputs[knob] = el("output", {});
    rows[knob] = el("label", { class: "ipf-knob" }, el("span", {}, word(NAMES[knob])), inputs[knob], outputs[knob]);
  }
  const pick = (): void => {
    if (zone.value !== "") {
      changed.g_per_kwh = Number(zone.value);
      show();
    }
  };
  const named = zones.map(([name, value]) => el("option", { value }, `${name} (${localised(String(value))})`));
  const zone = el("select", { change: pick }, el("option", { value: "" }, "–"), ...named);
  const zoneRow = el("label", { class: "ipf-knob", hidden: zones.length === 0 }, el("span", {}, word("zone")), zone);
  const reset = (): void => {
    for (const knob of Object.keys(changed) as Knob[]) delete changed[knob];
    zone.value = "";
    show();
  };
  const result = el("table", { "aria-label": word("whatif") });
  const node = el(
    "details",
    { class: "ipf-block ipf-whatif" },
    el("summary", {}, word("whatif")),
    el("div", { class: "ipf-body" }, rows.pue, rows.g_per_kwh, zoneRow, rows.lifetime_y,
      el("button", { type: "button", click: reset }, word("reset")), result,
      el("p", { class: "ipf-note" }, word("whatif_note"))),
  );

  const show = (): void => {
    if (!given) return;
    const assumed: Assumed = { pue: given.pue, g_per_kwh: given.g_per_kwh, lifetime_y: given.lifetime_y, ...changed };
    for (const knob of Object.keys(RANGES) as Knob[]) {
      const value = assumed[knob];
      const differs = knob in changed;
      if (value !== null && document.activeElement !== inputs[knob]) inputs[knob].value = String(value);
      outputs[knob].textContent = value === null ? "" : localised(String(value));
      rows[knob].dataset["changed"] = String(differs);
    }
    const now = recompute(given, assumed);
    const before = recompute(given, { pue: given.pue, g_per_kwh: given.g_per_kwh, lifetime_y: given.lifetime_y });
    fill(
      result,
      line(word("operational"), before.operational, now.operational),
      now.embodied && before.embodied && line(word("embodied"), before.embodied, now.embodied),
      now.embodied && line(word("total_carbon"), before.total, now.total),
    );
  };

  return {
    node,
    update(next): void {
      node.hidden = next === null;
      given = next;
      if (!next) return;
      rows.lifetime_y.hidden = next.lifetime_y === null || next.embodied_g === null;
      show();
    },
  };
}

function line(name: string, before: Bounds, now: Bounds): HTMLTableRowElement {
  const text = (value: Bounds): string => localised(amount(value, CARBON, " CO2e", SUM_DIGITS));
  const same = before.every((value, index) => value === now[index]);
  const shown = same ? text(before) : `${text(before)} → ${text(now)}`;
  return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, shown));
}
