// The page on a device of its own: an invitation lets it in, it can be installed, and it opens while the server is away.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, launch, leave, line, open } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

test("a token behind the address lets somebody in, and is gone from the address", async () => {
  const page = await open(browser, { url: `${FACTS.guarded}?user=Ada#token=${FACTS.token}`, ready: false });
  await page.waitForFunction(() => globalThis.companion?.welcome);
  assert.equal(page.url(), `${FACTS.guarded}?user=Ada`);
  assert.equal(await page.isVisible("#ask"), false);
});

test("it says what a browser needs to install it", async () => {
  const page = await open(browser);
  const facts = await page.evaluate(async () => {
    const manifest = await (await fetch(document.querySelector("[rel=manifest]").href)).json();
    const icons = await Promise.all(manifest.icons.map(async ({ src }) => (await fetch(src)).ok));
    return { ...manifest, icons, sizes: manifest.icons.map(({ sizes }) => sizes) };
  });
  assert.equal(facts.display, "standalone");
  assert.ok(facts.icons.every(Boolean));
  assert.ok(facts.sizes.includes("192x192") && facts.sizes.includes("512x512"));
});

test("it opens while the server is away, and says so; nothing private is kept", async () => {
  const wire = await line(FACTS.open);
  const page = await open(browser, { url: wire.url });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller && globalThis.companion?.welcome);
  await page.evaluate(() => fetch("page/words.js"));
  const kept = await page.evaluate(async () => {
    const names = [];
    for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys()) names.push(new URL(url).pathname);
    return names;
  });
  assert.ok(kept.length > 20);
  assert.deepEqual(kept.filter((path) => /newest|token|pictures|head$|looks\.json|hints\.json/.test(path)), []);
  wire.close();
  wire.cut();
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#fault")?.dataset.code === "unreachable", undefined, { timeout: 60000 });
  assert.equal(await page.isVisible("#composer"), true);
});
