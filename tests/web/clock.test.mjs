// The audible moment, out of readings that come in steps and late, over ten minutes of two clocks that drift apart.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AudioClock } from "../../bridge/web/client/clock.js";

const LATENCY = 0.03;
const DRIFT = 80e-6;

/** An AudioContext as a page sees it at `wall` ms; `true` is what is really audible. */
function device({ stamps }) {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const context = { state: "running", baseLatency: 0, outputLatency: LATENCY, wall: 0 };
  const audible = (wall) => (wall / 1000) * (1 + DRIFT);
  Object.defineProperty(context, "currentTime", { get: () => Math.floor((audible(context.wall) + LATENCY) / 0.01) * 0.01, configurable: true });
  if (stamps) {
    context.getOutputTimestamp = () => {
      const at = context.wall - 10 * random();
      return { contextTime: audible(at) + (random() - 0.5) * 0.002, performanceTime: at };
    };
  }
  return { context, audible };
}

for (const [stamps, bound] of [[true, 1.5], [false, 16]]) {
  test(`${stamps ? "with device timestamps" : "by currentTime alone"}: off by less than ${bound} ms`, () => {
    const { context, audible } = device({ stamps });
    const clock = new AudioClock(context);
    let worst = 0;
    for (context.wall = 0; context.wall < 600_000; context.wall += 16.6) {
      const heard = clock.heard(context.wall, context.wall);
      if (context.wall > 1000) worst = Math.max(worst, Math.abs(heard - audible(context.wall)) * 1000);
    }
    assert.equal(clock.exact, stamps);
    assert.ok(worst < bound, `${worst} ms`);
  });
}

test("it looks ahead, follows a jump at once, and stands while the context does", () => {
  const { context } = device({ stamps: true });
  const clock = new AudioClock(context);
  context.wall = 5000;
  const now = clock.heard(5000, 5000);
  assert.ok(Math.abs(clock.heard(5016, 5000) - now - 0.016) < 0.001);
  context.getOutputTimestamp = () => ({ contextTime: 9, performanceTime: 5000 });
  assert.ok(Math.abs(clock.heard(5000, 5000) - 9) < 1e-9);
  context.state = "suspended";
  context.getOutputTimestamp = () => ({ contextTime: 0, performanceTime: 0 });
  context.wall = 8000;
  const stood = clock.heard(8000, 8000);
  assert.equal(clock.heard(8050, 8000), stood);
});

test("after it has stood, a timestamp of before is not believed", () => {
  const { context, audible } = device({ stamps: true });
  const clock = new AudioClock(context);
  context.wall = 5000;
  clock.heard(5000, 5000);
  const stale = context.getOutputTimestamp();
  context.getOutputTimestamp = () => stale;
  context.state = "suspended";
  const stood = clock.heard(5010, 5010);
  Object.defineProperty(context, "currentTime", { value: context.currentTime });
  assert.ok(Math.abs(clock.heard(30_000, 30_000) - stood) < 1e-9, "it stands for as long as the context does");
  context.state = "running";
  assert.ok(Math.abs(clock.heard(30_000, 30_000) - stood) < 1e-9, "the device has said nothing new yet");
  context.getOutputTimestamp = () => ({ contextTime: audible(5020), performanceTime: 30_020 });
  assert.ok(Math.abs(clock.heard(30_025, 30_025) - audible(5025)) < 0.001);
  assert.equal(clock.exact, true);
});
