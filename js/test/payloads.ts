// Made-up payloads, and texts that try to act.
import type { Badge, Banner, Fixed, Panel, Rows, Table } from "../src/lib/types";
import words from "../../ipyfootprint/words.json";

export const EVIL = [
  "<script>window.pwned=1</script>",
  "<img src=x onerror=window.pwned=1>",
  '" onmouseover="window.pwned=1',
  "<svg onload=window.pwned=1>",
  "<style>*{display:none}</style>",
  "javascript:window.pwned=1",
  "</style><script>window.pwned=1</script>",
];

export function badge(changes: Partial<Badge> = {}): Badge {
  return {
    state: "started", mark: "▶", name: "Cell 3", status: "running", elapsed_s: 4.2, energy: "21 Wh (20-22)",
    method: "counter", how: "measured at GPU", carbon: "6.2 g CO2e", power: "250 W", change: "",
    predicted: "", quiet: "no news", gone: "the kernel has ended", quiet_s: 4,
    spark: { w: 96, h: 18, title: "power", shapes: [["M1 2L3 4", null, "line", 1.5, false]] }, words,
    ...changes,
  };
}

export function table(changes: Partial<Table> = {}): Table {
  return {
    id: "totals", title: "In all 69 Wh", head: ["quantity", "value"], rows: [["energy", "61 Wh (58-64)"]],
    notes: ["a note"], drawing: null, open: true, ...changes,
  };
}

export function panel(changes: Partial<Panel> = {}): Panel {
  return {
    title: "Footprint", headline: "40 cells", live: true, tables: [table()],
    whatif: {
      energy_kwh: [0.06, 0.057, 0.063], operational_g: [20, 17, 25], embodied_g: [2, 1, 4],
      pue: 1, g_per_kwh: 344, lifetime_y: 4,
    },
    ...changes,
  };
}

export function fixed(): Fixed {
  return { words, zones: [["SWE", 35], ["POL", 614]] };
}

export function rows(count: number): Rows {
  return {
    count, first: 1, number: [], energy: Array(count).fill(76000).join(), carbon: Array(count).fill("").join(),
    time: Array(count).fill(42).join(), energy_bounds: "#".repeat(count), carbon_bounds: "#".repeat(count),
    state: "o".repeat(count), method: "c".repeat(count), label: "", labels: [""], ratios: [[95, 105]],
  };
}

export function banner(changes: Partial<Banner> = {}): Banner {
  return {
    id: "f1", level: "warn", mark: "⚠", title: "Rebound", sentence: "88 % of the saving is used up.",
    interval: "80 % interval 60 % to 125 %", runs_left: "", answer: null, tables: [table({ id: "waterfall" })],
    advice: ["Stop early"], words, ...changes,
  };
}
