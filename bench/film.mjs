// Films the page while it is asked something: `node film.mjs URL CHROMIUM FOLDER SECONDS QUESTION...`, run by bench/film.py.
// Writes one picture a frame, and prints one line of JSON with when each was taken.

import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const { chromium } = createRequire(new URL("../tests/web/package.json", import.meta.url))("playwright-core");
const [url, executablePath, folder, seconds, ...questions] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"] });
const page = await (await browser.newContext({ viewport: { width: 960, height: 600 }, locale: "en-GB" })).newPage();
page.setDefaultTimeout(120000);
await page.goto(url);
await page.waitForFunction(() => globalThis.companion?.welcome && companion.speaker);

const cast = await page.context().newCDPSession(page);
const frames = [];
cast.on("Page.screencastFrame", ({ data, sessionId, metadata }) => {
  writeFileSync(`${folder}/${String(frames.length).padStart(5, "0")}.jpg`, Buffer.from(data, "base64"));
  frames.push(metadata.timestamp);
  cast.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
});
await cast.send("Page.startScreencast", { format: "jpeg", quality: 82, everyNthFrame: 1 });
const over = new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
for (const question of questions) {
  const heard = page.evaluate(() => new Promise((resolve) => companion.on("ended", resolve)));
  await page.locator("#text").pressSequentially(question, { delay: 45 });
  await page.press("#text", "Enter");
  if (await Promise.race([heard.then(() => false), over.then(() => true)])) break;
}
await over;
await cast.send("Page.stopScreencast");
console.log(JSON.stringify(frames));
await browser.close();
