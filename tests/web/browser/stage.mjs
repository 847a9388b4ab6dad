// What the browser tests share: a Chromium, pages that tell what went wrong in them, and a line that can be cut.

import net from "node:net";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../package.json", import.meta.url))("playwright-core");

export const FACTS = JSON.parse(process.env.COMPANION_STAGE ?? "{}");
export const OUT = new URL("../out/", import.meta.url).pathname;
export const PATIENCE = Number(process.env.PATIENCE_MS ?? 180_000); // ms: a bound on failure, for a busy machine is none
/** What takes so long to say that it is always cut short, however late a busy machine comes to it; its last word is LAST. */
export const LAST = "ninety";
export const COUNTING = `${["", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty"].flatMap((ten) => "one two three four five six seven eight nine".split(" ").map((one) => `${ten} ${one}`.trim())).join(" ")} ${LAST}.`.replace("one", "One");
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
    this.port.postMessage([input ? input.slice() : new Float32Array(128), currentFrame + 128]);
    return true;
  }
})`;

const contexts = [];
const lines = [];

/** Close what `open` and `line` have opened: each page draws a face as fast as it can, and lines keep Node running. */
export async function leave() {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  for (const each of lines.splice(0)) each.close();
}

/** A page that is ready to talk; `page.faults` collects errors of the console and of scripts. */
export async function open(browser, { url = FACTS.open, ready = true, ...context } = {}) {
  contexts.push(await browser.newContext({ viewport: { width: 480, height: 360 }, locale: "en-GB", ...context }));
  contexts.at(-1).setDefaultTimeout(PATIENCE);
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
  const kept = { media: new Map(), events: [], messages: [], points: [], faces: [], blocks: [], out: [], keys: [], beats: [], states: [] };
  globalThis.kept = kept;
  companion.on("traffic", ({ direction, message, at }) => {
    if (direction === "out") kept.out.push({ ...message, data: undefined, peak: message.type === "mic" ? Math.max(...new Int16Array(message.data.slice().buffer)) : undefined });
    else if (message.type === "media" && message.turn) kept.media.set(message.seq, { ...message, pcm: [...new Int16Array(message.pcm.slice().buffer)], face: [...message.face] });
    else if (message.type !== "media") kept.messages.push({ ...message, at, frame: companion.speaker.context.currentTime * 24000 });
  });
  for (const type of ["began", "word", "held", "ended", "status"]) companion.on(type, (event) => kept.events.push({ type, at: performance.now(), ...event }));
  companion.on("points", ({ points }) => kept.points.push(...points));
  const { context, node } = companion.speaker;
  if (capture) {
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([capture], { type: "text/javascript" })));
    const listener = new AudioWorkletNode(context, "test-capture", { outputChannelCount: [1] });
    listener.port.onmessage = ({ data: [block, until] }) => {
      kept.blocks.push(...block);
      kept.until = until;
    };
    node.disconnect();
    node.connect(listener).connect(context.destination);
  }
  addEventListener("keydown", ({ key }) => kept.keys.push({ key, at: performance.now(), frame: context.currentTime * 24000 }), { capture: true });
  const state = document.querySelector("#state");
  if (state) new MutationObserver(() => kept.states.push(state.textContent)).observe(state, { childList: true, characterData: true, subtree: true });
  const weights = new Float32Array(companion.names.length);
  const of = (name) => weights[companion.names.indexOf(name)];
  setInterval(() => {
    const now = performance.now();
    kept.beats.push([now, 1000 * context.currentTime]);
    const { turn, pts, source } = companion.faceAt(now, weights);
    const { face, turns } = companion.timeline;
    // Blended: on the way from what was shown before the turn, which begins with the first look at it.
    const [blended, came] = [now - face.since < face.over, turns.get(turn)?.rows.length];
    if (turn && source) kept.faces.push({ turn, pts, blended, came, heard: companion.heardNow().pts, jaw: of("jawOpen"), close: of("mouthClose"), press: of("mouthPressLeft") });
  }, 4);
}

/** Say `text` as a user does who types, and wait until the answer has been heard. */
export async function say(page, text, { wait = true } = {}) {
  const before = await page.evaluate(() => kept.events.filter(({ type }) => type === "ended").length);
  await page.fill("#text", text);
  await page.press("#text", "Enter");
  if (wait) await page.waitForFunction((count) => kept.events.filter(({ type }) => type === "ended").length > count, before, { timeout: PATIENCE });
}

/** Milliseconds between two moments of the page's clock that a busy machine kept from it: looks that came more than 50 ms late, and what the clock of the sound fell behind. */
export function withheld(page, from, to) {
  return page.evaluate(([begin, end]) => {
    const beats = kept.beats.filter(([at], index, all) => at <= end + 50 && (all[index + 1]?.[0] ?? Infinity) >= begin);
    const late = beats.slice(1).reduce((sum, [at], index) => sum + Math.max(0, at - beats[index][0] - 50), 0);
    const [first, last] = [beats[0], beats.at(-1)];
    return first ? late + Math.max(0, last[0] - first[0] - (last[1] - first[1])) : 0;
  }, [from, to]);
}

/** All samples of `turn` as they came, and what was heard of it once all of it has left the graph. */
export async function whole(page, turn) {
  await page.waitForFunction((number) => kept.points.some((point) => point.kind === "end" && point.turn === number && point.frame <= kept.until), turn);
  const [media, blocks, points] = await page.evaluate(() => [[...kept.media], kept.blocks, kept.points]);
  const pcm = sent(media, turn);
  return { pcm, answer: heard(points, blocks.map((value) => Math.round(value * 32768)), turn, pcm) };
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
  lines.push(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    // No new connection comes through.
    close: () => server.close(),
    // What the server says waits on the line until `flow`.
    stall: () => [...sockets].forEach((socket) => socket.pause()),
    flow: () => sockets.forEach((socket) => socket.resume()),
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
