// The archive of a trace is one that other programs read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { zip } from "../../bridge/web/page/instruments/zip.js";

test("an archive has its files, their checksums and a list of them", async () => {
  const date = new Date(2031, 4, 6, 7, 8, 10);
  const bytes = Buffer.from(await zip({ "a.txt": new TextEncoder().encode("123456789"), "ü.bin": new Uint8Array(0) }, date).arrayBuffer());
  assert.equal(bytes.readUInt32LE(0), 0x04034b50);
  assert.equal(bytes.readUInt32LE(14), 0xcbf43926); // the check value of CRC-32
  assert.equal(bytes.toString("utf8", 30, 35), "a.txt");
  assert.equal(bytes.toString("utf8", 35, 44), "123456789");
  const end = bytes.length - 22;
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  assert.equal(bytes.readUInt16LE(end + 10), 2);
  const list = bytes.readUInt32LE(end + 16);
  assert.equal(list + bytes.readUInt32LE(end + 12), end);
  assert.equal(bytes.readUInt32LE(list), 0x02014b50);
  assert.equal(bytes.readUInt32LE(list + 42), 0);
  const second = list + 46 + 5;
  assert.equal(bytes.readUInt32LE(second), 0x02014b50);
  assert.equal(bytes.readUInt32LE(bytes.readUInt32LE(second + 42)), 0x04034b50);
  assert.equal(bytes.readUInt16LE(12), (51 << 9) | (5 << 5) | 6);
  assert.equal(bytes.readUInt16LE(10), (7 << 11) | (8 << 5) | 5);
});
