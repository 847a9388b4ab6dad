// The user's own 3D head: dropped or chosen, in each of the spellings that tools use, moved by what the server sends.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { ARKIT, OCULUS, draco, glb, meshopt, vrm0, vrm1 } from "./heads.mjs";
import { FACTS, OUT, launch, leave, open, say } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const upper = (name) => name[0].toUpperCase() + name.slice(1);
const sided = (name) => name.replace(/Left$/, "_L").replace(/Right$/, "_R").replace(/^(jaw|mouth)_(L|R)$/, (_, part, side) => part + (side === "L" ? "Left" : "Right"));
const HEADS = {
  "arkit.glb": [glb(ARKIT), "arkit52", "jawOpen"],
  "oculus.glb": [glb(OCULUS), "oculus15", "aa"],
  "one.vrm": [vrm1(), "vrm", "aa"],
};
const OTHERS = {
  "unreal.glb": [glb(ARKIT.map((name) => `Head.${upper(name)}`)), "arkit52", 52],
  "facemocap.glb": [glb(ARKIT.map(sided)), "arkit52", 52],
  "zero.vrm": [vrm0(), "vrm", 7],
  "perfect.vrm": [vrm0(Object.fromEntries([...ARKIT.map((name) => [upper(name), ""]), ["A", "a"]])), "arkit52", 52],
};
const skip = !FACTS.three && "three.js is not installed: run tests/web/install.sh";

/** Drop a file on the page, as a hand does. */
async function drop(page, name, data) {
  const transfer = await page.evaluateHandle(
    ([called, letters]) => {
      const made = new DataTransfer();
      made.items.add(new File([Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))], called));
      return made;
    },
    [name, data.toString("base64")],
  );
  for (const type of ["dragover", "drop"]) await page.dispatchEvent("#face", type, { dataTransfer: transfer });
}

for (const [name, [data, profile, open_]] of Object.entries(HEADS)) {
  test(`${name} takes the channels of ${profile} and moves with the words`, { skip }, async () => {
    const page = await open(browser, { ready: false });
    await page.waitForFunction(() => globalThis.companion?.welcome);
    await drop(page, name, data);
    await page.waitForSelector("canvas.head");
    await page.waitForFunction((wanted) => companion.welcome?.face.profile === wanted && companion.speaker, profile);
    assert.equal(await page.isVisible("#face"), false);
    await page.evaluate((channel) => {
      const worn = globalThis.page.wardrobe.worn;
      const weights = () => [...worn.targets.get(channel)].map((target) => (worn.expressions ? worn.vrm.expressionManager.getValue(target) : worn.meshes[0].morphTargetInfluences[worn.meshes[0].morphTargetDictionary[target]]));
      globalThis.told = { most: -Infinity, least: Infinity, times: 0 };
      setInterval(() => {
        const seen = companion.timeline.now.running ? weights() : [];
        told.most = Math.max(told.most, ...seen);
        told.least = Math.min(told.least, ...seen);
      }, 10);
      companion.on("ended", () => (told.times += 1));
    }, open_);
    // Said until the mouth was seen open and shut: a busy machine looks seldom.
    const look = () => page.evaluate(() => ({ ...told, drawn: globalThis.page.wardrobe.worn.renderer.info.render.triangles, neck: globalThis.page.wardrobe.worn.neck !== null }));
    let seen;
    do {
      const { times } = await look();
      await page.fill("#text", "Mama, papa, far away.");
      await page.press("#text", "Enter");
      if (name === "arkit.glb" && !times) {
        await page.waitForFunction(() => companion.timeline.now.pts > 24000 || told.times);
        await page.screenshot({ path: `${OUT}head-3d.png` });
      }
      await page.waitForFunction((before) => told.times > before, times);
      seen = await look();
    } while (seen.times < 20 && !(seen.most > 0.25 && seen.least < 0.1));
    const { most, least, drawn, neck } = seen;
    assert.ok(most > 0.25, `${open_} came to ${most}`);
    assert.ok(least < 0.1, `${open_} never fell below ${least}`);
    assert.ok(drawn > 0);
    assert.ok(neck);
    assert.deepEqual(page.faults, []);
    await page.click("#own-head");
    await page.waitForFunction(() => companion.welcome?.face.profile === "arkit52");
    assert.equal(await page.isVisible("#face"), true);
    assert.equal(await page.locator("canvas.head").count(), 0);
  });
}

test("other spellings, VRM 0 and its perfect sync are known", { skip }, async () => {
  const page = await open(browser);
  for (const [name, [data, profile, count]] of Object.entries(OTHERS)) {
    await drop(page, name, data);
    await page.waitForFunction((called) => document.querySelector("#own-head").title === called, name);
    const worn = await page.evaluate(() => ({ profile: globalThis.page.wardrobe.worn.profile, count: globalThis.page.wardrobe.worn.targets.size }));
    assert.deepEqual(worn, { profile, count }, name);
  }
  assert.deepEqual(page.faults, []);
});

test("heads packed by Meshopt and Draco are read, where they ask for it", { skip }, async () => {
  const page = await open(browser);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await drop(page, "plain.glb", glb(ARKIT));
  await page.waitForFunction(() => document.querySelector("#own-head").title === "plain.glb");
  const points = () => page.evaluate(() => [...globalThis.page.wardrobe.worn.meshes[0].geometry.attributes.position.array]);
  const plain = await points();
  assert.ok(!asked.some((path) => /meshopt|draco/.test(path)));
  for (const [name, data, off] of [["meshopt.glb", meshopt(glb(ARKIT)), 0], ["draco.glb", draco(glb(ARKIT)), 0.0001]]) {
    await drop(page, name, data);
    await page.waitForFunction((called) => document.querySelector("#own-head").title === called, name);
    const found = await points();
    assert.equal(found.length, plain.length, name);
    assert.ok(found.every((value, at) => Math.abs(value - plain[at]) <= off), name);
    assert.equal(await page.evaluate(() => globalThis.page.wardrobe.worn.targets.size), 52);
  }
  assert.deepEqual(page.faults, []);
});

test("a head is chosen from the keyboard, too", { skip }, async () => {
  const page = await open(browser);
  await page.evaluate(() => document.querySelector("#head-file").addEventListener("click", (event) => (event.preventDefault(), (globalThis.chosen = true))));
  await page.focus("#own-head");
  // The companion has a head itself, which the button would show; with Shift it asks for a file.
  await page.keyboard.press("Shift+Enter");
  await page.waitForFunction(() => globalThis.chosen);
  await page.setInputFiles("#head-file", { name: "mine.glb", mimeType: "model/gltf-binary", buffer: HEADS["arkit.glb"][0] });
  await page.waitForSelector("canvas.head");
  // The same channels: the conversation goes on.
  await say(page, "Still here.");
  assert.equal(await page.evaluate(() => companion.timeline.dropped), 1);
  assert.deepEqual(page.faults, []);
});

test("a head that the server was configured with is worn from the start", { skip }, async () => {
  const page = await open(browser, { ready: false, url: "about:blank" });
  await page.route("**/setup.json", (route) => route.fulfill({ json: { three: true, head: "ours.glb" } }));
  await page.route("**/head", (route) => route.fulfill({ body: HEADS["oculus.glb"][0] }));
  await page.goto(`${FACTS.open}?view=avatar`);
  await page.waitForSelector("canvas.head");
  await page.waitForFunction(() => companion.welcome?.face.profile === "oculus15");
  assert.deepEqual(page.faults, []);
});

test("what is no head, and a head without known shapes, are told", async () => {
  const page = await open(browser);
  await drop(page, "notes.txt", Buffer.from("hello"));
  await page.waitForFunction(() => document.querySelector("#fault").dataset.code === "bad_head");
  for (const [name, data, code] of [
    ["broken.glb", HEADS["arkit.glb"][0].subarray(0, 4000), "bad_head"],
    ["noise.vrm", Buffer.alloc(3000, 7), "bad_head"],
    ["dumb.glb", glb(["Fatter", "Thinner"]), "no_shapes"],
  ]) {
    await page.evaluate(() => page.fault(null));
    await drop(page, name, data);
    const expected = FACTS.three ? code : "no_3d";
    await page.waitForFunction((wanted) => document.querySelector("#fault").dataset.code === wanted, expected);
    assert.equal(await page.isVisible("#face"), true);
  }
  assert.deepEqual(page.faults, []);
});

test("an identity's own head is worn by whom it was chosen, and what was chosen is remembered", { skip }, async () => {
  const page = await open(browser, { ready: false, url: "about:blank", viewport: { width: 320, height: 320 } });
  const asked = [];
  page.on("request", (request) => /\/pictures\/.*\.glb$/.test(request.url()) && asked.push(request.url()));
  await page.goto(FACTS.people);
  await page.waitForFunction(() => globalThis.companion?.welcome?.identity.head);
  // No graphics card here: the drawn face is the kinder default, and nothing is fetched for it.
  await page.waitForFunction(() => document.querySelector("#own-head span").textContent);
  assert.equal(await page.locator("canvas.head").count(), 0);
  assert.deepEqual(asked, []);
  await page.click("#own-head");
  await page.waitForSelector("canvas.head");
  assert.equal(asked.length, 1);
  const worn = await page.evaluate(() => {
    const { worn } = globalThis.page.wardrobe;
    return { profile: worn.profile, channels: worn.targets.size };
  });
  assert.deepEqual(worn, { profile: "arkit52", channels: 52 });
  await page.reload();
  await page.waitForSelector("canvas.head");
  await page.click("#own-head");
  assert.equal(await page.locator("canvas.head").count(), 0);
  await page.reload();
  await page.waitForFunction(() => globalThis.companion?.welcome && globalThis.page.wardrobe.worn === null);
  assert.equal(await page.locator("canvas.head").count(), 0);
  assert.deepEqual(page.faults, []);
});
