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
  assert.equal(await ben.$$eval("#gathered-list .away", (found) => found.length), 0);
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
  const host = await open(browser, { url: FACTS.people, viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", acceptDownloads: true });
  await host.click("#open-gather");
  await host.fill("[name=user]", "Eva");
  await host.fill("[name=name]", "board");
  await host.selectOption("[name=kind]", "meeting");
  await host.fill("[name=items]", "Quarterly budget, 10\nHolidays");
  await host.screenshot({ path: `${OUT}gather-desktop.png` });
  await host.click("#gather-form .pill");
  await there(host, 2);
  await host.click("#next-item");
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
  // The host ends it: everybody has the minutes, and can keep them.
  await host.click("#end-meeting");
  await host.waitForSelector("#save-minutes");
  const [file] = await Promise.all([host.waitForEvent("download"), host.click("#save-minutes")]);
  assert.equal(file.suggestedFilename(), "minutes-board.md");
  assert.match(readFileSync(await file.path(), "utf8"), /Quarterly budget/);
  await host.screenshot({ path: `${OUT}gathered-over.png` });
  await host.click("#open-gather");
  await host.click("#leave-room");
  await host.waitForFunction(() => document.querySelector("#gathered").hidden && !location.search.includes("room"));
  await there(page, 2);
  assert.deepEqual(host.faults, []);
});

test("a class is opened from a phone; a pupil with any name raises a hand, gets the word and asks in private", async () => {
  const teacher = await open(browser, { url: FACTS.people, viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark", reducedMotion: "reduce", bypassCSP: true });
  await teacher.click("#open-gather");
  await teacher.fill("[name=user]", "Eva");
  await teacher.fill("[name=name]", "optics & light");
  await teacher.fill("[name=key]", "a&b=#c");
  await teacher.selectOption("[name=kind]", "class");
  await teacher.evaluate(AXE);
  const { violations } = await teacher.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`)}`), []);
  await teacher.screenshot({ path: `${OUT}gather-phone.png` });
  await teacher.click("#gather-form .pill");
  await there(teacher, 2);
  // What the address holds brings the others, with the key.
  const hostile = '<img src=x onerror="document.title=1">"\'&';
  const link = new URL(teacher.url());
  link.searchParams.set("user", hostile);
  const pupil = await open(browser, { url: link.href, viewport: { width: 800, height: 600 } });
  await there(teacher, 3);
  // The first hand gets the word by itself; the next one waits.
  await teacher.click("#hand");
  await teacher.waitForFunction(() => /has the word/.test(document.querySelector("#gathered-list").textContent));
  await pupil.click("#hand");
  await teacher.click("#gathered-list button");
  await pupil.waitForFunction(() => /you, has the word/.test(document.querySelector("#gathered-list").textContent));
  await teacher.screenshot({ path: `${OUT}gathered-class-phone.png` });
  await pupil.click("#in-private");
  await pupil.fill("#text", "What is a lens?");
  await pupil.press("#text", "Enter");
  await pupil.waitForFunction(() => kept.messages.some(({ type, private: alone }) => type === "said" && alone));
  assert.equal(await teacher.evaluate(() => kept.messages.some(({ type }) => type === "said")), false, "nobody else is told");
  assert.deepEqual(await pupil.evaluate(() => kept.out.filter(({ type }) => type === "text").map((each) => each.private)), [true]);
  // 200 people: what is shown stays within the page, and is counted.
  await pupil.evaluate((count) => {
    const room = kept.messages.findLast(({ type }) => type === "room");
    const people = Array.from({ length: count }, (_, number) => ({ name: `Person with a long name ${number}`, hand: number % 2 === 0 }));
    pupilRoom({ ...room, people: [...room.people, ...people] });
    function pupilRoom(message) {
      companion.session.onMessage(message);
    }
  }, 200);
  assert.equal(await pupil.textContent("#gathered-count"), "202 people");
  assert.ok(await pupil.evaluate(() => document.querySelector("#gathered").getBoundingClientRect().bottom < innerHeight));
  assert.deepEqual([...teacher.faults, ...pupil.faults], []);
});
