// Playback judged by what goes to air: the same samples in the same order, however they arrive and are read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Playout } from "../../bridge/web/client/playout.js";

const RATE = 24000;
const BLOCK = 128;
const sound = (length, seed = 1) => Int16Array.from({ length }, (_, index) => ((index * 7919 * seed) % 40001) - 20000);

/** Reads blocks and keeps what came out. */
class Card {
  constructor(playout = new Playout({ rate: RATE, lead: 0.3 })) {
    this.playout = playout;
    this.air = [];
    this.events = [];
    this.frame = 0;
  }

  read(samples, block = BLOCK) {
    for (let left = samples; left > 0; left -= block) {
      const out = new Float32Array(Math.min(block, left));
      this.events.push(...this.playout.read(out, this.frame));
      this.frame += out.length;
      this.air.push(...out);
    }
    return this;
  }

  /** The samples of `turn` that went to air, by the turning points that were told. */
  heard(turn) {
    const parts = [];
    let run = null;
    for (const event of this.events) {
      if (run && event.turn === run.turn) parts.push(...this.air.slice(run.frame, event.frame));
      run = event.turn === turn && event.kind === "run" ? event : null;
    }
    return Int16Array.from(parts, (value) => Math.round(value * 32768));
  }

  of(kind) {
    return this.events.filter((event) => event.kind === kind);
  }
}

function feed(playout, pcm, { turn = 1, chunk = 2400, end = true } = {}) {
  for (let at = 0; at < pcm.length; at += chunk) playout.push({ type: "media", turn, pts: at * 2, pcm: pcm.slice(at, at + chunk) });
  if (end) playout.push({ type: "reply_end", turn, reason: "complete" });
}

test("a turn is heard whole, bit for bit", () => {
  const card = new Card();
  const pcm = sound(9000);
  feed(card.playout, pcm);
  card.read(12000);
  assert.deepEqual(card.heard(1), pcm);
  assert.deepEqual(card.events.map(({ kind, sample, frame }) => [kind, sample, frame]), [["run", 0, 0], ["end", 9000, 9000]]);
  assert.equal(card.playout.underruns, 0);
  assert.ok(card.air.slice(9000).every((value) => value === 0));
});

test("arrival and block size change nothing that is heard", () => {
  const pcm = [sound(7001, 1), sound(501, 3)];
  for (let seed = 1; seed < 40; seed += 1) {
    let state = seed;
    const random = (most) => (state = (state * 48271) % 2147483647) % most;
    const card = new Card();
    for (const turn of [1, 2]) {
      const chunk = [240, 960, 2400][random(3)];
      for (let at = 0; at < pcm[turn - 1].length; at += chunk) {
        card.playout.push({ type: "media", turn, pts: at * 2, pcm: pcm[turn - 1].slice(at, at + chunk) });
        card.read(random(6000), [64, 128, 1000][random(3)]);
      }
      card.playout.push({ type: "reply_end", turn, reason: "complete" });
    }
    card.read(30000);
    assert.deepEqual(card.heard(1), pcm[0], `seed ${seed}`);
    assert.deepEqual(card.heard(2), pcm[1], `seed ${seed}`);
    assert.equal(card.of("hold").length, card.playout.underruns);
  }
});

test("it waits for 80 ms, or for the end, or for 250 ms of nothing", () => {
  const card = new Card();
  card.playout.push({ type: "media", turn: 1, pts: 0, pcm: sound(1900) });
  card.read(4800);
  assert.equal(card.of("run").length, 0);
  card.read(2400);
  assert.equal(card.of("run").length, 1);
  const ended = new Card();
  feed(ended.playout, sound(100));
  ended.read(128);
  assert.deepEqual(ended.heard(1), sound(100));
});

test("running dry holds the playhead, and asks for half as much again", () => {
  const card = new Card();
  const pcm = sound(6000);
  feed(card.playout, pcm.slice(0, 2400), { end: false });
  card.read(4000);
  assert.deepEqual(card.of("hold").map(({ sample }) => sample), [2400]);
  assert.equal(card.playout.prime, 2880);
  card.playout.push({ type: "media", turn: 1, pts: 4800, pcm: pcm.slice(2400) });
  card.playout.push({ type: "reply_end", turn: 1, reason: "complete" });
  card.read(6000);
  assert.deepEqual(card.heard(1), pcm);
});

test("an interrupted turn fades within 60 ms and the next is heard in full", () => {
  const card = new Card();
  feed(card.playout, Int16Array.from({ length: 24000 }, () => 16384), { end: false });
  card.read(4800);
  card.playout.push({ type: "interrupted", turn: 1 });
  card.playout.push({ type: "media", turn: 1, pts: 48000, pcm: sound(2400) });
  card.read(4800);
  const tail = card.air.slice(4800, 4800 + 1440);
  assert.ok(tail.every((value, index) => index === 0 || value <= tail[index - 1]));
  assert.ok(card.air.slice(4800 + 1440).every((value) => Math.abs(value) < 0.01));
  assert.deepEqual(card.of("end").map(({ sample, cut }) => [sample, cut]), [[6240, true]]);
  feed(card.playout, sound(3000, 5), { turn: 2 });
  card.read(4800);
  assert.deepEqual(card.heard(2), sound(3000, 5));
});

test("a turn that was interrupted before it began is never heard", () => {
  const card = new Card();
  card.playout.push({ type: "reply_start", turn: 1 });
  card.playout.push({ type: "media", turn: 1, pts: 0, pcm: sound(1000) });
  card.playout.interrupt(1);
  feed(card.playout, sound(4000), { turn: 1 });
  card.read(6000);
  assert.ok(card.air.every((value) => value === 0));
  assert.equal(card.of("end").length, 1);
});

test("overlap ducks within 20 ms and lets go again", () => {
  const card = new Card();
  feed(card.playout, Int16Array.from({ length: 48000 }, () => 16384));
  card.read(4800);
  card.playout.push({ type: "state", state: "overlap" });
  card.read(4800);
  assert.ok(Math.abs(card.air[4800 + 480] - 0.15) < 1e-3);
  card.playout.push({ type: "state", state: "speaking" });
  card.read(4800);
  assert.equal(card.air.at(-1), 0.5);
});

test("what overlaps is dropped, what lacks is silence, a viewer joins in the middle", () => {
  const pcm = sound(4800);
  const card = new Card();
  card.playout.push({ type: "media", turn: 1, pts: 0, pcm: pcm.slice(0, 2400) });
  card.playout.push({ type: "media", turn: 1, pts: 2400, pcm: pcm.slice(1200, 3600) });
  card.playout.push({ type: "media", turn: 1, pts: 8000, pcm: pcm.slice(4000) });
  card.playout.push({ type: "reply_end", turn: 1, reason: "complete" });
  card.read(6000);
  const expected = pcm.slice();
  expected.fill(0, 3600, 4000);
  assert.deepEqual(card.heard(1), expected);
  const viewer = new Card();
  viewer.playout.push({ type: "media", turn: 7, pts: 96000, pcm: pcm.slice(0, 2400) });
  viewer.read(1000);
  assert.deepEqual(viewer.of("run").map(({ sample }) => sample), [48000]);
});

test("a server that does not pace is refused", () => {
  const playout = new Playout({ rate: RATE });
  assert.throws(() => playout.push({ type: "media", turn: 1, pts: 0, pcm: new Int16Array(1) }) ?? playout.push({ type: "media", turn: 1, pts: 2 ** 40, pcm: new Int16Array(1) }), RangeError);
  assert.throws(() => new Playout({ rate: 11025 }), RangeError);
});

test("what is due at a frame begins with it, and goes on after a silence at the next", () => {
  const pcm = sound(4800);
  const card = new Card();
  card.playout.push({ type: "media", turn: 1, pts: 0, pcm: pcm.slice(0, 2400), due: 1000 });
  card.playout.push({ type: "media", turn: 1, pts: 4800, pcm: pcm.slice(2400), due: 1000 + 2400 + 1200 });
  card.playout.push({ type: "reply_end", turn: 1, reason: "complete" });
  card.read(9600);
  assert.deepEqual(card.events.map(({ kind, sample, frame }) => [kind, sample, frame]), [["run", 0, 1000], ["hold", 2400, 3400], ["run", 2400, 4600], ["end", 4800, 7000]]);
  assert.deepEqual(card.heard(1), pcm);
});

test("what comes too late for its frame is joined where it is by now", () => {
  const pcm = sound(4800);
  const card = new Card();
  card.read(2000);
  card.playout.push({ type: "media", turn: 1, pts: 0, pcm: pcm.slice(0, 1200), due: 500 });
  card.read(256);
  card.playout.push({ type: "media", turn: 1, pts: 2400, pcm: pcm.slice(1200), due: 1700 });
  card.playout.push({ type: "reply_end", turn: 1, reason: "complete" });
  card.read(4800);
  const [run] = card.of("run");
  assert.equal(run.sample, run.frame - 500);
  assert.deepEqual(card.heard(1), pcm.slice(run.sample));
});

test("a late piece does not pull the next one forward, nor does playing faster", () => {
  const pcm = sound(2880);
  const late = new Card();
  late.read(2000);
  late.playout.push({ type: "media", turn: 1, pts: 0, pcm: pcm.slice(0, 480), due: 500 });
  late.playout.push({ type: "media", turn: 1, pts: 960, pcm: pcm.slice(480), due: 4000 });
  late.playout.push({ type: "reply_end", turn: 1, reason: "complete" });
  late.read(4800);
  assert.deepEqual(late.events.map(({ kind, sample, frame }) => [kind, sample, frame]), [["run", 480, 4000], ["end", 2880, 6400]]);
  const faster = new Card();
  faster.playout.speed = 1.01;
  faster.playout.push({ type: "media", turn: 1, pts: 0, pcm: pcm.slice(0, 480), due: 0 });
  faster.playout.push({ type: "media", turn: 1, pts: 960, pcm: pcm.slice(480), due: 2000 });
  faster.read(2400);
  assert.ok(faster.of("run").some(({ sample, frame }) => sample === 480 && frame === 2000));
});

test("a little faster or slower it is heard whole, and every block says where it is", () => {
  for (const speed of [1.01, 0.99]) {
    const card = new Card();
    card.playout.speed = speed;
    const pcm = Int16Array.from({ length: 24000 }, (_, index) => 9000 * Math.sin((2 * Math.PI * 200 * index) / RATE));
    feed(card.playout, pcm);
    card.read(36000);
    const [first] = card.of("run");
    const [end] = card.of("end");
    assert.equal(end.sample, 24000);
    assert.ok(Math.abs((end.frame - first.frame) * speed - 24000) < 200, `${end.frame - first.frame}`);
    for (const { sample, frame } of card.of("run")) assert.ok(Math.abs((frame - first.frame) * speed - sample) < 2, `${sample} at ${frame}`);
    const steps = card.air.slice(first.frame, end.frame - 200).map((value, index, all) => Math.abs(value - (all[index + 1] ?? value)));
    assert.ok(Math.max(...steps) < 0.016, "no click");
  }
});
