// The page in Chromium, measured from inside: `node page.mjs URL CHROMIUM LOADS TURNS MINUTES IDLE`, run by bench/page.py.
// Prints one line of JSON. Each load is a context of its own, so that nothing of the page is in a cache.

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/web/package.json", import.meta.url))("playwright-core");
const [url, executablePath, loads, turns, minutes, idle] = [process.argv[2], process.argv[3], ...process.argv.slice(4).map(Number)];
const LINE = "What can you tell me about sound and light?";
const SETTLED_MS = 3000; // a page that has just loaded is not what is measured
const RESTED_MS = 12000; // nor one that has just been talked to: its loudspeaker rests after eight seconds

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"] });
const viewport = { width: 1280, height: 720 };
const found = { version: browser.version(), ready: [], scripts: [], bytes: 0, files: 0 };

for (let load = 0; load <= loads; load += 1) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName("companion-ready").length);
  const seen = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation");
    const files = [navigation, ...performance.getEntriesByType("resource")];
    return {
      ready: performance.getEntriesByName("companion-ready")[0].startTime,
      scripts: navigation.domContentLoadedEventEnd,
      files: files.length,
      bytes: files.reduce((sum, { transferSize }) => sum + transferSize, 0),
    };
  });
  Object.assign(found, { bytes: seen.bytes, files: seen.files });
  // The first also warms the browser up.
  if (load) found.ready.push(seen.ready), found.scripts.push(seen.scripts);
  await context.close();
}

const page = await (await browser.newContext({ viewport })).newPage();
if (idle) {
  const [before, from] = [await used(), performance.now()];
  await page.waitForTimeout(idle * 1000);
  found.empty = { share: ((await used()) - before) / ((performance.now() - from) / 1000), drawn: 0 };
}
await page.goto(url);
await page.waitForFunction(() => globalThis.companion?.welcome && companion.speaker);
page.setDefaultTimeout(0); // a busy machine may take its time
const session = await page.context().newCDPSession(page);
await session.send("Performance.enable");
await page.waitForTimeout(idle ? RESTED_MS : SETTLED_MS);
await page.evaluate(() => {
  globalThis.kept = { frames: [], offsets: [] };
  globalThis.page.stage.watch(({ at }) => kept.frames.push(at));
  globalThis.page.stage.measure((offset) => kept.offsets.push(offset));
});

/** What every process of the browser has used of the processor, s. */
async function used() {
  const all = await browser.newBrowserCDPSession();
  const { processInfo } = await all.send("SystemInfo.getProcessInfo");
  await all.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** The share of one core that the page takes, and the drawings a second, while nobody says anything for `seconds`. */
async function resting(seconds) {
  const [before, from, drawn] = [await used(), performance.now(), await page.evaluate(() => kept.frames.length)];
  await page.waitForTimeout(seconds * 1000);
  const passed = (performance.now() - from) / 1000;
  return { share: ((await used()) - before) / passed, drawn: ((await page.evaluate(() => kept.frames.length)) - drawn) / passed };
}

if (idle) {
  found.idle = await resting(idle);
  await page.emulateMedia({ reducedMotion: "reduce" });
  found.calm = await resting(idle);
  await page.emulateMedia({ reducedMotion: "no-preference" });
}

/** Ask, and wait until the answer has been heard. */
async function turn(line) {
  await page.evaluate(() => void (globalThis.heard = new Promise((resolve) => companion.on("ended", resolve))));
  await page.fill("#text", line);
  await page.press("#text", "Enter");
  await page.evaluate(() => globalThis.heard);
}

for (let number = 0; number < turns; number += 1) await turn(LINE);
Object.assign(found, await page.evaluate(() => ({
  offsets: kept.offsets,
  frames: kept.frames.slice(1).map((at, index) => at - kept.frames[index]),
  sharpness: document.querySelector("#face").width / document.querySelector("#face").clientWidth,
  turns: [...instruments.waterfall.turns.values()].filter((row) => row.heard),
  underruns: instruments.gauges.status.underruns,
  renderer: (() => {
    const gl = document.createElement("canvas").getContext("webgl");
    return gl ? gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) : "no WebGL";
  })(),
})));

/** Megabytes of the page's objects and the number of its nodes, after a collection. */
async function memory() {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (wanted) => metrics.find(({ name }) => name === wanted).value;
  return { mb: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
}

// The instruments are open: they keep the most.
await page.click("#open-instruments");
found.memory = [];
await page.evaluate(() => (globalThis.kept = { frames: { push() {} }, offsets: { push() {} } }));
for (const begun = Date.now(); minutes; ) {
  const at = (Date.now() - begun) / 60000;
  found.memory.push({ at, ...(await memory()) });
  if (at >= minutes) break;
  for (const until = Date.now() + 20000; Date.now() < until; ) await turn(LINE);
}
found.heard_turns = await page.evaluate(() => companion.session.turn);
console.log(JSON.stringify(found));
await browser.close();
