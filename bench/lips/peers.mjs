// Runs other lip-sync packages on sound files, outside a browser: node peers.mjs <folder with node_modules> <job.json>
//
// Each package's own code does the work; what a browser would provide (audio worklets, fetch of a local file) is stood in
// for here. Writes one JSON object: a package's name to its frames a take, or to a sentence saying why it was skipped.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, jobPath] = [resolve(process.argv[2]), process.argv[3]];
const job = JSON.parse(readFileSync(jobPath, "utf8"));
const FPS = 60, RATE = 48000, QUANTUM = 128;
const OVR = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"];
const HEAD_ORDER = ["aa", "E", "I", "O", "U", "PP", "SS", "TH", "DD", "FF", "kk", "nn", "RR", "CH", "sil"];

const at = (...parts) => join(modules, "node_modules", ...parts);
const load = (...parts) => import(pathToFileURL(at(...parts)).href);
const pcm = (path) => {
  const bytes = readFileSync(path);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
};
const floats = (path) => Float32Array.from(pcm(path), (value) => value / 32768);
const clamp = (value) => Math.max(0, Math.min(1, value));

/** A worklet's two ends, joined without a browser. */
class Port {
  constructor() { this.other = null; this.onmessage = null; }
  postMessage(data) { this.other?.onmessage?.({ data }); }
}
globalThis.AudioWorkletNode = class {
  constructor() { this.port = new Port(); this.parameters = new Map(); }
};
globalThis.AudioWorkletProcessor = class {
  constructor() { this.port = new Port(); }
};
globalThis.sampleRate = RATE;
globalThis.currentTime = 0;
globalThis.fetch = async (url) => {
  const bytes = readFileSync(url);
  return { ok: true, arrayBuffer: async () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
};

/** Feeds 48 kHz sound in quanta and calls frame(i) when video frame i is due. */
function play(sound, feed, frame) {
  let due = 0;
  for (let from = 0; from < sound.length; from += QUANTUM) {
    globalThis.currentTime = (from + QUANTUM) / RATE;
    while (due * (RATE / FPS) < from + QUANTUM && due * (RATE / FPS) < sound.length) frame(due++);
    const block = new Float32Array(QUANTUM);
    block.set(sound.subarray(from, from + QUANTUM));
    feed(block);
  }
}

async function headaudio() {
  const { HeadAudio } = await load("@met4citizen", "headaudio", "modules", "headaudio.mjs");
  const { Processor } = await load("@met4citizen", "headaudio", "modules", "processor.mjs");
  const out = [];
  for (const take of job.takes) {
    const node = new HeadAudio({});
    const inner = { port: new Port() };
    const processor = new Processor({ sampleRate: RATE }, inner);
    inner.port.onmessage = (event) => processor._onmessage(event);
    node.port.other = inner.port;
    inner.port.other = node.port;
    await node.loadModel(at("@met4citizen", "headaudio", "dist", "model-en-mixed.bin"));
    const shown = new Array(15).fill(0), frames = [];
    const most = Object.fromEntries(node.visemeNames.map((name, n) => [name, node.visemeMaxs[n]]));
    node.onvalue = (name, value) => { shown[OVR.indexOf(name.slice(7))] = clamp(value / most[name]); };
    play(floats(take.pcm48), (block) => processor.process(block), () => {
      node.update(1000 / FPS);
      frames.push([...shown]);
    });
    out.push(frames);
  }
  return out;
}

async function talkinghead() {
  const { LipsyncEn } = await load("@met4citizen", "talkinghead", "modules", "lipsync-en.mjs");
  const sync = new LipsyncEn(), out = [];
  for (const take of job.takes) {
    const moves = [];
    for (const [word, start, end] of take.words) {
      const said = sync.wordsToVisemes(sync.preProcessText(word));
      const count = said.visemes.length;
      if (!count) continue;
      const total = said.times[count - 1] + said.durations[count - 1];
      const length = Math.min(end - start, 0.2 * count); // a viseme lasts at most 200 ms, as in its speakAudio
      for (let n = 0; n < count; n++) {
        const t = start + (said.times[n] / total) * length, d = (said.durations[n] / total) * length;
        const peak = Math.min(0.025, d / 2);
        moves.push([OVR.indexOf(said.visemes[n]), t - Math.min(0.06, (2 * d) / 3), t + peak, t + d + Math.min(0.06, d / 2)]);
      }
    }
    const frames = [];
    for (let i = 0; i < Math.ceil(take.seconds * FPS); i++) {
      const now = i / FPS, shown = new Array(15).fill(0);
      for (const [which, from, top, to] of moves) {
        if (which < 0 || now < from || now > to) continue; // some of its rules name visemes that do not exist
        const value = now < top ? (now - from) / (top - from) : (to - now) / (to - top);
        shown[which] = Math.max(shown[which], value);
      }
      frames.push(shown);
    }
    out.push(frames);
  }
  return out;
}

async function wlipsync() {
  const { WLipSyncAudioNode } = await load("wlipsync", "dist", "wlipsync.js");
  let Worklet;
  globalThis.registerProcessor = (_, made) => { Worklet = made; };
  const wasm = await WebAssembly.compile(readFileSync(at("wlipsync", "dist", "wlipsync.wasm")));
  const base = { targetSampleRate: 16000, sampleCount: 1024, melFilterBankChannels: 30, compareMethod: 1, mfccNum: 12 };
  const profile = { ...base, mfccDataCount: 16, useStandardization: true, mfccs: await calibrated(wasm, base) };
  await load("wlipsync", "dist", "audio-processor.js");
  const out = [];
  for (const take of job.takes) {
    const processor = new Worklet({ processorOptions: { wasmModule: wasm, profile } });
    while (processor.inputBufferIndex === -1) await new Promise((done) => setTimeout(done, 1));
    const node = new WLipSyncAudioNode({}, profile, wasm);
    processor.port.other = node.port;
    const frames = [], names = Object.keys(job.vowels);
    play(floats(take.pcm48), (block) => processor.process([[block]], [], { blockSize: [512] }),
      () => frames.push([...names.map((name) => node.weights[name]), node.volume]));
    out.push(frames);
  }
  return out;
}

/**
 * A profile as its users make it: cepstra of held vowels of the same voice. 1.3.1 computes as many of its 12 cepstra as
 * the profile has entries, so every vowel is entered twice.
 */
async function calibrated(wasm, base) {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { exports } = await WebAssembly.instantiate(wasm, { env: { memory } });
  exports.load_profile(base.targetSampleRate, base.sampleCount, base.melFilterBankChannels, base.compareMethod, 12, 16, 1);
  exports.set_input(RATE);
  const ring = new Float32Array(memory.buffer, exports.get_input_buffer(), exports.get_input_buffer_size());
  return [...Object.entries(job.vowels), ...Object.entries(job.vowels)].map(([name, path], entry) => {
    const sound = floats(path), rows = [];
    for (let n = 0; n < 16; n++) {
      const from = Math.floor(((n + (entry < 6 ? 0 : 0.5)) / 16) * Math.max(0, sound.length - ring.length));
      ring.fill(0);
      ring.set(sound.subarray(from, from + ring.length));
      exports.execute(0);
      rows.push({ array: [...new Float32Array(memory.buffer, exports.mfccOut.value, 12)] });
    }
    return { name, mfccCalibrationDataList: rows };
  });
}

async function rhubarb() {
  const { Rhubarb } = await load("rhubarb-lip-sync-wasm", "dist", "index.js");
  const out = [];
  for (const take of job.takes) {
    const { mouthCues } = await Rhubarb.getLipSync(readFileSync(take.pcm16), { dialogText: take.text });
    out.push(mouthCues.map((cue) => [cue.start, cue.end, cue.value]));
  }
  return out;
}

const PEERS = {
  headaudio: [headaudio, "@met4citizen/headaudio"], talkinghead: [talkinghead, "@met4citizen/talkinghead"],
  wlipsync: [wlipsync, "wlipsync"], rhubarb: [rhubarb, "rhubarb-lip-sync-wasm"],
};
const result = {};
for (const name of job.peers) {
  const [run, pack] = PEERS[name];
  if (!existsSync(at(pack))) {
    result[name] = `not installed: npm install ${pack}`;
    continue;
  }
  try {
    const { version } = JSON.parse(readFileSync(at(pack, "package.json"), "utf8"));
    result[name] = { package: `${pack} ${version}`, takes: await run() };
  } catch (error) {
    result[name] = `failed: ${String(error).slice(0, 300)}`;
  }
}
process.stdout.write(JSON.stringify(result), () => process.exit(0));
