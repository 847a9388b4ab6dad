/** Who is in the room and who speaks, what a meeting is at, and the hand that may be raised. Hidden outside of rooms. */

import { t } from "./words.js";

const MANY = 9; // people, from which on they are counted
const LINGER_MS = 4000; // that somebody counts as speaking after their words are known
const $ = (id) => document.getElementById(id);

export class Gathered {
  #companion = null;
  #room = null;
  #speaking = new Map(); // `person NAME` or `companion KEY` -> until when, ms
  #whose = new Map(); // turn -> key of the companion whose it is
  #timer = null;
  #entries = new Map(); // `person NAME` or `companion KEY` -> its line, kept so that a focus and a press in it outlast a change

  /** `onSpeaker(identity)` is told whose reply begins to be heard, where several companions are in the room. */
  constructor({ onSpeaker }) {
    this.onSpeaker = onSpeaker;
    $("hand").onclick = () => this.#send(this.#me?.hand ? "lower" : "hand");
    $("next-item").onclick = () => this.#send("next");
    $("get-minutes").onclick = () => this.#send("minutes");
    $("end-meeting").onclick = () => this.#send("end");
    $("in-private").onclick = ({ target }) => this.#whisper(target.getAttribute("aria-pressed") !== "true");
    $("save-minutes").onclick = () => save(`minutes-${this.#room?.room ?? ""}`, $("minutes-text").textContent);
  }

  /** Show the room of this companion, if it is in one. */
  follow(companion) {
    this.#companion = companion;
    this.#room = null;
    this.#speaking.clear();
    this.#whose.clear();
    this.#whisper(false);
    this.#draw();
    companion.on("room", (room) => companion === this.#companion && this.#take(room));
    companion.on("said", ({ by, private: alone }) => alone || this.#spoke(by, LINGER_MS));
    companion.on("state", ({ state }) => this.#heard(state === "listening" || state === "overlap"));
    companion.on("reply_start", ({ turn, companion: key }) => this.#whose.set(turn, key || "main"));
    companion.on("began", ({ turn }) => this.#began(turn));
    companion.on("ended", ({ turn }) => {
      this.#speaking.delete(this.#key(turn));
      this.#whose.delete(turn);
      this.#draw();
    });
  }

  /** What the companion of `turn` is called, "" where that is the page's own. */
  name(turn) {
    return this.#who(this.#whose.get(turn))?.identity.name ?? "";
  }

  /** Whether what is typed is for the companion alone. */
  get alone() {
    return $("in-private").getAttribute("aria-pressed") === "true" && !$("in-private").hidden;
  }

  #whisper(on) {
    $("in-private").setAttribute("aria-pressed", String(on));
    $("text").placeholder = t(on ? "room_in_private_on" : "say");
  }

  get #me() {
    return this.#room?.people.find(({ name }) => name === this.#room.you);
  }

  #key(turn) {
    return `companion ${this.#whose.get(turn) ?? "main"}`;
  }

  #who(key) {
    return this.#room?.companions.find(({ companion }) => (companion || "main") === key);
  }

  #send(op, fields = {}) {
    this.#companion?.session.send("room", { op, ...fields });
  }

  #take(room) {
    this.#room = room;
    if (room.minutes) {
      $("minutes-text").textContent = room.minutes;
      $("minutes").hidden = false;
    }
    // Each of them must be known for what it is, in words that stay.
    const told = new Set(room.companions.map(({ identity }) => identity.disclosure).filter(Boolean));
    if (told.size) $("disclosure").textContent = [...told].join(" ");
    this.#draw();
  }

  #began(turn) {
    // Whoever was heard before has said what they say: their words are known only behind them.
    for (const [key, until] of this.#speaking) if (until < Infinity) this.#speaking.delete(key);
    this.#speaking.set(this.#key(turn), Infinity);
    const speaker = this.#who(this.#whose.get(turn) ?? "main");
    if (speaker && this.#room.companions.length > 1) this.onSpeaker(speaker.identity);
    this.#draw();
  }

  #heard(speaks) {
    const { you } = this.#room ?? {};
    if (!you) return;
    if (speaks) this.#speaking.set(`person ${you}`, Infinity);
    else this.#speaking.delete(`person ${you}`);
    this.#draw();
  }

  #spoke(name, ms) {
    this.#speaking.set(`person ${name}`, performance.now() + ms);
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), ms + 50);
  }

  #draw() {
    const room = this.#room;
    $("gathered").hidden = !room;
    if (!room) {
      $("minutes").hidden = true;
      return;
    }
    const now = performance.now();
    for (const [key, until] of this.#speaking) if (until < now) this.#speaking.delete(key);
    const companions = room.companions.map(({ companion, identity }) => this.#entry(`companion ${companion || "main"}`, "theirs", identity.name));
    const people = room.people.map(({ name, host, hand, here = true }) => {
      const notes = [name === room.you && t("room_you"), host && room.kind !== "talk" && t("room_host"), hand && t("room_hand"), !here && t("room_away"), name === room.word && t("room_word")];
      const give = hand && name !== room.word && this.#me?.host ? () => this.#send("give", { to: name }) : null;
      const item = this.#entry(`person ${name}`, "mine", name, notes.filter(Boolean), give);
      item.classList.toggle("away", !here);
      return item;
    });
    this.#list([...companions, ...people]);
    $("gathered-count").hidden = room.people.length < MANY;
    $("gathered-count").textContent = t("room_count", { count: room.people.length });
    $("agenda").textContent = line(room);
    $("end-meeting").hidden = room.kind !== "meeting" || !this.#me?.host || !room.item;
    if (room.kind === "talk" && this.alone) this.#whisper(false);
    $("in-private").hidden = room.kind === "talk";
    $("hand").hidden = room.kind === "talk";
    $("hand").setAttribute("aria-pressed", String(Boolean(this.#me?.hand)));
    $("next-item").hidden = room.kind !== "meeting" || !this.#me?.host;
    $("get-minutes").hidden = room.kind !== "meeting";
  }

  /** Have exactly these lines in the list, in this order; where nothing changed nothing is touched. */
  #list(items) {
    const list = $("gathered-list");
    const there = [...list.children];
    if (items.length !== there.length || items.some((item, index) => item !== there[index])) list.replaceChildren(...items);
    if (this.#entries.size <= items.length) return;
    for (const [key, item] of this.#entries) if (!item.isConnected) this.#entries.delete(key);
  }

  #entry(key, whose, name, notes = [], give = null) {
    if (!this.#entries.has(key)) {
      const made = document.createElement("li");
      made.className = whose;
      made.append(document.createElement("bdi"), document.createElement("small"), Object.assign(document.createElement("span"), { className: "unseen" }));
      this.#entries.set(key, made);
    }
    const item = this.#entries.get(key);
    const [who, told, voice, button] = item.children;
    const speaks = this.#speaking.has(key);
    item.classList.toggle("speaks", speaks);
    put(who, name);
    put(told, notes.join(", "));
    // What the colour tells, in words for who does not see it.
    put(voice, speaks ? ` ${t("room_speaks")}` : "");
    if (give && !button) item.append(giving(name));
    else if (!give) button?.remove();
    if (give) item.children[3].onclick = give;
    return item;
  }
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function giving(name) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = "✓";
  made.title = t("room_give", { name });
  made.setAttribute("aria-label", made.title);
  return made;
}

/** Give `text` to the user as a file. */
function save(title, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/markdown" }));
  link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-")}.md`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The item that a meeting is at, and how long it has taken. */
function line({ agenda, item }) {
  const now = agenda?.[item - 1];
  if (!now) return "";
  const place = t("room_item", { item, count: agenda.length, title: now.title });
  const spent = Math.floor((now.spent_s ?? 0) / 60);
  return now.minutes ? `${place} · ${t("room_time", { spent, minutes: Math.round(now.minutes) })}` : place;
}
