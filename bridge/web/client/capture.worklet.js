/** The microphone's end: an AudioWorkletProcessor that posts 20 ms frames, `{pcm: Int16Array, pts, peak}`, at 16 kHz. */

import { Resampler } from "./resample.js";

const RATE = 16000;
const FRAME = 320;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.pts = 0;
    this.peak = 0;
  }

  process([channels]) {
    // A muted track delivers no channels: that is silence, and time goes on.
    const input = channels[0] ?? new Float32Array(128);
    for (const value of this.resampler.push(input)) {
      this.peak = Math.max(this.peak, Math.abs(value));
      this.frame[this.filled] = Math.round(Math.max(-1, Math.min(1, value)) * 32767);
      this.filled += 1;
      if (this.filled === FRAME) this.send();
    }
    return true;
  }

  send() {
    const pcm = this.frame;
    this.port.postMessage({ pcm, pts: this.pts, peak: this.peak }, [pcm.buffer]);
    this.frame = new Int16Array(FRAME);
    this.pts += FRAME;
    this.filled = 0;
    this.peak = 0;
  }
}

registerProcessor("companion-capture", Capture);
