// What Python sends (ipyfootprint/widgets/payload.py builds it) and what goes back.

/** [d, fill, stroke, width, dotted] of a path, or [x, y, anchor, text] of a label. */
export type PathShape = [string, string | null, string | null, number, boolean];
export type TextShape = [string, string, string, string];

export interface Drawing {
  w: number;
  h: number;
  title: string;
  shapes: (PathShape | TextShape)[];
}

export interface Table {
  id: string;
  title: string;
  head: string[];
  rows: string[][];
  notes: string[];
  drawing: Drawing | null;
  open: boolean;
}

export type Words = Record<string, string>;
export type Bounds = [mid: number, low: number, high: number];

export interface Badge {
  state: string;
  mark: string;
  name: string;
  status: string;
  elapsed_s: number | null;
  energy: string;
  method: string;
  how: string;
  carbon: string;
  power: string;
  change: string;
  predicted: string;
  quiet: string;
  gone: string; // what stands there once the kernel has ended without a last word
  quiet_s: number; // without news for so long the kernel could not send: its interpreter is held
  spark: Drawing | null;
  words: Words; // of the time, which ticks here
}

export interface WhatIf {
  energy_kwh: Bounds;
  operational_g: Bounds;
  embodied_g: Bounds | null;
  pue: number;
  g_per_kwh: number;
  lifetime_y: number | null;
}

/** What a panel is told once. */
export interface Fixed {
  words: Words;
  zones: [name: string, g_per_kwh: number][];
}

export interface Panel {
  title: string;
  headline: string;
  live: boolean;
  tables: Table[];
  whatif: WhatIf | null;
}

export interface Rows {
  count: number;
  first: number;
  number: number[];
  energy: string; // numbers with commas between them, nothing for what is not known
  carbon: string;
  time: string;
  energy_bounds: string;
  carbon_bounds: string;
  state: string;
  method: string;
  label: string;
  labels: string[];
  ratios: [number, number][];
}

export interface Banner {
  id: string;
  level: "warn" | "notice";
  mark: string;
  title: string;
  sentence: string;
  interval: string;
  runs_left: string;
  answer: string | null;
  tables: Table[];
  advice: string[];
  words: Words;
}

/** A person's wish; the one message shape that goes to Python. */
export interface Intent {
  intent: string;
  value: string | null;
}

/** The part of an anywidget model that the widgets use. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  send(content: Intent): void;
}

export interface Context {
  model: Model;
  el: HTMLElement;
}
