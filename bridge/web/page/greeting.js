/** How a conversation begins: the first click is answered with a greeting, and a few questions are there to be asked. */

const FIRST = "#face, .head, .stage, #text, .lines, .halo"; // where a click means nothing else

export class Greeting {
  #clicked = false;

  /** `box` gets the questions; `onAsked(text)` is told the one that was chosen, `onGreet()` of the first click. */
  constructor({ box, onAsked, onGreet }) {
    Object.assign(this, { box, onAsked });
    addEventListener("click", ({ target }) => {
      if (this.#clicked || !target.closest?.(FIRST)) return;
      this.#clicked = true;
      onGreet();
    });
  }

  /** Offer the questions of whoever this companion is, until something has been said. */
  follow(companion) {
    companion.on("welcome", ({ identity, resumed }) => resumed || this.#offer(identity));
    for (const event of ["transcript", "tool_call"]) companion.on(event, () => this.take());
    companion.on("reply_start", ({ turn }) => turn > 1 && this.take());
    companion.on("status", ({ status }) => status === "over" && this.take());
  }

  async #offer({ id, language }) {
    this.take();
    const answer = await fetch(`hints.json?${new URLSearchParams({ identity: id, language })}`).catch(() => null);
    if (!answer?.ok) return;
    const { questions } = await answer.json();
    this.box.replaceChildren(...questions.map((text) => this.#chip(text)));
    this.box.hidden = questions.length === 0;
  }

  #chip(text) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.dir = "auto";
    button.onclick = () => {
      this.#clicked = true;
      this.take();
      this.onAsked(text);
    };
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  /** Something was said: whoever talks needs no questions any more. */
  take() {
    this.box.hidden = true;
    this.box.replaceChildren();
  }
}
