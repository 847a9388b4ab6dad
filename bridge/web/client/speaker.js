/** The companion's voice: one AudioContext at the rate of the media, so that samples reach the graph bit for bit. */

import { AudioClock } from "./clock.js";
import { samples } from "./wire.js";

export class Speaker {
  /**
   * `rate` and `lead` as in `Playout`; `onEvents(points)` and `onStatus({status, tap})` as `playback.worklet.js` tells
   * them. `destination(context)` may give another node than the loudspeaker, a PannerNode for example.
   */
  static async open({ rate, lead, onEvents, onStatus, destination = (context) => context.destination }) {
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("./playback.worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "companion-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { rate, lead },
    });
    node.connect(destination(context));
    node.port.onmessage = ({ data }) => (data.events ? onEvents(data.events) : onStatus(data));
    return new Speaker(context, node);
  }

  constructor(context, node) {
    this.context = context;
    this.node = node;
    this.clock = new AudioClock(context);
    this.resting = false;
    this.speed = 1;
  }

  /** Whether a user's gesture is still needed before anything can be heard. */
  get locked() {
    return this.context.state !== "running" && !this.resting;
  }

  /** Let the device sleep: nothing is to be heard for a while. */
  rest() {
    if (this.context.state !== "running") return;
    this.resting = true;
    this.context.suspend().catch(() => {});
  }

  /** Something will be heard soon. */
  wake() {
    if (!this.resting) return;
    this.resting = false;
    this.context.resume().catch(() => {});
  }

  /** Let sound out; call it in a click or a key press. */
  async unlock() {
    this.resting = false;
    if (this.context.state !== "running") await this.context.resume();
  }

  /** Pass on a server's message. */
  push(message) {
    const { type, turn } = message;
    if (type === "media" && turn > 0) {
      const pcm = samples(message.pcm);
      this.node.port.postMessage({ type, turn, pts: message.pts, pcm, due: message.due }, [pcm.buffer]);
    } else if (type === "reply_start" || type === "interrupted") this.node.port.postMessage({ type, turn });
    else if (type === "reply_end") this.node.port.postMessage({ type, turn, reason: message.reason });
    else if (type === "state") this.node.port.postMessage({ type, state: message.state });
  }

  /** Play faster or slower: 1 is as it is. */
  pace(speed) {
    if (speed === this.speed) return;
    this.speed = speed;
    this.node.port.postMessage({ type: "speed", speed });
  }

  /** Fade out and drop turns up to `turn`. */
  cut(turn) {
    this.node.port.postMessage({ type: "cut", turn });
  }

  /** Drop everything; the session is a new one. */
  reset({ rate, lead }) {
    this.node.port.postMessage({ type: "reset" });
    this.node.port.postMessage({ type: "configure", rate, lead });
    this.speed = 1;
  }

  /** The output frame that is audible at `now` (ms of `performance.now`). */
  frame(now) {
    return this.clock.heard(now) * this.context.sampleRate;
  }

  async close() {
    this.node.port.onmessage = null;
    this.node.disconnect();
    await this.context.close();
  }
}
