// A card of SillyTavern's layout with Chinese lore, talked to as its users do: typed, answered from its entry, read.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, open, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const STRAY = /[\u4e00-\u9fff。，！？、“”] +[\u4e00-\u9fff]/;
const QUESTIONS = [
  ["灯塔是什么时候建的？", "灯塔建于一九零二年"],
  ["它有多高？", "三十二米"],
  ["燈塔的透鏡從哪裡來？", "法国"],
];

for (const [locale, name] of [["zh-CN", "chinese"], ["en-GB", "chinese-abroad"]]) {
  test(`a Chinese card is asked in a browser of ${locale}`, async () => {
    const page = await open(browser, { url: FACTS.chinese, locale, viewport: { width: 1280, height: 800 } });
    assert.equal(await page.textContent("#name"), "林老师");
    for (const [question, answer] of QUESTIONS) {
      await say(page, question);
      const lines = await page.$$eval("#history li, #history p", (nodes) => nodes.map((node) => node.innerText.trim()));
      const said = lines.findLast((line) => line.includes(answer));
      assert.ok(said, `${answer} in ${JSON.stringify(lines)}`);
      assert.ok(lines.some((line) => line.includes(question)), question);
      assert.equal(lines.find((line) => STRAY.test(line)), undefined);
    }
    const ends = await page.evaluate(() => kept.messages.filter(({ type }) => type === "reply_end").map(({ text }) => text));
    const words = await page.evaluate(() => kept.messages.filter(({ type }) => type === "text").reduce((turns, { turn, gap, text }) => ({ ...turns, [turn]: (turns[turn] ?? "") + (gap ?? " ") + text }), {}));
    assert.deepEqual(Object.values(words).map((text) => text.trim()), ends);
    console.log(`# ${ends.join(" | ")}`);
    await page.screenshot({ path: `${OUT}${name}.png` });
    assert.deepEqual(page.faults, []);
  });
}
