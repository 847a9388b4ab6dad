/**
 * What a room's shared clock asks of one device: when a piece of sound is due at its loudspeaker, and how fast to play.
 *
 * Pure: it is told the time, and what output frame is audible when. Without `media.at` it asks nothing.
 */

import { InStep } from "./instep.js";

export class Together {
  /** `room`: whether this conversation is in one. */
  constructor(room = false) {
    this.room = room;
    this.reset();
  }

  /** The session is a new one. */
  reset() {
    this.step = new InStep();
    this.turns = new Map(); // number -> [{pts, at}] of its pieces, the oldest first
  }

  /** Whether the server's clock is to be asked for, and note that it is. */
  due(now) {
    return this.room && this.step.due(now);
  }

  pong(message, now) {
    if (this.room) this.step.pong(message, now);
  }

  /** Take a piece of sound: the output frame at which it is due, undefined where nobody says. `frame(ms)` is audible then. */
  place({ turn, pts, at = 0 }, frame) {
    if (!at || !turn) return undefined;
    for (const number of this.turns.keys()) if (number < turn - 1) this.turns.delete(number);
    if (!this.turns.has(turn)) this.turns.set(turn, []);
    this.turns.get(turn).push({ pts, at });
    return this.step.known ? Math.round(frame(this.step.here(at))) : undefined;
  }

  /** How fast to play, where `pts` of `turn` is audible at `now`: 1 as it is. */
  speed({ turn, pts, running }, now) {
    const pieces = this.turns.get(turn);
    if (!running || !pieces) return 1;
    while (pieces.length > 1 && pieces[1].pts <= pts) pieces.shift();
    const [piece] = pieces;
    const speed = this.step.speed(piece.at + (pts - piece.pts) / 48, now);
    // What is too far off begins anew with its next piece, which knows when it is due.
    return Number.isFinite(speed) && speed > 0 ? speed : 1;
  }
}
