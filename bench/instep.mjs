// What `python -m bench.instep` opens: the page, which talks, and the view for OBS, which watches; how far the jaw is open in
// each, frame by frame, and pictures of both at the same moments.

import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const { chromium } = createRequire(new URL("../tests/web/package.json", import.meta.url))("playwright-core");
const { URL_: url, OUT: out, QUESTION: question, PICTURES: pictures } = process.env;
const browser = await chromium.launch({
  executablePath: process.env.COMPANION_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"],
});

/** In a page: note, with each frame, what instant it is and how far the jaw is open. */
const note = () => {
  const { companion } = globalThis;
  const weights = new Float32Array(companion.names.length);
  const jaw = companion.names.indexOf("jawOpen");
  globalThis.noted = [];
  const look = () => {
    const now = performance.now();
    const { turn } = companion.faceAt(now, weights);
    globalThis.noted.push([performance.timeOrigin + now, turn ? weights[jaw] : 0]);
    requestAnimationFrame(look);
  };
  look();
};

const open = async (path) => {
  const context = await browser.newContext({ viewport: { width: 400, height: 400 } });
  const page = await context.newPage();
  await page.goto(url + path);
  await page.waitForFunction(() => globalThis.companion?.welcome && globalThis.companion.names.length > 0);
  return page;
};

const page = await open("");
await page.waitForFunction(() => globalThis.companion.speaker);
const obs = await open("obs?subtitles");
for (const each of [page, obs]) await each.evaluate(note);
const over = page.evaluate(() => new Promise((resolve) => globalThis.companion.on("ended", resolve)));
await page.evaluate((text) => (globalThis.companion.unlock(), globalThis.companion.say(text)), question);
for (let shot = 0; shot < Number(pictures); shot += 1) {
  await new Promise((resolve) => setTimeout(resolve, 600));
  await Promise.all([page.screenshot({ path: `${out}/page${shot}.png` }), obs.screenshot({ path: `${out}/obs${shot}.png` })]);
}
await over;
await new Promise((resolve) => setTimeout(resolve, 500));
const noted = { page: await page.evaluate(() => globalThis.noted), obs: await obs.evaluate(() => globalThis.noted) };
writeFileSync(`${out}/noted.json`, JSON.stringify(noted));
await browser.close();
