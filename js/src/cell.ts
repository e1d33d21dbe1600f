// The badge: one quiet line under a running cell.
import { el, fill, listen, root, setText, whenGone } from "./lib/dom";
import { draw } from "./lib/draw";
import { elapsed, localised } from "./lib/figures";
import { drawOver, asOutput } from "./lib/over";
import type { Badge, Context, Model } from "./lib/types";

const TICK_MS = 500;

function render({ model, el: host }: Context): () => void {
  const node = root(host, "cell");
  const part = (name: string): HTMLSpanElement => el("span", { class: `ipf-part ipf-${name}` });
  const mark = el("span", { class: "ipf-mark", "aria-hidden": "true" });
  const name = el("b", {});
  const [status, time, energy, how, carbon] = [part("status"), part("time"), part("energy"), part("how"), part("carbon")];
  const [spark, power, change, predicted, quiet] = [part("spark"), part("power"), part("change"), part("predicted"), part("quiet")];
  const said = el("span", { class: "ipf-unseen", role: "status", "aria-live": "polite" });
  fill(node, mark, name, status, time, energy, how, carbon, spark, power, change, predicted, quiet, said);

  let badge = model.get("payload") as Badge;
  let heard = performance.now();
  let drawn = "";
  let gone = false;

  const tick = (): void => {
    const running = badge.state === "started" && !gone;
    const since = performance.now() - heard;
    const seconds = (badge.elapsed_s ?? 0) + (running ? since / 1000 : 0);
    setText(time, localised(elapsed(seconds, badge.words)));
    setText(quiet, running && since > 1000 * badge.quiet_s ? badge.quiet : "");
  };
  const show = (): void => {
    badge = model.get("payload") as Badge;
    heard = performance.now();
    gone = false;
    node.dataset["state"] = badge.state;
    setText(mark, badge.mark);
    setText(name, badge.name);
    setText(status, badge.status);
    setText(energy, localised(badge.energy));
    setText(how, badge.how);
    how.dataset["method"] = badge.method;
    setText(carbon, localised(badge.carbon));
    setText(power, localised(badge.power));
    setText(change, localised(badge.change));
    setText(predicted, localised(badge.predicted));
    const curve = JSON.stringify(badge.spark);
    if (curve !== drawn) fill(spark, badge.spark && draw(badge.spark));
    drawn = curve;
    if (badge.state !== "started") {
      setText(said, [badge.name, badge.status, badge.energy, badge.carbon].filter(Boolean).join(", "));
    }
    tick();
  };
  const leave = (): void => {
    if (badge.state !== "started") return;
    tick();
    gone = true;
    node.dataset["state"] = "lost";
    setText(mark, "?");
    setText(status, badge.gone);
    for (const part of [power, quiet, predicted]) setText(part, "");
  };
  show();
  const stops = [listen(model, "payload", show), whenGone(model, leave)];
  const timer = setInterval(tick, TICK_MS);
  return () => {
    clearInterval(timer);
    stops.forEach((stop) => stop());
  };
}

const initialize = ({ model }: { model: Model }): (() => void) => drawOver(model, render);

export default { initialize, render: asOutput(render) };
