// That the companion is an AI stays in sight: in every view, at every size, from the first message on.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, open } from "./stage.mjs";

let browser;
before(async () => (browser = await launch()));
afterEach(leave);
after(() => browser.close());

for (const [width, height] of [[1280, 800], [480, 360], [360, 640], [640, 320]]) {
  for (const view of ["", "?view=avatar", "?view=avatar&background=transparent"]) {
    test(`at ${width} by ${height}${view}`, async () => {
      const page = await open(browser, { url: new URL(view, FACTS.open).href, viewport: { width, height } });
      await page.waitForFunction(() => document.getElementById("disclosure").textContent.length > 0);
      const box = await page.locator("#disclosure").boundingBox();
      assert.ok(box && box.height > 8, "it is shown");
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1, `it is on the screen: ${JSON.stringify(box)}`);
      const seen = await page.evaluate(() => {
        const node = document.getElementById("disclosure");
        const { left, top, width, height } = node.getBoundingClientRect();
        const { visibility, opacity, display } = getComputedStyle(node);
        const on = document.elementFromPoint(left + width / 2, top + height / 2);
        return { text: node.textContent, lang: node.lang, hidden: visibility !== "visible" || opacity < 0.5 || display === "none", covered: on !== null && on !== node && !on.contains(node) && !node.contains(on) };
      });
      assert.match(seen.text, /is an AI, not a person\./);
      assert.equal(seen.lang, "en");
      assert.deepEqual([seen.hidden, seen.covered], [false, false]);
      if (width === 1280 || width === 360) await page.screenshot({ path: `${OUT}disclosure-${width}${view ? "-avatar" : ""}.png` });
    });
  }
}
