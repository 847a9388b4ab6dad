// WebXR in an emulated Quest 3 (iwer): enter, talk by the trigger, be answered, be looked at, leave; and what is refused.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";

import { ARKIT, glb } from "./heads.mjs";
import { FACTS, OUT, launch, leave, open } from "./stage.mjs";

const IWER = readFileSync(createRequire(new URL("../package.json", import.meta.url)).resolve("iwer/build/iwer.min.js"), "utf8");
const skip = !FACTS.three && "three.js is not installed: run tests/web/install.sh";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const until = (page, test, argument) => page.waitForFunction(test, argument, { timeout: 90000 });

/** A page in a headset that wears a head of ARKit's channels. */
async function worn(name = "metaQuest3") {
  const page = await open(browser, { ready: false, url: "about:blank", bypassCSP: true, viewport: { width: 640, height: 400 } });
  await page.addInitScript(`${IWER}; globalThis.device = new IWER.XRDevice(IWER.${name}); device.installRuntime({ forceInstall: true }); device.stereoEnabled = true; device.position.set(0, 1.6, 0);`);
  await page.goto(FACTS.open);
  await until(page, () => globalThis.companion?.welcome && companion.speaker);
  await page.evaluate(async (letters) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))], "arkit.glb"));
    document.querySelector("#face").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, glb(ARKIT).toString("base64"));
  await page.waitForSelector("canvas.head");
  await until(page, () => companion.welcome && companion.speaker);
  return page;
}

const enter = async (page, id) => {
  await page.waitForSelector(`#${id}:not([hidden])`);
  await page.click(`#${id}`);
  await until(page, () => page.doors.room?.at);
};

test("in VR somebody stands 1.2 m away, is asked by the trigger, and answers from where they are", { skip }, async () => {
  const page = await worn();
  await enter(page, "enter-vr");
  const at = await page.evaluate(() => page.doors.room.at);
  assert.ok(Math.abs(Math.hypot(at.x, at.z) - 1.2) < 0.01, JSON.stringify(at));
  assert.ok(Math.abs(at.y - 1.6) < 0.01);
  // Push-to-talk: the microphone of these tests holds a question.
  const said = page.evaluate(() => new Promise((resolve) => companion.on("transcript", ({ text, final }) => final && resolve(text))));
  await page.evaluate(() => device.controllers.right.updateButtonValue("trigger", 1));
  await until(page, () => document.querySelector("#hold").getAttribute("aria-pressed") === "true");
  await until(page, () => document.querySelector("#you").textContent.length > 0 || performance.now() > 60000);
  await page.evaluate(() => device.controllers.right.updateButtonValue("trigger", 0));
  await until(page, () => document.querySelector("#hold").getAttribute("aria-pressed") === "false");
  assert.ok((await said).length > 3);
  await until(page, () => companion.timeline.now.running && document.querySelector("#subtitle").textContent.length > 0);
  await page.screenshot({ path: `${OUT}vr.png` });
  const heard = await page.evaluate(() => ({ ...page.sound.where, ear: companion.speaker.context.listener.positionY.value, jaw: Math.max(...page.wardrobe.worn.meshes[0].morphTargetInfluences) }));
  assert.ok(Math.abs(heard.z + 1.1) < 0.05, `the mouth is at ${JSON.stringify(heard)}`);
  assert.ok(Math.abs(heard.ear - 1.6) < 0.01);
  // Walking around them: they turn, and meet the eyes.
  await page.evaluate(() => device.position.set(1.2, 1.5, -1.2));
  await until(page, () => Math.abs(page.doors.room.at.body - Math.PI / 2) < 0.3);
  const stats = await page.evaluate(() => page.doors.room.stats());
  console.log(`# ${stats.frames} frames, median ${stats.median.toFixed(1)} ms, p95 ${stats.p95.toFixed(1)} ms, ${stats.calls} draw calls, ${stats.triangles} triangles`);
  assert.ok(stats.calls <= 8);
  await page.evaluate(() => page.doors.room.leave());
  await until(page, () => !page.doors.room);
  await until(page, () => page.wardrobe.worn.canvas.isConnected && page.wardrobe.worn.scene.children.includes(page.wardrobe.worn.model));
  assert.deepEqual(page.faults, []);
});

test("in AR the first touch puts them on the floor, and the next is the key to talk", { skip }, async () => {
  const page = await worn();
  await page.evaluate(() => {
    // A floor to hit, as the phone's camera would find it.
    XRFrame.prototype.getHitTestResults = () => [{ getPose: () => ({ transform: { position: { x: 0.5, y: 0, z: -2 } } }) }];
    XRSession.prototype.requestHitTestSource = () => Promise.resolve({ cancel() {} });
  });
  await enter(page, "enter-ar");
  assert.equal((await page.evaluate(() => page.doors.room.at)).placed, false);
  const press = async () => {
    await page.evaluate(() => device.controllers.right.updateButtonValue("trigger", 1));
    await page.waitForTimeout(100);
    await page.evaluate(() => device.controllers.right.updateButtonValue("trigger", 0));
  };
  await press();
  await until(page, () => page.doors.room.at.placed);
  const at = await page.evaluate(() => page.doors.room.at);
  assert.deepEqual([at.x, Math.round(at.y * 10) / 10, at.z], [0.5, 1.6, -2]);
  await page.evaluate(() => device.controllers.right.updateButtonValue("trigger", 1));
  await until(page, () => document.querySelector("#hold").getAttribute("aria-pressed") === "true");
  await page.evaluate(() => page.doors.room.leave());
  await until(page, () => !page.doors.room);
  assert.equal(await page.getAttribute("#hold", "aria-pressed"), "false");
});

test("a headset that refuses is told in words, and the conversation goes on", { skip }, async () => {
  const page = await worn();
  await page.evaluate(() => (navigator.xr.requestSession = () => Promise.reject(new DOMException("no", "NotAllowedError"))));
  await page.waitForSelector("#enter-vr:not([hidden])");
  await page.click("#enter-vr");
  await until(page, () => document.querySelector("#fault").dataset.code === "no_xr");
  assert.equal(await page.evaluate(() => page.stage.away), false);
  await page.fill("#text", "Still here.");
  await page.press("#text", "Enter");
  await until(page, () => /Still here/.test(document.querySelector("#history .theirs bdi")?.textContent ?? ""));
});

test("without a headset there are no doors", { skip }, async () => {
  const page = await open(browser);
  assert.equal(await page.isVisible("#enter-vr"), false);
  assert.equal(await page.isVisible("#enter-ar"), false);
});
