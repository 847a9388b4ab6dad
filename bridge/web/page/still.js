/**
 * When a face need not be drawn anew: nobody speaks, and nothing has moved that an eye could see.
 *
 * Pure: it is told the weights of each screen frame. Where motion is unwanted it also takes out of them what is only
 * liveliness: the head's turns and the wandering of the gaze. Lips, lids and moods stay, since they are read.
 */

const SEEN = 0.045; // of a weight: less than the small movements of a gaze that rests
const SEEN_RAD = 0.011; // of an angle: about a pixel of a face that fills half a screen
const AT_REST_MS = 30; // between two drawings of somebody who says nothing: a blink takes eight of them
const DRIFT_MS = 110; // between two drawings of what is just about seen: a head that drifts moves a pixel in that time
const QUICK = 2; // times as much as is just about seen, from where on it is drawn at once
const BREATH_MS = 700; // the chest rises slowly

const LIVELY = /^(head(Yaw|Pitch|Roll)|eyeLook|look(Up|Down|Left|Right)$)/;

export class Still {
  #drawn = new Float32Array(0);
  #at = -Infinity;
  #calmed = [];
  #names = null;
  #angles = [];

  /** Whether anything but the breath moves, as `due` found last. */
  restless = true;

  /** Whether a drawing is due at `now` (ms); `busy`: somebody speaks, so that every frame counts. */
  due(names, weights, now, { busy = false, calm = false } = {}) {
    if (names !== this.#names) this.#meet(names);
    const moved = busy || this.#at === -Infinity ? Infinity : this.#moved(weights);
    this.restless = moved > 1;
    const wait = busy ? 0 : moved > QUICK ? AT_REST_MS : moved > 1 ? DRIFT_MS : calm ? Infinity : BREATH_MS;
    if (now - this.#at < wait) return false;
    this.#drawn.set(weights);
    this.#at = now;
    return true;
  }

  /** Draw the next frame whatever it holds: the face is another, or has another size. */
  stale() {
    this.#at = -Infinity;
  }

  /** Take out of `weights` what only makes the face lively. */
  calm(names, weights) {
    if (names !== this.#names) this.#meet(names);
    for (const index of this.#calmed) weights[index] = 0;
  }

  #meet(names) {
    this.#names = names;
    this.#drawn = new Float32Array(names.length);
    this.#at = -Infinity;
    this.#calmed = names.flatMap((name, index) => (LIVELY.test(name) ? [index] : []));
    this.#angles = names.map((name) => /^head/.test(name));
  }

  /** How far the weight that moved most has moved, in what is just about seen. */
  #moved(weights) {
    let most = 0;
    for (let index = 0; index < weights.length; index += 1) {
      most = Math.max(most, Math.abs(weights[index] - this.#drawn[index]) / (this.#angles[index] ? SEEN_RAD : SEEN));
    }
    return most;
  }
}
