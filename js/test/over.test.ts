import { afterEach, beforeEach, expect, it, vi } from "vitest";
import cell from "../src/cell";
import { FakeModel } from "./model";
import { badge } from "./payloads";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<div class="ipf-at-1"><b>static</b></div><div class="ipf-at-2"><b>other</b></div>';
});
afterEach(() => vi.useRealTimers());

const twin = (): HTMLElement => document.querySelector(".ipf-at-1 > b")!;

it("draws over the twin alone, and gives it back at the end", () => {
  const model = new FakeModel({ payload: badge(), place: "ipf-at-1" });
  const stop = cell.initialize({ model });
  expect(model.sent).toEqual([]);
  expect(document.querySelectorAll(".ipf-cell").length).toBe(1);
  expect(document.querySelector(".ipf-at-1 .ipf-cell")?.textContent).toContain("Cell 3");
  expect(twin().hidden).toBe(true);
  stop();
  expect(document.querySelectorAll(".ipf-cell").length).toBe(0);
  expect(twin().hidden).toBe(false);
});

it("finds a place that comes later or comes back, and lets go of one that went", () => {
  const model = new FakeModel({ payload: badge(), place: "ipf-at-3" });
  const stop = cell.initialize({ model });
  const place = document.createElement("div");
  place.className = "ipf-at-3";
  document.body.append(place);
  vi.advanceTimersByTime(300);
  expect(place.querySelector(".ipf-cell")).not.toBeNull();
  place.remove();
  vi.advanceTimersByTime(300);
  expect(model.listening).toBe(0);
  document.body.append(place);
  vi.advanceTimersByTime(300);
  expect(place.querySelectorAll(".ipf-cell").length).toBe(1);
  stop();
});

it("without a place nothing is drawn over", () => {
  const stop = cell.initialize({ model: new FakeModel({ payload: badge(), place: "" }) });
  expect(document.querySelector(".ipf-cell")).toBeNull();
  stop();
});
