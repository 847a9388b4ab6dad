// What the page tells of a face: its weights by name, its pose as the head's own, its place as in a mirror, its number.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Following, NAMES, faces, pose } from "../../bridge/web/page/sight.js";

const close = (found, wanted) => found.forEach((value, index) => assert.ok(Math.abs(value - wanted[index]) < 1e-6, `${found} is not ${wanted}`));
const radians = Math.PI / 180;

/** A matrix by columns: a head that has turned to its own left, or looks up, or tilts to its own right. */
const turned = (yaw, pitch, roll) => {
  const [y, x, z] = [yaw * radians, -pitch * radians, roll * radians];
  const about = [
    [[Math.cos(y), 0, Math.sin(y)], [0, 1, 0], [-Math.sin(y), 0, Math.cos(y)]],
    [[1, 0, 0], [0, Math.cos(x), -Math.sin(x)], [0, Math.sin(x), Math.cos(x)]],
    [[Math.cos(z), -Math.sin(z), 0], [Math.sin(z), Math.cos(z), 0], [0, 0, 1]],
  ];
  const times = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
  const m = about.reduce(times);
  return [0, 1, 2].flatMap((column) => [m[0][column], m[1][column], m[2][column], 0]).concat([0, 0, -40, 1]);
};

const face = (x, size, scores = {}) => ({
  points: [{ x: x - 0.1, y: 0.5 - size / 2 }, { x: x + 0.1, y: 0.5 + size / 2 }],
  scores: [{ categoryName: "_neutral", score: 0.9 }, ...Object.entries(scores).map(([categoryName, score]) => ({ categoryName, score }))],
});
const result = (...all) => ({
  faceLandmarks: all.map(({ points }) => points),
  faceBlendshapes: all.map(({ scores }) => ({ categories: scores })),
  facialTransformationMatrixes: all.map(() => ({ data: turned(0, 0, 0) })),
});

test("angles are the head's own", () => {
  for (const angle of [[20, 0, 0], [-35, 0, 0], [0, 15, 0], [0, 0, 12]]) close(pose(turned(...angle)), angle);
});

test("weights are told by name, in bytes", () => {
  const [{ weights, place, size }] = faces(result(face(0.3, 0.4, { jawOpen: 0.5, mouthSmileLeft: 1.2, browInnerUp: -1 })), new Following());
  assert.equal(weights.length, NAMES.length);
  assert.equal(NAMES.length, 51);
  assert.equal(weights[NAMES.indexOf("jawOpen")], 128);
  assert.equal(weights[NAMES.indexOf("mouthSmileLeft")], 255);
  assert.equal(weights[NAMES.indexOf("browInnerUp")], 0);
  close(place, [0.4, 0]);
  assert.ok(Math.abs(size - 0.4) < 1e-9);
});

test("whoever stays keeps their number, the largest comes first, and four are enough", () => {
  const ids = new Following();
  assert.deepEqual(faces(result(face(0.2, 0.3), face(0.8, 0.4)), ids).map(({ id }) => id), [1, 2]);
  assert.deepEqual(faces(result(face(0.22, 0.5), face(0.78, 0.3)), ids).map(({ id }) => id), [2, 1]);
  assert.deepEqual(faces(result(), ids), []);
  assert.equal(faces(result(...[0, 0.2, 0.4, 0.6, 0.8].map((x) => face(x, 0.05))), ids).length, 4);
});
