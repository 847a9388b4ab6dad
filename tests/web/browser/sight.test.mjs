// The camera: off until the user agrees, read in the browser by the real reader of faces, and off again; refusals in
// words; a picture for the companion only when it asks, and only on the user's word.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, launch, leave, open, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required", `--use-file-for-fake-video-capture=${FACTS.film}`)));
afterEach(leave);
after(() => browser.close());

const WIDE = { viewport: { width: 1280, height: 720 } };
const skip = FACTS.sees ? false : "the reader of faces is not installed: tests/web/install.sh";
const until = (page, test, argument) => page.waitForFunction(test, argument);
/** What is sent of the user's face and of pictures, as it goes out. */
const sent = (page) =>
  page.evaluate(() => {
    globalThis.seen = [];
    globalThis.pictures = [];
    companion.on("traffic", ({ direction, message }) => {
      if (direction === "out" && message.type === "seen") seen.push({ faces: message.faces.length, smile: message.faces[0]?.weights[companion.session.hello.seen.names.indexOf("mouthSmileLeft")] ?? 0 });
      if (direction === "out" && message.type === "camera") pictures.push({ size: message.data.length, call: message.call, head: [...message.data.slice(0, 3)] });
    });
    const { mediaDevices } = navigator;
    const original = mediaDevices.getUserMedia.bind(mediaDevices);
    globalThis.streams = [];
    mediaDevices.getUserMedia = async (wanted) => {
      if (globalThis.refusal) throw new DOMException("no", globalThis.refusal);
      const stream = await original(wanted);
      if (wanted.video) streams.push(stream);
      return stream;
    };
  });
const answer = (page, word) => page.once("dialog", (dialog) => dialog[word]());
const live = (page) => page.evaluate(() => streams.flatMap((stream) => stream.getTracks()).filter(({ readyState }) => readyState === "live").length);

test("nobody is filmed before they agree, and what is read is sent as numbers until they switch it off", { skip }, async () => {
  const page = await open(browser, WIDE);
  await sent(page);
  await page.click("#open-settings");
  assert.equal(await page.isChecked("#be-seen"), false);
  answer(page, "dismiss");
  await page.click("#be-seen");
  await until(page, () => !document.querySelector("#be-seen").checked);
  assert.deepEqual(await page.evaluate(() => [streams.length, seen.length]), [0, 0]);
  let told = "";
  page.once("dialog", (dialog) => ((told = dialog.message()), dialog.accept()));
  await page.click("#be-seen");
  await until(page, () => seen.some(({ faces, smile }) => faces === 1 && smile > 75));
  assert.match(told, /No picture leaves it/);
  const sign = page.locator("p.disclosure[role=status]");
  assert.match(await sign.textContent(), /Camera on/);
  assert.equal(await sign.isVisible(), true);
  assert.equal(await live(page), 1);
  assert.equal(await page.evaluate(() => pictures.length), 0, "no picture leaves the page");
  await page.click("#be-seen");
  await until(page, () => !streams.some((stream) => stream.active));
  assert.equal(await sign.isVisible(), false);
  const after = await page.evaluate(() => seen.length);
  await page.waitForTimeout(400);
  assert.equal(await page.evaluate(() => seen.length), after);
});

test("a picture without a face is told on the page", { skip }, async () => {
  // A camera of which the browser shows a test card.
  const other = await launch("--autoplay-policy=no-user-gesture-required");
  try {
    const page = await open(other, WIDE);
    await sent(page);
    await page.click("#open-settings");
    answer(page, "accept");
    await page.click("#be-seen");
    await until(page, () => seen.length > 3 && seen.every(({ faces }) => faces === 0));
    await until(page, () => /Nobody is seen/.test(document.querySelector("p.disclosure[role=status]").textContent));
    await say(page, "And the conversation goes on.");
  } finally {
    await leave();
    await other.close();
  }
});

for (const [name, code] of [["NotAllowedError", "camera_denied"], ["NotFoundError", "camera_missing"], ["NotReadableError", "camera_busy"], ["AbortError", "no_camera"]]) {
  test(`a camera that is not to be had is told in words, and the conversation goes on: ${name}`, { skip }, async () => {
    const page = await open(browser, WIDE);
    await sent(page);
    await page.evaluate((refusal) => (globalThis.refusal = refusal), name);
    await page.click("#open-settings");
    answer(page, "accept");
    await page.click("#be-seen");
    await until(page, (wanted) => document.querySelector("#fault").dataset.code === wanted, code);
    assert.match(await page.textContent("#fault"), /camera/i);
    assert.equal(await page.isChecked("#be-seen"), false);
    await say(page, "Never mind.");
  });
}

test("the companion asks for a picture only where it may, and gets it on the user's word alone", async () => {
  const page = await open(browser, { url: FACTS.peeping, ...WIDE });
  await sent(page);
  await page.evaluate(() => {
    globalThis.results = [];
    companion.on("began", ({ turn }) => (globalThis.began = turn));
    companion.on("traffic", ({ direction, message }) => direction === "out" && message.type === "tool_result" && results.push(message));
  });
  await page.click("#open-settings");
  assert.equal(await page.isVisible("#be-shown"), true);
  await page.check("#be-shown");
  await page.fill("#text", "How do I look?");
  await page.press("#text", "Enter");
  await page.waitForSelector("#look[open]");
  assert.match(await page.textContent("#look-title"), new RegExp(`^${FACTS.name} asks to see you$`));
  assert.equal(await page.evaluate(() => pictures.length), 0);
  await page.click("#look-send");
  await until(page, () => /a person who smiles/.test(document.querySelector("#history").textContent));
  const [picture] = await page.evaluate(() => pictures);
  assert.deepEqual([picture.head, picture.call > 0, picture.size > 1000 && picture.size <= 200_000], [[255, 216, 255], true, true]);
  assert.equal(await live(page), 0, "the camera is off again");
  assert.match(await page.textContent("#look-told"), /A picture was sent/);
  // Not now.
  await page.fill("#text", "And now?");
  await page.press("#text", "Enter");
  await page.waitForSelector("#look[open]");
  await page.click("#look-no");
  await until(page, () => results.some(({ status, value }) => status === "failed" && /does not want/.test(value)));
  assert.equal(await page.evaluate(() => pictures.length), 1);
  assert.equal(await live(page), 0);
  // A camera that is refused.
  await page.evaluate(() => (globalThis.refusal = "NotAllowedError"));
  await page.fill("#text", "Once more?");
  await page.press("#text", "Enter");
  await until(page, () => results.some(({ value }) => /cannot be used/.test(value)));
  await until(page, () => document.querySelector("#fault").dataset.code === "camera_denied");
  // The reply to it begins, and does not take the news away.
  await until(page, () => began === companion.session.turn);
  assert.equal(await page.getAttribute("#fault", "data-code"), "camera_denied");
  // May not ask any more.
  await page.uncheck("#be-shown");
  await page.fill("#text", "Do you see me?");
  await page.press("#text", "Enter");
  await until(page, () => results.length >= 3 || companion.session.turn >= 4);
  assert.equal(await page.isVisible("#look"), false);
  assert.deepEqual(page.faults.filter((fault) => !/camera/.test(fault)), []);
});
