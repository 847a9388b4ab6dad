// The drawn face as pixels: pictures of rest, of each viseme and of each mood for people to look at (in ../out/face),
// and a mouth that is seen to be shut where the frame is sealed, in stills and while it speaks.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, open, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());
mkdirSync(`${OUT}face`, { recursive: true });

/** In the page: the share of the mouth's place on `canvas` that shows what only an open mouth shows. */
function inside(canvas, [x, y, wide, high]) {
  const scale = Math.min(canvas.width / wide, canvas.height / high);
  const across = (at) => Math.round(canvas.width / 2 + scale * (at - x - wide / 2));
  const down = (at) => Math.round(canvas.height + scale * (at - y - high));
  const [left, top] = [across(425), down(560)];
  const { data } = canvas.getContext("2d").getImageData(left, top, across(575) - left, down(690) - top);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 105 && data[at + 1] < 36 && data[at + 2] < 44) dark += 1;
  return dark / (data.length / 4);
}

const teach = (page) => page.evaluate(`globalThis.inside = ${inside}`);

test("rest, each viseme and each mood are drawn and kept, and the mouth is shut where it should be", async () => {
  const shown = {};
  for (const [part, least] of [["rest", 8], ["visemes", 15], ["moods", 10]]) {
    const page = await open(browser, { url: `${FACTS.open}face/sheet.html?only=${part}&size=220&looks=singer`, ready: false });
    await page.waitForFunction(() => document.body.dataset.ready === "yes");
    const figures = await page.locator("figure").all();
    assert.ok(figures.length >= least, `${figures.length} ${part}`);
    for (const figure of figures) await figure.screenshot({ path: `${OUT}face/${part}-${await figure.locator("figcaption").textContent()}.png` });
    await teach(page);
    shown[part] = await page.evaluate(async () => {
      const { view } = await (await fetch("rig.json")).json();
      return Object.fromEntries([...document.querySelectorAll("figure")].map((figure) => [figure.textContent, inside(figure.querySelector("canvas"), view)]));
    });
    assert.deepEqual(page.faults, []);
  }
  const { visemes, moods } = shown;
  for (const name of ["sil", "PP"]) assert.ok(visemes[name] < 0.01, `${name} ${visemes[name]}`);
  for (const name of ["aa", "oh"]) assert.ok(visemes[name] > 0.06, `${name} ${visemes[name]}`);
  assert.ok(visemes.ou > 0.02 && visemes.ou < visemes.oh, `${visemes.ou}`);
  for (const name of ["neutral", "sad", "angry"]) assert.ok(moods[name] < 0.01, `${name} ${moods[name]}`);
});

test("in every picture of a sentence the lips are closed where the frame is sealed, and open in its vowels", async () => {
  const page = await open(browser);
  await teach(page);
  await page.evaluate(async () => {
    const { view } = await (await fetch("face/rig.json")).json();
    const seen = (globalThis.seen = []);
    globalThis.page.stage.watch(({ weights, names, shown }) => {
      if (!shown.source) return;
      const of = (name) => weights[names.indexOf(name)];
      seen.push({ apart: of("jawOpen") - of("mouthClose"), press: of("mouthPressLeft"), round: of("mouthPucker"), dark: inside(document.querySelector("#face"), view) });
    });
  });
  // Said until enough pictures were drawn: a busy machine draws few of them.
  let [seen, sealed, vowels] = [[], [], []];
  for (let times = 0; times < 20 && (sealed.length < 5 || vowels.length < 5); times += 1) {
    await say(page, "Mama, papa, baby. My mama may buy a big map, maybe.");
    seen = await page.evaluate(() => globalThis.seen);
    sealed = seen.filter(({ apart, press }) => apart < 0.005 && press >= 0.4);
    vowels = seen.filter(({ apart, round }) => apart > 0.25 && round < 0.2);
  }
  console.log(`# ${seen.length} pictures, ${sealed.length} sealed, ${vowels.length} wide open`);
  assert.ok(sealed.length >= 5 && vowels.length >= 5);
  const shares = (rows) => rows.map(({ dark }) => dark).sort((a, b) => a - b);
  assert.ok(shares(sealed).at(-1) < 0.01, `${shares(sealed).at(-1)} is open where it should be sealed`);
  assert.ok(shares(vowels)[0] > 0.03, `${shares(vowels)[0]} is shut in a vowel`);
  assert.deepEqual(page.faults.filter((fault) => !/willReadFrequently/.test(fault)), []);
});
