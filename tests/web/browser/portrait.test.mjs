// The portrait that moves, on the page: put on with `?look=portrait`, painted by WebGL, moved by channels.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { FACTS, launch, leave, open } from "./stage.mjs";

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

// A red pixel.
const RED = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";
/** A red square in the upper half of the picture, which an open jaw moves into the lower one. */
const PUPPET = {
  format: 1,
  size: [100, 100],
  pivot: [50, 50, -50],
  points: [0, 0, 0, 100, 0, 0, 0, 50, 0, 100, 50, 0],
  uvs: [0, 0, 1, 0, 0, 1, 1, 1],
  head: [0, 0, 0, 0],
  moves: { jawOpen: [[0, 0, 50, 0, 50, 0, 50, 0, 50]] },
  meet: [],
  textures: { front: RED },
  layers: [{ name: "front", texture: "front", triangles: [0, 1, 2, 1, 3, 2] }],
};

async function portrait(puppet) {
  const page = await open(browser);
  await page.route("**/looks.json*", (route) => route.fulfill({ json: { puppet: "/pictures/aa.json" } }));
  await page.route("**/pictures/aa.json", (route) => route.fulfill({ json: puppet }));
  await page.goto(new URL("?look=portrait", FACTS.open).href);
  return page;
}

/** How red the upper and the lower half of what is worn are, the jaw open or not. */
function halves(open_) {
  const puppet = globalThis.page.wardrobe.worn;
  globalThis.page.stage.follow(null);
  puppet.setWeights(["jawOpen", "nothing", "headYaw"], [open_, 1, NaN]);
  puppet.draw(0);
  const { gl, canvas } = puppet;
  return [0.75, 0.25].map((at) => {
    const pixel = new Uint8Array(4);
    gl.readPixels(canvas.width / 2, Math.floor(canvas.height * at), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [pixel[0], pixel[3]];
  });
}

test("a portrait is put on and moved by the channels of ARKit", async () => {
  const page = await portrait(PUPPET);
  await page.waitForSelector("canvas.head");
  assert.equal(await page.isVisible("#face"), false);
  assert.deepEqual(await page.evaluate(halves, 0), [[255, 255], [0, 0]]);
  assert.deepEqual(await page.evaluate(halves, 1), [[0, 0], [255, 255]]);
  assert.deepEqual(page.faults, []);
  await page.click("#own-head");
  await page.waitForSelector("canvas.head", { state: "detached" });
  assert.equal(await page.isVisible("#face"), true);
});

test("a portrait that cannot be read is told, and the drawn face stays", async () => {
  const page = await portrait({ ...PUPPET, format: 2 });
  await page.waitForSelector("#fault[data-code=bad_head]");
  assert.equal(await page.isVisible("#face"), true);
});
