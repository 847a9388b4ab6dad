// The studio in a real browser: from a sentence to somebody who talks, and a menu that changes who that is.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, open } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const shoot = (page, name, more = {}) => page.screenshot({ path: `${OUT}studio-${name}.png`, ...more });
const idle = (page) => page.waitForFunction(() => globalThis.studio?.desk && !studio.desk.busy && document.querySelector("#people li"));

async function enter(more = {}) {
  const page = await open(browser, { url: `${FACTS.people}studio/`, ready: false, viewport: { width: 1280, height: 900 }, ...more });
  await idle(page);
  return page;
}

async function made(page, sentence) {
  await page.fill("#sentence", sentence);
  await page.press("#begin", "Enter");
  await page.waitForSelector("#person:not([hidden])");
  await idle(page);
}

test("somebody is made of a sentence, heard in five voices, reviewed, taken as a file, and talked to at once", async () => {
  const page = await enter();
  await shoot(page, "empty");
  await made(page, "a warm physics teacher in her forties who loves optics");
  const steps = await page.$$eval("#steps li", (items) => items.map(({ textContent }) => textContent));
  assert.ok(steps.includes("choosing a voice"), `${steps}`);
  assert.match(await page.textContent("#attributes"), /physics\s*teacher/);
  assert.equal(await page.getAttribute("#mark", "data-draft"), "true");
  assert.ok(await page.evaluate(() => document.querySelector("#face").getContext("2d").getImageData(100, 150, 1, 1).data[3] > 0), "the face is drawn");
  await shoot(page, "made");

  await page.click("#hear");
  await page.waitForSelector(".voices .play:not([disabled])");
  await idle(page);
  assert.equal(await page.locator(".voices li").count(), 5);
  await page.click(".voices li:nth-child(3) .play");
  await page.waitForFunction(() => document.querySelector("#sound").currentTime > 0.2);
  await page.click(".voices li:nth-child(3) >> text=Take this voice");
  await page.waitForSelector(".voices li:nth-child(3)[data-chosen]");
  await idle(page);

  await page.click("#read");
  await page.waitForSelector("#reading[open]");
  assert.ok(await page.evaluate(() => document.querySelector("#paper > div").shadowRoot.textContent.length > 500));
  await shoot(page, "evaluation");
  await page.keyboard.press("Escape");

  await page.fill("#wish", "make her stricter");
  await page.press("#wish", "Enter");
  await page.waitForFunction(() => /strict/.test(document.querySelector("#attributes").textContent));
  await idle(page);
  assert.match(await page.textContent("#stages"), /Change/);

  await page.fill("#by", "Ada");
  await page.click("#review button[value=approve]");
  await page.waitForSelector("#stages >> text=Review");
  await idle(page);
  const saved = page.waitForEvent("download");
  await page.click("#charx");
  assert.match((await saved).suggestedFilename(), /^warm-physics-teacher.*\.charx$/);
  await idle(page);
  await shoot(page, "whole", { fullPage: true });

  const name = await page.textContent("#name");
  await page.click("#talk");
  await page.waitForFunction(() => globalThis.companion?.welcome);
  assert.equal(await page.textContent("#name"), name);
  assert.match(await page.textContent("#disclosure"), /is an AI, not a person.*draft/);
  await page.fill("#text", "What is your name?");
  await page.press("#text", "Enter");
  await page.waitForFunction((who) => document.querySelector("#history").textContent.includes(who), name);
  await shoot(page, "talking");

  await page.click("#who");
  await page.waitForSelector("#company[open]");
  await shoot(page, "menu");
  await page.selectOption("#voice", "m4");
  await page.waitForFunction(() => companion.session.hello.voice === "m4" && companion.welcome);
  await page.click("#everybody button:has-text('Edmund')");
  await page.waitForFunction(() => document.querySelector("#name").textContent === "Edmund");
  assert.match(page.url(), /identity=guide/);
  assert.equal(await page.isVisible("#draft"), false);
  await page.click("#who");
  await page.selectOption("#speaks", "zh");
  await page.waitForFunction(() => companion.welcome?.identity.language === "zh");
  assert.deepEqual(page.faults, []);
});

test("what cannot be done is a sentence, cancelling leaves nothing, and a wrong address is told", async () => {
  const page = await enter();
  await page.fill("#sentence", "Taylor Swift, the singer");
  await page.click("#begin");
  await page.waitForSelector("#fault:not([hidden])");
  await idle(page);
  assert.match(await page.textContent("#fault span"), /\w+ .*\./);
  assert.equal(await page.isVisible("#person"), false);
  await page.evaluate(() => {
    studio.act("make", { sentence: "somebody who is not wanted after all" });
    studio.desk.cancel();
  });
  await page.waitForFunction(() => document.querySelector("#fault").dataset.code === "cancelled");

  const lost = await open(browser, { url: `${FACTS.people}?identity=nobody`, ready: false });
  await lost.waitForFunction(() => document.querySelector("#fault").dataset.code === "unknown_identity");
  await lost.click("#fault button");
  await lost.waitForFunction(() => companion.welcome?.identity.id === "teacher");
});

test("on a phone, at night, in Chinese, from the keyboard, with a name for everything", async () => {
  const page = await enter({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: "dark", locale: "zh-CN" });
  assert.equal(await page.textContent("h1"), "工作室");
  await made(page, "a playful museum guide for children");
  await shoot(page, "phone");
  const outside = await page.evaluate(() => [...document.querySelectorAll("button, input, textarea, .card")].filter((node) => node.offsetParent && node.getBoundingClientRect().right > innerWidth + 1).map(({ id, className }) => id || className));
  assert.deepEqual(outside, []);
  const unnamed = await page.evaluate(() => [...document.querySelectorAll("button, input, select, textarea")].filter((node) => node.offsetParent && !(node.textContent.trim() || node.getAttribute("aria-label") || node.labels?.length)).map(({ id }) => id));
  assert.deepEqual(unnamed, []);
  const reached = new Set();
  await page.evaluate(() => document.activeElement.blur());
  for (let index = 0; index < 60; index += 1) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ["talk", "charx", "hear", "by"]) assert.ok(reached.has(id), `${id} in ${[...reached]}`);
});

test("a server that asks for a token asks for it here too", async () => {
  const page = await open(browser, { url: `${FACTS.guarded}studio/`, ready: false });
  await page.waitForSelector("#ask[open]");
  await page.fill("#token", FACTS.studio);
  await page.press("#token", "Enter");
  await page.waitForFunction(() => document.querySelector("#line").textContent === "ready");
});
