// A face from a rig (RIG.md): weights move points, points make paths, paths are painted on a canvas. Knows no channel
// by name but the head's angles and the breath; what a smile is stands in the rig.

import { pieces, trace } from "./curve.js";
import { resolve } from "./looks.js";
export { rigFor } from "./looks.js";

const HEAD = ["headYaw", "headPitch", "headRoll"];
const WIDEST = 0.6; // rad
const BREATH_MS = 4200;
const SHARPEST = 2; // device pixels for one of the page

/** The rig at `url`; rejects with an Error in words when it is not there or is none. */
export async function loadRig(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The face at ${url} cannot be read: ${answer.status} ${answer.statusText}`);
  const rig = await answer.json();
  if (rig.format !== 1) throw new Error(`The face at ${url} has format ${rig.format}; this page reads format 1.`);
  return rig;
}

export class Face {
  /** Draws `rig` on `canvas`, which keeps its size on the page; `looks` is that of an identity. */
  constructor(canvas, rig, looks = {}) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.rig = rig;
    this.at = new Map(rig.channels.map((name, number) => [name, number]));
    this.count = rig.points.length / 3;
    this.rest = Float64Array.from(rig.points);
    this.deltas = rig.channels.map((name) => rig.deltas[name] ?? []);
    this.weights = new Float64Array(rig.channels.length);
    this.angles = new Float64Array(3);
    this.moved = new Float64Array(this.rest.length);
    this.xy = new Float64Array(2 * this.count);
    this.paths = new Map(Object.entries(rig.paths).map(([name, path]) => [name, pieces(path)]));
    this.stale = true; // the canvas may have got another size on the page
    this.fine = 1;
    if (typeof ResizeObserver === "function") {
      this.observer = new ResizeObserver(() => { this.stale = true; });
      this.observer.observe(canvas);
    }
    this.setLooks(looks);
  }

  /** Draws with `factor` (0..1) of the screen's own sharpness from now on. */
  setSharpness(factor) {
    this.fine = factor;
    this.stale = true;
  }

  /** Dresses the face anew. */
  setLooks(looks) {
    const { slots, colours, dials } = resolve(this.rig, looks ?? {});
    this.colours = colours;
    this.styles = new Map();
    for (const [channel, weight] of Object.entries(dials)) this.weights[this.at.get(channel)] = weight;
    const worn = ({ when = {} }) => Object.entries(when).every(([slot, wanted]) => wanted.includes(slots[slot]));
    this.layers = this.rig.layers.filter(worn).map((layer) => ({
      ...layer,
      clips: layer.clip ? this.paths.get(layer.clip) : null,
      fades: (layer.alpha ?? []).map(({ base, ...channels }) => ({
        base, by: Object.entries(channels).map(([name, by]) => [this.at.get(name), by]),
      })),
    }));
  }

  /** Sets channels by name; head angles in radians, weights 0..1. Unknown names, and values that are no numbers, are
   * skipped; what is not named keeps its value. */
  setWeights(names, values) {
    for (let n = 0; n < names.length; n++) {
      const value = values[n];
      if (!Number.isFinite(value)) continue;
      const angle = HEAD.indexOf(names[n]);
      const channel = this.at.get(names[n]);
      if (angle >= 0) this.angles[angle] = Math.min(WIDEST, Math.max(-WIDEST, value));
      else if (channel !== undefined) this.weights[channel] = Math.min(1, Math.max(0, value));
    }
  }

  /** The same from an object of weights by name. */
  set(weights) {
    this.setWeights(Object.keys(weights), Object.values(weights));
  }

  /** Paints the face as it is at `timeMs` of any steady clock, which only the breath follows. */
  draw(timeMs = 0) {
    if (Number.isFinite(timeMs)) {
      this.weights[this.at.get("breath")] = 0.5 - 0.5 * Math.cos((2 * Math.PI * timeMs) / BREATH_MS);
    }
    this.pose();
    this.#paint();
  }

  /** Moves the points: deltas, then pairs that may not cross, then the head's turn. */
  pose() {
    const { moved, deltas, weights, rig } = this;
    moved.set(this.rest);
    for (let c = 0; c < weights.length; c++) {
      const weight = weights[c];
      if (weight === 0) continue;
      for (const run of deltas[c]) {
        for (let i = 1, at = 3 * run[0]; i < run.length; i += 2, at += 3) {
          moved[at] += weight * run[i];
          moved[at + 1] += weight * run[i + 1];
        }
      }
    }
    for (const [upper, lower, above, below] of rig.meet) this.#part(3 * upper, 3 * lower, above, below);
    this.#turn();
  }

  #part(upper, lower, above, below) {
    const { moved } = this;
    const over = moved[upper + 1] - moved[lower + 1];
    if (over < 0) return;
    const dx = (moved[lower] - moved[upper]) / 2;
    for (const point of above) moved[3 * point + 1] -= over / 2;
    for (const point of below) moved[3 * point + 1] += over / 2;
    moved[upper] += dx;
    moved[upper + 1] -= over / 2;
    moved[lower] = moved[upper];
    moved[lower + 1] = moved[upper + 1];
  }

  #turn() {
    const { moved, xy, rig } = this;
    const [px, py, pz] = rig.pivot;
    let i = 0;
    for (const [count, share] of rig.head) {
      const m = turned(this.angles, share);
      for (const end = i + count; i < end; i++) {
        const x = moved[3 * i] - px, y = moved[3 * i + 1] - py, z = moved[3 * i + 2] - pz;
        xy[2 * i] = px + m[0] * x + m[1] * y + m[2] * z;
        xy[2 * i + 1] = py + m[3] * x + m[4] * y + m[5] * z;
      }
    }
  }

  #fit() {
    const { canvas } = this;
    if ((this.stale || !this.observer) && canvas.clientWidth && canvas.clientHeight) {
      const ratio = this.fine * Math.min(SHARPEST, globalThis.devicePixelRatio || 1);
      const size = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * ratio)));
      if (canvas.width !== size[0]) canvas.width = size[0];
      if (canvas.height !== size[1]) canvas.height = size[1];
      this.stale = false;
    }
    const [x, y, wide, high] = this.rig.view;
    const scale = Math.min(canvas.width / wide, canvas.height / high);
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, canvas.width, canvas.height);
    const left = canvas.width / 2 - scale * (x + wide / 2);
    this.context.setTransform(scale, 0, 0, scale, left, canvas.height - scale * (y + high));
  }

  #paint() {
    const { context } = this;
    this.#fit();
    context.lineCap = context.lineJoin = "round";
    let clip = null;
    for (const layer of this.layers) {
      const alpha = this.#alpha(layer);
      if (alpha < 0.004) continue;
      if (layer.clips !== clip) {
        if (clip) context.restore();
        clip = layer.clips;
        if (clip) {
          context.save();
          trace(context, this.xy, clip);
          context.clip();
        }
      }
      this.#layer(layer, alpha);
    }
    if (clip) context.restore();
  }

  #alpha({ fades }) {
    let alpha = 1;
    for (const { base, by } of fades) {
      let sum = base;
      for (const [channel, factor] of by) sum += factor * this.weights[channel];
      alpha *= Math.min(1, Math.max(0, sum));
    }
    return alpha;
  }

  #layer(layer, alpha) {
    const { context, xy } = this;
    const special = layer.shift || layer.fill?.squash;
    if (special) context.save();
    context.globalAlpha = alpha;
    if (layer.shift) context.translate(layer.shift[0], layer.shift[1]);
    if (layer.path) trace(context, xy, this.paths.get(layer.path));
    if (layer.stroke) {
      context.strokeStyle = this.#style(layer.stroke);
      context.lineWidth = layer.width;
      context.stroke();
    }
    if (layer.fill) {
      if (layer.fill.squash) {
        context.translate(0, xy[2 * layer.fill.radial + 1] * (1 - layer.fill.squash));
        context.scale(1, layer.fill.squash);
      }
      context.fillStyle = this.#style(layer.fill);
      if (!layer.path) {
        const { radial, radius } = layer.fill;
        context.beginPath();
        context.arc(xy[2 * radial], xy[2 * radial + 1], radius, 0, 2 * Math.PI);
      }
      context.fill();
    }
    if (special) context.restore();
  }

  #style(paint) {
    if (typeof paint === "string") return this.#colour(paint);
    const { context, xy } = this;
    const [from, to] = paint.linear ?? [paint.radial];
    const x = xy[2 * from], y = xy[2 * from + 1];
    const gradient = paint.linear
      ? context.createLinearGradient(x, y, xy[2 * to], xy[2 * to + 1])
      : context.createRadialGradient(x, y, 0, x, y, paint.radius);
    for (const [at, colour] of paint.stops) gradient.addColorStop(at, this.#colour(colour));
    return gradient;
  }

  #colour(name) {
    let style = this.styles.get(name);
    if (style === undefined) {
      const [key, alpha = "1"] = name.split(":");
      style = `rgba(${(this.colours[key] ?? [255, 0, 255]).join(",")},${alpha})`;
      this.styles.set(name, style);
    }
    return style;
  }
}

/** The first two rows of the matrix that turns the head by a share of its angles: yaw, then pitch, then roll. */
function turned([yaw, pitch, roll], share) {
  const [a, b, c] = [yaw * share, pitch * share, roll * share];
  const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
  const across = [ca, 0, sa];
  const down = [sb * sa, cb, -sb * ca];
  return [0, 1, 2].map((n) => cc * across[n] + sc * down[n])
    .concat([0, 1, 2].map((n) => -sc * across[n] + cc * down[n]));
}
