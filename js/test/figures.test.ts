import { describe, expect, it } from "vitest";
import cases from "../../tests/widgets/figures.json";
import words from "../../ipyfootprint/words.json";
import { CARBON, ENERGY, amount, duration, elapsed, localised } from "../src/lib/figures";
import type { Bounds } from "../src/lib/types";

describe("figures read as Python writes them", () => {
  it.each(cases.energy)("energy %j is %s", (bounds, text) => {
    expect(amount(bounds as Bounds, ENERGY)).toBe(text);
  });
  it.each(cases.carbon)("carbon %j is %s", (bounds, text) => {
    expect(amount(bounds as Bounds, CARBON)).toBe(text);
  });
  it.each(cases.duration)("a time of %d s is %s", (seconds, text) => {
    expect(duration(seconds as number, words)).toBe(text);
  });
});

describe("a locale writes the numbers and leaves the words", () => {
  it("uses its decimal sign", () => {
    expect(localised("2.50 g (1.0-4.05)", "de-DE")).toBe("2,50 g (1,0-4,05)");
  });
  it("keeps leading zeros of minutes", () => {
    expect(localised("2 h 05 min", "en-US")).toBe("2 h 05 min");
  });
  it("groups long numbers only", () => {
    expect(localised("1234 and 123456", "en-US")).toBe("1234 and 123,456");
  });
  it("survives absurd digits", () => {
    expect(localised(`${"9".repeat(60)}.${"1".repeat(60)}`, "en-US")).toContain("1,000,000");
  });
});

it("the elapsed time ticks in tenths, then in seconds", () => {
  expect([4.25, 42.9, 200].map((seconds) => elapsed(seconds, words))).toEqual(["4.3 s", "42 s", "3 min 20 s"]);
});
