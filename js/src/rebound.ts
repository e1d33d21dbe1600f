// The banner: one sentence, its pictures, and four answers that act at once.
import { el, fill, listen, root, setText, whenGone } from "./lib/dom";
import { localised } from "./lib/figures";
import { drawOver, asOutput } from "./lib/over";
import { contents } from "./lib/table";
import type { Banner, Context, Intent, Model } from "./lib/types";
import { say } from "./lib/words";

const ANSWERS = ["planned", "snooze", "not-rebound"];
const UNITS = ["Wh", "kWh", "g", "kg", "L"];
// Seen by every view of this widget in the page, and by Python only as a message: a busy
// kernel hears the message later, and a later state from Python still has the last word.
const ANSWERED = "answered_here";

function render({ model, el: host }: Context): () => void {
  const node = root(host, "rebound");
  let banner = model.get("payload") as Banner;
  const word = (key: string): string => say(banner.words, key);
  let own: Intent | null = null;

  const told = (): Intent | null => (model.get(ANSWERED) as Intent | undefined) ?? own;
  const answer = (intent: Intent): void => {
    own = intent;
    model.set(ANSWERED, intent);
    model.send(intent);
    show();
    status.focus();
  };

  const mark = el("span", { class: "ipf-mark", "aria-hidden": "true" });
  const title = el("b", {});
  const sentence = el("span", { class: "ipf-sentence" });
  const status = el("p", { class: "ipf-answer", role: "status", tabindex: -1 });
  const facts = el("p", { class: "ipf-note" });
  const line = el("p", { class: "ipf-line" }, mark, title, " ", sentence);
  const buttons = el("div", { class: "ipf-buttons", role: "group", "aria-label": word("answers") });
  for (const intent of ANSWERS) {
    const click = (): void => answer({ intent, value: null });
    buttons.append(el("button", { type: "button", click, "data-intent": intent }, word(intent)));
  }
  const openForm = (): void => {
    form.hidden = false;
    amount.focus();
  };
  buttons.append(el("button", { type: "button", click: openForm, "data-intent": "budget" }, word("budget_button")));

  const amount = el("input", { type: "number", min: 0, step: "any", required: true, "aria-label": word("amount") });
  const unit = el("select", { "aria-label": word("unit") }, ...UNITS.map((name) => el("option", {}, name)));
  const submit = (event: Event): void => {
    event.preventDefault();
    const value = Number(amount.value);
    if (value > 0 && Number.isFinite(value)) answer({ intent: "budget", value: `${value} ${unit.value}` });
  };
  const close = (): void => {
    form.hidden = true;
  };
  const form = el("form", { class: "ipf-buttons", submit, hidden: true }, amount, unit,
    el("button", { type: "submit" }, word("set")), el("button", { type: "button", click: close }, word("cancel")));

  const details = el("details", { class: "ipf-block" }, el("summary", {}, word("details")));
  const body = el("div", { class: "ipf-body" });
  details.append(body);
  const more = el("div", {}, facts, buttons, form, status, details);
  const fold = (): void => {
    more.hidden = !more.hidden;
    foldButton.setAttribute("aria-expanded", String(!more.hidden));
    foldButton.textContent = word(more.hidden ? "show" : "dismiss");
  };
  const foldButton = el("button", { type: "button", class: "ipf-fold", click: fold, "aria-expanded": "true" }, word("dismiss"));
  fill(node, el("div", { class: "ipf-title" }, line, foldButton), more);

  let drawn = "";
  const show = (): void => {
    banner = model.get("payload") as Banner;
    node.dataset["level"] = banner.level;
    line.setAttribute("role", banner.level === "warn" ? "alert" : "note");
    setText(mark, banner.mark);
    setText(title, `${banner.title}:`);
    setText(sentence, localised(banner.sentence));
    setText(facts, localised([banner.interval, banner.runs_left].filter(Boolean).join(". ")));
    const here = told();
    const given = banner.answer ?? here?.intent ?? null;
    const text = given ? say(banner.words, `answer_${given}`, { amount: here?.value ?? "" }) : "";
    setText(status, given && !banner.answer ? `${text} ${word("later")}` : text);
    buttons.hidden = given !== null;
    if (given !== null) form.hidden = true;
    const now = JSON.stringify([banner.tables, banner.advice]);
    if (now === drawn) return;
    drawn = now;
    const helps = banner.advice.map((text) => el("li", {}, localised(text)));
    details.hidden = banner.tables.length + helps.length === 0;
    fill(body, helps.length ? el("b", {}, word("helps")) : null, helps.length ? el("ul", {}, ...helps) : null);
    for (const table of banner.tables) body.append(el("b", {}, table.title), ...contents(table));
  };
  const leave = (): void => {
    if (banner.answer !== null) return;
    buttons.hidden = form.hidden = true; // nobody would hear an answer
    setText(status, word("gone"));
  };
  show();
  const stops = [listen(model, "payload", show), listen(model, ANSWERED, show), whenGone(model, leave)];
  return () => stops.forEach((stop) => stop());
}

const initialize = ({ model }: { model: Model }): (() => void) => drawOver(model, render);

export default { initialize, render: asOutput(render) };
