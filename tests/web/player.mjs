// The page's client without a page: `node --experimental-websocket player.mjs URL ... [--profile=P] [--token=T] [--record=DIR]`.
// Of several URLs each has a client and a sound card of its own.
//
// It is companion.js itself. What a browser has and Node.js lacks stands in: an AudioContext whose sound card takes 10 ms at
// a time by the clock, with the worklet's own code on its thread. Ends with its standard input.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const CLIENT = new URL("../../bridge/web/", import.meta.url);
const BLOCK_S = 0.01;
const LATENCY_S = 0.06;

/** A pair of ports that hand on a copy in the next turn of the loop, as MessageChannel does. */
function ports() {
  const make = () => ({ onmessage: null, other: null, postMessage(data) {
    const copy = structuredClone(data);
    setImmediate(() => this.other.onmessage?.({ data: copy }));
  } });
  const [one, two] = [make(), make()];
  one.other = two;
  two.other = one;
  return [one, two];
}

/** The scope that an AudioWorkletProcessor lives in, with `playback.worklet.js` loaded. */
async function worklet(rate) {
  const registered = {};
  const scope = { sampleRate: rate, currentFrame: 0, registerProcessor: (name, kind) => (registered[name] = kind) };
  const { Playout } = await import(new URL("client/playout.js", CLIENT));
  const source = readFileSync(fileURLToPath(new URL("client/playback.worklet.js", CLIENT)), "utf8").replace(/^import .*$/m, "");
  let port;
  const AudioWorkletProcessor = class {
    get port() {
      return port;
    }
  };
  vm.runInNewContext(source, Object.assign(scope, { AudioWorkletProcessor, Playout, Int16Array, Math }));
  return { scope, make: (name, options, given) => ((port = given), new registered[name](options)) };
}

class AudioContext {
  constructor({ sampleRate }) {
    this.sampleRate = sampleRate;
    this.state = "running";
    this.destination = {};
    this.baseLatency = 0;
    this.began = performance.now();
    this.frames = 0;
    this.audioWorklet = { addModule: async () => void (this.worklet = await worklet(sampleRate)) };
    this.timer = setInterval(() => this.play(), 5);
  }

  get currentTime() {
    return this.frames / this.sampleRate;
  }

  // What is audible is what was taken a while ago, and never more than was taken.
  getOutputTimestamp() {
    return { contextTime: Math.max(0, this.currentTime - LATENCY_S), performanceTime: performance.now() };
  }

  play() {
    const block = Math.round(BLOCK_S * this.sampleRate);
    // A card that was not served has stood still: it does not take in one go what it missed.
    const late = performance.now() - this.began - 1000 * this.currentTime;
    if (late > 1000 * LATENCY_S) this.began += late;
    const due = ((performance.now() - this.began) / 1000) * this.sampleRate;
    while (this.frames + block <= due) {
      if (this.processor) {
        const out = new Float32Array(block);
        this.worklet.scope.currentFrame = this.frames;
        this.processor.process([], [[out]], {});
        heard(out);
      }
      this.frames += block;
    }
  }

  async resume() {}

  async close() {
    clearInterval(this.timer);
  }
}

class AudioWorkletNode {
  constructor(context, name, options) {
    const [mine, theirs] = ports();
    this.port = mine;
    context.processor = context.worklet.make(name, options, theirs);
  }

  connect() {}

  disconnect() {}
}

Object.assign(globalThis, { AudioContext, AudioWorkletNode });
const { Companion } = await import(new URL("companion.js", CLIENT));

const given = process.argv.slice(2);
const urls = given.filter((each) => !each.startsWith("--"));
const option = (name) => given.find((each) => each.startsWith(`--${name}=`))?.split("=").slice(1).join("=");
const folder = option("record");
const air = [];
let playing = 0;

/** What went to air while a turn was heard. */
function heard(out) {
  if (folder && playing) air.push(Float32Array.from(out));
}

const tell = (event, fields) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
const hello = { client: "companion.js in Node.js", face: { profile: option("profile") ?? "arkit52", fps: 60 } };
if (option("token")) hello.token = option("token");

function talk(url) {
  const companion = new Companion(url, hello);
  companion.on("status", ({ status, error }) => tell("status", { status, code: error?.code ?? "", message: error?.message ?? "" }));
  companion.on("welcome", ({ session, resumed }) => tell("welcome", { session, resumed }));
  companion.on("word", ({ turn, text, gap }) => tell("word", { turn, text, gap }));
  companion.on("began", ({ turn }) => tell("began", { turn }));
  companion.on("ended", ({ turn, pts, cut }) => tell("ended", { turn, pts, cut }));
  companion.open();
  return companion;
}

const companions = urls.map(talk);
await Promise.all(companions.map((each) => each.unlock()));
playing = folder ? 1 : 0;

process.stdin.on("data", (text) => {
  for (const line of String(text).split("\n")) {
    const [word, ...rest] = line.split(" ");
    if (word === "say") companions[0].say(rest.join(" "));
    else if (word === "stop") companions[0].stop();
    else if (word === "quit") process.stdin.emit("end");
  }
});
process.stdin.on("end", async () => {
  await Promise.all(companions.map((each) => each.close()));
  if (folder) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/air.f32`, Buffer.concat(air.map((each) => Buffer.from(each.buffer))));
  }
  setTimeout(() => process.exit(0), 200);
});
