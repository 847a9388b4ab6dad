/**
 * When a client tells the server where it is playing: every 200 ms while a turn is heard or waits to be, at its end, and
 * after a resume. Pure: it sends nothing and reads no clock.
 */

const EVERY_MS = 200;

export class Reporter {
  constructor() {
    this.reset();
  }

  /** The session is a new one. */
  reset() {
    this.waiting = new Set(); // turns that came and have not ended
    this.last = -Infinity;
    this.atOnce = false;
  }

  /** Take a server's message: of a turn that cannot begin yet the playhead stands at its start. */
  take({ type, turn = 0 }) {
    if (turn > 0 && (type === "reply_start" || type === "media")) this.waiting.add(turn);
  }

  /** Whether a turn came and has not ended. */
  waits(turn) {
    return this.waiting.has(turn);
  }

  /** The session was taken up again: the server waits for a playhead. */
  resumed() {
    this.atOnce = true;
  }

  /** The playheads `{turn, pts}` to send, after `events` of the timeline were heard and `place` is its `now`; `now` in ms. */
  due(events, place, now) {
    const told = [];
    for (const { type, turn, pts } of events) {
      if (type !== "ended") continue;
      for (const each of this.waiting) if (each <= turn) this.waiting.delete(each);
      told.push({ turn, pts });
    }
    const [first = 0] = this.waiting;
    const { turn, pts } = place.turn ? place : { turn: first, pts: 0 };
    if (this.atOnce || (turn && now - this.last >= EVERY_MS)) {
      told.push({ turn, pts: Math.floor(pts) });
      this.last = now;
    }
    this.atOnce = false;
    return told;
  }
}
