// A line that dies in silence is noticed soon in the middle of a turn, and in time between turns.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pulse } from "../../bridge/web/client/pulse.js";

const START = { type: "reply_start", turn: 1 };

test("a silent line is asked after a second and lost after two more", () => {
  const pulse = new Pulse(0);
  pulse.take(START, 10000);
  assert.equal(pulse.check(10999, true), "");
  assert.equal(pulse.check(11000, true), "ask");
  assert.equal(pulse.check(12999, true), "");
  assert.equal(pulse.check(13000, true), "lost");
  assert.equal(pulse.check(13001, true), "");
});

test("any message is a sign of life", () => {
  const pulse = new Pulse(0);
  pulse.take(START, 0);
  assert.equal(pulse.check(1000, true), "ask");
  pulse.take({ type: "pong" }, 2000);
  assert.equal(pulse.check(2999, true), "");
  assert.equal(pulse.check(3000, true), "ask");
});

test("between turns it is asked every two seconds and lost after eight", () => {
  const pulse = new Pulse(0);
  pulse.take(START, 0);
  pulse.take({ type: "reply_end", turn: 1 }, 500);
  assert.equal(pulse.check(1999, true), "");
  assert.equal(pulse.check(2000, true), "ask");
  assert.equal(pulse.check(9999, true), "");
  assert.equal(pulse.check(10000, true), "lost");
});

test("while sound plays patience is long", () => {
  const pulse = new Pulse(0);
  pulse.take(START, 0);
  assert.equal(pulse.check(2000, false), "ask");
  assert.equal(pulse.check(6000, false), "");
  assert.equal(pulse.check(6001, true), "lost");
});
