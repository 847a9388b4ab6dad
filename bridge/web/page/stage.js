/** The face on its canvas: drawn each screen frame for the sound that will be audible when that frame is seen. */

import { PlainFace } from "./plain_face.js";
import { Sharpness } from "./sharpness.js";
import { Still } from "./still.js";

const SHARE = 0.1; // of each new measurement of the delay
const MOST_MS = 60; // what takes longer is a hitch, not the way drawings are
const AWAY_MS = 1000; // a page that is not looked at draws no frames
const NONE = [];
const AWAKE_MS = 400; // for which every frame of the screen is drawn after something has happened
const LOOK_MS = 33; // between two looks at somebody who says nothing: a blink takes eight of them
const QUIET = 30; // of those at a face that does not move, after which it is looked at less often
const REST_MS = 50; // between those: a blink takes five
const FADED = 0.14; // of the portrait, at its foot

export class Stage {
  #face;
  #drawn = null; // the face to go back to
  #companion = null;
  #looks = null; // {asked, text}: what the drawn face is dressed by
  #weights = new Float32Array(0);
  #shown = null;
  #before = 0;
  #interval = 1000 / 60;
  #delay = 8; // ms from the start of a drawing until the browser has taken it
  #drawings = 0;
  #handed = null;
  #quiet = 0; // looks since something moved
  #pending = 0;
  #resting = 0;
  #painted = false; // at the look before this one
  #framed = false; // that was a frame of the screen
  #busy = false; // somebody speaks
  #awake = 0; // until when every frame is drawn
  #sharpness = new Sharpness();
  #still = new Still();
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
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
    /** Whether the user has asked this page for less motion; the system may have as well. */
    this.calm = false;
    /** Whether the face is drawn elsewhere, in a headset. */
    this.away = false;
    new ResizeObserver(() => this.#still.stale()).observe(canvas.parentElement);
    this.#wake();
  }

  /** Put on the drawn face with the looks of the identity ("": the server's own). */
  async dress(identity = "") {
    const asked = identity ? `looks.json?identity=${encodeURIComponent(identity)}` : "looks.json";
    const [{ Face, loadRig, rigFor }, looks] = await Promise.all([import("../face/face.js"), json(asked)]);
    this.#looks = { asked, text: JSON.stringify(looks) };
    const rig = await loadRig(`face/${rigFor(looks)}`);
    const face = new Face(this.canvas, rig, looks);
    if (this.#drawn) this.#drawn = face;
    else this.#show(face);
  }

  /** Dress anew if the looks of whoever is shown have changed on the server. */
  async refresh() {
    if (!this.#looks) return;
    const { asked, text } = this.#looks;
    const looks = await json(asked);
    if (JSON.stringify(looks) === text || asked !== this.#looks.asked) return;
    this.#looks.text = JSON.stringify(looks);
    const face = this.#drawn ?? this.#face;
    face.setLooks?.(looks);
    this.#still.stale();
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
    this.#still.stale();
    // What another face costs is not known yet.
    this.#sharpness = new Sharpness();
    face.setSharpness(1);
  }

  /** Show this companion from now on, or nobody (null). */
  follow(companion) {
    this.#companion = companion;
    for (const event of ["welcome", "reply_start", "state"]) companion?.on(event, () => this.#wake());
  }

  /** Call `watcher({at, weights, names, shown, interval})` after each drawing, which is meant to be seen at `at` ms. */
  watch(watcher) {
    this.#watchers.add(watcher);
  }

  /** Call `measurer(offset)` with the ms by which each face was ahead of the sound that was audible when it was ready. */
  measure(measurer) {
    this.#measurers.add(measurer);
  }

  /** Look at `now`; `framed`: it is a frame of the screen, and not a look in between. */
  #look(now, framed) {
    try {
      if (!this.away && !document.hidden) this.#draw(now, framed);
    } finally {
      this.#schedule();
    }
  }

  #draw(now, framed) {
    const companion = this.#companion;
    const passed = now - this.#before;
    this.#before = now;
    const paced = framed && this.#framed;
    this.#framed = framed;
    if (paced && passed > 2 && passed < 100) this.#interval += (passed - this.#interval) * 0.1;
    const drawn = this.#painted && paced;
    this.#painted = false;
    if (drawn && passed < AWAY_MS && this.#sharpness.pass(passed, now)) {
      this.#face.setSharpness(this.#sharpness.factor);
      this.#still.stale();
    }
    const names = companion?.names ?? NONE;
    if (this.#weights.length !== names.length) this.#weights = new Float32Array(names.length);
    const at = now + this.#delay;
    const shown = companion ? companion.faceAt(at, this.#weights) : null;
    const calm = this.calm || this.#calm.matches;
    if (calm) this.#still.calm(names, this.#weights);
    this.#shown = companion?.timeline.now.running ? shown : null;
    this.#busy = shown?.turn > 0;
    const due = this.#still.due(names, this.#weights, now, { busy: this.#busy, calm });
    this.#quiet = this.#still.restless ? 0 : this.#quiet + 1;
    if (!due) return;
    this.#painted = true;
    this.#face.setWeights(names, this.#weights);
    this.#paint(calm ? 0 : now);
    if (!companion) return;
    // Comes once the browser has taken the drawing: as close to the screen as a page can see.
    this.#handed.postMessage(0);
    const frame = { at, weights: this.#weights, names, shown, interval: this.#interval };
    for (const watcher of this.#watchers) watcher(frame);
  }

  /** Look at every frame of the screen while somebody speaks, and now and then while nobody does. */
  #schedule() {
    if (this.#busy || performance.now() < this.#awake) this.#pending = requestAnimationFrame((now) => this.#look(now, true));
    else this.#resting = setTimeout(() => this.#look(performance.now(), false), this.#quiet < QUIET ? LOOK_MS : REST_MS);
  }

  #wake() {
    this.#quiet = 0;
    this.#awake = performance.now() + AWAKE_MS;
    cancelAnimationFrame(this.#pending);
    clearTimeout(this.#resting);
    this.#schedule();
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
