/** Numbers that tell whether all is well: lip sync, the jitter buffer, the line, and who does what. */

import { t } from "../words.js";
import { colour, quantile, sheet } from "./plot.js";

const BIN_MS = 2;
const EDGE_MS = 40;
const KEPT = 3600; // offsets: a minute of speech
const DRAW_MS = 400;

export class Gauges {
  #offsets = [];
  #buffer = [];
  #traffic = { in: 0, out: 0, since: performance.now() };
  #companion = null;
  #source = "";
  #frame = NaN;

  constructor(panel, section, stage) {
    this.panel = panel;
    this.status = { buffered: 0, prime: 0, underruns: 0 };
    this.rates = { in: 0, out: 0 };
    this.parts = {};
    for (const name of ["sync", "buffer", "facts"]) {
      const node = section(panel, t(name));
      const body = document.createElement(name === "facts" ? "dl" : "canvas");
      if (name === "facts") body.className = "facts";
      node.append(body);
      this.parts[name] = { body, output: node.querySelector("output") };
    }
    stage.watch(({ shown, interval }) => {
      this.#frame = interval;
      if (shown.source) this.#source = shown.source;
    });
    stage.measure((offset) => {
      this.#offsets.push(offset);
      if (this.#offsets.length > KEPT) this.#offsets.splice(0, KEPT / 10);
    });
    setInterval(() => this.#draw(), DRAW_MS);
  }

  follow(companion) {
    this.#companion = companion;
    companion.on("status_audio", (status) => {
      this.status = status;
      this.#buffer.push(status.buffered);
      if (this.#buffer.length > 300) this.#buffer.shift();
    });
    companion.on("traffic", ({ direction, bytes }) => (this.#traffic[direction] += bytes));
  }

  /** The measured offsets in ms, face before sound positive: `{count, median, p99, worst}` of their sizes. */
  sync() {
    const sorted = [...this.#offsets].sort((a, b) => a - b);
    const sizes = sorted.map(Math.abs).sort((a, b) => a - b);
    return { count: sorted.length, median: quantile(sorted, 0.5), p99: quantile(sizes, 0.99), worst: sizes.at(-1) ?? NaN };
  }

  /** The latest of them as they were measured, to a tenth of a ms. */
  offsets() {
    return this.#offsets.map((offset) => Math.round(offset * 10) / 10);
  }

  #draw() {
    const now = performance.now();
    const { since } = this.#traffic;
    if (now - since > 900) {
      this.rates = { in: this.#traffic.in / ((now - since) / 1000), out: this.#traffic.out / ((now - since) / 1000) };
      this.#traffic = { in: 0, out: 0, since: now };
    }
    if (this.panel.hidden || this.panel.parentElement.hidden) return;
    this.#drawSync();
    this.#drawBuffer();
    this.#drawFacts();
  }

  #drawSync() {
    const { body, output } = this.parts.sync;
    const { pen, width, height } = sheet(body, 92);
    const { count, median, p99 } = this.sync();
    const bins = new Array((2 * EDGE_MS) / BIN_MS).fill(0);
    for (const offset of this.#offsets) {
      bins[Math.max(0, Math.min(bins.length - 1, Math.floor((offset + EDGE_MS) / BIN_MS)))] += 1;
    }
    const most = Math.max(1, ...bins);
    const step = width / bins.length;
    const frame = ((this.#frame / BIN_MS) * width) / bins.length;
    pen.fillStyle = colour("line");
    pen.fillRect(width / 2 - frame, 0, 2 * frame, height - 14);
    pen.fillStyle = colour("theirs");
    bins.forEach((bin, index) => pen.fillRect(index * step + 0.5, height - 14 - (bin / most) * (height - 16), step - 1, (bin / most) * (height - 16)));
    pen.fillStyle = colour("soft");
    pen.textAlign = "center";
    for (const tick of [-30, -15, 0, 15, 30]) pen.fillText(`${tick}`, width / 2 + (tick / EDGE_MS) * (width / 2), height - 6);
    output.textContent = count
      ? t("sync_now", { median: median.toFixed(1), p99: p99.toFixed(1), frame: this.#frame.toFixed(1) })
      : t("nothing_yet");
  }

  #drawBuffer() {
    const { body, output } = this.parts.buffer;
    const { pen, width, height } = sheet(body, 56);
    const top = Math.max(0.45, ...this.#buffer);
    const y = (seconds) => height - 2 - (seconds / top) * (height - 6);
    pen.strokeStyle = colour("line");
    pen.beginPath();
    pen.moveTo(0, y(this.status.prime));
    pen.lineTo(width, y(this.status.prime));
    pen.stroke();
    pen.strokeStyle = colour("mine");
    pen.lineWidth = 1.5;
    pen.beginPath();
    this.#buffer.forEach((seconds, index) => pen.lineTo((index / 299) * width, y(seconds)));
    pen.stroke();
    const { buffered, prime, underruns } = this.status;
    output.textContent = t("buffer_now", { buffered: Math.round(buffered * 1000), prime: Math.round(prime * 1000), underruns });
  }

  #drawFacts() {
    const companion = this.#companion;
    const { welcome, speaker, session } = companion;
    const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB/s`;
    const latency = speaker ? (speaker.context.outputLatency || speaker.context.baseLatency || 0) * 1000 : NaN;
    const facts = {
      [t("round_trip")]: `${companion.roundTrip.toFixed(1)} ms`,
      [t("in_out")]: `${kib(this.rates.in)} · ${kib(this.rates.out)}`,
      [t("latency")]: `${latency.toFixed(0)} ms, ${t(speaker?.clock.exact ? "by_device" : "estimated")}`,
      [t("quality")]: this.#source || "–",
      [t("frames")]: t("frames_now", { drawn: (1000 / this.#frame).toFixed(0), sent: welcome?.face.fps ?? "–" }),
      ...Object.fromEntries(Object.entries(welcome?.engines ?? {}).map(([job, name]) => [job, name || "–"])),
      [t("sound")]: welcome ? t("sound_now", { rate: welcome.audio.rate, lead: welcome.lead_ms }) : "–",
      [t("session")]: welcome ? `${welcome.session}, seq ${session.seq}` : "–",
      [t("server")]: welcome?.server ?? "–",
    };
    const nodes = Object.entries(facts).flatMap(([name, fact]) => {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      dt.textContent = name;
      dd.textContent = fact;
      return [dt, dd];
    });
    this.parts.facts.body.replaceChildren(...nodes);
  }
}
