// The settings, the greeting, the questions to begin with, and what is left after a restart of the server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { COUNTING, FACTS, LAST, launch, leave, open, OUT, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const WIDE = { viewport: { width: 1280, height: 720 } };
const settled = (page, test, argument) => page.waitForFunction(test, argument);

test("the first click is answered with a greeting, and a second one is not", async () => {
  const page = await open(browser, { url: FACTS.people, ...WIDE });
  const first = await page.evaluate(() => companion.welcome.session);
  await page.click("#face");
  await settled(page, (before) => companion.welcome?.session && companion.welcome.session !== before, first);
  await settled(page, () => document.querySelector("#subtitle").textContent.length > 3);
  const greeted = await page.evaluate(() => companion.welcome.session);
  assert.match(await page.textContent("#history .theirs bdi"), /\S/);
  await page.click("#face");
  assert.equal(await page.evaluate(() => companion.welcome.session), greeted);
  assert.deepEqual(page.faults, []);
});

test("questions to begin with come from the card, and go when one is asked", async () => {
  const page = await open(browser, { url: FACTS.people, ...WIDE });
  await page.waitForSelector("#chips button");
  const asked = await page.textContent("#chips button >> nth=1");
  await page.click("#chips button >> nth=1");
  assert.equal(await page.isVisible("#chips"), false);
  assert.equal(await page.textContent("#history .mine bdi"), asked);
  await settled(page, () => document.querySelector("#history .theirs bdi")?.textContent.length > 3);
});

test("settings act at once, stay after a reload, and are gone when forgotten", async () => {
  const page = await open(browser, WIDE);
  await page.click("#open-settings");
  await page.selectOption("[name=theme]", "dark");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--ground").trim()), "#12171a");
  await page.selectOption("[name=subtitles]", "large");
  await page.check("[name=calm]");
  await page.fill("[name=volume]", "0.35");
  await page.selectOption("[name=lead]", "600");
  await page.screenshot({ path: `${OUT}settings.png` });
  assert.deepEqual(await page.evaluate(() => [document.body.dataset.size, page.stage.calm, document.documentElement.hasAttribute("data-calm")]), ["large", true, true]);
  await page.reload();
  await settled(page, () => globalThis.companion?.welcome && companion.speaker);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await page.evaluate(() => companion.session.hello.audio.lead_ms), 600);
  assert.equal(await page.evaluate(() => companion.welcome.lead_ms), 600);
  await page.click("#open-settings");
  assert.equal(await page.inputValue("[name=volume]"), "0.35");
  const before = await page.evaluate(() => companion.welcome.session);
  page.once("dialog", (dialog) => dialog.accept());
  await page.click("#forget");
  await settled(page, (old) => companion.welcome && companion.welcome.session !== old, before);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.documentElement.dataset.theme]), [0, 0, undefined]);
  assert.equal(await page.inputValue("[name=volume]"), "1");
  assert.deepEqual(page.faults, []);
});

test("the volume is what the loudspeaker gets", async () => {
  const page = await open(browser, WIDE);
  const gain = () => page.evaluate(() => new Promise((resolve) => {
    const look = () => (Math.abs(node.value - before) > 0.3 ? resolve(true) : setTimeout(look, 20));
    const node = page.sound.gain;
    const before = node.value;
    page.preferences.set("volume", 0.2);
    look();
  }));
  assert.equal(await gain(), true);
});

test("a reply is written as it is heard, a cut one stays and says so, and all of it can be saved", async () => {
  const page = await open(browser, { ...WIDE, acceptDownloads: true });
  await page.click("#open-talk");
  await say(page, COUNTING, { wait: false });
  await settled(page, () => document.querySelectorAll("#subtitle span").length > 2);
  const early = await page.textContent("#history .theirs bdi");
  assert.ok(early.length > 0 && !early.includes(LAST), early);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#history .theirs.cut i");
  assert.match(await page.textContent("#history .theirs.cut"), /cut off/);
  await page.click("#tab-settings");
  const saved = {};
  for (const kind of ["txt", "json", "srt"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-export=${kind}]`)]);
    saved[kind] = readFileSync(await download.path(), "utf8");
  }
  assert.match(saved.txt, /You: One two three four/);
  assert.match(saved.txt, /… \(cut off\)/);
  assert.equal(JSON.parse(saved.json).lines[1].cut, true);
  assert.match(saved.srt, /^1\n00:00:00,000 --> /);
  assert.deepEqual(page.faults, []);
});

test("the language model is chosen where there are several, and the one that is chosen answers", async () => {
  const page = await open(browser, { url: FACTS.minds, ...WIDE });
  await page.click("#open-settings");
  assert.deepEqual(await page.locator("#set-model option").allTextContents(), ["alpha-9b", "beta-2b"]);
  assert.equal(await page.inputValue("#set-model"), "alpha-9b");
  const before = await page.evaluate(() => companion.welcome.session);
  await page.selectOption("#set-model", "beta-2b");
  await settled(page, (old) => companion.welcome && companion.welcome.session !== old && companion.welcome.model === "beta-2b", before);
  assert.equal(await page.inputValue("#set-model"), "beta-2b");
  await page.evaluate(() => companion.say("Who are you?"));
  await settled(page, () => /I am beta/.test(document.querySelector("#history").textContent));
  // An address that asks for a model which is gone: said, and mended by one click.
  const other = await open(browser, { url: `${FACTS.minds}?model=gone`, ready: false, ...WIDE });
  await other.waitForSelector("#fault:not([hidden])");
  assert.match(await other.textContent("#fault"), /gone/);
  await other.click("#fault button");
  await settled(other, () => globalThis.companion?.welcome?.model === "alpha-9b");
  const alone = await open(browser, WIDE);
  await alone.click("#open-settings");
  assert.equal(await alone.isVisible("#set-model"), false);
  assert.deepEqual([...page.faults, ...alone.faults], []);
});

test("a voice is heard beside the conversation, which goes on", async () => {
  const page = await open(browser, { url: FACTS.people, ...WIDE });
  const { session } = await page.evaluate(() => companion.welcome);
  await page.click("#open-settings");
  const voices = await page.locator("#set-voice option").count();
  assert.ok(voices > 2, `${voices} voices`);
  await page.evaluate(() => (document.querySelector("#set-voice").value = document.querySelectorAll("#set-voice option")[2].value));
  const [socket] = await Promise.all([page.waitForEvent("websocket"), page.click("#set-audition")]);
  await new Promise((resolve) => socket.on("framereceived", ({ payload }) => payload.includes?.("reply_end") && resolve()));
  await page.evaluate(() => page.hush());
  await page.waitForSelector("#set-audition:not([disabled])");
  assert.equal(await page.evaluate(() => companion.welcome.session), session);
  assert.deepEqual(page.faults, []);
});

test("after a restart of the server the page shows nothing of the conversation that is over, and says so", async () => {
  const page = await open(browser, WIDE);
  await say(page, COUNTING, { wait: false });
  await settled(page, () => document.querySelectorAll("#subtitle span").length > 2);
  // The server knows this session no longer, as after a restart.
  await page.evaluate(() => {
    companion.session.welcome.session = "gone";
    companion.session.sever();
  });
  await settled(page, () => companion.welcome.reason === "session_expired");
  await settled(page, () => document.querySelector("#fault").dataset.code === "new_conversation");
  assert.equal(await page.textContent("#subtitle"), "");
  assert.equal(await page.isVisible("#stop"), false);
  assert.equal(await page.textContent("#history .parting"), "New conversation");
  assert.equal(await page.locator("#history .theirs.cut").count(), 1);
  await say(page, "And on we go.");
  assert.deepEqual(page.faults, []);
});
