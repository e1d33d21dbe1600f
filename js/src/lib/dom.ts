// Small DOM building blocks; every text is set as text, never parsed as markup.
import css from "../theme.css";
import type { Model } from "./types";

type Child = Node | string | null | undefined;
type Props = Record<string, string | number | boolean | null | ((event: Event) => void)>;

// JupyterLab takes Enter and the arrow keys for its cells, unless a control says that they are its own.
const KEYED = new Set(["button", "input", "select", "summary"]);

/** An element with its children; functions become listeners, null leaves a property out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== false) node.setAttribute(name, String(value));
  }
  if (KEYED.has(tag) || "tabindex" in props) node.setAttribute("data-lm-suppress-shortcuts", "true");
  fill(node, ...children);
  return node;
}

/** Replace a node's children. */
export function fill(node: Element, ...children: Child[]): void {
  node.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/** Set a text only where it changed, so that nothing is announced or laid out twice. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** The root of a widget with the theme's style beside it (a shadow root needs its own). */
export function root(host: HTMLElement, name: string): HTMLElement {
  const style = document.createElement("style");
  style.textContent = css;
  const node = el("div", { class: `ipf ipf-${name}` });
  host.append(style, node);
  return node;
}

/** Hear that the kernel behind a model has gone (restarted or died); returns the way out. */
export function whenGone(model: Model, react: () => void): () => void {
  model.on("comm_live_update", react);
  return () => model.off("comm_live_update", react);
}

/** Subscribe to a trait; returns the way out. */
export function listen(model: Model, name: string, react: () => void): () => void {
  model.on(`change:${name}`, react);
  return () => model.off(`change:${name}`, react);
}
