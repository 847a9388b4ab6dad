// The view for a stream, which finds the newest conversation by itself, and the dock that steers it.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { COUNTING, FACTS, launch, leave, open, OUT, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const until = (page, test, argument) => page.waitForFunction(test, argument);
const watching = (page, session) => until(page, (wanted) => globalThis.companion?.welcome?.session === wanted && !document.body.dataset.away, session);

test("the view waits for a conversation, follows the newest, and goes dark when it is over", async () => {
  const view = await open(browser, { url: `${FACTS.open}obs?subtitles`, ready: false });
  // Before anybody talks; a conversation of another test may still be kept for whoever lost it.
  assert.equal(await view.isVisible(".bar"), false);
  assert.equal(await view.isVisible("#composer"), false);
  const first = await open(browser);
  await watching(view, await first.evaluate(() => companion.welcome.session));
  await say(first, COUNTING, { wait: false });
  await until(view, () => document.querySelectorAll("#subtitle span").length > 2);
  const png = await view.screenshot({ path: `${OUT}obs.png`, omitBackground: true });
  assert.equal(png[25], 6, "the picture has an alpha channel");
  const second = await open(browser);
  await watching(view, await second.evaluate(() => companion.welcome.session));
  await second.evaluate(() => companion.close());
  await watching(view, await first.evaluate(() => companion.welcome.session));
  await until(view, () => !document.body.dataset.away);
  const ended = await view.evaluate(() => companion.welcome.session);
  await first.evaluate(() => companion.close());
  await until(view, (session) => document.body.dataset.away || companion.welcome?.session !== session, ended);
  const third = await open(browser);
  await watching(view, await third.evaluate(() => companion.welcome.session));
});

test("its address says how it looks", async () => {
  await open(browser);
  const view = await open(browser, { url: `${FACTS.open}obs?side=right&scale=0.5&chroma=green`, ready: false, viewport: { width: 1280, height: 720 } });
  await until(view, () => globalThis.companion?.welcome);
  const { left, right, ground } = await view.evaluate(() => ({ ...document.querySelector(".portrait").getBoundingClientRect().toJSON(), ground: getComputedStyle(document.body).backgroundColor }));
  assert.equal(ground, "rgb(0, 177, 64)");
  assert.ok(right > 1270, `to the right: ${right}`);
  assert.ok(Math.abs(right - left - 360) < 8, `half of the height: ${right - left}`);
});

test("where tokens are asked for, one that only views is enough", async () => {
  const page = await open(browser, { url: FACTS.guarded, ready: false });
  await page.waitForSelector("#ask[open]");
  await page.fill("#token", FACTS.token);
  await page.press("#token", "Enter");
  await until(page, () => globalThis.companion?.welcome);
  await page.click("#open-settings");
  await page.click("#copy-obs");
  await until(page, () => /#token=/.test(document.querySelector("#set-copied").textContent));
  const address = await page.textContent("#set-copied");
  assert.ok(!address.includes(FACTS.token));
  const view = await open(browser, { url: address, ready: false });
  await watching(view, await page.evaluate(() => companion.welcome.session));
  const refused = await open(browser, { url: `${FACTS.guarded}obs`, ready: false });
  await until(refused, () => document.querySelector("#fault").dataset.code === "unauthorized");
});

test("how the tools stand that the face goes to is told in the dock and in the settings", async () => {
  const page = await open(browser, { viewport: { width: 1280, height: 720 } });
  await page.click("#open-settings");
  await page.waitForSelector("#outlets li");
  const dock = await open(browser, { url: `${FACTS.open}dock/`, ready: false });
  await dock.waitForSelector("#outlets li");
  for (const each of [page, dock]) {
    const lines = await each.locator("#outlets li").allTextContents();
    assert.deepEqual(lines, ["VMC is sent to", "VTube Studio refuses the streamer said no", "OBS is not there nobody answers"]);
    assert.deepEqual(await each.locator("#outlets li").evaluateAll((items) => items.map(({ dataset }) => dataset.state)), ["works", "refused", "away"]);
  }
  const bare = await open(browser, { url: FACTS.minds });
  await bare.click("#open-settings");
  assert.equal(await bare.isVisible("#outlets"), false);
});

test("the dock skips, mutes and speaks", async () => {
  const talker = await open(browser);
  const dock = await open(browser, { url: `${FACTS.open}dock/`, ready: false, viewport: { width: 360, height: 420 } });
  await until(dock, () => document.body.dataset.state === "idle");
  await say(talker, COUNTING, { wait: false });
  await until(dock, () => document.body.dataset.state === "speaking");
  await dock.screenshot({ path: `${OUT}dock.png` });
  await dock.click("#skip");
  await until(talker, () => kept.events.some(({ type, cut }) => type === "ended" && cut));
  await dock.click("#mute");
  await dock.waitForSelector("#mute[aria-pressed=true]");
  await dock.fill("#words", "Back in five minutes.");
  await dock.press("#words", "Enter");
  await until(talker, () => /Back in five minutes/.test(document.querySelector("#history").textContent));
  assert.deepEqual(dock.faults, []);
});
