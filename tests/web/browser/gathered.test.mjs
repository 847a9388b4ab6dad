// Several people in one room, each with the page: who is there, who speaks, what the others say, and all at one instant.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, open } from "./stage.mjs";

const AXE = readFileSync(createRequire(new URL("../package.json", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const names = (page) => page.$$eval("#gathered-list bdi", (found) => found.map((each) => each.textContent));
const there = (page, count) => page.waitForFunction((wanted) => document.querySelectorAll("#gathered-list li").length === wanted, count);

test("two pages in a room show each other, and are in step", async () => {
  const url = (user) => `${FACTS.open}?room=kitchen&user=${user}#key=s3cret`;
  const ada = await open(browser, { url: url("Ada"), viewport: { width: 1280, height: 720 } });
  const ben = await open(browser, { url: url("Ben"), viewport: { width: 390, height: 844 }, hasTouch: true });
  await Promise.all([there(ada, 3), there(ben, 3)]);
  assert.deepEqual(await names(ben), [FACTS.name, "Ada", "Ben"]);
  // Both know the server's clock before anything is said.
  for (const page of [ada, ben]) await page.waitForFunction(() => !Number.isNaN(companion.ahead) && kept.out.filter(({ type }) => type === "ping").length > 3);
  await ada.fill("#text", `${FACTS.name}, the tide comes in slowly and the boats wait by the quay.`);
  await ada.press("#text", "Enter");
  await ben.waitForSelector("#gathered-list li.theirs.speaks");
  await ben.screenshot({ path: `${OUT}gathered-phone.png` });
  for (const page of [ada, ben]) await page.waitForFunction(() => kept.events.some(({ type }) => type === "ended"));
  assert.match(await ben.textContent("#history .others"), /Ada.*the tide comes in/);
  // How far beside the instant that the server meant each page began: the same for both, whenever each was told.
  for (const page of [ada, ben]) {
    const late = await page.evaluate(() => {
      const run = kept.points.find(({ kind }) => kind === "run");
      const first = [...kept.media.values()].find(({ pts }) => pts === 0);
      const now = performance.now();
      const heard = now + (run.frame - run.sample - companion.speaker.frame(now)) / 24;
      return heard - (first.at - companion.ahead);
    });
    console.log(`# ${late.toFixed(1)} ms beside the room's instant`);
    assert.ok(Math.abs(late) < 25, `${late} ms`);
  }
  await ben.click("#open-talk");
  assert.deepEqual([...ada.faults, ...ben.faults], []);
});

test("a meeting tells its agenda, takes hands, and shows its minutes; in Chinese too, and for everybody", async () => {
  const host = await open(browser, { url: FACTS.people });
  await host.evaluate(async () => {
    const { Companion } = await import("/companion.js");
    const agenda = [{ title: "Quarterly budget", minutes: 10 }, { title: "Holidays" }];
    globalThis.eva = new Companion(companion.session.url, { user: "Eva", room: { name: "board", kind: "meeting", agenda } });
    eva.open();
    await new Promise((resolve) => eva.on("room", resolve));
    eva.session.send("room", { op: "next" });
  });
  const url = `${FACTS.people}?room=board&user=Ada`;
  const page = await open(browser, { url, viewport: { width: 1280, height: 720 }, locale: "zh-CN", colorScheme: "dark", reducedMotion: "reduce", bypassCSP: true });
  await there(page, 3);
  await page.waitForFunction(() => document.querySelector("#agenda").textContent.includes("Quarterly budget"));
  await page.click("#hand");
  // Nobody speaks: whoever raises a hand is given the word.
  await page.waitForFunction(() => /正在发言/.test(document.querySelector("#gathered-list").textContent));
  await page.click("#get-minutes");
  await page.waitForFunction(() => document.querySelector("#minutes-text").textContent.includes("Quarterly budget"));
  assert.equal(await page.isVisible("#next-item"), false, "Ada is no host");
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);
  await page.screenshot({ path: `${OUT}gathered-meeting.png` });
  await host.evaluate(() => eva.close());
  await page.waitForFunction(() => document.querySelectorAll("#gathered-list li:not(.away)").length === 2);
});
