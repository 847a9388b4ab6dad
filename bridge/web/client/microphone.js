/**
 * The microphone in 20 ms frames of s16le mono 16 kHz, with what came 500 ms before a key was pressed.
 *
 * Its AudioContext runs at the device's own rate, apart from the loudspeaker's: not every browser joins two rates.
 */

const PREROLL = 25; // frames
const MUTED_AFTER = 50; // frames of exact zeros: the system or a switch has muted it

export class Microphone {
  /**
   * Ask for the microphone; call it in a click or a key press. `onFrame({data, pts, level, muted})` gets each frame.
   * `device` is a deviceId, "" for the system's choice; `echo`: the loudspeaker is taken out of what it hears.
   * Throws the DOMException of getUserMedia, or NotSupportedError where the page has no microphone at all.
   */
  static async open(onFrame, { device = "", echo = true } = {}) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new DOMException("no microphone outside https and localhost", "NotSupportedError");
    }
    const audio = { ...(device && { deviceId: { exact: device } }), echoCancellation: echo, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("./capture.worklet.js", import.meta.url));
    await context.resume();
    return new Microphone(stream, context, onFrame);
  }

  constructor(stream, context, onFrame) {
    const [track] = stream.getAudioTracks();
    this.context = context;
    this.track = track;
    /** Whether it does not hear the loudspeaker. */
    this.echoFree = track.getSettings().echoCancellation === true;
    this.pts = 0; // samples since it opened
    this.recent = [];
    this.zeros = 0;
    this.node = new AudioWorkletNode(context, "companion-capture", { numberOfOutputs: 1, channelCount: 1 });
    this.node.port.onmessage = ({ data }) => this.frame(data, onFrame);
    this.source = context.createMediaStreamSource(stream);
    this.source.connect(this.node);
    // Only what leads to the destination is run; it stays silent.
    this.node.connect(context.destination);
    track.onended = () => this.onLost?.();
  }

  frame({ pcm, pts, peak }, onFrame) {
    this.pts = pts + pcm.length;
    this.zeros = peak === 0 ? this.zeros + 1 : 0;
    const frame = { data: new Uint8Array(pcm.buffer), pts, level: peak, muted: this.zeros >= MUTED_AFTER };
    this.recent.push(frame);
    if (this.recent.length > PREROLL) this.recent.shift();
    onFrame(frame);
  }

  /** Close it; a new one counts its samples from 0. */
  async close() {
    this.node.port.onmessage = null;
    this.track.onended = null;
    this.track.stop();
    this.source.disconnect();
    await this.context.close();
  }
}
