import { expect, it } from "vitest";
import { recompute } from "../src/lib/whatif";
import { panel } from "./payloads";

const given = panel().whatif!;
const same = { pue: given.pue, g_per_kwh: given.g_per_kwh, lifetime_y: given.lifetime_y };

it("nothing changed shows what was recorded, bounds included", () => {
  const now = recompute(given, same);
  expect(now.operational).toEqual(given.operational_g);
  expect(now.total).toEqual([22, 18, 29]);
});

it("operational carbon is energy x PUE x intensity", () => {
  const now = recompute(given, { ...same, pue: 1.5, g_per_kwh: 100 });
  expect(now.operational[0]).toBeCloseTo(0.06 * 1.5 * 100, 12);
  expect(now.operational[2]).toBeCloseTo(0.063 * 150, 12);
});

it("a device that serves twice as long carries half the embodied carbon", () => {
  expect(recompute(given, { ...same, lifetime_y: 8 }).embodied).toEqual([1, 0.5, 2]);
});

it("without embodied carbon the total is the operational one", () => {
  const now = recompute({ ...given, embodied_g: null }, same);
  expect(now.embodied).toBeNull();
  expect(now.total).toEqual(given.operational_g);
});
