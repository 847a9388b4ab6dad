/**
 * The audible moment: which second of an AudioContext leaves the loudspeaker now.
 *
 * `getOutputTimestamp` pairs a moment at the device with one of the page's clock, latency included. Where a browser has
 * none (or only zeros), `currentTime` less the latency it reports stands in. Both are read in steps, so their offset to
 * the page's clock is smoothed; a jump (a device change, a resume) is followed at once. While a context stands, and until
 * its device has spoken again, timestamps are of before and lead astray: `currentTime` counts.
 */

const JUMP_S = 0.03;
const FAR_S = 1; // no device is so late: the timestamp is of before the context stood
const SHARE = 0.05; // of each new reading

export class AudioClock {
  constructor(context) {
    this.context = context;
    this.offset = NaN;
    this.exact = false;
    this.stood = false; // and the device has not spoken since
  }

  /** The reading as it is, at `now` (ms of `performance.now`): context seconds that are audible. */
  raw(now) {
    const { context } = this;
    const coarse = context.currentTime - (context.outputLatency || context.baseLatency || 0);
    if (context.state !== "running") {
      this.stood = true;
      return coarse;
    }
    const stamp = context.getOutputTimestamp?.();
    const fine = stamp?.performanceTime > 0 ? stamp.contextTime + (now - stamp.performanceTime) / 1000 : NaN;
    if (Math.abs(fine - coarse) < FAR_S) this.stood = false;
    this.exact = !Number.isNaN(fine) && !this.stood;
    return this.exact ? fine : coarse;
  }

  /** The audible moment at `now`, smoothed; it may lie a little in the future, to aim at the next screen frame. */
  heard(now, at = performance.now()) {
    if (this.context.state !== "running") {
      this.offset = NaN;
      return Math.max(0, this.raw(at));
    }
    const offset = this.raw(at) - at / 1000;
    if (!(Math.abs(offset - this.offset) < JUMP_S)) this.offset = offset;
    else this.offset += (offset - this.offset) * SHARE;
    return Math.max(0, this.offset + now / 1000);
  }
}
