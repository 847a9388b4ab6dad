/**
 * The client's half of smooth playback: a jitter buffer on the media clock, read by the sound card.
 *
 * Push the server's messages in, read samples out. What it tells are the turning points at which the simple rule "each
 * sample heard is the next of its turn" begins or ends: `run`, `hold` (ran dry), `end`. With them `timeline.js` knows
 * for every output frame what is heard. Pure: no socket, no device, no time of its own; it runs inside the AudioWorklet.
 */

const TICKS = 48000;
const PRIME_S = 0.08; // buffered before a turn starts; half as much again after an underrun, a tenth less after a clean turn
const PRIME_MOST = 2 / 3; // of the server's lead: it sends no more until the playhead moves
const STALL_S = 0.25; // whatever is buffered starts when nothing has come for this long
const FADE_S = 0.06; // voice, when interrupted
const RAMP_S = 0.02; // voice, to and from ducked
const DUCKED = 0.3;
const RESIDUE_S = 0.001; // to an e-th, of the last sample before silence, so that it does not click
const MOST_S = 300; // buffered at most
const GAP_S = 0.02; // by which a piece is due later than what came before it ends: there is a silence

class Turn {
  constructor(number, heard) {
    this.number = number;
    this.chunks = [];
    this.dues = []; // for each chunk the output frame at which it is due, NaN: as soon as there is enough
    this.between = 0; // of two samples, where it is played faster or slower
    this.offset = 0; // samples of the first chunk that were heard
    this.waiting = 0;
    this.heard = heard;
    this.begun = false;
    this.starved = false;
    this.reason = ""; // of the end, once everything has come
  }

  /** Move `count` waiting samples into `out` from `at` on, as floats. */
  take(out, at, count) {
    for (let left = count; left > 0; ) {
      const chunk = this.chunks[0];
      const run = Math.min(left, chunk.length - this.offset);
      for (let index = 0; index < run; index += 1) out[at + index] = chunk[this.offset + index] / 32768;
      at += run;
      left -= run;
      this.offset += run;
      if (this.offset === chunk.length) {
        this.chunks.shift();
        this.dues.shift();
        this.offset = 0;
      }
    }
    this.waiting -= count;
    this.heard += count;
  }

  /** Move `run * speed` waiting samples into `run` of `out` from `at` on; false where too few wait. */
  stretch(out, at, run, speed) {
    const end = this.between + run * speed;
    const count = Math.floor(end);
    if (Math.min(this.waiting, this.timed) <= count) return false; // what follows may be due later
    const from = new Float32Array(count + 1);
    this.take(from, 0, count);
    from[count] = this.chunks[0][this.offset] / 32768;
    for (let index = 0; index < run; index += 1) {
      const place = this.between + index * speed;
      const left = Math.floor(place);
      out[at + index] = from[left] + (from[Math.min(left + 1, count)] - from[left]) * (place - left);
    }
    this.between = end - count;
    return true;
  }

  /** Leave out `count` samples, or all that wait. */
  skip(count) {
    const gone = Math.min(count, this.waiting);
    this.take(new Float32Array(gone), 0, gone);
  }

  /** How many samples follow each other for certain: up to the next chunk, where that may be due later. */
  get timed() {
    return Number.isNaN(this.dues[1] ?? NaN) ? Infinity : this.chunks[0].length - this.offset;
  }

  /** In how many frames from output frame `frame` on the next sample is due; 0 or less: now, NaN: nobody says. */
  due(frame) {
    return this.dues.length ? this.dues[0] + this.offset - frame : NaN;
  }
}

export class Playout {
  /** `rate`: samples per second, of the media and of the output alike; `lead`: seconds that the server keeps ahead. */
  constructor({ rate = 24000, lead = 0.3 } = {}) {
    if (!(rate > 0) || TICKS % rate) throw new RangeError(`${rate} samples a second do not divide the media clock`);
    this.rate = rate;
    this.underruns = 0;
    this.mostPrime = Math.round(lead * PRIME_MOST * rate);
    this.leastPrime = Math.min(Math.round(PRIME_S * rate), this.mostPrime);
    this.prime = this.leastPrime;
    this.turns = [];
    this.speed = 1; // faster or slower by what nobody hears, to keep to a room's clock
    this.running = false; // false: between turns, priming, or held by an underrun
    this.dropped = 0; // turns up to this one are over
    this.stalled = 0; // samples since something came
    this.gain = 1;
    this.aim = 1;
    this.step = 0; // of the gain, a sample
    this.fading = 0; // samples left of an interrupted turn
    this.ducked = false;
    this.residue = 0; // of the last sample, after an underrun
    this.residueKept = Math.exp(-1 / (RESIDUE_S * rate)); // a sample
    this.events = [];
    this.frame = 0;
  }

  /** Samples that wait to be heard. */
  get buffered() {
    return this.turns.reduce((sum, turn) => sum + turn.waiting, 0);
  }

  /** Take a message: `media` with `pcm` an Int16Array, `reply_start`, `reply_end`, `interrupted`, `state`. */
  push(message) {
    switch (message.type) {
      case "media":
        if (message.turn > 0) this.media(message);
        break;
      case "reply_start":
        this.turn(message.turn, 0);
        break;
      case "reply_end": {
        const turn = this.turn(message.turn, 0);
        if (turn) turn.reason = message.reason;
        break;
      }
      case "interrupted":
        this.interrupt(message.turn);
        break;
      case "state":
        this.duck(message.state === "overlap");
        break;
    }
  }

  /** Drop every turn up to `number`; the one being heard fades out. */
  interrupt(number) {
    this.dropped = Math.max(this.dropped, number);
    while (this.turns.length && this.turns[0].number <= this.dropped) {
      if (this.running && this.turns[0].waiting) {
        if (!this.fading) {
          this.fading = Math.round(FADE_S * this.rate);
          this.aim = 0;
          this.step = this.gain / this.fading;
        }
        break;
      }
      this.finish(true);
    }
    while (this.turns.length > 1 && this.turns[1].number <= this.dropped) {
      const [gone] = this.turns.splice(1, 1);
      this.tell("end", gone.number, 0, { cut: true, reason: "interrupted" });
    }
  }

  /** Drop everything at once: the session is a new one, and turns count from 1 again. */
  reset() {
    if (this.turns.length) {
      this.running = false;
      this.interrupt(this.turns.at(-1).number);
    }
    this.ducked = false;
    this.dropped = 0;
  }

  turn(number, heard) {
    if (number <= this.dropped) return null;
    let turn = this.turns.find((each) => each.number === number);
    if (!turn) this.turns.push((turn = new Turn(number, heard)));
    return turn;
  }

  media({ turn: number, pts, pcm, due: when = NaN }) {
    const at = Math.floor((pts * this.rate) / TICKS);
    // A viewer who joins in the middle of a turn begins there.
    const turn = this.turn(number, at);
    if (!turn) return;
    this.stalled = 0;
    const due = turn.heard + turn.waiting;
    if (Math.max(at - due, turn.waiting) > MOST_S * this.rate) throw new RangeError("the server does not pace");
    if (at > due) this.append(turn, new Int16Array(at - due), when - (at - due));
    this.append(turn, at < due ? pcm.subarray(due - at) : pcm, when + Math.max(0, due - at));
  }

  append(turn, pcm, when) {
    if (!pcm.length) return;
    turn.chunks.push(pcm);
    turn.dues.push(when);
    turn.waiting += pcm.length;
  }

  duck(ducked) {
    this.ducked = ducked;
    if (this.running && !this.fading) {
      this.aim = ducked ? DUCKED : 1;
      this.step = (1 - DUCKED) / (RAMP_S * this.rate);
    }
  }

  /** Fill `out` (Float32Array), whose first sample is output frame `frame`; what turned up meanwhile, in order. */
  read(out, frame) {
    this.frame = frame;
    for (let at = 0; at < out.length; ) {
      const turn = this.turns[0];
      const left = out.length - at;
      const early = turn ? this.early(turn) : 0;
      if (early > 0) {
        const still = Math.min(left, early);
        this.silence(out, at, at + still);
        at += still;
        this.frame += still;
      } else if (!turn || !(this.running || this.start(turn))) {
        this.silence(out, at);
        this.stalled += left;
        at = out.length;
      } else if (turn.waiting) {
        const run = Math.min(left, turn.waiting, this.fading || left, turn.timed);
        const stretched = this.speed !== 1 && !this.fading && turn.stretch(out, at, run, this.speed);
        if (!stretched) turn.take(out, at, run);
        this.shape(out, at, run);
        at += run;
        this.frame += run;
        if (stretched) this.tell("run", turn.number, turn.heard);
        this.residue = out[at - 1];
        if (this.fading) {
          this.fading -= run;
          if (!this.fading || !turn.waiting) this.finish(true);
        }
      } else if (!turn.reason) {
        this.underruns += 1;
        turn.starved = true;
        this.running = false;
        this.prime = Math.min(Math.floor((this.prime * 3) / 2), this.mostPrime);
        this.tell("hold", turn.number, turn.heard);
      }
      if (this.running && this.turns.length && this.turns[0].reason && !this.turns[0].waiting) this.finish(false);
    }
    this.frame = frame + out.length;
    const events = this.events;
    if (events.length) this.events = [];
    return events;
  }

  /** For how many frames the turn is silent since its next sample is due later; what is due long since is left out. */
  early(turn) {
    const due = turn.due(this.frame);
    if (Number.isNaN(due) || this.fading) return 0;
    if (this.running && (turn.offset || due < GAP_S * this.rate)) return 0;
    if (due > 0) {
      if (this.running) {
        this.running = false;
        this.tell("hold", turn.number, turn.heard);
      }
      return Math.ceil(due);
    }
    if (this.running || due > -1) return 0;
    // No further than this piece: the next has a time of its own.
    turn.skip(Math.min(Math.floor(-due), turn.chunks[0].length - turn.offset));
    return this.early(turn);
  }

  /** Begin or go on with a turn once enough of it waits. */
  start(turn) {
    const timed = turn.waiting > 0 && !Number.isNaN(turn.due(this.frame));
    const stalled = this.stalled > STALL_S * this.rate && turn.waiting > 0;
    this.running = timed || turn.waiting >= Math.max(1, this.prime) || turn.reason !== "" || stalled;
    if (this.running) {
      turn.begun = true;
      this.gain = this.aim = this.ducked ? DUCKED : 1;
      this.tell("run", turn.number, turn.heard);
    }
    return this.running;
  }

  shape(out, at, run) {
    for (let index = at; index < at + run; index += 1) {
      if (this.gain > this.aim) this.gain = Math.max(this.aim, this.gain - this.step);
      else if (this.gain < this.aim) this.gain = Math.min(this.aim, this.gain + this.step);
      if (this.gain !== 1) out[index] *= this.gain;
    }
  }

  silence(out, at, end = out.length) {
    for (let index = at; index < end; index += 1) {
      this.residue = Math.abs(this.residue) < 1e-4 ? 0 : this.residue * this.residueKept;
      out[index] = this.residue;
    }
  }

  finish(cut) {
    const turn = this.turns.shift();
    this.tell("end", turn.number, turn.heard, { cut, reason: cut ? "interrupted" : turn.reason });
    this.residue = 0;
    this.running = false;
    this.fading = 0;
    this.stalled = 0;
    this.dropped = Math.max(this.dropped, turn.number);
    if (!turn.starved) this.prime = Math.max(Math.floor((this.prime * 9) / 10), this.leastPrime);
  }

  tell(kind, turn, sample, more = {}) {
    this.events.push({ kind, turn, sample, frame: this.frame, ...more });
  }
}
