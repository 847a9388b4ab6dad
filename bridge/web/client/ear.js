/** What the companion hears: an open microphone, or one that is heard only while a key is held. */

import { Microphone } from "./microphone.js";

const TAIL_MS = 150; // people let go of the key before they have finished
const REST_FRAMES = 30; // of silence after the last: the server hears the end of speech as silence

export class Ear {
  #microphone = null;
  #opening = null;
  #streaming = false; // free speech
  #held = false; // the key, as the user has it
  #on = false; // the key, as the server knows it

  /**
   * `send(type, fields)` to the server, `tell(type, detail)` to the program; `speaking()`: the companion is heard;
   * `microphone()`: the options of `Microphone.open`.
   */
  constructor({ send, tell, speaking, microphone = () => ({}) }) {
    this.microphone = microphone;
    this.send = send;
    this.tell = tell;
    this.speaking = speaking;
  }

  /** Get the microphone; throws what `Microphone.open` throws. */
  async open() {
    if (this.#microphone) return this.#microphone;
    this.#opening ??= Microphone.open((frame) => this.#hear(frame), this.microphone());
    try {
      this.#microphone = await this.#opening;
    } catch (error) {
      this.#opening = null;
      this.#streaming = this.#held = false;
      throw error;
    }
    this.#microphone.onLost = () => {
      this.#microphone = this.#opening = null;
      this.#streaming = this.#held = this.#on = false;
      this.tell("microphone_lost", {});
    };
    return this.#microphone;
  }

  async listen(on) {
    if (on) await this.open();
    this.#streaming = on;
    if (!on && !this.#on) await this.close();
  }

  /** Returns whether the user has the floor from now on. */
  async talk(on) {
    if (on === this.#held) return false;
    this.#held = on;
    if (on) {
      const microphone = await this.open();
      if (!this.#held || this.#on) return false;
      this.#on = true;
      this.send("talk", { on: true, pts: microphone.pts });
      if (!this.#streaming) for (const frame of microphone.recent.splice(0)) this.#pass(frame);
      return true;
    }
    if (!this.#on) return false;
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    // Pressed again meanwhile: it goes on as one.
    if (this.#held) return false;
    this.#on = false;
    this.send("talk", { on: false, pts: this.#microphone?.pts ?? 0 });
    return false;
  }

  /** Close the microphone; what was being said ends with a little silence. */
  async close() {
    const microphone = this.#microphone;
    this.#microphone = this.#opening = null;
    this.#streaming = false;
    if (!microphone) return;
    for (let index = 0; index < REST_FRAMES; index += 1) {
      this.send("mic", { pts: microphone.pts + index * 320, data: new Uint8Array(640) });
    }
    await microphone.close();
    this.tell("level", { level: 0, muted: false });
  }

  #hear(frame) {
    this.tell("level", frame);
    if (!this.#streaming && !this.#on) return;
    this.#microphone?.recent.splice(0);
    this.#pass(frame);
  }

  #pass({ data, pts }) {
    // Without echo cancellation the companion would hear itself.
    const deaf = this.#microphone?.echoFree === false && this.speaking() && !this.#on;
    this.send("mic", { pts, data: deaf ? new Uint8Array(data.length) : data });
  }
}
