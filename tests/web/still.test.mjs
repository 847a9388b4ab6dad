// When a face at rest is drawn anew, and what is left of it where motion is unwanted.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Still } from "../../bridge/web/page/still.js";

const NAMES = ["jawOpen", "eyeBlinkLeft", "eyeLookOutLeft", "headYaw", "mouthSmileLeft"];

/** How many of the frames of `moves(second)` at 60 Hz are drawn in `seconds`. */
function drawn(moves, { seconds = 10, ...how } = {}) {
  const still = new Still();
  let count = 0;
  for (let frame = 0; frame < seconds * 60; frame += 1) {
    const weights = Float32Array.from(moves(frame / 60));
    if (still.due(NAMES, weights, (frame / 60) * 1000, how)) count += 1;
  }
  return count / seconds;
}

test("a face that does not move is drawn for its breath alone, and not at all where motion is unwanted", () => {
  const rest = () => [0, 0, 0, 0, 0];
  assert.ok(drawn(rest) <= 2 && drawn(rest) >= 1, String(drawn(rest)));
  assert.equal(drawn(rest, { calm: true }), 0.1);
});

test("slow drift takes few drawings, a blink thirty a second", () => {
  const drift = (time) => [0, 0, 0, 0.03 * Math.sin(time), 0];
  assert.ok(drawn(drift) < 6, String(drawn(drift)));
  const still = new Still();
  still.due(NAMES, new Float32Array(5), 0);
  for (let frame = 1; frame < 5; frame += 1) assert.ok(still.due(NAMES, Float32Array.of(0, frame / 5, 0, 0, 0), frame * 33), `frame ${frame}`);
});

test("a breath is no movement, a glance is one", () => {
  const still = new Still();
  still.due(NAMES, new Float32Array(5), 0);
  assert.equal(still.restless, true, "it has not been drawn before");
  assert.equal(still.due(NAMES, new Float32Array(5), 750), true);
  assert.equal(still.restless, false);
  still.due(NAMES, Float32Array.of(0, 0, 0.3, 0, 0), 785);
  assert.equal(still.restless, true);
});

test("while somebody speaks every frame is drawn", () => {
  assert.equal(drawn(() => [0, 0, 0, 0, 0], { busy: true }), 60);
});

test("another face, or another size, is drawn at once", () => {
  const still = new Still();
  const weights = new Float32Array(5);
  assert.ok(still.due(NAMES, weights, 0));
  assert.ok(!still.due(NAMES, weights, 16));
  still.stale();
  assert.ok(still.due(NAMES, weights, 32));
  assert.ok(still.due([...NAMES], weights, 40), "names of another session");
});

test("calm takes head and gaze out and leaves lips, lids and moods", () => {
  const weights = Float32Array.of(0.5, 1, 0.4, 0.2, 0.3);
  new Still().calm(NAMES, weights);
  assert.deepEqual([...weights].map((value) => Math.round(value * 10) / 10), [0.5, 1, 0, 0, 0.3]);
  const vrm = Float32Array.of(0.4, 0.7);
  new Still().calm(["lookLeft", "aa"], vrm);
  assert.equal(vrm[0], 0);
  assert.ok(vrm[1] > 0.6);
});
