// Reads a glTF file with three.js and prints its first animation. Usage: node read_gltf.mjs THREE FILE, THREE being the
// folder that holds three and @pixiv.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { register } from "node:module";

const [three, file] = process.argv.slice(2);
const root = pathToFileURL(`${three}/three/`).href;
register(`data:text/javascript,export async function resolve(name, context, next) {
  if (name === "three") return next("${root}build/three.module.js", context);
  return next(name, context);
}`);
globalThis.self = globalThis;
const { GLTFLoader } = await import(`${root}examples/jsm/loaders/GLTFLoader.js`);
const data = readFileSync(file);
const buffer = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
const gltf = await new GLTFLoader().parseAsync(buffer, "");
const [clip] = gltf.animations;
console.log(JSON.stringify({
  json: gltf.parser.json,
  duration: clip.duration,
  tracks: clip.tracks.map((track) => ({ name: track.name, times: [...track.times], values: [...track.values] })),
}));
