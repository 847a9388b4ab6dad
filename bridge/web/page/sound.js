/** Where the companion's voice goes on its way out: through its volume, and in a headset through its place in the room. */

const RAMP_S = 0.03; // a step in the volume would click

export class Sound {
  #gain = null;
  #panner = null;
  #volume = 1;

  /** The `destination` of a `Companion`. */
  enter = (context) => {
    this.context = context;
    this.#panner = null;
    this.#gain = new GainNode(context, { gain: this.#volume });
    this.#gain.connect(context.destination);
    return this.#gain;
  };

  /** The voice of this speaker is the one that is meant from now on; another had its turn. */
  adopt({ context, node }) {
    node.disconnect();
    node.connect(this.enter(context));
  }

  /** What the loudspeaker gets of the voice, an AudioParam; undefined before there is a loudspeaker. */
  get gain() {
    return this.#gain?.gain;
  }

  /** 0..1 of what the server sends. */
  set volume(volume) {
    this.#volume = volume;
    const { context } = this;
    if (this.#gain && context.state !== "closed") this.#gain.gain.setTargetAtTime(volume, context.currentTime, RAMP_S);
  }

  /** Where the voice comes from, `{x, y, z}` (m); null: from everywhere. */
  get where() {
    const panner = this.#panner;
    return panner && { x: panner.positionX.value, y: panner.positionY.value, z: panner.positionZ.value };
  }

  /** Let the voice come from `{x, y, z}` (m); the ear is the context's listener. null: from everywhere again. */
  place(at) {
    const gain = this.#gain;
    if (!gain) return null;
    if (!at) {
      gain.disconnect();
      gain.connect(this.context.destination);
      this.#panner = null;
      return null;
    }
    if (!this.#panner) {
      this.#panner = new PannerNode(this.context, { panningModel: "HRTF", distanceModel: "inverse", refDistance: 1, rolloffFactor: 1 });
      gain.disconnect();
      gain.connect(this.#panner).connect(this.context.destination);
    }
    for (const [axis, value] of Object.entries({ positionX: at.x, positionY: at.y, positionZ: at.z })) this.#panner[axis].value = value;
    return this.#panner;
  }
}
