/**
 * What is heard and seen at an output frame of the sound card: words, cues and the face of each turn on its media clock.
 *
 * It takes the server's messages and the turning points that `Playout` tells, and is asked with the frame that is
 * audible now. Pure: it reads no clock, and idle life, which no sound carries, runs on the milliseconds it is given.
 */

const TICKS = 48000;
const IDLE_LATE_MS = 150; // idle life is shown this much after its earliest possible arrival
const IDLE_MOST_MS = 1000;
const IDLE_GONE_MS = 250;
const BLEND_MS = { turn: 60, idle: 100, rest: 200, cut: 100 };

export class Timeline {
  /** `rate`: samples per second of the output; `face`: `welcome.face`, or null for no face. */
  constructor({ rate = 24000, face = null } = {}) {
    this.rate = rate;
    this.fps = face?.fps ?? 60;
    this.names = face?.names ?? [];
    this.ranges = face?.ranges ?? [];
    this.width = this.names.length;
    this.points = []; // turning points that are not outlived yet
    this.turns = new Map(); // number -> {rows, marks, last}
    this.dropped = 0;
    this.now = { turn: 0, pts: 0, running: false };
    this.idle = { rows: new Map(), offset: Infinity, last: undefined, lastAt: 0 };
    this.face = { shown: new Float32Array(this.width), from: new Float32Array(this.width), kind: "rest", since: -1e9, over: 1 };
    this.since = null; // the turning point that was passed last
    this.cut = false;
  }

  /** Take a server's message at `now` (ms of any steady clock); those that are not about a reply are ignored. */
  push(message, now) {
    if (message.type === "media" && message.turn === 0) return this.pushIdle(message, now);
    if (message.type === "interrupted") return this.drop(message.turn);
    const turn = message.turn > this.dropped ? this.turn(message.turn) : null;
    if (!turn) return;
    if (message.type === "media") {
      const first = Math.round((message.face_pts * this.fps) / TICKS);
      for (let index = 0; (index + 1) * this.width <= message.face.length && this.width; index += 1) {
        turn.rows[first + index] = message.face.slice(index * this.width, (index + 1) * this.width);
        turn.sources[first + index] = message.source;
      }
      for (const phone of message.phones ?? []) place(turn.marks, { type: "phone", turn: message.turn, ...phone });
    } else if (message.type === "text" || message.type === "cue") place(turn.marks, message);
  }

  /** Take a turning point of `Playout`. */
  point(event) {
    this.points.push(event);
  }

  /** Nothing more of turns up to `number` is told, except that they ended. */
  drop(number) {
    this.dropped = Math.max(this.dropped, number);
    for (const [each, turn] of this.turns) if (each <= number) turn.marks.length = 0;
  }

  turn(number) {
    let turn = this.turns.get(number);
    if (!turn) this.turns.set(number, (turn = { rows: [], sources: [], marks: [], row: -1 }));
    return turn;
  }

  /**
   * Go on to output frame `frame`: what has become audible since the last call, in order. Each event has a `type`:
   * `began {turn, frame}`, `word {turn, text, gap, pts, end}`, `phone {turn, ipa, pts, end}`,
   * `cue {turn, pts, kind, name, intensity}`, `held {turn, pts}` (ran dry), `ended {turn, pts, cut, reason}`.
   */
  advance(frame) {
    const due = [];
    while (this.points.length && this.points[0].frame <= frame) {
      const point = this.points.shift();
      this.now = this.at(point.frame);
      this.marks(due, false);
      this.turning(point, due);
    }
    this.now = this.at(frame);
    this.marks(due, this.now.running);
    return due;
  }

  turning(point, due) {
    const { turn, sample, kind } = point;
    const pts = Math.floor((sample * TICKS) / this.rate);
    if (kind === "run") {
      if (turn !== this.now.turn || !this.since) due.push({ type: "began", turn, frame: point.frame });
      this.since = point;
    } else if (kind === "hold") {
      due.push({ type: "held", turn, pts });
      this.since = point;
    } else {
      if (!point.cut) for (const mark of this.turn(turn).marks.splice(0)) due.push(told(mark));
      due.push({ type: "ended", turn, pts, cut: point.cut, reason: point.reason });
      this.cut = point.cut;
      this.turns.delete(turn);
      this.dropped = Math.max(this.dropped, turn);
      if (this.since?.turn === turn) this.since = null;
    }
  }

  /** What is heard at output frame `frame`, as far as the turning points that were passed tell. */
  at(frame) {
    const point = this.since;
    if (!point) return { turn: 0, pts: 0, running: false };
    const next = this.points[0]?.frame ?? Infinity;
    const run = point.kind === "run" ? Math.max(0, Math.min(frame, next) - point.frame) : 0;
    return { turn: point.turn, pts: ((point.sample + run) * TICKS) / this.rate, running: point.kind === "run" };
  }

  /** What the playhead has passed; also what begins with its sample, if that is heard, as it is not where it holds. */
  marks(due, heard) {
    const { turn, pts } = this.now;
    const marks = this.turns.get(turn)?.marks ?? [];
    while (marks.length && (heard ? marks[0].pts <= pts : marks[0].pts < pts)) due.push(told(marks.shift()));
  }

  // ---------------------------------------------------------------------------------------------------- the face

  /**
   * Write the weights of the face into `out` (Float32Array, as many as `names`) for output frame `frame` and for `now`
   * in ms. Returns `{turn, pts, source}` of what is shown; turn 0 is rest or idle life.
   */
  sample(frame, now, out) {
    const place = this.at(frame);
    const turn = place.turn ? this.turns.get(place.turn) : undefined;
    const speaking = turn !== undefined && turn.rows.length > 0;
    const idle = !speaking && this.living(now);
    const kind = speaking ? `turn ${place.turn}` : idle ? "idle" : "rest";
    const face = this.face;
    if (kind !== face.kind) {
      face.from.set(face.shown);
      face.since = now;
      face.over = speaking ? BLEND_MS.turn : this.cut ? BLEND_MS.cut : idle ? BLEND_MS.idle : BLEND_MS.rest;
      if (speaking) this.cut = false;
      face.kind = kind;
    }
    if (speaking) this.row(turn, (place.pts * this.fps) / TICKS, out);
    else if (idle) this.alive(now, out);
    else this.blend(undefined, undefined, 0, out);
    const share = Math.min(1, Math.max(0, (now - face.since) / face.over));
    if (share < 1) for (let index = 0; index < this.width; index += 1) out[index] = mix(face.from[index], out[index], share);
    face.shown.set(out.subarray(0, this.width));
    return { turn: place.turn, pts: place.pts, source: speaking ? (turn.sources[turn.row] ?? "") : "" };
  }

  row(turn, position, out) {
    const { rows } = turn;
    let index = Math.min(Math.floor(position), rows.length - 1);
    while (index > 0 && !rows[index]) index -= 1;
    turn.row = index;
    const next = index === Math.floor(position) ? rows[index + 1] : undefined;
    this.blend(rows[index], next, position - index, out);
  }

  blend(row, next, share, out) {
    for (let index = 0; index < this.width; index += 1) {
      const [low, high] = this.ranges[index];
      const byte = row ? (next ? mix(row[index], next[index], share) : row[index]) : ((0 - low) / (high - low)) * 255;
      out[index] = low + ((high - low) * byte) / 255;
    }
  }

  // ----------------------------------------------------------------------------------------------------- idle life

  pushIdle(message, now) {
    if (!this.width || !message.face.length) return;
    const at = (message.face_pts * 1000) / TICKS;
    // A network only ever delays: the earliest arrival tells the sender's clock.
    const idle = this.idle;
    idle.offset = Math.min(now - at, idle.offset + 0.05);
    const first = Math.round((message.face_pts * this.fps) / TICKS);
    for (let index = 0; (index + 1) * this.width <= message.face.length; index += 1) {
      idle.rows.set(first + index, message.face.slice(index * this.width, (index + 1) * this.width));
    }
    for (const key of idle.rows.keys()) {
      if (idle.rows.size <= (IDLE_MOST_MS * this.fps) / 1000) break;
      idle.rows.delete(key);
    }
  }

  /** Whether there is idle life to show; what has run out is not held, since it may have stopped in a blink. */
  living(now) {
    const { idle } = this;
    const index = Math.floor(this.place(now));
    if (idle.rows.has(index)) {
      idle.last = idle.rows.get(index);
      idle.lastAt = now;
    }
    return idle.last !== undefined && now - idle.lastAt < IDLE_GONE_MS;
  }

  alive(now, out) {
    const { rows, last } = this.idle;
    const position = this.place(now);
    const index = Math.floor(position);
    this.blend(last, rows.has(index) ? rows.get(index + 1) : undefined, position - index, out);
  }

  place(now) {
    return ((now - this.idle.offset - IDLE_LATE_MS) * this.fps) / 1000;
  }
}

/** Put a mark where it belongs: after those of its time or before. */
function place(marks, mark) {
  let at = marks.length;
  while (at > 0 && marks[at - 1].pts > mark.pts) at -= 1;
  marks.splice(at, 0, mark);
}

function told({ type, seq, companion, ...mark }) {
  return { type: type === "text" ? "word" : type, ...mark };
}

function mix(from, to, share) {
  return from + (to - from) * share;
}
