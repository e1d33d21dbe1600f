import { expect, it } from "vitest";
import words from "../../ipyfootprint/words.json";
import { rowTexts } from "../src/lib/rows";
import { ROW_PX, inSight, virtualList } from "../src/lib/virtual";
import { rows } from "./payloads";

it("a row is read from its columns", () => {
  expect(rowTexts(rows(2), 1, words)).toEqual(
    ["Cell 2", "21 Wh (20-22)", "unknown", "42 s", "done", "measured", ""],
  );
});

it("more ratios than one byte holds are still found", () => {
  const ratios = Array.from({ length: 60 }, (_, i) => [90 - i, 110] as [number, number]);
  const code = String.fromCharCode(0x100 + 59 - 57);
  expect(rowTexts({ ...rows(1), ratios, energy_bounds: code }, 0, words)[1]).toBe("20 Wh (7-20)");
});

it("an absent energy is a word, never 0", () => {
  expect(rowTexts({ ...rows(1), energy: "", state: "e", method: "u" }, 0, words).slice(0, 6)).toEqual(
    ["Cell 1", "not measured", "unknown", "42 s", "failed", "not measured"],
  );
});

it("every way of knowing an energy has its word", () => {
  const method = "cimru";
  const said = [...method].map((_, index) => rowTexts({ ...rows(5), method }, index, words)[5]);
  expect(said).toEqual(["measured", "integrated", "modelled", "replayed", "not measured"]);
});

it("only rows in sight are drawn", () => {
  expect(inSight(0, 300, 10_000)[1]).toBeLessThan(30);
  const [first, last] = inSight(5000 * ROW_PX, 300, 10_000);
  expect(first).toBeLessThanOrEqual(5000);
  expect(last).toBeGreaterThan(5000 + 300 / ROW_PX);
  expect(inSight(1e9, 300, 10)).toEqual([10, 10]);
});

it("a list of 10 000 rows holds few of them and says how many there are", () => {
  const list = virtualList("All cells", ["run"], (index) => [`Cell ${index + 1}`]);
  document.body.append(list.node);
  list.update(10_000);
  expect(list.node.querySelectorAll(".ipf-row").length).toBeLessThan(40);
  expect(list.node.getAttribute("aria-rowcount")).toBe("10001");
  list.node.scrollTop = 9_000 * ROW_PX;
  list.update(10_000);
  expect(list.node.textContent).toContain("Cell 9001");
});
