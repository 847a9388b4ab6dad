// Draws the face on a context that only records, and prints what was drawn as numbers. Usage: node face_probe.mjs DIR,
// with {rig, looks, poses: {name: {channel: value}}} on its input; DIR holds face.js.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [directory] = process.argv.slice(2);
const at = (name) => pathToFileURL(`${directory}/${name}`).href;
const { Face } = await import(at("face.js"));
const { trace } = await import(at("curve.js"));
const { rig, looks, poses } = JSON.parse(readFileSync(0, "utf8"));

/** A 2D context that notes every number it is given, and the opacity of each painting. */
function recorder() {
  const calls = [];
  const gradient = { addColorStop: (offset, colour) => calls.push(["stop", offset, colour]) };
  const context = { globalAlpha: 1 };
  for (const name of ["setTransform", "clearRect", "save", "restore", "beginPath", "moveTo", "bezierCurveTo", "arc",
    "clip", "translate", "scale"]) {
    context[name] = (...values) => { calls.push([name, ...values]); };
  }
  for (const name of ["fill", "stroke"]) context[name] = () => { calls.push([name, context.globalAlpha]); };
  for (const name of ["createLinearGradient", "createRadialGradient"]) {
    context[name] = (...values) => {
      calls.push([name, ...values]);
      return gradient;
    };
  }
  return { calls, context };
}

const { calls, context } = recorder();
const face = new Face({ width: 500, height: 500, getContext: () => context }, rig, looks);

/** What is drawn of a pose, with every channel that it does not name at 0. */
function drawn(weights) {
  calls.length = 0;
  face.setWeights([...rig.channels.slice(0, 52), "headYaw", "headPitch", "headRoll"], new Array(55).fill(0));
  const values = Object.values(weights).map((value) => (value === "NaN" ? NaN : value === "Infinity" ? Infinity : value));
  face.setWeights(Object.keys(weights), values);
  face.draw(0);
  const curves = calls.filter(([call]) => call === "bezierCurveTo").flatMap(([, ...numbers]) => numbers);
  return { curves, xy: face.xy.slice() };
}

/** Area of a closed path between its curves, in square units of the rig. */
function area(name) {
  const outline = [];
  let pen = [0, 0];
  trace({
    beginPath() {},
    moveTo: (x, y) => { pen = [x, y]; },
    bezierCurveTo(...p) {
      for (let n = 0; n < 8; n++) {
        const t = n / 8, u = 1 - t;
        outline.push([0, 1].map((i) =>
          u ** 3 * pen[i] + 3 * u * u * t * p[i] + 3 * u * t * t * p[2 + i] + t ** 3 * p[4 + i]));
      }
      pen = [p[4], p[5]];
    },
  }, face.xy, face.paths.get(name));
  let sum = 0;
  outline.forEach(([x, y], n) => {
    const [x1, y1] = outline[(n + 1) % outline.length];
    sum += x * y1 - x1 * y;
  });
  return Math.abs(sum) / 2;
}

const rest = drawn({});
const report = {};
for (const [name, weights] of Object.entries(poses)) {
  const { curves, xy } = drawn(weights);
  let farthest = 0;
  for (let i = 0; i < xy.length; i++) farthest = Math.max(farthest, Math.abs(xy[i] - rest.xy[i]));
  report[name] = {
    farthest,
    redrawn: curves.length !== rest.curves.length || curves.some((value, n) => Math.abs(value - rest.curves[n]) > 5),
    broken: calls.filter((call) => call.some((value) => typeof value === "number" && !Number.isFinite(value))).length,
    unknown: calls.filter(([call, , colour]) => call === "stop" && /255,0,255/.test(colour)).length,
    least: curves.reduce((a, b) => Math.min(a, b)),
    most: curves.reduce((a, b) => Math.max(a, b)),
    balance: calls.filter(([call]) => call === "save").length - calls.filter(([call]) => call === "restore").length,
    mouth: area("mouth"),
    eyes: area("eyeLeft") + area("eyeRight"),
  };
}
console.log(JSON.stringify(report));
