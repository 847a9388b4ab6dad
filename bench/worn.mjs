// The 3D head that a server shows to all, in Chromium: `node worn.mjs URL CHROMIUM SIZE SECONDS PICTURE`, run by
// bench/worn.py. Prints one line of JSON: how long frames took while the head spoke and while it was silent.

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/web/package.json", import.meta.url))("playwright-core");
const [url, executablePath, size, seconds, picture] = process.argv.slice(2);
const LINE = "What can you tell me about sound and light?";
const SETTLED_MS = 4000; // the page finds out how sharply it can draw

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--ignore-gpu-blocklist", "--enable-unsafe-swiftshader", "--autoplay-policy=no-user-gesture-required"] });
const page = await (await browser.newContext({ viewport: { width: Number(size), height: Number(size) } })).newPage();
page.setDefaultTimeout(0); // a busy machine may take its time
const faults = [];
page.on("pageerror", (error) => faults.push(error.message));
const begun = performance.now();
await page.goto(`${url}?view=avatar`);
await page.waitForSelector("canvas.head");
await page.waitForFunction(() => globalThis.companion?.welcome && companion.speaker);
const worn = performance.now() - begun;
await page.waitForTimeout(SETTLED_MS);
await page.evaluate(() => {
  globalThis.kept = [];
  globalThis.page.stage.watch(({ at }) => kept.push([at, companion.timeline.now.running]));
});
for (const until = Date.now() + Number(seconds) * 1000; Date.now() < until; ) {
  await page.evaluate((line) => new Promise((done) => {
    companion.on("ended", done);
    companion.say(line);
  }), LINE);
}
if (picture) await page.screenshot({ path: picture });
const found = await page.evaluate(() => {
  const { worn: head } = globalThis.page.wardrobe;
  const { render } = head.renderer.info;
  const gl = head.renderer.getContext();
  return {
    spoken: kept.slice(1).map(([at, running], index) => [at - kept[index][0], running]).filter(([, running]) => running).map(([passed]) => passed),
    profile: head.profile,
    channels: head.targets.size,
    triangles: render.triangles,
    calls: render.calls,
    pixels: [head.canvas.width, head.canvas.height],
    renderer: gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER),
  };
});
console.log(JSON.stringify({ ...found, worn, faults, version: browser.version() }));
await browser.close();
