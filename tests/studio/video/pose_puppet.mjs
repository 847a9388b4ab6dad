// Prints where the page's puppet has its points in poses. Usage: node pose_puppet.mjs PUPPET_JS, with {puppet, poses} on
// its input.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { Puppet } = await import(pathToFileURL(process.argv[2]).href);
const { puppet, poses } = JSON.parse(readFileSync(0, "utf8"));
const channels = Object.keys(puppet.moves);
const report = {};
for (const [name, pose] of Object.entries(poses)) {
  const count = puppet.head.length;
  const made = Object.assign(Object.create(Puppet.prototype), {
    data: puppet, count, channels, at: new Map(channels.map((each, n) => [each, n])),
    rest: Float64Array.from(puppet.points), moved: new Float64Array(3 * count), xy: new Float32Array(2 * count),
    weights: new Float64Array(channels.length), angles: new Float64Array(3),
  });
  made.setWeights(Object.keys(pose), Object.values(pose));
  made.pose();
  report[name] = Array.from(made.xy);
}
console.log(JSON.stringify(report));
