// The golden vectors read and written by the JavaScript client, and what hostile bytes get.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { decode, encode } from "../../bridge/web/client/msgpack.js";
import { JSON_, read, write } from "../../bridge/web/client/wire.js";

const FOLDER = new URL("../../protocol/vectors/", import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith(".msgpack")).map((name) => name.slice(0, -8));
const SERVER = new Set(["welcome", "state", "transcript", "reply_start", "media", "cue", "tool_call", "interrupted", "reply_end", "identity", "said", "error", "pong"]);
const bytes = (name) => new Uint8Array(readFileSync(new URL(`${name}.msgpack`, FOLDER)));
const json = (name) => readFileSync(new URL(`${name}.json`, FOLDER), "utf8").trimEnd();
const fromServer = ({ type, turn, op }) => SERVER.has(type) || (type === "room" && op === undefined) || (type === "text" && turn !== undefined);
const plain = (value) =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : Array.isArray(value) ? value.map(plain) : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;

test("there are vectors", () => assert.ok(NAMES.length > 30));

for (const name of NAMES) {
  test(`vector ${name}`, () => {
    const value = decode(bytes(name));
    assert.deepEqual(plain(value), JSON.parse(json(name)));
    assert.deepEqual(decode(encode(value)), value);
    assert.deepEqual(JSON.parse(write(value, JSON_)), JSON.parse(json(name)));
    if (!fromServer(value)) return;
    const message = read(bytes(name).buffer);
    assert.deepEqual(plain(read(json(name))), plain(message));
    assert.deepEqual(read(encode({ ...value, x_new: { a: [1, null] } }).buffer), { ...message, x_new: { a: [1, null] } });
  });
}

test("unknown types are skipped, defaults filled in", () => {
  assert.equal(read(encode({ type: "x_new" }).buffer), null);
  assert.equal(read(encode({ type: "toString" }).buffer), null);
  const media = read(encode({ type: "media", turn: 1, pts: 0 }).buffer);
  assert.deepEqual([media.seq, media.pcm.length, media.face_pts, media.source, media.companion], [0, 0, 0, "", "main"]);
});

const EDGES = [0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -129, -40000, -(2 ** 40), 0.1, -0.5, 1e300];

test("every size of every type comes back", () => {
  for (const number of EDGES) assert.equal(decode(encode(number)), number);
  for (const length of [0, 1, 31, 32, 255, 256, 65535, 65536]) {
    const text = "é".repeat(length);
    assert.equal(decode(encode(text)), text);
    assert.deepEqual(decode(encode(new Uint8Array(length).fill(7))), new Uint8Array(length).fill(7));
    if (length < 300) assert.deepEqual(decode(encode(Array(length).fill(null))), Array(length).fill(null));
  }
  assert.deepEqual(decode(encode({ a: undefined, b: true })), { b: true });
});

test("all int formats are read", () => {
  const cases = { d0ff: -1, d1fffe: -2, d2fffffffd: -3, d3fffffffffffffffc: -4, cc05: 5, cd0006: 6, ce00000007: 7, cf0000000000000008: 8, ca3fc00000: 1.5 };
  for (const [hex, number] of Object.entries(cases)) assert.equal(decode(Buffer.from(hex, "hex")), number);
});

test("what the wire cannot carry is refused", () => {
  for (const value of [NaN, Infinity, () => 0, Symbol("s"), 10n]) assert.throws(() => encode(value));
  let deep = null;
  for (let depth = 0; depth < 40; depth += 1) deep = [deep];
  assert.throws(() => encode(deep), RangeError);
});

test("hostile bytes are refused without harm", () => {
  for (const hex of ["c1", "d4 01 02", "c7 01 02 03", "cfffffffffffffffff", "81 01 02", "dc ff ff 00", "dd ff ff ff ff", "c6 ff ff ff ff 00", "a2 ff fe", "c0 c0", ""]) {
    assert.throws(() => decode(Buffer.from(hex.replaceAll(" ", ""), "hex")), `accepted ${hex}`);
  }
  assert.throws(() => decode(new Uint8Array(1000).fill(0x91)), RangeError);
  const value = decode(encode(JSON.parse('{"__proto__": {"bad": 1}, "ok": 2}')));
  assert.equal(value.bad, undefined);
  assert.equal({}.bad, undefined);
});

test("any single flipped byte of a message gives a value or an error", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647);
  for (const name of NAMES) {
    for (let round = 0; round < 50; round += 1) {
      const broken = bytes(name);
      broken[random() % broken.length] = random() & 255;
      try {
        read(broken.buffer);
      } catch (error) {
        assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
      }
    }
  }
});
