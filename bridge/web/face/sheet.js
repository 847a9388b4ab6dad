// The contact sheet: rest, visemes, moods, turns of the head, each channel alone, looks, and a spoken sentence.
// `?only=moods` shows one part, `?looks=guide` dresses the face, `?size=256` sets how large, `?crop=mouth` comes near.

import { Face, loadRig } from "./face.js";

const query = new URLSearchParams(location.search);
const asked = { only: query.get("only"), looks: query.get("looks"), size: query.get("size") };

/** One face on the page. */
function figure(place, rig, looks, weights, name) {
  const box = document.createElement("figure");
  const canvas = document.createElement("canvas");
  const caption = document.createElement("figcaption");
  caption.textContent = name;
  box.append(canvas, caption);
  if (asked.size) box.style.width = `${asked.size}px`;
  place.append(box);
  const view = { mouth: [290, 420, 420, 420], eyes: [270, 270, 460, 300] }[query.get("crop")];
  if (view) canvas.style.aspectRatio = `${view[2]} / ${view[3]}`;
  const face = new Face(canvas, view ? { ...rig, view } : rig, looks);
  face.setWeights(Object.keys(weights), Object.values(weights));
  face.draw(0);
  return face;
}

/** A part of the sheet: [name, weights, looks] each. */
function part(rig, id, title, faces, looks, style = "") {
  if (asked.only && asked.only !== id) return;
  const heading = document.createElement("h2");
  heading.textContent = title;
  const section = document.createElement("section");
  section.className = style;
  document.querySelector("main").append(heading, section);
  for (const [name, weights, own] of faces) figure(section, rig, own ?? looks, weights, name);
}

const [rig, sheet] = await Promise.all([loadRig("rig.json"), fetch("sheet.json").then((answer) => answer.json())]);
const looks = sheet.looks[asked.looks ?? "teacher"];
const channels = rig.channels.filter((name) => !["breath", "age", "masculine"].includes(name));
const both = (name) => Object.fromEntries(channels.filter((c) => c.startsWith(name)).map((c) => [c, 1]));
const turns = [
  ["left", { headYaw: 0.35 }], ["right", { headYaw: -0.35 }], ["up", { headPitch: 0.25 }], ["down", { headPitch: -0.25 }],
  ["to its right", { headRoll: 0.25 }], ["to its left", { headRoll: -0.25 }],
  ["left, up, tilted", { headYaw: 0.3, headPitch: 0.15, headRoll: -0.12, ...both("mouthSmile") }],
];

part(rig, "rest", "Rest", Object.entries(sheet.looks).map(([name, own]) => [name, {}, own]), looks, "middle");
part(rig, "big", "Large", [["rest", {}], ["happy", sheet.moods.happy]], looks, "big");
part(rig, "visemes", "Visemes", Object.entries(sheet.visemes), looks);
part(rig, "moods", "Moods", Object.entries(sheet.moods), looks);
part(rig, "turns", "Turns of the head", turns, looks);
part(rig, "channels", "Channels at 1", channels.map((name) => [name, { [name]: 1 }]), looks);
part(rig, "film", sheet.film.text, sheet.film.frames, looks);
if (asked.only === "speed") document.querySelector("main").textContent = speed();
document.body.dataset.ready = "yes";

/** Milliseconds a drawing takes at 512 px, read back so that it is really done. */
function speed() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 512;
  const face = new Face(canvas, rig, looks);
  const times = [];
  for (let n = 0; n < 60; n++) {
    const began = performance.now();
    face.setWeights(["jawOpen", "headYaw"], [(n % 10) / 10, (n % 20) / 40]);
    face.draw(n * 16);
    canvas.getContext("2d").getImageData(0, 0, 1, 1);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return `median ${times[30].toFixed(1)} ms, slowest ${times[59].toFixed(1)} ms`;
}
