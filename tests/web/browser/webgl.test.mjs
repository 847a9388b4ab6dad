// The Unity package's browser half (CompanionBridge.jslib), executed as Emscripten would link it: every function on its
// own, on a heap, polled. What calls it is C#, which is compiled elsewhere.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { FACTS, launch, leave, open } from "./stage.mjs";

const SOURCE = await readFile(new URL("../../../unity_client_sample/Runtime/Plugins/WebGL/CompanionBridge.jslib", import.meta.url), "utf8");
const ADDRESS = new URL(FACTS.open);
let browser;

before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
after(() => browser.close());

/** A page without the companion's own, in which the library is linked and `heap` helps to call it. */
async function linked() {
  const page = await open(browser, { url: new URL("/healthz", ADDRESS).href, ready: false, bypassCSP: true });
  page.faults.length = 0; // a page without an icon
  await page.evaluate(link, SOURCE);
  return page;
}

function link(source) {
  const memory = new ArrayBuffer(1 << 20);
  Object.assign(globalThis, {
    HEAPU8: new Uint8Array(memory),
    HEAPF32: new Float32Array(memory),
    LibraryManager: { library: {} },
    autoAddDeps: () => {},
    mergeInto: (library, more) => Object.assign(library, more),
  });
  globalThis.UTF8ToString = (pointer) => new TextDecoder().decode(HEAPU8.slice(pointer, HEAPU8.indexOf(0, pointer)));
  const evaluate = eval;
  evaluate(source);
  // The linker takes each entry by its text: nothing around it is seen.
  delete globalThis.CompanionBridgeLibrary;
  const written = (value) => {
    if (typeof value === "function") return value.toString();
    if (Array.isArray(value) || value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.entries(value).map(([key, item]) => `${key}: ${written(item)}`).join(", ")}}`;
  };
  for (const [name, value] of Object.entries(LibraryManager.library)) {
    globalThis[name.startsWith("$") ? name.slice(1) : `_${name}`] = evaluate(`(${written(value)})`);
  }
  let free = 16;
  globalThis.heap = {
    room: (bytes) => ((free += bytes + 8 - (bytes % 8)), free - bytes - 8 + (bytes % 8)),
    text: (text) => heap.bytes(new TextEncoder().encode(`${text}\0`)),
    bytes: (bytes) => {
      const at = heap.room(bytes.length);
      HEAPU8.set(bytes, at);
      return at;
    },
  };
  globalThis.until = async (holds, what) => {
    const end = performance.now() + 30_000;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

test("a conversation by the polled socket: connected, greeted, answered with voice and face, closed", async () => {
  const page = await linked();
  const got = await page.evaluate(async (url) => {
    const { MSGPACK, read, write } = await import("/client/wire.js");
    const id = _CompanionSocketOpen(heap.text(url), heap.text(MSGPACK));
    const early = [_CompanionSocketIsOpen(id), _CompanionSocketSend(id, heap.room(8), 1)];
    await until(() => _CompanionSocketIsOpen(id) || _CompanionSocketClosed(id), "the connection");
    const send = (message) => {
      const bytes = write(message);
      return _CompanionSocketSend(id, heap.bytes(bytes), bytes.length);
    };
    const into = heap.room(65536);
    const tooLarge = new Set();
    const next = async (type) => {
      for (;;) {
        let size = 0;
        await until(() => (size = _CompanionSocketReceive(id, into, 4)) > 0, type);
        tooLarge.add(size > 4 && _CompanionSocketReceive(id, into, 4) === size); // asked again, it is still there
        const length = _CompanionSocketReceive(id, into, 65536);
        const message = read(HEAPU8.slice(into, into + length).buffer);
        if (message.type === "media") await send({ type: "playhead", turn: message.turn, pts: message.pts, seq: message.seq });
        if (message.type === type) return message;
        if (message.type === "media") (next.media ??= []).push(message);
      }
    };
    const taken = send({ type: "hello", client: "webgl test", face: { profile: "arkit52", fps: 60 } });
    const welcome = await next("welcome");
    send({ type: "text", text: "Good morning." });
    const end = await next("reply_end");
    const media = next.media.filter(({ turn }) => turn === end.turn);
    const open_ = _CompanionSocketClosed(id);
    _CompanionSocketClose(id);
    await until(() => Companion.sockets[id].socket.readyState === 3, "the close");
    return {
      early, taken, version: welcome.version, text: end.text, open_, tooLarge: [...tooLarge],
      ticks: media.reduce((sum, { pcm }) => sum + pcm.length, 0), end: end.pts,
      loud: media.some(({ pcm }) => pcm.some((byte) => byte)), rows: media.reduce((sum, { face }) => sum + face.length, 0) / welcome.face.names.length,
      after: [_CompanionSocketReceive(id, into, 65536), send({ type: "bye" })],
    };
  }, `ws://${ADDRESS.host}/`);
  assert.deepEqual(got.early, [0, 0], "before it is open nothing is sent");
  assert.equal(got.taken, 1);
  assert.equal(got.version, 1);
  assert.equal(got.text, "Good morning.");
  assert.equal(got.ticks, got.end, "two bytes a sample, two ticks a sample");
  assert.ok(got.loud);
  assert.ok(Math.abs(got.rows - got.end / 800) <= 1, `${got.rows} rows for ${got.end} ticks`);
  assert.deepEqual(got.tooLarge, [true], "a message that does not fit stays");
  assert.equal(got.open_, 0);
  assert.deepEqual(got.after, [0, 0]);
  await leave();
});

test("a refusal is read before the close is told, and nobody there is a close too", async () => {
  const page = await linked();
  const [error, code, reason, early, nobody, wrong] = await page.evaluate(async (url) => {
    const { MSGPACK, read, write } = await import("/client/wire.js");
    const connect = async (address) => {
      const id = _CompanionSocketOpen(heap.text(address), heap.text(MSGPACK));
      await until(() => _CompanionSocketIsOpen(id) || _CompanionSocketClosed(id), "the connection");
      return id;
    };
    const id = await connect(url);
    const bytes = write({ type: "hello", version: 99 });
    _CompanionSocketSend(id, heap.bytes(bytes), bytes.length);
    await until(() => Companion.sockets[id].code, "the close");
    const early = _CompanionSocketClosed(id);
    const into = heap.room(4096);
    const message = read(HEAPU8.slice(into, into + _CompanionSocketReceive(id, into, 4096)).buffer);
    const length = _CompanionSocketReason(id, into, 256);
    const nobody = await connect("ws://127.0.0.1:1/");
    const wrong = _CompanionSocketOpen(heap.text("ws://["), heap.text(MSGPACK));
    return [message, _CompanionSocketClosed(id), new TextDecoder().decode(HEAPU8.slice(into, into + length)), early, _CompanionSocketClosed(nobody), _CompanionSocketClosed(wrong)];
  }, `ws://${ADDRESS.host}/`);
  assert.equal(early, 0, "what was said first is read first");
  assert.equal(error.code, "unsupported_version");
  assert.equal(code, 4001);
  assert.equal(reason, "unsupported_version");
  assert.equal(nobody, 1006);
  assert.equal(wrong, 1006);
  await leave();
});

test("blocks of sound follow each other without a gap, on the clock that tells what is audible", async () => {
  const page = await linked();
  const got = await page.evaluate(async () => {
    await until(() => _CompanionAudioIsRunning(), "the sound to run");
    const capture = `registerProcessor("capture", class extends AudioWorkletProcessor {
      process([[input]]) {
        if (input) this.port.postMessage(input.slice());
        return true;
      }
    })`;
    await Companion.context.audioWorklet.addModule(URL.createObjectURL(new Blob([capture], { type: "text/javascript" })));
    const ear = new AudioWorkletNode(Companion.context, "capture");
    const air = [];
    ear.port.onmessage = ({ data }) => air.push(...data);
    Companion.gain.connect(ear);
    const [rate, block, blocks] = [_CompanionAudioRate(), 1024, 40];
    const told = Float32Array.from({ length: block * blocks }, (_, index) => Math.fround(0.1 + 0.8 * ((index * 7919) % 10007) / 10007));
    const [from, begins, audible] = [heap.room(4 * block), [], []];
    let pushed = 0;
    const sound = () => {
      for (; pushed < blocks && _CompanionAudioAhead() < 0.6; pushed += 1) {
        HEAPF32.set(told.subarray(pushed * block, (pushed + 1) * block), from >> 2);
        begins.push(_CompanionAudioPush(from, block));
      }
      audible.push(_CompanionAudioAudible());
      return pushed === blocks && _CompanionAudioAhead() === 0;
    };
    await until(sound, "the end of the sound");
    await new Promise((resolve) => setTimeout(resolve, 200));
    _CompanionAudioVolume(0.25);
    const first = air.findIndex((sample) => sample !== 0);
    const heard = air.slice(first, first + told.length);
    let worst = 0;
    told.forEach((sample, index) => (worst = Math.max(worst, Math.abs(sample - heard[index]))));
    return {
      worst, rate, equal: told.every((sample, index) => sample === heard[index]), count: heard.length, volume: Companion.gain.gain.value,
      steps: begins.slice(1).map((at, index) => (at - begins[index]) * rate), audible, now: Companion.context.currentTime,
    };
  });
  assert.ok(got.rate >= 8000);
  assert.ok(got.steps.every((step) => Math.abs(step - 1024) < 1e-6), `${got.steps}`);
  assert.equal(got.count, 1024 * 40);
  assert.ok(got.equal, `sample for sample: off by ${got.worst} at ${got.rate} Hz`);
  const moved = got.audible.slice(1).map((at, index) => at - got.audible[index]);
  assert.ok(moved.every((step) => step >= 0), `the audible second went back by ${Math.min(...moved)}`);
  assert.ok(got.audible.every((at) => at <= got.now));
  assert.equal(got.volume, 0.25);
  await leave();
});

test("the microphone is asked for, read in whole chunks, closed; refused and missing are told apart", async () => {
  const page = await linked();
  const got = await page.evaluate(async () => {
    const states = [_CompanionMicrophoneState()];
    _CompanionMicrophoneOpen();
    states.push(_CompanionMicrophoneState());
    await until(() => _CompanionMicrophoneState() > 1, "the microphone");
    states.push(_CompanionMicrophoneState());
    const into = heap.room(4 * 8192);
    const [samples, sizes] = [[], new Set()];
    await until(() => {
      const count = _CompanionMicrophoneRead(into, 8192);
      if (count) sizes.add(count % 2048);
      samples.push(...HEAPF32.slice(into >> 2, (into >> 2) + count));
      return samples.length > 2 * _CompanionMicrophoneRate();
    }, "two seconds of sound");
    const little = _CompanionMicrophoneRead(into, 100);
    const cancels = [_CompanionMicrophoneCancelsEcho(), Companion.microphone.stream.getAudioTracks()[0].getSettings().echoCancellation];
    // A game that stands still for longer than two seconds loses the oldest, and learns how much.
    const before = _CompanionMicrophoneMissed();
    await until(() => _CompanionMicrophoneMissed() > 0, "sound that nobody takes to be lost");
    const [missed, kept] = [_CompanionMicrophoneMissed(), Companion.microphone.chunks.length];
    const stream = Companion.microphone.stream;
    _CompanionMicrophoneClose();
    states.push(_CompanionMicrophoneState());
    const ended = stream.getTracks().every(({ readyState }) => readyState === "ended");
    const real = navigator.mediaDevices.getUserMedia;
    for (const name of ["NotAllowedError", "NotFoundError", "NotReadableError", "SecurityError"]) {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
      _CompanionMicrophoneOpen();
      await until(() => _CompanionMicrophoneState() > 1, name);
      states.push(_CompanionMicrophoneState());
      _CompanionMicrophoneClose();
    }
    // Closed while the user was still asked: what is granted then is given back.
    let granted;
    navigator.mediaDevices.getUserMedia = async (wanted) => (granted = await real.call(navigator.mediaDevices, wanted));
    _CompanionMicrophoneOpen();
    _CompanionMicrophoneClose();
    await until(() => granted && granted.getTracks().every(({ readyState }) => readyState === "ended"), "the late microphone to be closed");
    states.push(_CompanionMicrophoneState());
    return { states, peak: Math.max(...samples.map(Math.abs)), sizes: [...sizes], little, ended, cancels, before, missed, kept };
  });
  // Refused, missing, taken by another program, forbidden by the page; then closed in time.
  assert.deepEqual(got.states, [0, 1, 2, 0, 3, 4, 4, 3, 0]);
  assert.ok(got.peak > 0.05, `${got.peak}`);
  assert.deepEqual(got.sizes, [0]);
  assert.equal(got.little, 0);
  assert.equal(got.cancels[0], got.cancels[1] === true ? 1 : 0, "as the browser's track says");
  assert.equal(got.before, 0);
  assert.ok(got.missed > 0 && got.missed < 1, `${got.missed}`);
  assert.equal(got.kept, 50);
  assert.ok(got.ended);
  await leave();
});
