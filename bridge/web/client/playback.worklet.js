/**
 * The loudspeaker's end: an AudioWorkletProcessor that reads a `Playout` on the audio thread.
 *
 * In: the messages of `Playout.push`, `{type: "configure", rate, lead}`, `{type: "cut", turn}`, `{type: "speed", speed}`,
 * `{type: "reset"}`.
 * Out: `{events}` as they turn up, and ten times a second `{status, tap}`, where `tap` is what went to air
 * before output frame `status.frame`.
 */

import { Playout } from "./playout.js";

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.playout = new Playout(processorOptions);
    this.tap = new Int16Array(Math.round(sampleRate / 10 / 128) * 128);
    this.filled = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.type === "configure") this.playout = new Playout(message);
    else if (message.type === "cut") this.playout.interrupt(message.turn);
    else if (message.type === "speed") this.playout.speed = message.speed;
    else if (message.type === "reset") this.playout.reset();
    else this.playout.push(message);
  }

  process(_, [outputs]) {
    const [out] = outputs;
    const events = this.playout.read(out, currentFrame);
    if (events.length) this.port.postMessage({ events });
    for (let index = 0; index < out.length; index += 1) this.tap[this.filled + index] = Math.round(out[index] * 32768);
    this.filled += out.length;
    if (this.filled >= this.tap.length) this.report(currentFrame + out.length);
    return true;
  }

  report(frame) {
    const { underruns, buffered, prime, rate } = this.playout;
    const status = { underruns, buffered: buffered / rate, prime: prime / rate, frame };
    const tap = this.tap;
    this.tap = new Int16Array(tap.length);
    this.filled = 0;
    this.port.postMessage({ status, tap }, [tap.buffer]);
  }
}

registerProcessor("companion-playback", Playback);
