/** Where the time of a turn goes: from the end of what the user said to the moment the answer is heard. */

import { t } from "../words.js";

const SHOWN = 6;
const MIC_PER_MS = 16; // samples
const DRIFT_MS = 0.01; // that a frame may be later than the one before for the clocks' sake
const LOUD = 0.02; // peak of a microphone frame that counts as speech
/** The stretches of a turn, each up to its mark; the first begins where the user has finished. */
const STEPS = ["transcript", "start", "token", "audio", "face", "heard"];

export class Waterfall {
  #loud = 0; // when the latest microphone frame that counts as speech ended
  #opened = Infinity; // when its first sample was heard, as the frame that was least delayed tells
  #pts = 0;
  #said = { at: 0, how: "" };
  #transcripts = new Map();

  constructor(node) {
    this.turns = new Map(); // turn -> {turn, how, from, transcript, start, token, audio, face, heard}, times in ms
    this.node = node;
    this.table = document.createElement("table");
    this.table.className = "turns";
    node.append(this.table, legend());
  }

  follow(companion) {
    companion.on("welcome", ({ resumed }) => resumed || this.#clear());
    companion.on("level", (frame) => frame.pts !== undefined && this.#listen(frame));
    companion.on("traffic", ({ direction, message, at }) => (direction === "out" ? this.#sent(message, at) : this.#came(message, at)));
    companion.on("began", ({ turn, frame }) => {
      const now = performance.now();
      const since = companion.speaker.frame(now) - frame;
      this.#mark(turn, "heard", now - (since / companion.speaker.context.sampleRate) * 1000);
      this.#draw();
    });
  }

  /** By the frames' own clock: they wait where the page is busy. */
  #listen({ level, pts, data }) {
    const end = pts + data.length / 2;
    if (pts < this.#pts) this.#opened = Infinity;
    this.#pts = pts;
    this.#opened = Math.min(performance.now() - end / MIC_PER_MS, this.#opened + DRIFT_MS);
    if (level > LOUD) this.#loud = this.#opened + end / MIC_PER_MS;
  }

  #clear() {
    this.turns.clear();
    this.#transcripts.clear();
  }

  #sent({ type, on }, at) {
    if (type === "text") this.#said = { at, how: "typed" };
    else if (type === "talk" && !on) this.#said = { at, how: "key" };
  }

  #came(message, at) {
    const { type, turn } = message;
    if (type === "transcript" && message.final) this.#transcripts.set(message.utterance, at);
    else if (type === "reply_start") this.#start(message, at);
    else if (type === "state" && message.timings) this.#token(message);
    else if (type === "media" && turn) {
      if (message.pcm.length) this.#mark(turn, "audio", at);
      if (message.face.length) this.#mark(turn, "face", at);
    }
  }

  #start({ turn, utterance }, at) {
    const transcript = utterance ? this.#transcripts.get(utterance) : undefined;
    const spoken = transcript !== undefined && this.#said.how !== "key" && this.#loud > 0;
    const from = spoken ? Math.min(this.#loud, transcript) : this.#said.at || at;
    this.turns.set(turn, { turn, how: spoken ? "spoken" : this.#said.how || "unasked", from, transcript, start: at });
    this.#said = { at: 0, how: "" };
    if (this.turns.size > 200) this.turns.delete(this.turns.keys().next().value);
  }

  /** The server's own measure, laid from when its `reply_start` came. */
  #token({ turn, timings }) {
    const row = this.turns.get(turn);
    if (row) row.token = Math.min(row.start + (timings.first_token ?? 0), row.audio ?? Infinity);
  }

  #mark(turn, name, at) {
    const row = this.turns.get(turn);
    if (row) row[name] ??= at;
  }

  #draw() {
    const rows = [...this.turns.values()].filter((row) => row.heard).slice(-SHOWN);
    const most = Math.max(...rows.map((row) => row.heard - row.from));
    this.table.replaceChildren(...rows.map((row) => line(row, most)));
    const last = rows.at(-1);
    this.node.querySelector("output").textContent = last ? t("heard_after", { ms: Math.round(last.heard - last.from) }) : "";
  }
}

function line(row, most) {
  const tr = document.createElement("tr");
  const [name, cell, total] = [document.createElement("th"), document.createElement("td"), document.createElement("td")];
  const track = document.createElement("div");
  track.className = "track";
  name.scope = "row";
  name.textContent = `${row.turn} · ${t(`how_${row.how}`)}`;
  let from = row.from;
  STEPS.forEach((step, index) => {
    const at = row[step];
    if (at === undefined || at < from) return;
    const bar = document.createElement("i");
    bar.className = `c${index}`;
    bar.style.left = `${((from - row.from) / most) * 100}%`;
    bar.style.width = `${((at - from) / most) * 100}%`;
    bar.title = `${t(`step_${step}`)}: ${Math.round(at - row.from)} ms`;
    track.append(bar);
    from = at;
  });
  cell.append(track);
  cell.style.width = "100%";
  total.textContent = `${Math.round(row.heard - row.from)} ms`;
  tr.append(name, cell, total);
  return tr;
}

function legend() {
  const node = document.createElement("div");
  node.className = "legend";
  STEPS.forEach((step, index) => {
    const item = document.createElement("span");
    const box = document.createElement("i");
    box.className = `c${index}`;
    item.append(box, t(`step_${step}`));
    node.append(item);
  });
  return node;
}
