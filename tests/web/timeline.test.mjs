// Words, cues and faces come with the samples they belong to, by the frames of the sound card.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline } from "../../bridge/web/client/timeline.js";

const FACE = { fps: 60, names: ["jawOpen", "headYaw"], ranges: [[0, 1], [-0.5, 127 / 256]] };
const make = () => new Timeline({ rate: 24000, face: FACE });
const word = (text, pts, turn = 1) => ({ type: "text", turn, seq: 1, text, pts, end: pts + 100, companion: "main" });
const run = (frame, sample = 0, turn = 1) => ({ kind: "run", turn, sample, frame });
const end = (frame, sample, cut = false, turn = 1) => ({ kind: "end", turn, sample, frame, cut, reason: cut ? "interrupted" : "complete" });
const media = (rows, face_pts = 0, turn = 1) => ({ type: "media", turn, pts: 0, face_pts, face: Uint8Array.from(rows.flat()), source: "exact" });

test("words and cues are told when their samples are audible", () => {
  const timeline = make();
  timeline.push(word("one", 0), 0);
  timeline.push({ type: "cue", turn: 1, seq: 2, pts: 4800, kind: "emotion", name: "happy", intensity: 1 }, 0);
  timeline.push(word("two", 9600), 0);
  timeline.point(run(1000));
  assert.deepEqual(timeline.advance(999), []);
  assert.deepEqual(timeline.advance(1000).map(({ type }) => type), ["began", "word"]);
  assert.deepEqual(timeline.advance(1000 + 2399), []);
  assert.deepEqual(timeline.advance(1000 + 2400), [{ type: "cue", turn: 1, pts: 4800, kind: "emotion", name: "happy", intensity: 1 }]);
  assert.equal(timeline.advance(1000 + 4800)[0].text, "two");
  assert.deepEqual(timeline.now, { turn: 1, pts: 9600, running: true });
});

test("phones are told among the words, each when it is audible", () => {
  const timeline = make();
  timeline.push(word("one", 0), 0);
  timeline.push(word("two", 4000), 0);
  timeline.push({ ...media([]), phones: [{ ipa: "w", pts: 0, end: 2000 }, { ipa: "n", pts: 2000, end: 4000 }, { ipa: "t", pts: 4000, end: 4800 }] }, 0);
  timeline.point(run(0));
  assert.deepEqual(timeline.advance(0).map(({ text, ipa }) => text ?? ipa), [undefined, "one", "w"]);
  assert.deepEqual(timeline.advance(1999), [{ type: "phone", turn: 1, ipa: "n", pts: 2000, end: 4000 }]);
  assert.deepEqual(timeline.advance(2400).map(({ text, ipa }) => text ?? ipa), ["two", "t"]);
});

test("an underrun holds everything", () => {
  const timeline = make();
  timeline.push(word("late", 5000), 0);
  for (const point of [run(0), { kind: "hold", turn: 1, sample: 2400, frame: 2400 }, run(7200, 2400)]) timeline.point(point);
  assert.deepEqual(timeline.advance(6000).map(({ type }) => type), ["began", "held"]);
  assert.deepEqual(timeline.now, { turn: 1, pts: 4800, running: false });
  assert.deepEqual(timeline.advance(7300).map(({ type }) => type), ["word"]);
});

test("the end tells the last words, a cut keeps them", () => {
  const whole = make();
  whole.push(word("last", 9600), 0);
  whole.point(run(0));
  whole.point(end(4800, 4800));
  assert.deepEqual(whole.advance(10000).map(({ type }) => type), ["began", "word", "ended"]);
  const cut = make();
  cut.push(word("never", 9600), 0);
  cut.point(run(0));
  cut.advance(100);
  cut.drop(1);
  cut.point(end(2400, 2400, true));
  assert.deepEqual(cut.advance(10000), [{ type: "ended", turn: 1, pts: 4800, cut: true, reason: "interrupted" }]);
  cut.push(word("ghost", 0), 0);
  assert.equal(cut.turns.size, 0);
});

test("two turns follow each other at the frame", () => {
  const timeline = make();
  for (const point of [run(0), end(100, 100), run(100, 0, 2)]) timeline.point(point);
  assert.deepEqual(timeline.advance(150).map(({ type, turn }) => `${type} ${turn}`), ["began 1", "ended 1", "began 2"]);
  assert.deepEqual(timeline.now, { turn: 2, pts: 100, running: true });
});

test("the face is blended between the frames around the playhead", () => {
  const timeline = make();
  timeline.push(media([[0, 128], [255, 128], [51, 0]]), 0);
  timeline.point(run(0));
  timeline.advance(0);
  const out = new Float32Array(2);
  timeline.sample(0, 0, out);
  const at = (frame) => (timeline.sample(frame, 1000, out), [...out].map((value) => Math.round(value * 1000) / 1000));
  assert.deepEqual(at(0), [0, 0]);
  assert.deepEqual(at(200), [0.5, 0]);
  assert.deepEqual(at(400), [1, 0]);
  assert.deepEqual(at(800), [0.2, -0.5]);
  assert.deepEqual(at(5000), [0.2, -0.5], "the last frame holds");
  assert.equal(timeline.sample(800, 1000, out).source, "exact");
});

test("frames that were shed leave the last one standing", () => {
  const timeline = make();
  timeline.push(media([[255, 128]]), 0);
  timeline.push(media([[51, 128]], 8000), 0);
  timeline.point(run(0));
  timeline.advance(0);
  const out = new Float32Array(2);
  timeline.sample(0, 0, out);
  timeline.sample(2000, 1000, out);
  assert.equal(out[0], 1);
  timeline.sample(4000, 1000, out);
  assert.ok(Math.abs(out[0] - 0.2) < 1e-6);
});

test("the face eases to rest after a turn, within 100 ms after a cut", () => {
  for (const [cut, over] of [[false, 200], [true, 100]]) {
    const timeline = make();
    timeline.push(media(Array(60).fill([255, 128])), 0);
    timeline.point(run(0));
    timeline.point(end(4800, 4800, cut));
    const out = new Float32Array(2);
    timeline.advance(100);
    timeline.sample(100, 0, out);
    timeline.sample(100, 500, out);
    timeline.advance(4800);
    timeline.sample(4800, 1000, out);
    assert.equal(out[0], 1);
    timeline.sample(4800, 1000 + over / 2, out);
    assert.ok(Math.abs(out[0] - 0.5) < 1e-6);
    timeline.sample(4800, 1000 + over, out);
    assert.equal(out[0], 0);
  }
});

test("idle life plays in order although the network delays, and is bounded", () => {
  const timeline = make();
  const out = new Float32Array(2);
  const shown = [];
  for (let index = 0; index < 40; index += 1) {
    const late = index % 3 === 2 ? 80 : 0;
    timeline.push(media(Array.from({ length: 6 }, (_, row) => [(index * 6 + row) % 256, 128]), index * 4800, 0), index * 100 + late);
    for (let step = 0; step < 6; step += 1) {
      timeline.sample(0, index * 100 + late + step * 16, out);
      if (index >= 4) shown.push(out[0]);
    }
  }
  assert.ok(timeline.idle.rows.size <= 60);
  const steps = shown.slice(1).map((value, index) => value - shown[index]);
  assert.ok(steps.every((step) => step >= -0.05), "never runs back");
  assert.ok(shown.at(-1) > shown[0]);
});

test("no face is no trouble", () => {
  const timeline = new Timeline({ rate: 24000, face: { fps: 60, names: [], ranges: [] } });
  timeline.push(media([[1, 2]]), 0);
  timeline.point(run(0));
  timeline.advance(10);
  assert.deepEqual(timeline.sample(10, 0, new Float32Array(0)), { turn: 1, pts: 20, source: "" });
});

test("idle life that stops in a blink does not leave the eyes shut", () => {
  const timeline = make();
  const out = new Float32Array(2);
  timeline.push(media(Array(6).fill([255, 128]), 0, 0), 0);
  timeline.sample(0, 160, out);
  timeline.sample(0, 240, out);
  assert.ok(out[0] > 0.5);
  for (let now = 250; now <= 1000; now += 16) timeline.sample(0, now, out);
  assert.equal(out[0], 0);
});

test("nothing is kept of turns that are over", () => {
  const timeline = make();
  for (let turn = 1; turn <= 500; turn += 1) {
    const start = turn * 10000;
    timeline.push(media(Array(6).fill([turn % 256, 128]), 0, turn), 0);
    timeline.push(word("word", 0, turn), 0);
    timeline.point(run(start, 0, turn));
    timeline.advance(start + 10);
    if (turn % 3 === 0) timeline.drop(turn);
    timeline.point(end(start + 2400, 2400, turn % 3 === 0, turn));
    timeline.advance(start + 5000);
    timeline.push(media([[1, 1]], 0, turn), 0);
  }
  assert.deepEqual([timeline.turns.size, timeline.points.length, timeline.idle.rows.size], [0, 0, 0]);
});
