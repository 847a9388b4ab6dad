// The resampler of the microphone, and the WAV of a trace.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Resampler } from "../../bridge/web/client/resample.js";
import { plain, wav } from "../../bridge/web/page/instruments/recorder.js";

const tone = (hz, rate, seconds = 0.5) => Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rate));
const level = (samples) => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

for (const rate of [8000, 16000, 22050, 44100, 48000, 96000]) {
  test(`${rate} Hz to 16 kHz: speech passes in time, what would fold back does not`, () => {
    const resampler = new Resampler(rate, 16000);
    const input = tone(1000, rate);
    const output = resampler.push(input);
    const expected = tone(1000, 16000);
    const worst = Math.max(...output.slice(400, -400).map((value, index) => Math.abs(value - expected[index + 400])));
    assert.ok(worst < 0.002, `off by ${worst}`);
    assert.ok(Math.abs(output.length - 8000) <= Math.ceil((resampler.half * 16000) / rate) + 1);
    if (rate > 20000) assert.ok(level(new Resampler(rate, 16000).push(tone(9500, rate)).slice(400)) < 0.001);
  });
}

test("chunks change nothing", () => {
  const input = tone(440, 44100, 0.2);
  const whole = new Resampler(44100, 16000).push(input);
  const resampler = new Resampler(44100, 16000);
  const parts = [];
  for (let at = 0, size = 1; at < input.length; at += size, size = (size * 7) % 300 || 1) parts.push(...resampler.push(input.slice(at, at + size)));
  assert.deepEqual(Float32Array.from(parts), whole);
});

test("a WAV file", () => {
  const file = Buffer.from(wav(Int16Array.from([1, -2, 32767]), 24000));
  assert.equal(file.toString("latin1", 0, 4) + file.toString("latin1", 8, 16), "RIFFWAVEfmt ");
  assert.deepEqual([file.readUInt32LE(4), file.readUInt32LE(24), file.readUInt32LE(40), file.readInt16LE(46)], [42, 24000, 6, -2]);
});

test("a trace holds no secrets and no bytes", () => {
  const entry = plain({ type: "hello", token: "s3cret", resume: { session: "s", token: "t", seq: 1 }, pcm: new Uint8Array(4) });
  assert.deepEqual(entry, { type: "hello", token: "…", resume: "…", pcm: "4 bytes" });
});
