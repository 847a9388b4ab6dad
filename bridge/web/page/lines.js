/** The words of both: the companion's as they are heard, the user's as they are understood, and the whole conversation. */

import { t } from "./words.js";

const LINGER_MS = 4500;
const LAST = 24; // words that stay in sight
const REMEMBERED = 400; // lines of the conversation

export class Lines {
  #fading = 0;

  constructor({ subtitle, you, history }) {
    this.subtitle = subtitle;
    this.you = you;
    this.history = history;
    this.said = new Map(); // turn -> text so far
  }

  /** Show what this companion says and understands. */
  follow(companion) {
    this.companion = companion;
    companion.on("welcome", (welcome) => {
      if (!welcome.resumed) this.said.clear();
      this.subtitle.lang = welcome.identity.language || "";
    });
    companion.on("began", () => {
      clearTimeout(this.#fading);
      this.subtitle.replaceChildren();
      this.subtitle.classList.remove("past", "cut");
    });
    companion.on("word", ({ turn, text }) => this.#word(turn, text));
    companion.on("ended", ({ turn, cut }) => this.#ended(turn, cut));
    companion.on("transcript", ({ text, final, utterance }) => this.#understood(text, final, utterance));
  }

  /** The user typed `text`. */
  typed(text) {
    this.#mine(text, true);
    this.#keep(t("you"), text, "mine");
  }

  #word(turn, text) {
    const word = document.createElement("span");
    word.textContent = `${text} `;
    this.subtitle.append(word);
    while (this.subtitle.childElementCount > LAST) this.subtitle.firstElementChild.remove();
    this.said.set(turn, `${this.said.get(turn) ?? ""}${text} `);
  }

  #ended(turn, cut) {
    const text = this.said.get(turn);
    this.said.delete(turn);
    this.subtitle.classList.add(cut ? "cut" : "past");
    this.#fading = setTimeout(() => this.subtitle.replaceChildren(), LINGER_MS);
    if (text) this.#keep(this.companion.welcome.identity.name, cut ? `${text.trim()} … (${t("cut")})` : text.trim(), "theirs");
  }

  #understood(text, final, utterance) {
    if (!text) return;
    this.#mine(text, final);
    if (final && utterance !== this.latest) {
      this.latest = utterance;
      this.#keep(t("you"), text, "mine");
    }
  }

  #mine(text, final) {
    this.you.textContent = text;
    this.you.classList.toggle("guess", !final);
    clearTimeout(this.clearing);
    if (final) this.clearing = setTimeout(() => (this.you.textContent = ""), LINGER_MS);
  }

  #keep(who, text, whose) {
    const item = document.createElement("li");
    const name = document.createElement("b");
    item.className = whose;
    name.textContent = who;
    item.append(name, text);
    this.history.append(item);
    while (this.history.childElementCount > REMEMBERED) this.history.firstElementChild.remove();
    const panel = this.history.parentElement;
    panel.scrollTop = panel.scrollHeight;
  }
}
