// Where a companion stands in a room, and how it meets the eyes of whoever is there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AWAY_M, apart, before, meet, over, scaleOf, towards } from "../../bridge/web/page/room/place.js";

const near = (value, wanted, by = 1e-9) => assert.ok(Math.abs(value - wanted) <= by, `${value} is not ${wanted}`);

test("a head in metres stays as it is, any other becomes as large as a person's", () => {
  assert.equal(scaleOf(0.24), 1);
  assert.equal(scaleOf(0.3), 1);
  near(scaleOf(24) * 24, 0.24);
  near(scaleOf(2) * 2, 0.24);
  near(scaleOf(0.01) * 0.01, 0.24);
});

test("somebody stands 1.2 m away, where the wearer looks, at the height of their eyes", () => {
  for (const yaw of [0, 0.7, Math.PI / 2, -2.5]) {
    const eye = { x: 0.3, y: 1.7, z: -0.4 };
    const at = before(eye, yaw);
    near(Math.hypot(at.x - eye.x, at.z - eye.z), AWAY_M);
    assert.equal(at.y, 1.7);
    // They look at each other: the way back is the way there, turned about.
    near(Math.abs(apart(towards(at, eye).yaw, yaw)), 0, 1e-9);
  }
  assert.ok(before({ x: 0, y: 0, z: 0 }, 0).y > 1.4, "no floor is known");
});

test("on a spot of the floor somebody is as tall as people are", () => {
  near(over({ x: 1, y: -0.2, z: 2 }, { x: 0, y: 1.5, z: 0 }).y, 1.5);
  near(over({ x: 1, y: 0, z: 2 }, { x: 0, y: 0.4, z: 0 }).y, 0.9);
});

test("the neck follows at once, the body only who goes further, and the look ends on the wearer", () => {
  let body = 0;
  const small = meet({ body, yaw: 0.2, pitch: 0.1, seconds: 0.016 });
  assert.equal(small.body, 0);
  near(small.neck.yaw, 0.2);
  near(small.neck.pitch, 0.1);
  let fastest = 0;
  let look;
  for (let frame = 0; frame < 72 * 6; frame += 1) {
    look = meet({ body, yaw: 2, pitch: -1, seconds: 1 / 72 });
    fastest = Math.max(fastest, (look.body - body) * 72);
    body = look.body;
  }
  near(body + look.neck.yaw, 2, 1e-6);
  assert.ok(fastest < 3.5, `${fastest} rad/s`);
  assert.ok(look.neck.pitch >= -0.43);
});

test("turns take the shorter way", () => {
  near(apart(3, -3), 6 - 2 * Math.PI);
  near(apart(-3, 3), 2 * Math.PI - 6);
  near(apart(0.5, 0.2), 0.3);
});
