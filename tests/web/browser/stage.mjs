// What the browser tests share: a Chromium, pages that tell what went wrong in them, and a line that can be cut.

import net from "node:net";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../package.json", import.meta.url))("playwright-core");

export const FACTS = JSON.parse(process.env.COMPANION_STAGE ?? "{}");
export const OUT = new URL("../out/", import.meta.url).pathname;
const CHROMIUM = process.env.COMPANION_CHROMIUM ?? "/usr/bin/chromium";

mkdirSync(OUT, { recursive: true });

/** A browser whose microphone hears the question. */
export function launch(...more) {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${FACTS.wav}%noloop`, ...more],
  });
}

// Runs on the audio thread of the page, behind the companion's voice: what leaves the graph, whatever the page is doing.
const CAPTURE = `registerProcessor("test-capture", class extends AudioWorkletProcessor {
  process([[input]], [[output]]) {
    if (input) output.set(input);
    this.port.postMessage(input ? input.slice() : new Float32Array(128));
    return true;
  }
})`;

const contexts = [];

/** Close what `open` has opened: each page draws a face as fast as it can. */
export async function leave() {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
}

/** A page that is ready to talk; `page.faults` collects errors of the console and of scripts. */
export async function open(browser, { url = FACTS.open, ready = true, ...context } = {}) {
  contexts.push(await browser.newContext({ viewport: { width: 480, height: 360 }, locale: "en-GB", ...context }));
  const page = await contexts.at(-1).newPage();
  page.faults = [];
  // What the graphics driver of this machine says of its speed is none of the page's.
  const told = (message) => ["error", "warning"].includes(message.type()) && !/GL Driver Message/.test(message.text());
  page.on("console", (message) => told(message) && page.faults.push(message.text()));
  page.on("pageerror", (error) => page.faults.push(error.stack));
  await page.goto(url);
  if (ready) await page.waitForFunction(() => globalThis.companion?.welcome && globalThis.companion.speaker);
  if (ready) await page.evaluate(record, context.bypassCSP ? CAPTURE : "");
  return page;
}

/** In the page: keep what was received, told and shown, and what leaves the graph, for the tests to judge. */
async function record(capture) {
  const { companion } = globalThis;
  const kept = { media: new Map(), events: [], messages: [], points: [], faces: [], blocks: [], out: [], keys: [] };
  globalThis.kept = kept;
  companion.on("traffic", ({ direction, message, at }) => {
    if (direction === "out") kept.out.push({ ...message, data: undefined, peak: message.data && Math.max(...new Int16Array(message.data.slice().buffer)) });
    else if (message.type === "media" && message.turn) kept.media.set(message.seq, { ...message, pcm: [...new Int16Array(message.pcm.slice().buffer)], face: [...message.face] });
    else if (message.type !== "media") kept.messages.push({ ...message, at, frame: companion.speaker.context.currentTime * 24000 });
  });
  for (const type of ["began", "word", "held", "ended", "status"]) companion.on(type, (event) => kept.events.push({ type, at: performance.now(), ...event }));
  companion.on("points", ({ points }) => kept.points.push(...points));
  const { context, node } = companion.speaker;
  if (capture) {
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([capture], { type: "text/javascript" })));
    const listener = new AudioWorkletNode(context, "test-capture", { outputChannelCount: [1] });
    listener.port.onmessage = ({ data }) => kept.blocks.push(...data);
    node.disconnect();
    node.connect(listener).connect(context.destination);
  }
  addEventListener("keydown", ({ key }) => kept.keys.push({ key, frame: context.currentTime * 24000 }), { capture: true });
  const weights = new Float32Array(companion.names.length);
  const of = (name) => weights[companion.names.indexOf(name)];
  setInterval(() => {
    const { turn, pts, source } = companion.faceAt(performance.now(), weights);
    if (turn && source) kept.faces.push({ turn, pts, heard: companion.heardNow().pts, jaw: of("jawOpen"), close: of("mouthClose"), press: of("mouthPressLeft") });
  }, 4);
}

/** Say `text` as a user does who types, and wait until the answer has been heard. */
export async function say(page, text, { wait = true } = {}) {
  const before = await page.evaluate(() => kept.events.filter(({ type }) => type === "ended").length);
  await page.fill("#text", text);
  await page.press("#text", "Enter");
  if (wait) await page.waitForFunction((count) => kept.events.filter(({ type }) => type === "ended").length > count, before, { timeout: 60000 });
}

/** What was heard of `turn`, cut out of `air` (what left the graph) by the turning points; it must hold `pcm`'s begin. */
export function heard(points, air, turn, pcm) {
  const first = points.find((point) => point.turn === turn && point.kind === "run").frame;
  const loud = pcm.findIndex((sample) => sample !== 0);
  const start = air.findIndex((sample, index) => sample === pcm[loud] && pcm.slice(loud, loud + 64).every((value, offset) => value === air[index + offset]));
  if (start < 0) throw new Error("the answer is not in what was heard");
  const origin = first - (start - loud);
  return points.flatMap((point, index) => (point.kind === "run" && point.turn === turn ? air.slice(point.frame - origin, points[index + 1].frame - origin) : []));
}

/** A TCP line to `url` that can be cut; `url` of it is where the page goes. */
export async function line(url) {
  const { hostname, port } = new URL(url);
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (sockets.delete(socket), other.destroy()));
      socket.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => server.close(),
  };
}

/** All samples of `turn` as they came, put together by their pts. */
export function sent(media, turn) {
  const pcm = [];
  for (const [, piece] of [...media].sort((a, b) => a[0] - b[0])) {
    if (piece.turn !== turn) continue;
    if (piece.pts !== pcm.length * 2) throw new Error(`a hole at ${pcm.length * 2}: next is ${piece.pts}`);
    for (const sample of piece.pcm) pcm.push(sample);
  }
  return pcm;
}
