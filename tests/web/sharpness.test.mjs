// A slow machine draws fewer pixels, not fewer frames; a slow screen changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Sharpness } from "../../bridge/web/page/sharpness.js";

/** Frames for `seconds`, each as long as `cost(factor)` says. Returns the factors it went through. */
function run(sharpness, seconds, cost, start = 0) {
  const seen = [sharpness.factor];
  for (let now = start; now < start + seconds * 1000; ) {
    const ms = cost(sharpness.factor);
    now += ms;
    if (sharpness.pass(ms, now)) seen.push(sharpness.factor);
  }
  return seen;
}

test("a fast machine draws all pixels", () => assert.deepEqual(run(new Sharpness(), 60, () => 16.7), [1]));

test("where pixels are dear there are fewer of them, until frames come in time", () => {
  const sharpness = new Sharpness();
  run(sharpness, 8, (factor) => 70 * factor * factor);
  assert.ok(70 * sharpness.factor ** 2 <= 30, `${sharpness.factor}`);
  assert.ok(sharpness.factor >= 0.4);
});

test("where the screen is slow nothing is given up for it", () => {
  const sharpness = new Sharpness();
  run(sharpness, 60, () => 33.3);
  assert.equal(sharpness.factor, 1);
});

test("it gets sharp again when the load is gone, and does not swing", () => {
  const sharpness = new Sharpness();
  run(sharpness, 5, (factor) => 60 * factor);
  assert.ok(sharpness.factor < 1);
  run(sharpness, 60, () => 16.7, 5000);
  assert.equal(sharpness.factor, 1);
  const swinging = run(new Sharpness(), 600, (factor) => (factor > 0.9 ? 40 : 16));
  assert.ok(swinging.length < 14, `${swinging.length} changes in ten minutes`);
});
