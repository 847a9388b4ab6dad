/**
 * Notices a line that died in silence: a phone changed networks, a laptop slept, and neither end was told. In the middle
 * of a turn the buffer runs dry then: after a second without a message the other end is asked, and when it does not
 * answer within two more, the line is lost. Between turns a ping every 2 s and 8 s of patience are enough. Pure: it reads
 * no clock and owns no socket.
 */

const QUIET_MS = { dry: 1000, else: 2000 };
const PATIENCE_MS = { dry: 2000, else: 8000 };

export class Pulse {
  /** `now`: ms of any steady clock. */
  constructor(now = 0) {
    this.begin(now);
  }

  /** A connection is new: nothing was asked of it. */
  begin(now) {
    this.came = now;
    this.asked = NaN;
    this.pinged = now;
    this.turn ??= 0; // that has begun and not ended
  }

  /** A message came: any is a sign of life. */
  take({ type, turn = 0, resumed }, now) {
    this.came = now;
    this.asked = NaN;
    if (type === "reply_start") this.turn = turn;
    else if ((type === "reply_end" || type === "interrupted") && turn >= this.turn) this.turn = 0;
    else if (type === "welcome" && !resumed) this.turn = 0;
  }

  /** What is to be done now: `ask`, `lost`, or nothing; `dry`: nothing waits to be played. */
  check(now, dry) {
    const when = this.turn && dry ? "dry" : "else";
    if (now - this.asked >= PATIENCE_MS[when]) {
      this.begin(now);
      return "lost";
    }
    const quiet = when === "dry" ? now - this.came >= QUIET_MS.dry : now - this.pinged >= QUIET_MS.else;
    if (!quiet || !Number.isNaN(this.asked)) return "";
    this.asked = this.pinged = now;
    return "ask";
  }
}
