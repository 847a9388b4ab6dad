// What somebody has set: kept, read back, and refused where it is nonsense.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Preferences } from "../../bridge/web/page/preferences.js";

class Store {
  constructor(text) {
    this.text = text;
  }
  getItem() {
    return this.text ?? null;
  }
  setItem(_, text) {
    this.text = text;
  }
  removeItem() {
    this.text = undefined;
  }
}

test("what was set is there again, and watchers are told", () => {
  const store = new Store();
  const told = [];
  const first = new Preferences(store);
  first.watch((name, value) => told.push([name, value]));
  first.set("volume", 0.4);
  first.set("theme", "dark");
  assert.deepEqual(told, [["volume", 0.4], ["theme", "dark"]]);
  const again = new Preferences(store);
  assert.equal(again.get("volume"), 0.4);
  assert.equal(again.get("theme"), "dark");
  assert.equal(again.get("echo"), true);
});

test("what somebody else has written there is taken only where it fits", () => {
  for (const text of ["", "nonsense", "null", "[]", "17", '{"volume":9,"theme":"pink","calm":"yes","lead":-1,"microphone":5,"more":1}']) {
    const read = new Preferences(new Store(text));
    assert.deepEqual([read.get("volume"), read.get("theme"), read.get("calm"), read.get("lead"), read.get("microphone")], [1, "auto", false, 0, ""]);
  }
});

test("a browser that keeps nothing is no fault", () => {
  const refuses = { getItem() { throw new Error("denied"); }, setItem() { throw new Error("full"); }, removeItem() { throw new Error("denied"); } };
  const held = new Preferences(refuses);
  held.set("calm", true);
  assert.equal(held.get("calm"), true);
  held.forget();
  assert.equal(held.get("calm"), false);
  assert.equal(new Preferences().get("volume"), 1);
});

test("a value that is none is the page's mistake", () => {
  const held = new Preferences();
  for (const [name, value] of [["volume", 2], ["theme", "x"], ["nothing", 1], ["lead", 7]]) assert.throws(() => held.set(name, value), RangeError);
});

test("forgetting takes everything away and tells it", () => {
  const store = new Store();
  const held = new Preferences(store);
  held.set("theme", "dark");
  const told = new Map();
  held.watch((name, value) => told.set(name, value));
  held.forget();
  assert.equal(store.text, undefined);
  assert.equal(told.get("theme"), "auto");
});
