// One device in step with a room; tests/talk/test_instep.py asks the same of the Python one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { InStep } from "../../bridge/web/client/instep.js";

test("the quickest answer tells the clock", () => {
  const step = new InStep();
  assert.equal(step.speed(0, 5000), 1);
  for (let number = 0; number < 10; number += 1) {
    const stamp = 1000 * number;
    step.pong({ stamp, server: 500000 + stamp + 20 }, stamp + 40 + (number === 4 ? 0 : 80));
  }
  step.pong({ stamp: 50, server: 0 }, 10);
  assert.equal(step.offset, 500000);
  assert.equal(step.here(507000), 7000);
});

test("it plays faster or slower until it is there", () => {
  const step = new InStep();
  step.pong({ stamp: 0, server: 0 }, 0);
  const speeds = [1000, 1003, 1006, 1002, 1000.2, 994, 1001, 1400, 600].map((now) => step.speed(1000, now));
  assert.deepEqual(speeds, [1, 1, 1.01, 1.01, 1, 0.99, 1, Infinity, 0]);
});

test("pings are quick until the line is known", () => {
  const step = new InStep();
  const sent = [];
  for (let now = 0; sent.length < 12; now += 50) {
    if (!step.due(now)) continue;
    sent.push(now);
    step.pong({ stamp: now, server: now }, now + 10);
  }
  assert.deepEqual([sent[1] - sent[0], sent[11] - sent[10]], [200, 2000]);
});
