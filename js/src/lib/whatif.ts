// "What if": the same joules under other assumptions, recomputed here (METHOD: E x PUE x I).
import type { Bounds, WhatIf } from "./types";

export interface Assumed {
  pue: number;
  g_per_kwh: number;
  lifetime_y: number | null;
}

export interface Recomputed {
  operational: Bounds;
  embodied: Bounds | null;
  total: Bounds;
}

/** Carbon in g under the assumptions; as recorded where nothing was changed. */
export function recompute(given: WhatIf, assumed: Assumed): Recomputed {
  const same = assumed.pue === given.pue && assumed.g_per_kwh === given.g_per_kwh;
  const operational = same
    ? given.operational_g
    : scaled(given.energy_kwh, assumed.pue * assumed.g_per_kwh);
  const longer = given.lifetime_y && assumed.lifetime_y ? given.lifetime_y / assumed.lifetime_y : 1;
  const embodied = given.embodied_g ? scaled(given.embodied_g, longer) : null;
  return { operational, embodied, total: embodied ? sum(operational, embodied) : operational };
}

function scaled([mid, low, high]: Bounds, factor: number): Bounds {
  return [mid * factor, low * factor, high * factor];
}

function sum(a: Bounds, b: Bounds): Bounds {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
