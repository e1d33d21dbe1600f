import { afterEach, expect, it, vi } from "vitest";
import cell from "../src/cell";
import { FakeModel } from "./model";
import { EVIL, badge } from "./payloads";

afterEach(() => vi.useRealTimers());

function shown(payload = badge()): { el: HTMLElement; model: FakeModel; close: () => void } {
  const el = document.createElement("div");
  const model = new FakeModel({ payload });
  return { el, model, close: cell.render({ model, el }) };
}

it("shows the line and follows the payload", () => {
  const { el, model } = shown();
  expect(el.textContent).toContain("Cell 3");
  expect(el.textContent).toContain("21 Wh (20-22)");
  model.set("payload", badge({ energy: "22 Wh (21-23)" }));
  expect(el.textContent).toContain("22 Wh (21-23)");
  expect(el.querySelector("svg")?.getAttribute("aria-label")).toBe("power");
});

it("ticks and says that there is no news while the kernel cannot send", () => {
  vi.useFakeTimers();
  const { el, model, close } = shown();
  expect(el.querySelector(".ipf-time")?.textContent).toBe("4.2 s");
  vi.advanceTimersByTime(5000);
  expect(el.querySelector(".ipf-time")?.textContent).toBe("9.2 s");
  expect(el.querySelector(".ipf-quiet")?.textContent).toBe("no news");
  model.set("payload", badge({ elapsed_s: 9.3 }));
  expect(el.querySelector(".ipf-quiet")?.textContent).toBe("");
  close();
});

it("is announced when it ends and not before", () => {
  const { el, model } = shown();
  const said = el.querySelector("[aria-live]");
  expect(said?.textContent).toBe("");
  model.set("payload", badge({ state: "error", status: "failed" }));
  expect(said?.textContent).toBe("Cell 3, failed, 21 Wh (20-22), 6.2 g CO2e");
});

it("lets go of timer and model when it is closed", () => {
  vi.useFakeTimers();
  const { model, close } = shown();
  close();
  expect(model.listening).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it.each(EVIL)("shows %s as text", (evil) => {
  const spark = { w: 9, h: 9, title: evil, shapes: [["M0 0", evil, evil, 1, false], ["1", "1", "start", evil]] };
  const { el } = shown(badge({ name: evil, status: evil, energy: evil, how: evil, method: evil, change: evil, spark: spark as never }));
  expect(el.querySelectorAll("script, img, iframe").length).toBe(0);
  expect([...el.querySelectorAll("*")].every((node) => [...node.attributes].every((a) => !a.name.startsWith("on")))).toBe(true);
  expect(el.querySelectorAll("style").length).toBe(1);
  expect(el.querySelector("path")?.getAttribute("stroke")).toBe("none");
  expect(el.querySelector("b")?.textContent).toBe(evil);
});

it("says that the kernel has ended, where it ended without a last word", () => {
  vi.useFakeTimers();
  const { el, model } = shown();
  model.trigger("comm_live_update");
  vi.advanceTimersByTime(9000);
  expect(el.querySelector(".ipf-status")?.textContent).toBe("the kernel has ended");
  expect(el.querySelector(".ipf-time")?.textContent).toBe("4.2 s");
  expect(el.querySelector(".ipf-quiet")?.textContent).toBe("");
  model.set("payload", badge({ state: "ok", status: "done" }));
  model.trigger("comm_live_update");
  expect(el.querySelector(".ipf-status")?.textContent).toBe("done");
});
