// Prints where the page's face draws: points, every path's curves, and what looks choose. Usage: node face_points.mjs
// DIR, with {rig, looks, poses} on its input; DIR holds face.js.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const at = (name) => pathToFileURL(`${process.argv[2]}/${name}`).href;
const { Face } = await import(at("face.js"));
const { trace } = await import(at("curve.js"));
const { resolve } = await import(at("looks.js"));
const { rig, looks, poses } = JSON.parse(readFileSync(0, "utf8"));

const face = new Face({ width: 500, height: 500, getContext: () => null }, rig, looks);
const report = { resolved: resolve(rig, looks), poses: {} };
for (const [name, weights] of Object.entries(poses)) {
  const names = [...rig.channels.slice(0, 53), "headYaw", "headPitch", "headRoll"];
  face.setWeights(names, names.map((channel) => weights[channel] ?? 0));
  face.pose();
  const curves = {};
  for (const [path, parts] of face.paths) {
    const numbers = [];
    trace({ beginPath() {}, moveTo() {}, bezierCurveTo: (...six) => numbers.push(six) }, face.xy, parts);
    curves[path] = numbers;
  }
  report.poses[name] = { xy: Array.from(face.xy), curves };
}
console.log(JSON.stringify(report));
