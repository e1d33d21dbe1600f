import { expect, it } from "vitest";
import session from "../src/session";
import { FakeModel } from "./model";
import { EVIL, fixed, panel, rows, table } from "./payloads";

function shown(payload = panel(), count = 3, told = fixed()): { el: HTMLElement; model: FakeModel; close: () => void } {
  const el = document.createElement("div");
  document.body.append(el);
  const model = new FakeModel({ payload, rows: rows(count), fixed: told });
  return { el, model, close: session.render({ model, el }) };
}

function setTo(input: HTMLInputElement | HTMLSelectElement, value: string, event = "input"): void {
  input.value = value;
  input.dispatchEvent(new Event(event));
}

it("shows every table with its head, rows and notes", () => {
  const { el } = shown();
  const text = el.textContent ?? "";
  for (const word of ["Footprint", "40 cells", "In all 69 Wh", "quantity", "61 Wh (58-64)", "a note"]) {
    expect(text).toContain(word);
  }
});

it("writes the numbers of titles, rows and notes as the locale does", () => {
  const big = table({ title: "In all 12345 Wh", rows: [["energy", "23456 Wh"]], notes: ["34567 runs"] });
  const text = shown(panel({ tables: [big] })).el.textContent ?? "";
  for (const number of ["12,345 Wh", "23,456 Wh", "34,567 runs"]) expect(text).toContain(number);
});

it("keeps an opened block and its place while new figures come in", () => {
  const { el, model } = shown(panel({ tables: [table(), table({ id: "top", title: "Top", open: false })] }));
  const block = el.querySelector<HTMLDetailsElement>(".ipf-of-top")!;
  block.open = true;
  model.set("payload", panel({ tables: [table({ id: "phases" }), table(), table({ id: "top", title: "Top 2" })] }));
  expect(el.querySelector(".ipf-of-top")).toBe(block);
  expect(block.open).toBe(true);
  expect(block.textContent).toContain("Top 2");
  expect([...el.querySelectorAll(".ipf-blocks > *")].map((node) => node.className)).toEqual(
    ["ipf-block ipf-of-phases", "ipf-block ipf-of-totals", "ipf-block ipf-of-top"],
  );
  model.set("payload", panel({ tables: [] }));
  expect(el.querySelectorAll(".ipf-blocks > *").length).toBe(0);
});

it("recomputes carbon in the view while a slider moves, and back on reset", () => {
  const { el, model } = shown();
  const [pue] = el.querySelectorAll<HTMLInputElement>("input[type=range]");
  const result = el.querySelector<HTMLElement>(".ipf-whatif table")!;
  expect(result.textContent).not.toContain("→");
  setTo(pue!, "2");
  expect(result.textContent).toContain("20 g CO2e (17-25) → 41 g CO2e (39-43)");
  model.set("payload", panel());
  expect(result.textContent).toContain("→");
  el.querySelector<HTMLButtonElement>(".ipf-whatif button")!.click();
  expect(result.textContent).not.toContain("→");
  expect(model.sent).toEqual([{ intent: "drawn", value: null }]);
});

it("takes a zone's intensity", () => {
  const { el } = shown();
  setTo(el.querySelector("select")!, "614", "change");
  expect(el.querySelector(".ipf-whatif table")?.textContent).toContain("→ 37 g CO2e");
});

it("hides what there is nothing to recompute from", () => {
  const { el } = shown(panel({ whatif: null }), 0);
  expect(el.querySelector<HTMLElement>(".ipf-whatif")?.hidden).toBe(true);
  expect(el.querySelector<HTMLElement>(".ipf-all")?.hidden).toBe(true);
});

it("lists all cells once it is opened", () => {
  const { el, model } = shown(panel(), 10_000);
  const list = el.querySelector<HTMLDetailsElement>(".ipf-all")!;
  expect(list.querySelector("summary")?.textContent).toBe("All cells (10,000)");
  list.open = true;
  list.dispatchEvent(new Event("toggle"));
  expect(list.textContent).toContain("Cell 1");
  model.set("rows", rows(10_001));
  expect(list.querySelector("summary")?.textContent).toBe("All cells (10,001)");
});

it("lets go of the model when it is closed", () => {
  const { model, close } = shown();
  close();
  expect(model.listening).toBe(0);
});

it.each(EVIL)("shows %s as text in every place", (evil) => {
  const drawing = { w: 9, h: 9, title: evil, shapes: [["1", "1", "start", evil]] as [string, string, string, string][] };
  const bad = table({ title: evil, head: [evil, evil], rows: [[evil, evil]], notes: [evil], drawing });
  const told = { words: fixed().words, zones: [[evil, 1]] as [string, number][] };
  const { el, model } = shown(panel({ title: evil, headline: evil, tables: [bad] }), 1, told);
  model.set("rows", { ...rows(1), label: "1", labels: ["", evil] });
  const list = el.querySelector<HTMLDetailsElement>(".ipf-all")!;
  list.open = true;
  list.dispatchEvent(new Event("toggle"));
  expect(el.querySelectorAll("script, img, iframe").length).toBe(0);
  expect(el.querySelectorAll("style").length).toBe(1);
  expect(list.textContent).toContain(evil);
  expect([...el.querySelectorAll("*")].every((node) => [...node.attributes].every((a) => !a.name.startsWith("on")))).toBe(true);
});
