/** The words of both: the companion's as they are heard, the user's as they are understood, and the whole conversation. */

import { Conversation } from "./conversation.js";
import { t } from "./words.js";

const LINGER_MS = 4500;
const LAST = 24; // words that stay in sight
const REMEMBERED = 400; // lines of the conversation

export class Lines {
  #fading = 0;
  #speaking = new Map(); // turn -> {entry, item}: what is being heard
  #sources = new Map(); // turn -> the places it rests on

  /** `whose(turn)` names the companion whose turn it is, "" for the one that the page is with. */
  constructor({ subtitle, you, history, whose = () => "" }) {
    this.whose = whose;
    this.subtitle = subtitle;
    this.you = you;
    this.history = history;
    this.conversation = new Conversation();
  }

  /** Show what this companion says and understands. */
  follow(companion) {
    this.companion = companion;
    companion.on("welcome", (welcome) => {
      this.subtitle.lang = welcome.identity.language || "";
      if (!welcome.resumed) this.part();
    });
    companion.on("status", ({ status }) => status === "over" && this.part());
    companion.on("began", () => {
      clearTimeout(this.#fading);
      this.subtitle.replaceChildren();
      this.subtitle.classList.remove("past", "cut");
    });
    companion.on("word", ({ turn, gap, text }) => this.#word(turn, gap, text));
    companion.on("reply_end", ({ turn, sources }) => sources.length && this.#sources.set(turn, sources));
    companion.on("ended", ({ turn, cut }) => this.#ended(turn, cut));
    companion.on("said", ({ by, text, private: alone }) => this.#other(alone ? `${by} (${t("room_private")})` : by, text));
    companion.on("transcript", ({ text, final, utterance }) => this.#understood(text, final, utterance));
  }

  /** The user typed `text`; `alone`: for the companion alone. */
  typed(text, alone = false) {
    this.#mine(text, true);
    this.#said(text, alone);
  }

  /** The session is another: nothing of the one before is being said any more, and the conversation shows where it ends. */
  part() {
    for (const turn of [...this.#speaking.keys()]) this.#close(turn, true);
    this.#sources.clear();
    this.latest = undefined;
    clearTimeout(this.#fading);
    clearTimeout(this.clearing);
    this.subtitle.replaceChildren();
    this.you.textContent = "";
    const last = this.history.lastElementChild;
    if (!last || last.className === "parting") return;
    const line = document.createElement("li");
    line.className = "parting";
    line.textContent = t("new_conversation");
    this.history.append(line);
  }

  /** Nothing that was said is kept any longer. */
  forget() {
    this.conversation.forget();
    this.#speaking.clear();
    this.history.replaceChildren();
    this.part();
  }

  #word(turn, gap, text) {
    const word = document.createElement("span");
    word.textContent = gap + text;
    this.subtitle.append(word);
    while (this.subtitle.childElementCount > LAST) this.subtitle.firstElementChild.remove();
    const { entry, item } = this.#heard(turn);
    this.conversation.word(entry, gap + text, performance.now());
    item.querySelector("bdi").textContent = entry.text.trim();
    this.#follow();
  }

  /** The entry and the line of the turn that is being heard. */
  #heard(turn) {
    if (!this.#speaking.has(turn)) {
      const who = this.whose(turn) || this.companion.welcome.identity.name;
      const item = this.#line(who, "", "theirs");
      // Read out once, when it is whole.
      item.setAttribute("aria-busy", "true");
      this.#speaking.set(turn, { entry: this.conversation.begin({ who, at: performance.now() }), item });
    }
    return this.#speaking.get(turn);
  }

  #ended(turn, cut) {
    this.subtitle.classList.add(cut ? "cut" : "past");
    this.#fading = setTimeout(() => this.subtitle.replaceChildren(), LINGER_MS);
    const sources = this.#sources.get(turn) ?? [];
    if (this.#speaking.has(turn) && sources.length) this.subtitle.append(resting(sources));
    this.#close(turn, cut, sources);
    this.#sources.delete(turn);
  }

  #close(turn, cut, sources = []) {
    const heard = this.#speaking.get(turn);
    if (!heard) return;
    const { entry, item } = heard;
    this.#speaking.delete(turn);
    this.conversation.end(entry, { at: performance.now(), cut, sources });
    item.removeAttribute("aria-busy");
    item.classList.toggle("cut", cut);
    if (cut) item.append(" ", Object.assign(document.createElement("i"), { textContent: `(${t("cut")})` }));
    if (sources.length) item.append(resting(sources));
    this.#follow();
  }

  #understood(text, final, utterance) {
    if (!text) return;
    this.#mine(text, final);
    if (final && utterance !== this.latest) {
      this.latest = utterance;
      this.#said(text);
    }
  }

  /** Somebody else in the room said `text`. */
  #other(who, text) {
    this.conversation.begin({ who, mine: true, text, at: performance.now() });
    this.#line(who, text, "others");
    this.#mine(`${who}: ${text}`, true);
    this.#follow();
  }

  #mine(text, final) {
    this.you.textContent = text;
    this.you.classList.toggle("guess", !final);
    clearTimeout(this.clearing);
    if (final) this.clearing = setTimeout(() => (this.you.textContent = ""), LINGER_MS);
  }

  #said(text, alone = false) {
    const who = alone ? `${t("you")} (${t("room_alone")})` : t("you");
    this.conversation.begin({ who, mine: true, text, at: performance.now() });
    this.#line(who, text, "mine");
    this.#follow();
  }

  #line(who, text, whose) {
    const item = document.createElement("li");
    const name = document.createElement("b");
    item.className = whose;
    name.textContent = who;
    name.dir = "auto";
    const said = document.createElement("bdi");
    said.textContent = text;
    item.append(name, said);
    this.history.append(item);
    while (this.history.childElementCount > REMEMBERED) this.history.firstElementChild.remove();
    return item;
  }

  #follow() {
    const panel = this.history.closest("[role=tabpanel]");
    panel.scrollTop = panel.scrollHeight;
  }
}

/** Name the places that a reply rests on; each tells its words there. */
function resting(sources) {
  const note = document.createElement("small");
  note.className = "sources";
  note.append(`${t("from")} `);
  sources.forEach(({ title, page, quote }, index) => {
    const place = document.createElement("cite");
    place.textContent = page ? `${title}, ${t("page_number", { page })}` : title;
    place.title = quote;
    note.append(index ? " · " : "", place);
  });
  return note;
}
