// The panel: a session's tables, its cells, and what other assumptions would make of it.
import { el, fill, listen, root, setText, whenGone } from "./lib/dom";
import { localised } from "./lib/figures";
import { drawOver, asOutput } from "./lib/over";
import { rowTexts } from "./lib/rows";
import { type Folded, folded } from "./lib/table";
import type { Context, Fixed, Model, Panel, Rows } from "./lib/types";
import { virtualList } from "./lib/virtual";
import { whatIfForm } from "./lib/whatif_form";
import { say } from "./lib/words";

function render({ model, el: host }: Context): () => void {
  const node = root(host, "session");
  let panel = model.get("payload") as Panel;
  let rows = model.get("rows") as Rows;
  const { words, zones } = model.get("fixed") as Fixed;
  const word = (key: string): string => say(words, key);

  const title = el("b", {});
  const headline = el("span", { class: "ipf-part" });
  const gone = el("span", { class: "ipf-part ipf-quiet" });
  const said = el("span", { class: "ipf-unseen", role: "status", "aria-live": "polite" });
  const blocks = el("div", { class: "ipf-blocks" });
  const whatIf = whatIfForm(words, zones);
  const head = ["run", "energy", "carbon", "time", "state", "method", "label"].map(word);
  const list = virtualList(word("all_cells"), head, (index) => rowTexts(rows, index, words));
  const listTitle = el("summary", {});
  const listBlock = el("details", { class: "ipf-block ipf-all" }, listTitle, list.node);
  listBlock.addEventListener("toggle", () => list.update(rows.count));
  fill(node, el("div", { class: "ipf-title" }, title, headline, gone, said), blocks, whatIf.node, listBlock);

  const shown = new Map<string, Folded>();
  const show = (): void => {
    panel = model.get("payload") as Panel;
    setText(gone, "");
    setText(title, panel.title);
    setText(headline, localised(panel.headline));
    for (const [id, block] of shown) {
      if (panel.tables.every((table) => table.id !== id)) {
        block.node.remove();
        shown.delete(id);
      }
    }
    panel.tables.forEach((table, index) => {
      const block = shown.get(table.id) ?? folded(table);
      block.update(table);
      shown.set(table.id, block);
      // Moved only where the order changed: moving a block would take the focus out of it.
      if (blocks.children[index] !== block.node) blocks.insertBefore(block.node, blocks.children[index] ?? null);
    });
    whatIf.update(panel.whatif);
    setText(said, panel.live ? "" : word("ended"));
  };
  const showRows = (): void => {
    rows = model.get("rows") as Rows;
    listBlock.hidden = rows.count === 0;
    setText(listTitle, `${word("all_cells")} (${localised(String(rows.count))})`);
    if (listBlock.open) list.update(rows.count);
  };
  show();
  showRows();
  const stops = [listen(model, "payload", show), listen(model, "rows", showRows), whenGone(model, () => setText(gone, word("gone")))];
  return () => stops.forEach((stop) => stop());
}

const initialize = ({ model }: { model: Model }): (() => void) => drawOver(model, render);

export default { initialize, render: asOutput(render) };
