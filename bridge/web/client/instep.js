/**
 * Keeps one device in step with all others of a room: by the server's clock, whatever its own clock and card do. Pure.
 *
 * Feed it the answers to pings; ask it when a moment of the server's clock is due here, and how fast to play so that
 * what is heard is what everybody hears. `now` is ms of the device's own clock. talk/instep.py is the same in Python.
 */

const KEPT = 10; // pings that are looked at
const EVERY_MS = 2000;
const FIRST_MS = 200;
const OFF_MS = 4; // how far beside the instant is too far ...
const THERE_MS = 0.5; // ... and how near is near enough
const NUDGE = 0.01; // how much faster or slower is played meanwhile: nobody hears it
const FAR_MS = 250; // from where on it is quicker to skip, or to wait

export class InStep {
  constructor() {
    this.answers = [];
    this.pinged = NaN;
    this.nudging = 0;
  }

  /** Whether a ping is due, and note that it is sent: quickly at first, until the line is known. */
  due(now) {
    if (now - this.pinged < (this.answers.length < KEPT ? FIRST_MS : EVERY_MS)) return false;
    this.pinged = now;
    return true;
  }

  /** Take the answer to the ping that was sent at `stamp`. */
  pong({ stamp, server }, now) {
    if (now < stamp) return;
    this.answers.push({ trip: now - stamp, offset: server - (stamp + now) / 2 });
    if (this.answers.length > KEPT) this.answers.shift();
  }

  get known() {
    return this.answers.length > 0;
  }

  /** How far the server's clock is ahead of this one, ms: by the quickest answer. */
  get offset() {
    return this.answers.reduce((best, answer) => (answer.trip < best.trip ? answer : best), { trip: Infinity, offset: 0 }).offset;
  }

  /** When the instant `at` of the server's clock (ms, as `media.at`) comes on this device's clock. */
  here(at) {
    return at - this.offset;
  }

  /** How fast to play where what is heard at `now` is due at `at`: 1 as it is, 0 to wait, Infinity to skip. */
  speed(at, now) {
    if (!this.known) return 1;
    const late = now - this.here(at);
    if (Math.abs(late) > FAR_MS) {
      this.nudging = 0;
      return late > 0 ? Infinity : 0;
    }
    if (Math.abs(late) > OFF_MS) this.nudging = late > 0 ? NUDGE : -NUDGE;
    else if (Math.abs(late) < THERE_MS || late * this.nudging < 0) this.nudging = 0;
    return 1 + this.nudging;
  }
}
