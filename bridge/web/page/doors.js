/** The doors into a room: a button for each way of WebXR that this browser has, while a 3D head is worn. */

export class Doors {
  #head = null;
  #room = null;

  constructor({ buttons, page, onFault }) {
    Object.assign(this, { buttons, page, onFault });
    for (const button of buttons) button.onclick = () => this.#enter(button.dataset.mode);
    navigator.xr?.addEventListener?.("devicechange", () => this.offer(this.#head));
  }

  /** The room that is entered, or null. */
  get room() {
    return this.#room;
  }

  /** Offer what can be done with `head`, which is worn; null: nothing. */
  async offer(head) {
    // A portrait that moves is flat: only a sculpted head stands in a room.
    this.#head = head?.scene ? head : null;
    if (!this.#head) return this.#show([]);
    const { modes } = await import("./room/room.js");
    return this.#show(await modes());
  }

  #show(found) {
    for (const button of this.buttons) button.hidden = !found.includes(button.dataset.mode);
  }

  async #enter(mode) {
    if (this.#room || !this.#head) return;
    const { page } = this;
    const { companion, sound, stage, lines, controls } = page;
    const unlocked = companion.unlock();
    try {
      const { Room } = await import("./room/room.js");
      stage.away = true;
      this.#room = await Room.enter(mode, {
        head: this.#head,
        companion,
        sound,
        words: () => lines.subtitle.textContent,
        talk: (on) => controls.hold(on),
        onEnd: () => this.#left(),
      });
      await unlocked;
    } catch (error) {
      this.#left();
      this.onFault({ code: error.code ?? "no_xr", message: error.message });
    }
  }

  #left() {
    this.#room = null;
    this.page.stage.away = false;
  }
}
