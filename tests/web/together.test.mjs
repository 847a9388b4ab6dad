// One page in step with a room: when its sound is due, and how fast it plays.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Together } from "../../bridge/web/client/together.js";

const RATE = 24000;
/** A device whose clock is 5000 ms behind the server's, and whose sound is at frame 0 at its 1000 ms. */
function device() {
  const together = new Together(true);
  together.pong({ stamp: 0, server: 5010 }, 20);
  return { together, frame: (ms) => ((ms - 1000) * RATE) / 1000 };
}

test("a piece is due at the frame that is heard when the server's clock says so", () => {
  const { together, frame } = device();
  assert.equal(together.place({ turn: 1, pts: 0, at: 7000 }, frame), RATE);
  assert.equal(together.place({ turn: 1, pts: 4800 }, frame), undefined);
  assert.equal(new Together(true).place({ turn: 1, pts: 0, at: 7000 }, frame), undefined, "the clock is not known yet");
});

test("who is off by more than 4 ms plays a little faster or slower, by the piece that is heard", () => {
  const { together, frame } = device();
  together.place({ turn: 1, pts: 0, at: 7000 }, frame);
  together.place({ turn: 1, pts: 4800, at: 7150 }, frame); // 50 ms of silence before it
  const at = (pts, now) => together.speed({ turn: 1, pts, running: true }, now);
  assert.equal(at(2400, 2050), 1);
  assert.equal(at(2400, 2056), 1.01);
  assert.equal(at(4800, 2150), 1);
  assert.equal(at(9600, 2240), 0.99);
  assert.equal(at(9600, 9999), 1, "what is too far off begins anew with its next piece");
  assert.equal(together.speed({ turn: 0, pts: 0, running: false }, 0), 1);
});

test("outside a room nobody is asked for a clock", () => {
  const alone = new Together();
  assert.equal(alone.due(0), false);
  assert.equal(alone.speed({ turn: 1, pts: 0, running: true }, 0), 1);
});
