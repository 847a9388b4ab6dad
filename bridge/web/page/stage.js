/** The face on its canvas: drawn each screen frame for the sound that will be audible when that frame is seen. */

import { PlainFace } from "./plain_face.js";
import { Sharpness } from "./sharpness.js";

const SHARE = 0.1; // of each new measurement of the delay
const MOST_MS = 60; // what takes longer is a hitch, not the way drawings are
const AWAY_MS = 1000; // a page that is not looked at draws no frames
const FADED = 0.14; // of the portrait, at its foot

export class Stage {
  #face;
  #drawn = null; // the face to go back to
  #companion = null;
  #weights = new Float32Array(0);
  #shown = null;
  #before = 0;
  #interval = 1000 / 60;
  #delay = 8; // ms from the start of a drawing until the browser has taken it
  #drawings = 0;
  #handed = null;
  #sharpness = new Sharpness();
  #watchers = new Set();
  #measurers = new Set();

  /** `faded`: the portrait vanishes at its foot instead of ending there. */
  constructor(canvas, { faded = true } = {}) {
    this.canvas = canvas;
    this.faded = faded;
    this.#face = new PlainFace(canvas);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => this.#measure();
    this.#handed = port2;
    requestAnimationFrame((now) => this.#draw(now));
  }

  /** Put on the drawn face with the looks of the identity. */
  async dress() {
    const [{ Face, loadRig }, looks] = await Promise.all([import("../face/face.js"), json("looks.json")]);
    const rig = await loadRig("face/rig.json");
    const face = new Face(this.canvas, rig, looks);
    if (this.#drawn) this.#drawn = face;
    else this.#show(face);
  }

  /** Show `face`, which draws on a canvas of its own, until `undress`. */
  wear(face, canvas) {
    this.#drawn ??= this.#face;
    this.#show(face);
    this.worn?.remove();
    this.worn = canvas;
    canvas.className = "head";
    this.canvas.hidden = true;
    this.canvas.after(canvas);
  }

  /** Back to the drawn face. */
  undress() {
    if (!this.#drawn) return;
    this.#show(this.#drawn);
    this.#drawn = null;
    this.worn.remove();
    this.worn = null;
    this.canvas.hidden = false;
  }

  #show(face) {
    this.#face = face;
    // What another face costs is not known yet.
    this.#sharpness = new Sharpness();
    face.setSharpness(1);
  }

  /** Show this companion from now on. */
  follow(companion) {
    this.#companion = companion;
  }

  /** Call `watcher({at, weights, names, shown, interval})` after each drawing, which is meant to be seen at `at` ms. */
  watch(watcher) {
    this.#watchers.add(watcher);
  }

  /** Call `measurer(offset)` with the ms by which each face was ahead of the sound that was audible when it was ready. */
  measure(measurer) {
    this.#measurers.add(measurer);
  }

  #draw(now) {
    requestAnimationFrame((next) => this.#draw(next));
    const companion = this.#companion;
    const passed = now - this.#before;
    this.#before = now;
    if (passed > 2 && passed < 100) this.#interval += (passed - this.#interval) * 0.1;
    if (passed < AWAY_MS && this.#sharpness.pass(passed, now)) this.#face.setSharpness(this.#sharpness.factor);
    if (!companion) return this.#paint(now);
    const { names } = companion;
    if (this.#weights.length !== names.length) this.#weights = new Float32Array(names.length);
    const at = now + this.#delay;
    const shown = companion.faceAt(at, this.#weights);
    this.#face.setWeights(names, this.#weights);
    this.#paint(now);
    this.#shown = companion.timeline.now.running ? shown : null;
    // Comes once the browser has taken the drawing: as close to the screen as a page can see.
    this.#handed.postMessage(0);
    const frame = { at, weights: this.#weights, names, shown, interval: this.#interval };
    for (const watcher of this.#watchers) watcher(frame);
  }

  #paint(now) {
    this.#face.draw(now);
    if (!this.faded || this.worn) return;
    const { width, height } = this.canvas;
    const pen = this.canvas.getContext("2d");
    const shade = pen.createLinearGradient(0, height * (1 - FADED), 0, height);
    shade.addColorStop(0, "#0000");
    shade.addColorStop(1, "#000f");
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalCompositeOperation = "destination-out";
    pen.fillStyle = shade;
    pen.fillRect(0, height * (1 - FADED), width, height);
    pen.restore();
  }

  #measure() {
    const shown = this.#shown;
    const now = performance.now();
    this.#drawings += 1;
    this.#delay += (Math.min(MOST_MS, now - this.#before) - this.#delay) * Math.max(SHARE, 1 / this.#drawings);
    if (!shown) return;
    const heard = this.#companion.heardNow(now);
    if (!heard.running || heard.turn !== shown.turn) return;
    for (const measurer of this.#measurers) measurer((shown.pts - heard.pts) / 48);
  }
}

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
