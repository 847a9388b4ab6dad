/**
 * A flight recorder: the latest messages with their times, and what the loudspeaker got, for a bug report.
 *
 * Secrets are left out of it. Bounded, however long the page stays open.
 */

const MESSAGES = 3000;
const SOUND_S = 120;
const SECRET = new Set(["token", "watch", "resume"]);

export class Recorder {
  #companion = null;
  #sound = [];
  #kept = 0;
  #end = 0; // output frame before which the sound ends

  constructor() {
    this.messages = []; // {at, direction, bytes, message}
    this.points = [];
    this.listeners = new Set();
  }

  follow(companion) {
    this.#companion = companion;
    companion.on("traffic", ({ direction, bytes, message, at }) => {
      const entry = { at, direction, bytes, message: plain(message) };
      this.messages.push(entry);
      if (this.messages.length > MESSAGES) this.messages.splice(0, MESSAGES / 10);
      for (const listener of this.listeners) listener(entry);
    });
    companion.on("points", ({ points, at }) => {
      this.points.push(...points.map((point) => ({ at, ...point })));
      if (this.points.length > MESSAGES) this.points.splice(0, MESSAGES / 10);
    });
    companion.on("status_audio", ({ frame }) => (this.#end = frame));
    companion.on("tap", ({ samples }) => {
      this.#sound.push(samples);
      this.#kept += samples.length;
      const most = SOUND_S * companion.timeline.rate;
      while (this.#kept - this.#sound[0].length > most) this.#kept -= this.#sound.shift().length;
    });
  }

  /** The samples that went to the loudspeaker, up to two minutes of them. */
  sound() {
    const all = new Int16Array(this.#kept);
    let at = 0;
    for (const samples of this.#sound) {
      all.set(samples, at);
      at += samples.length;
    }
    return all;
  }

  /** The trace as an object for JSON; `more` is put into it. */
  trace(more = {}) {
    const { timeline, welcome } = this.#companion;
    return {
      made: new Date().toISOString(),
      browser: navigator.userAgent,
      page_ms: performance.now(),
      sound_ends_at_frame: this.#end,
      rate: timeline.rate,
      welcome: welcome && plain(welcome),
      ...more,
      points: this.points,
      messages: this.messages,
    };
  }
}

/** A RIFF WAVE file of s16le mono samples. */
export function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) => view.setInt16(44 + 2 * index, sample, true));
  return new Uint8Array(view.buffer);
}

/** A message for people to read: bytes become their number, secrets become dots. */
export function plain(message) {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, `${value.length} bytes`];
      return [name, SECRET.has(name) && value ? "…" : value];
    }),
  );
}
