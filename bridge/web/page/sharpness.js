/**
 * How finely the face is drawn where the machine is slow: fewer pixels rather than fewer frames.
 *
 * Pure: it is told how long each frame took. A step that did not make frames come faster is taken back, since then
 * something else sets the pace (a screen of 30 Hz, a page in the background).
 */

const WINDOW = 24; // frames that are judged together
const SLOW_MS = 30;
const FAST_MS = 20;
const STEP = 0.75; // of the size, in each direction
const LEAST = 0.4;
const HELPED = 0.9; // of the time before
const PATIENCE_MS = 10000; // before a sharper picture is tried again; twice as long after each time that was too much

export class Sharpness {
  constructor() {
    this.factor = 1;
    this.times = [];
    this.before = null; // the time and factor before the last step down
    this.changed = 0;
    this.patience = PATIENCE_MS;
    this.raised = false;
  }

  /** A frame took `ms` until `now` (ms); whether `factor` (of the screen's own sharpness, 0..1) is another now. */
  pass(ms, now) {
    this.times.push(ms);
    if (this.times.length < WINDOW) return false;
    const time = this.times.sort((a, b) => a - b)[WINDOW / 2];
    this.times = [];
    if (this.before && time > HELPED * this.before.time) return this.take(this.before.factor, now, true);
    this.before = null;
    const waited = now - this.changed > this.patience;
    if (time > SLOW_MS && this.factor > LEAST && (!this.futile || waited)) {
      if (this.raised) this.patience *= 2;
      this.raised = false;
      this.before = { time, factor: this.factor };
      return this.take(Math.max(LEAST, this.factor * STEP), now, false);
    }
    if (time < FAST_MS && this.factor < 1 && waited) {
      this.raised = true;
      return this.take(Math.min(1, this.factor / STEP), now, false);
    }
    return false;
  }

  take(factor, now, futile) {
    this.futile = futile;
    if (futile) this.before = null;
    this.factor = factor;
    this.changed = now;
    return true;
  }
}
