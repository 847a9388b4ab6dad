// What is remembered, through the page: agreed to, told, forgotten, saved and erased; and nothing before it is agreed to.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { FACTS, launch, leave, open, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const listed = (page) => page.$$eval("#memory-list li span", (rows) => rows.map((row) => row.textContent));
const answer = (page) => page.$$eval("#history .theirs bdi", (lines) => lines.at(-1).textContent);

/** Ada's page, its settings open. */
async function adas(user = "Ada") {
  const page = await open(browser, { url: `${FACTS.mindful}?user=${user}`, viewport: { width: 1280, height: 720 }, acceptDownloads: true });
  await page.click("#open-settings");
  await page.waitForSelector("#set-memory:not([hidden])");
  return page;
}

test("a user agrees, asks what is known, forgets one thing, saves the rest and erases it", async () => {
  let page = await adas();
  assert.equal(await page.isChecked("#memory-on"), false, "nobody has agreed yet");
  await page.click("#memory-show");
  await page.waitForFunction(() => document.querySelector("#memory-said").textContent !== "");
  await page.check("#memory-on");
  await page.waitForFunction(() => companion.session && kept.messages.some(({ type, op }) => type === "memory" && op === "agree"));
  await say(page, "My sister is called Nora.");
  await say(page, "I like sailing.");
  await page.waitForFunction(async () => {
    document.querySelector("#memory-show").click();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return document.querySelectorAll("#memory-list li button").length >= 2;
  });
  await say(page, "What do you know about me?");
  assert.match(await answer(page), /sailing/i);
  // Another conversation, another day: it is still known, and whoever agreed has agreed.
  await page.context().close();
  page = await adas();
  assert.equal(await page.isChecked("#memory-on"), true);
  await page.click("#memory-show");
  await page.waitForSelector("#memory-list li button");
  const known = await listed(page);
  const sister = known.findIndex((text) => /Nora/.test(text));
  assert.ok(sister >= 0 && known.some((text) => /sailing/.test(text)), known.join(" | "));
  await page.click(`#memory-list li >> nth=${sister} >> button`);
  await page.waitForFunction((count) => document.querySelectorAll("#memory-list li button").length < count, known.length);
  assert.equal((await listed(page)).some((text) => /Nora/.test(text)), false);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#memory-save")]);
  const saved = JSON.parse(readFileSync(await file.path(), "utf8"));
  assert.equal(file.suggestedFilename(), "memory.json");
  assert.ok(saved.facts.some(({ text }) => /sailing/.test(text)) && !JSON.stringify(saved).includes("sister is called Nora"), JSON.stringify(saved));
  page.once("dialog", (dialog) => dialog.dismiss());
  await page.click("#memory-erase");
  await page.click("#memory-show");
  await page.waitForSelector("#memory-list li button", { state: "attached" });
  page.once("dialog", (dialog) => dialog.accept());
  await page.click("#memory-erase");
  await page.waitForFunction(() => /\d/.test(document.querySelector("#memory-said").textContent));
  assert.deepEqual(await listed(page), []);
  assert.equal(await page.isChecked("#memory-on"), false, "who has everything erased is asked anew");
  assert.deepEqual(page.faults, []);
});

test("who does not agree is not remembered", async () => {
  const page = await adas("Ben");
  await say(page, "I like chess.");
  await page.click("#memory-show");
  await page.waitForFunction(() => document.querySelector("#memory-said").textContent !== "");
  assert.deepEqual(await listed(page), []);
});
