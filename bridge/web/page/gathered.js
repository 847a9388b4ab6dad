/** Who is in the room and who speaks, what a meeting is at, and the hand that may be raised. Hidden outside of rooms. */

import { t } from "./words.js";

const LINGER_MS = 4000; // that somebody counts as speaking after their words are known
const $ = (id) => document.getElementById(id);

export class Gathered {
  #companion = null;
  #room = null;
  #speaking = new Map(); // `person NAME` or `companion KEY` -> until when, ms
  #whose = new Map(); // turn -> key of the companion whose it is
  #timer = null;

  /** `onSpeaker(identity)` is told whose reply begins to be heard, where several companions are in the room. */
  constructor({ onSpeaker }) {
    this.onSpeaker = onSpeaker;
    $("hand").onclick = () => this.#send(this.#me?.hand ? "lower" : "hand");
    $("next-item").onclick = () => this.#send("next");
    $("get-minutes").onclick = () => this.#send("minutes");
  }

  /** Show the room of this companion, if it is in one. */
  follow(companion) {
    this.#companion = companion;
    this.#room = null;
    this.#speaking.clear();
    this.#whose.clear();
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

  get #me() {
    return this.#room?.people.find(({ name }) => name === this.#room.you);
  }

  #key(turn) {
    return `companion ${this.#whose.get(turn) ?? "main"}`;
  }

  #who(key) {
    return this.#room?.companions.find(({ companion }) => (companion || "main") === key);
  }

  #send(op) {
    this.#companion?.session.send("room", { op });
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
    const companions = room.companions.map(({ companion, identity }) => entry("theirs", identity.name, [], this.#speaking.has(`companion ${companion || "main"}`)));
    const people = room.people.map(({ name, host, hand, here }) => {
      const notes = [name === room.you && t("room_you"), host && room.kind !== "talk" && t("room_host"), hand && t("room_hand"), !here && t("room_away"), name === room.word && t("room_word")];
      const item = entry("mine", name, notes.filter(Boolean), this.#speaking.has(`person ${name}`));
      item.classList.toggle("away", !here);
      return item;
    });
    $("gathered-list").replaceChildren(...companions, ...people);
    $("agenda").textContent = line(room);
    $("hand").hidden = room.kind === "talk";
    $("hand").setAttribute("aria-pressed", String(Boolean(this.#me?.hand)));
    $("next-item").hidden = room.kind !== "meeting" || !this.#me?.host;
    $("get-minutes").hidden = room.kind !== "meeting";
  }
}

/** The item that a meeting is at, and how long it has taken. */
function line({ agenda, item }) {
  const now = agenda?.[item - 1];
  if (!now) return "";
  const place = t("room_item", { item, count: agenda.length, title: now.title });
  const spent = Math.floor((now.spent_s ?? 0) / 60);
  return now.minutes ? `${place} · ${t("room_time", { spent, minutes: Math.round(now.minutes) })}` : place;
}

function entry(whose, name, notes, speaks) {
  const item = document.createElement("li");
  item.className = whose;
  item.classList.toggle("speaks", speaks);
  const who = document.createElement("bdi");
  who.textContent = name;
  item.append(who);
  if (notes.length) item.append(Object.assign(document.createElement("small"), { textContent: notes.join(", ") }));
  // What the colour tells, in words for who does not see it.
  if (speaks) item.append(Object.assign(document.createElement("span"), { className: "unseen", textContent: ` ${t("room_speaks")}` }));
  return item;
}
