/** The messages as they travel, with a filter, and the button that saves a trace of them. */

import { t } from "../words.js";
import { wav } from "./recorder.js";
import { zip } from "./zip.js";

const LINES = 300;

export class Log {
  #companion = null;
  #dirty = true;

  constructor(node, visible, recorder) {
    this.recorder = recorder;
    this.list = document.createElement("div");
    this.list.className = "log";
    this.list.tabIndex = 0;
    this.filter = document.createElement("input");
    this.filter.type = "search";
    this.filter.placeholder = t("filter");
    this.filter.setAttribute("aria-label", t("filter"));
    this.filter.value = "-media -mic -playhead -ping -pong";
    this.filter.oninput = () => (this.#dirty = true);
    const save = document.createElement("button");
    save.type = "button";
    save.className = "plain";
    save.textContent = t("save_trace");
    save.onclick = () => this.#save();
    const link = document.createElement("button");
    link.type = "button";
    link.className = "plain";
    link.textContent = t("copy_link");
    link.onclick = () => this.#copy(link);
    const row = document.createElement("div");
    row.className = "row";
    row.append(this.filter, save, link);
    node.append(row, this.list);
    recorder.listeners.add(() => (this.#dirty = true));
    setInterval(() => visible() && this.#dirty && this.#draw(), 250);
  }

  follow(companion) {
    this.#companion = companion;
  }

  #draw() {
    this.#dirty = false;
    const { list } = this;
    const bottom = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const words = this.filter.value.split(/\s+/).filter(Boolean);
    const without = words.filter((word) => word[0] === "-").map((word) => word.slice(1));
    const wanted = words.filter((word) => word[0] !== "-");
    const lines = [];
    for (const entry of this.recorder.messages) {
      const { type } = entry.message;
      if (without.includes(type)) continue;
      const text = line(entry);
      if (wanted.every((word) => text.includes(word))) lines.push({ text, kind: type === "error" ? "error" : entry.direction });
    }
    list.replaceChildren(
      ...lines.slice(-LINES).map(({ text, kind }) => {
        const node = document.createElement("div");
        node.className = kind;
        node.textContent = text;
        node.title = text;
        return node;
      }),
    );
    if (bottom) list.scrollTop = list.scrollHeight;
  }

  #save() {
    const { gauges, waterfall } = globalThis.instruments;
    const sync = { ...gauges.sync(), offsets_ms: gauges.offsets() };
    const measured = { sync, buffer: gauges.status, rates: gauges.rates, turns: [...waterfall.turns.values()] };
    const now = new Date();
    const trace = JSON.stringify(this.recorder.trace(measured), null, 1);
    const sound = wav(this.recorder.sound(), this.#companion.timeline.rate);
    const files = { "trace.json": new TextEncoder().encode(trace), "sound.wav": sound };
    download(`companion-${now.toISOString().replace(/[:.]/g, "-").slice(0, 19)}.zip`, zip(files, now));
  }

  async #copy(button) {
    const { welcome } = this.#companion;
    if (!welcome?.watch) return;
    const link = new URL("?view=avatar&background=transparent", location.href);
    link.hash = `watch=${welcome.session}.${welcome.watch}`;
    await navigator.clipboard.writeText(link.href);
    button.textContent = t("copied");
    setTimeout(() => (button.textContent = t("copy_link")), 1500);
  }
}

function line({ at, direction, bytes, message }) {
  const { type, companion, ...rest } = message;
  return `${(at / 1000).toFixed(3).padStart(8)} ${direction === "in" ? "←" : "→"} ${type} ${JSON.stringify(rest)} ${bytes} B`;
}

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
