// The columns of all runs, read one row at a time.
import { CARBON, ENERGY, amount, duration, localised } from "./figures";
import type { Bounds, Rows, Words } from "./types";

const ONE_BYTE = 57;
const STATES: Record<string, string> = { s: "started", o: "ok", e: "error", i: "interrupted", l: "lost" };
const METHODS: Record<string, string> = {
  c: "counter", i: "integrated", m: "modelled", r: "replay", u: "unavailable",
};

/** A row's cells: run, energy, carbon, time, state, method, label. */
export function rowTexts(rows: Rows, index: number, words: Words): string[] {
  const word = (key: string | undefined): string => words[key ?? ""] ?? words["unknown"] ?? "";
  const number = rows.number[index] ?? rows.first + index;
  const energy = bounded(rows, rows.energy[index], rows.energy_bounds, index);
  const carbon = bounded(rows, rows.carbon[index], rows.carbon_bounds, index);
  const time = rows.time[index];
  return [
    (words["cell"] ?? "{number}").replace("{number}", String(number)),
    energy ? localised(amount(energy, ENERGY)) : word("unavailable"),
    carbon ? localised(amount(carbon, CARBON)) : word("unknown"),
    time === null || time === undefined ? word("unknown") : localised(duration(time)),
    word(STATES[rows.state.charAt(index)]),
    word(METHODS[rows.method.charAt(index)]),
    rows.labels[rows.label[index] ?? 0] ?? "",
  ];
}

function bounded(rows: Rows, value: number | null | undefined, codes: string, index: number): Bounds | null {
  if (value === null || value === undefined) return null;
  const code = codes.charCodeAt(index);
  const [low, high] = rows.ratios[code < 0x80 ? code - 0x23 : code - 0x100 + ONE_BYTE] ?? [100, 100];
  return [value, (value * low) / 100, (value * high) / 100];
}
