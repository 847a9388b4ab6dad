// The JavaScript client over playout traces: `node playout_traces.mjs CLIENT_FOLDER TRACE...`. Writes lines for the judge.
// A trace with `first` is told the face at the first sample of each pull, not at its end.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...traces] = process.argv.slice(2);
const part = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const { Playout } = await part("playout");
const { Timeline } = await part("timeline");
const { Reporter } = await part("reporter");
const { Session } = await part("session");
const { MSGPACK, samples, write } = await part("wire");

const TICKS = 48000;
const NAMES = ["jawOpen", "mouthClose", "headYaw"];

const pcm = (turn, first, count) => Int16Array.from({ length: count }, (_, index) => (((first + index) * 7919 + turn * 10007) % 65536) - 32768);
const byte = (turn, frame, channel) => (turn ? frame * frame + 50 * channel + turn : frame) % 256;
const face = (turn, first, count) => Uint8Array.from({ length: count * 3 }, (_, index) => byte(turn, first + Math.floor(index / 3), index % 3));

/** The client less its socket and its sound card: what `companion.js` and `playback.worklet.js` join. */
class Player {
  constructor(trace) {
    this.trace = trace;
    this.session = new Session("ws://trace", {}, { onMessage: (message) => this.push(message), onStatus: () => {} });
    this.reporter = new Reporter();
    this.face = new Float32Array(NAMES.length);
    this.frame = 0;
    this.later = [];
    this.interrupts = [];
    this.take({ type: "welcome", resumed: false }, 0);
  }

  /** Take a message of a trace as it would travel. */
  take({ samples: count, frames, ...message }, at) {
    this.at = at;
    const { rate, fps, lead_ms, ranges } = this.trace;
    if (message.type === "media") {
      message.pcm = new Uint8Array(pcm(message.turn, (message.pts * rate) / TICKS, count).buffer);
      message.face = face(message.turn, (message.face_pts * fps) / TICKS, frames);
    }
    if (message.type === "welcome") Object.assign(message, { lead_ms, audio: { rate }, face: { fps, names: NAMES, ranges } });
    this.session.receive(write(message, MSGPACK).slice().buffer);
  }

  push(message) {
    const { type, turn } = message;
    if (type === "welcome" && message.resumed) return this.reporter.resumed();
    if (type === "welcome") {
      this.reporter.reset();
      this.playout = new Playout({ rate: this.trace.rate, lead: this.trace.lead_ms / 1000 });
      this.timeline = new Timeline({ rate: this.trace.rate, face: message.face });
      return undefined;
    }
    this.reporter.take(message);
    this.timeline.push(message, this.at);
    this.playout.push(type === "media" && turn ? { ...message, pcm: samples(message.pcm) } : message);
    return undefined;
  }

  /** As `Companion.stop` does. */
  stop() {
    const { turn, pts } = this.timeline.at(this.frame);
    this.timeline.drop(turn);
    this.playout.interrupt(turn);
    this.session.forget(turn);
    this.interrupts.push([turn, Math.floor(pts)]);
  }

  /** Play `count` samples, 0 for none, from `at` on; the events that fall due before their end. */
  pull(at, count) {
    const out = new Float32Array(count);
    const points = this.playout.read(out, this.frame);
    for (const point of points) this.timeline.point(point);
    const end = this.frame + count;
    const before = end - (this.trace.first ? count : this.trace.rate / (2 * TICKS));
    const events = [...this.later, ...this.timeline.advance(before)];
    if (count) this.timeline.sample(before, at + (1000 * count) / this.trace.rate, this.face);
    // A turn that ends with the last sample ends in this pull; what begins with the next sample belongs to the next.
    const edge = points.some(({ kind, frame }) => kind === "end" && frame === end) ? this.timeline.advance(end) : [];
    const over = new Set(edge.filter(({ type }) => type === "ended").map(({ turn }) => turn));
    events.push(...edge.filter(({ turn }) => over.has(turn)));
    this.later = edge.filter(({ turn }) => !over.has(turn));
    this.frame = end;
    const reports = this.reporter.due([...events, ...this.later], this.timeline.at(end), at);
    const of = (type, name) => events.filter((event) => event.type === type).map((event) => event[name]);
    return {
      interrupts: this.interrupts.splice(0),
      air: Buffer.from(Int16Array.from(out, (value) => Math.round(value * 32768)).buffer).toString("base64"),
      words: of("word", "text"),
      cues: of("cue", "name"),
      face: [...this.face],
      reports: reports.map(({ turn, pts }) => [turn, pts, this.session.seq]),
    };
  }
}

for (const path of traces) {
  const trace = JSON.parse(readFileSync(path, "utf8"));
  const player = new Player(trace);
  const lines = [JSON.stringify({ trace: trace.name })];
  for (const { at, take, stop, pull = 0 } of trace.steps) {
    if (take) player.take(take, at);
    else if (stop) player.stop();
    else lines.push(JSON.stringify(player.pull(at, pull)));
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}
