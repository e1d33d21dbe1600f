// The columns of all runs, read one row at a time.
import { CARBON, ENERGY, amount, duration, localised } from "./figures";
import type { Bounds, Rows, Words } from "./types";
import { say } from "./words";

const ONE_BYTE = 57;
const STATES: Record<string, string> = { s: "started", o: "ok", e: "error", i: "interrupted", l: "lost" };
const METHODS: Record<string, string> = {
  c: "counter", i: "integrated", m: "modelled", r: "replay", u: "unavailable",
};

type Column = "energy" | "carbon" | "time" | "label";
const columns = new WeakMap<Rows, Partial<Record<Column, string[]>>>();

/** The number in a row of a column, null where it is not known; a column is split once. */
function numberAt(rows: Rows, name: Column, index: number): number | null {
  const split = columns.get(rows) ?? {};
  columns.set(rows, split);
  const text = (split[name] ??= rows[name].split(","))[index] ?? "";
  return text === "" ? null : Number(text);
}

/** A row's cells: run, energy, carbon, time, state, method, label. */
export function rowTexts(rows: Rows, index: number, words: Words): string[] {
  const word = (key: string | undefined): string => words[key ?? ""] ?? words["unknown"] ?? "";
  const number = rows.number[index] ?? rows.first + index;
  const energy = bounded(rows, numberAt(rows, "energy", index), rows.energy_bounds, index);
  const carbon = bounded(rows, numberAt(rows, "carbon", index), rows.carbon_bounds, index);
  const time = numberAt(rows, "time", index);
  return [
    say(words, "cell", { number }),
    energy ? localised(amount(energy, ENERGY)) : word("unavailable"),
    carbon ? localised(amount(carbon, CARBON)) : word("unknown"),
    time === null ? word("unknown") : localised(duration(time, words)),
    word(STATES[rows.state.charAt(index)]),
    word(METHODS[rows.method.charAt(index)]),
    rows.labels[numberAt(rows, "label", index) ?? 0] ?? "",
  ];
}

function bounded(rows: Rows, value: number | null, codes: string, index: number): Bounds | null {
  if (value === null) return null;
  const code = codes.charCodeAt(index);
  const [low, high] = rows.ratios[code < 0x80 ? code - 0x23 : code - 0x100 + ONE_BYTE] ?? [100, 100];
  return [value, (value * low) / 100, (value * high) / 100];
}
