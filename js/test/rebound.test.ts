import { expect, it } from "vitest";
import rebound from "../src/rebound";
import { FakeModel } from "./model";
import { EVIL, banner } from "./payloads";

function shown(payload = banner()): { el: HTMLElement; second: HTMLElement; model: FakeModel; close: () => void } {
  const [el, second] = [document.createElement("div"), document.createElement("div")];
  document.body.append(el, second);
  const model = new FakeModel({ payload });
  const stops = [rebound.render({ model, el }), rebound.render({ model, el: second })];
  return { el, second, model, close: () => stops.forEach((stop) => stop()) };
}

function press(el: HTMLElement, intent: string): void {
  el.querySelector<HTMLButtonElement>(`button[data-intent="${intent}"]`)!.click();
}

it("is an alert with its sentence, interval, pictures and advice", () => {
  const { el } = shown();
  expect(el.querySelector("[role=alert]")?.textContent).toContain("88 % of the saving is used up.");
  expect(el.textContent).toContain("80 % interval 60 % to 125 %");
  expect(el.textContent).toContain("Stop early");
});

it("a notice is no alert", () => {
  expect(shown(banner({ level: "notice" })).el.querySelector("[role=alert]")).toBeNull();
});

it.each(["planned", "snooze", "not-rebound"])("%s acts at once in every view and is told once", (intent) => {
  const { el, second, model } = shown();
  press(el, intent);
  expect(model.sent.slice(2)).toEqual([{ intent, value: null }]);
  for (const view of [el, second]) {
    expect(view.querySelector<HTMLElement>("[role=group]")?.hidden).toBe(true);
    expect(view.querySelector("[role=status]")?.textContent).toContain("Python hears of it");
  }
  model.set("payload", banner({ answer: intent }));
  expect(el.querySelector("[role=status]")?.textContent).not.toContain("Python hears of it");
});

it("a budget needs a positive amount and is told with its unit", () => {
  const { el, model } = shown();
  press(el, "budget");
  const form = el.querySelector("form")!;
  expect(form.hidden).toBe(false);
  const input = form.querySelector("input")!;
  input.value = "-3";
  form.dispatchEvent(new Event("submit", { cancelable: true }));
  expect(model.sent.slice(2)).toEqual([]);
  input.value = "500";
  form.dispatchEvent(new Event("submit", { cancelable: true }));
  expect(model.sent.slice(2)).toEqual([{ intent: "budget", value: "500 Wh" }]);
  expect(el.querySelector("[role=status]")?.textContent).toContain("Budget set to 500 Wh.");
});

it("folds away and comes back", () => {
  const { el } = shown();
  const fold = el.querySelector<HTMLButtonElement>(".ipf-fold")!;
  fold.click();
  expect(fold.getAttribute("aria-expanded")).toBe("false");
  expect(fold.textContent).toBe("Show");
  fold.click();
  expect(fold.textContent).toBe("Dismiss");
});

it("an answer from before a reload is shown without buttons", () => {
  const { el } = shown(banner({ answer: "snooze" }));
  expect(el.querySelector<HTMLElement>("[role=group]")?.hidden).toBe(true);
  expect(el.querySelector("[role=status]")?.textContent).toBe("Snoozed for an hour of work.");
});

it("lets go of the model when it is closed", () => {
  const { model, close } = shown();
  close();
  expect(model.listening).toBe(0);
});

it.each(EVIL)("shows %s as text", (evil) => {
  const { el } = shown(banner({ title: evil, sentence: evil, interval: evil, advice: [evil], mark: evil, answer: evil }));
  expect(el.querySelectorAll("script, img, iframe, svg").length).toBe(0);
  expect(el.textContent).toContain(evil);
});

it("asks nothing any more once the kernel has ended", () => {
  const { el, model } = shown();
  model.trigger("comm_live_update");
  expect(el.querySelector<HTMLElement>("[role=group]")?.hidden).toBe(true);
  expect(el.querySelector("[role=status]")?.textContent).toContain("the kernel has ended");
});
