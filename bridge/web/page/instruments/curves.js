/** Every channel of the face as a curve under the waveform, the phones and the words, on the clock of what is heard. */

import { colour, sheet } from "./plot.js";

const SPAN_MS = 5000;
const WAVE = 54; // px
const ROW = 13;
const LINE = 13; // px of a line of phones or words
const LINES = 3; // one of phones, two of words
const WORDS = LINES * LINE + 4;
const GUTTER = 118; // px for the names
const DRAW_MS = 50;
const BUCKET = 240; // samples: 10 ms at 24 kHz

export class Curves {
  #frames = [];
  #wave = []; // {at, low, high}
  #marks = []; // {at, text, phone}
  #drawn = 0;
  #names = [];
  #ranges = [];

  constructor(node, visible, stage) {
    this.node = node;
    this.canvas = document.createElement("canvas");
    node.append(this.canvas);
    stage.watch(({ at: now, weights, names }) => {
      this.#names = names;
      this.#frames.push({ at: now, weights: weights.slice() });
      while (this.#frames[0].at < now - SPAN_MS) this.#frames.shift();
      while (this.#wave.length && this.#wave[0].at < now - SPAN_MS) this.#wave.shift();
      while (this.#marks.length && this.#marks[0].at < now - SPAN_MS) this.#marks.shift();
      if (visible() && now - this.#drawn > DRAW_MS) this.#draw(now);
    });
  }

  follow(companion) {
    companion.on("welcome", ({ face }) => (this.#ranges = face.ranges));
    const mark = ({ pts }, text, phone) => {
      const now = performance.now();
      this.#marks.push({ at: now - Math.max(0, companion.timeline.now.pts - pts) / 48, text, phone });
    };
    companion.on("word", (word) => mark(word, word.text, false));
    companion.on("phone", (phone) => mark(phone, phone.ipa, true));
    companion.on("tap", ({ samples }) => this.#sound(companion, samples));
  }

  /** What has just been written is audible a little later. */
  #sound({ speaker, timeline }, samples) {
    const now = performance.now();
    const ahead = speaker.context.currentTime - speaker.clock.heard(now);
    const end = now + ahead * 1000;
    for (let from = 0; from < samples.length; from += BUCKET) {
      let [low, high] = [0, 0];
      for (let index = from; index < Math.min(samples.length, from + BUCKET); index += 1) {
        low = Math.min(low, samples[index]);
        high = Math.max(high, samples[index]);
      }
      this.#wave.push({ at: end - ((samples.length - from) / timeline.rate) * 1000, low: low / 32768, high: high / 32768 });
    }
  }

  #draw(now) {
    this.#drawn = now;
    const names = this.#names;
    const { pen, width } = sheet(this.canvas, WAVE + WORDS + names.length * ROW);
    const x = (at) => Math.max(GUTTER, width - ((now - at) / SPAN_MS) * (width - GUTTER));
    this.#drawSound(pen, x);
    const [soft, line, theirs, mine] = ["soft", "line", "theirs", "mine"].map(colour);
    names.forEach((name, index) => {
      const [low, high] = this.#ranges[index] ?? [0, 1];
      const floor = WAVE + WORDS + (index + 1) * ROW - 2;
      const zero = floor + (low / (high - low)) * (ROW - 3);
      pen.fillStyle = line;
      pen.fillRect(GUTTER, zero, width - GUTTER, 0.5);
      pen.fillStyle = low < 0 ? mine : theirs;
      pen.globalAlpha = 0.75;
      pen.beginPath();
      pen.moveTo(x(this.#frames[0].at), zero);
      for (const { at, weights } of this.#frames) pen.lineTo(x(at), zero - (weights[index] / (high - low)) * (ROW - 3));
      pen.lineTo(x(this.#frames.at(-1).at), zero);
      pen.fill();
      pen.globalAlpha = 1;
      pen.fillStyle = soft;
      pen.fillText(name, 0, floor - ROW / 2 + 2);
    });
    this.node.querySelector("output").textContent = `${names.length}`;
  }

  #drawSound(pen, x) {
    pen.fillStyle = colour("ink");
    pen.globalAlpha = 0.7;
    for (const { at, low, high } of this.#wave) pen.fillRect(x(at), WAVE / 2 - (high * WAVE) / 2, 1.2, Math.max(0.6, ((high - low) * WAVE) / 2));
    pen.globalAlpha = 1;
    this.#drawMarks(pen, x);
  }

  /** Where each sound and word begins; what finds no room is left out. */
  #drawMarks(pen, x) {
    const taken = new Array(LINES).fill(GUTTER);
    const [soft, theirs] = ["soft", "theirs"].map(colour);
    for (const { at, text, phone } of this.#marks) {
      const from = x(at);
      if (from <= GUTTER) continue;
      pen.fillStyle = phone ? soft : theirs;
      if (!phone) {
        pen.globalAlpha = 0.4;
        pen.fillRect(from, 0, 0.7, WAVE + LINE);
        pen.globalAlpha = 1;
      }
      const line = (phone ? [0] : [1, 2]).find((each) => taken[each] <= from);
      if (line === undefined || !text) continue;
      pen.fillText(text, from + 2, WAVE + LINE * line + 8);
      taken[line] = from + 4 + pen.measureText(text).width;
    }
  }
}
