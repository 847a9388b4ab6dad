// Accessibility by axe-core: no violation of WCAG 2.2 A and AA, nor of its best practices, on any page in any theme.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { FACTS, launch, leave, open, say } from "./stage.mjs";

const AXE = readFileSync(createRequire(new URL("../package.json", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

/** What axe finds on the page as it is, in words. */
async function found(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join("; ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`the page, its drawer, its settings and its menu, ${colorScheme}`, async () => {
    const page = await open(browser, { url: FACTS.people, viewport: { width: 1280, height: 720 }, colorScheme, reducedMotion: "reduce", bypassCSP: true });
    await page.waitForSelector("#chips button");
    assert.deepEqual(await found(page), [], "at the beginning");
    await say(page, "Tell me about yourself.");
    for (const tab of ["talk", "instruments", "settings"]) {
      await page.click(`#${page.drawer ? "tab" : "open"}-${tab}`);
      page.drawer = true;
      assert.deepEqual(await found(page), [], tab);
    }
    await page.click("#who");
    await page.waitForSelector("#company[open]");
    assert.deepEqual(await found(page), [], "the menu");
  });
}

test("on a phone, the question for a picture, the studio, the view for OBS, and the dock", async () => {
  const phone = await open(browser, { viewport: { width: 390, height: 844 }, reducedMotion: "reduce", bypassCSP: true });
  assert.deepEqual(await found(phone), []);
  await phone.click("#open-settings");
  assert.deepEqual(await found(phone), []);
  const asked = await open(browser, { url: FACTS.peeping, viewport: { width: 844, height: 390 }, reducedMotion: "reduce", bypassCSP: true });
  await asked.click("#open-settings");
  await asked.check("#be-shown");
  await asked.evaluate(() => companion.say("How do I look?"));
  await asked.waitForSelector("#look[open]");
  assert.deepEqual(await found(asked), [], "asked for a picture, lying on its side");
  const studio = await open(browser, { url: `${FACTS.people}studio/`, ready: false, viewport: { width: 1280, height: 900 }, bypassCSP: true });
  await studio.waitForSelector("#people li");
  assert.deepEqual(await found(studio), [], "the studio");
  const view = await open(browser, { url: `${FACTS.open}obs?subtitles`, ready: false, bypassCSP: true });
  await view.waitForFunction(() => globalThis.companion?.welcome);
  assert.deepEqual(await found(view), [], "the view for OBS");
  const dock = await open(browser, { url: `${FACTS.open}dock/`, ready: false, bypassCSP: true });
  await dock.waitForFunction(() => document.body.dataset.state === "idle");
  assert.deepEqual(await found(dock), []);
});
