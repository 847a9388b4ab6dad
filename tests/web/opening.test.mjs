// What somebody says of a room that they open, and the address that brings others there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { address, agenda, read, wanted } from "../../bridge/web/page/opening.js";

test("an agenda is an item a line, with its minutes at the end", () => {
  const text = "Lenses, 10\n\n  Quarterly budget 2026: 25 min \n灯塔，5分钟\nHolidays\n7\nA very long one 999";
  assert.deepEqual(agenda(text), [
    { title: "Lenses", minutes: 10 },
    { title: "Quarterly budget 2026", minutes: 25 },
    { title: "灯塔", minutes: 5 },
    { title: "Holidays" },
    { title: "7" },
    { title: "A very long one", minutes: 600 },
  ]);
  assert.equal(agenda("x\n".repeat(500)).length, 32);
  assert.equal(agenda("y".repeat(5000))[0].title.length, 200);
});

test("a room is asked for as the protocol has it, and not beyond its bounds", () => {
  assert.equal(wanted({ name: "  " }), null);
  assert.deepEqual(wanted({ name: " kitchen ", items: "Lenses" }), { name: "kitchen" });
  assert.deepEqual(wanted({ name: "board", key: "s", kind: "meeting", cast: ["mira", "keeper"], items: "Lenses 5" }), {
    name: "board", key: "s", kind: "meeting", cast: [{ identity: "mira" }, { identity: "keeper" }], agenda: [{ title: "Lenses", minutes: 5 }],
  });
  assert.equal(wanted({ name: "x".repeat(99), cast: Array(20).fill("mira") }).cast.length, 8);
  assert.equal(wanted({ name: "x".repeat(99) }).name.length, 64);
});

test("an address brings others there, whatever the names and the key hold, and leaving takes it out", () => {
  const room = { name: "küche & <b>灯塔</b>", key: "a&b=#c d%" };
  const made = address("http://host/?identity=mira#token=x", room, "Ben");
  assert.deepEqual(read(made), { room, user: "Ben" });
  assert.ok(!made.split("#")[0].includes("a&b"), "the key is not in what the server is told");
  assert.match(made, /identity=mira/);
  assert.equal(address(made, null), "http://host/?identity=mira");
  assert.deepEqual(read("http://host/"), { room: null, user: "" });
});
