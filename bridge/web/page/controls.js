/** What the user says and with what: the line to type in, the key and button to hold, the open microphone. */

import { t } from "./words.js";

export class Controls {
  #companion = null;
  #holding = false;
  #silent = 0;

  /** `onTyped(words, alone)` is told what was typed; `alone()`: whether it is for the companion alone. */
  constructor(form, { onTyped, onFault, alone = () => false }) {
    const part = (id) => form.querySelector(`#${id}`);
    this.parts = { text: part("text"), hold: part("hold"), listen: part("listen"), send: part("send"), stop: part("stop") };
    this.onTyped = onTyped;
    this.alone = alone;
    this.onFault = onFault;
    const { hold, listen, stop, text } = this.parts;
    form.onsubmit = (event) => this.#submit(event);
    stop.onclick = () => this.#companion.stop();
    text.oninput = () => this.#offer();
    listen.onclick = () => this.#listen(listen.getAttribute("aria-pressed") !== "true");
    hold.onpointerdown = (event) => this.#hold(true, event);
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) hold.addEventListener(type, () => this.#hold(false));
    hold.oncontextmenu = (event) => event.preventDefault();
    addEventListener("keydown", (event) => this.#key(event, true));
    addEventListener("keyup", (event) => this.#key(event, false));
    addEventListener("blur", () => this.#hold(false));
  }

  /** Talk to this companion from now on. */
  follow(companion) {
    this.#companion = companion;
    this.#pressed(this.parts.listen, false);
    this.#offer();
    companion.on("welcome", ({ features }) => (this.#allow(features), this.#offer()));
    companion.on("status", () => this.#offer());
    companion.on("state", () => this.#offer());
    companion.on("began", () => this.#offer());
    companion.on("ended", () => this.#offer());
    companion.on("level", ({ level, muted }) => this.#level(level, muted));
    companion.on("microphone_lost", () => {
      this.#pressed(this.parts.listen, false);
      this.onFault({ code: "microphone_lost" });
    });
  }

  #allow(features) {
    const { hold, listen, text, send } = this.parts;
    const hears = features.includes("mic");
    listen.hidden = !hears;
    hold.hidden = !(hears && features.includes("talk"));
    document.getElementById("keys").textContent = t(hold.hidden ? "keys_typing" : "keys");
    text.disabled = send.disabled = !features.includes("text");
  }

  /** The key to talk, pressed or let go from elsewhere: a trigger, a pinch. */
  hold(on) {
    return this.#hold(on);
  }

  #submit(event) {
    event.preventDefault();
    const { text } = this.parts;
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    this.#companion.unlock();
    const alone = this.alone();
    if (alone) this.#companion.ask(words);
    else this.#companion.say(words);
    this.onTyped(words, alone);
    this.#offer();
  }

  /** Either to send or, while the companion speaks and nothing is typed, to stop it. */
  #offer() {
    const { text, send, stop } = this.parts;
    const busy = this.#companion?.session.ended === false && (["speaking", "thinking", "overlap"].includes(this.#companion.state) || this.#companion.timeline.now.turn > 0);
    stop.hidden = !busy || text.value !== "";
    send.hidden = !stop.hidden;
  }

  #key(event, down) {
    if (down && event.key === "Escape" && !document.querySelector("dialog[open]")) return this.#companion?.stop();
    const free = !event.target.closest?.("input, button, textarea, dialog, summary, [role=tab]");
    const onHold = event.target === this.parts.hold;
    if (event.code !== "Space" || event.repeat) return event.code === "Space" && (free || onHold) && event.preventDefault();
    if (this.parts.hold.hidden || !(free || onHold)) return undefined;
    event.preventDefault();
    return this.#hold(down);
  }

  async #hold(on, event) {
    const { hold } = this.parts;
    if (on === this.#holding || (event && event.button !== 0)) return;
    this.#holding = on;
    this.#pressed(hold, on);
    if (event) hold.setPointerCapture(event.pointerId);
    try {
      await this.#companion.talk(on);
    } catch (error) {
      this.#holding = false;
      this.#pressed(hold, false);
      this.onFault({ code: error.name, message: error.message });
    }
  }

  async #listen(on) {
    this.#pressed(this.parts.listen, on);
    try {
      await this.#companion.listen(on);
    } catch (error) {
      this.#pressed(this.parts.listen, false);
      this.onFault({ code: error.name, message: error.message });
    }
  }

  #level(level, muted) {
    document.body.style.setProperty("--level", Math.min(1, Math.sqrt(level) * 1.4).toFixed(3));
    this.#silent = muted ? this.#silent + 1 : 0;
    if (this.#silent === 1) this.onFault({ code: "microphone_muted" });
  }

  #pressed(button, on) {
    button.setAttribute("aria-pressed", String(on));
    if (button === this.parts.listen) button.querySelector("span").textContent = t(on ? "listening_on" : "listen");
  }
}
