/** Who one talks to, with which voice, in which language: the menu behind the name. A choice begins a new conversation. */

import { t } from "./words.js";

const $ = (id) => document.getElementById(id);
const rigs = new Map(); // file -> what it holds

export class Company {
  #welcome = null;
  #pictures = new Map(); // path -> object URL

  /** `choose({identity, voice, language})` is called with what is to be asked for; `picture(path)` resolves to a blob. */
  constructor({ choose, picture }) {
    this.choose = choose;
    this.picture = picture;
    $("who").onclick = () => this.open();
    $("company-close").onclick = () => $("company").close();
    $("company").onclick = (event) => event.target === $("company") && $("company").close();
    $("voice").onchange = () => this.choose({ ...this.now, voice: $("voice").value });
    $("speaks").onchange = () => this.choose({ ...this.now, language: $("speaks").value, voice: "" });
    this.now = { identity: "", voice: "", language: "", model: "" };
  }

  /** Show whom this `welcome` offers; `now` is what was asked for. */
  meet(welcome, now) {
    this.#welcome = welcome;
    this.now = now;
    const { identity, identities } = welcome;
    const alone = identities.length < 2 && identity.voices.length === 0 && identity.languages.length < 2;
    $("who").disabled = alone;
    if ($("company").open) this.fill();
  }

  open() {
    this.fill();
    $("company").showModal();
  }

  fill() {
    const { identity, identities } = this.#welcome;
    const sorted = [...identities].sort((one, other) => one.name.localeCompare(other.name));
    $("everybody").replaceChildren(...sorted.map((each) => this.#entry(each, each.id === identity.id)));
    fill($("voice"), [["", t("own_voice")], ...identity.voices.map((name) => [name, name])], this.now.voice);
    const names = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
    fill($("speaks"), identity.languages.map((code) => [code, named(names, code)]), primary(this.now.language || identity.language));
    $("voice").closest("label").hidden = identity.voices.length === 0;
    $("speaks").closest("label").hidden = identity.languages.length < 2;
  }

  #entry({ id, name, description, languages, draft, portrait }, here) {
    const face = document.createElement(portrait ? "img" : "canvas");
    face.setAttribute(portrait ? "alt" : "aria-hidden", portrait ? "" : "true");
    if (portrait) this.#show(face, portrait);
    else draw(face, id);
    const told = document.createElement("span");
    const title = document.createElement("b");
    title.textContent = name;
    title.dir = "auto";
    const about = document.createElement("small");
    about.textContent = [description, languages.join(" · ")].filter(Boolean).join(" — ");
    about.dir = "auto";
    told.append(title, about);
    if (draft) {
      const mark = document.createElement("i");
      mark.textContent = t("draft");
      title.after(mark);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.append(face, told);
    button.setAttribute("aria-current", String(here));
    button.onclick = () => {
      $("company").close();
      if (!here) this.choose({ identity: id, voice: "", language: "", model: this.now.model });
    };
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  }

  async #show(image, path) {
    if (!this.#pictures.has(path)) this.#pictures.set(path, this.picture(path).then((blob) => URL.createObjectURL(blob)));
    image.src = await this.#pictures.get(path).catch(() => "");
  }
}

/** Who has no picture is drawn. */
async function draw(canvas, id) {
  try {
    const answer = fetch(`looks.json?identity=${encodeURIComponent(id)}`);
    const { Face, loadRig, rigFor } = await import("../face/face.js");
    const looks = await answer.then((got) => got.json());
    const file = `face/${rigFor(looks)}`;
    if (!rigs.has(file)) rigs.set(file, loadRig(file));
    const pattern = await rigs.get(file);
    new Face(canvas, pattern, looks).draw(0);
  } catch (error) {
    console.warn("a face cannot be drawn:", error.message);
  }
}

/** Fill a select with `[value, text]` pairs. */
export function fill(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

export function primary(tag) {
  return tag.split("-")[0].toLowerCase();
}

export function named(names, code) {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}
