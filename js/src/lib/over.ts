// Draws a widget over its static twin, wherever that is on the page. The saved notebook then
// holds the twin alone: without this kernel, or without widgets at all, it is what is shown.
import { el } from "./dom";
import type { Context, Model } from "./types";

const LOOK_EVERY_MS = 200;
const TALLEST_PX = 1800; // 100 lines, from which on Notebook 7 puts outputs into a scrolled box

/** Starts looking for the twin's places; returns the way back to the twin. */
export function drawOver(model: Model, render: (context: Context) => () => void): () => void {
  const drawn = new Map<Element, () => void>();
  const look = (): void => {
    for (const [place, back] of drawn) {
      if (!place.isConnected) {
        back();
        drawn.delete(place);
      }
    }
    const name = model.get("place");
    if (typeof name !== "string" || name === "") return;
    for (const place of document.getElementsByClassName(name)) {
      if (!drawn.has(place)) drawn.set(place, over(place, model, render));
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const back of drawn.values()) back();
    drawn.clear();
  };
}

/** Draws a widget as an output of its own, and says that this page can. */
export function asOutput(render: (context: Context) => () => void): (context: Context) => () => void {
  return (context) => {
    const stop = render(context);
    context.model.send({ intent: "drawn", value: null });
    return stop;
  };
}

function over(place: Element, model: Model, render: (context: Context) => () => void): () => void {
  const twin = [...place.children] as HTMLElement[];
  for (const node of twin) node.hidden = true;
  const live = el("div", {});
  place.append(live);
  const stop = render({ model, el: live });
  unbox(place);
  return () => {
    stop();
    live.remove();
    for (const node of twin) node.hidden = false;
  };
}

/** Takes an output out of the box that Notebook 7 has put it into for its long twin's sake. */
function unbox(place: Element): void {
  const box = document.body.dataset["notebook"] === undefined ? null : place.closest(".jp-mod-outputsScrolled");
  if (place.scrollHeight <= TALLEST_PX) box?.classList.remove("jp-mod-outputsScrolled");
}
