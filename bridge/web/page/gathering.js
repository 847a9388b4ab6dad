/** The dialog by which somebody opens a room or enters one, invites others, and leaves. */

import { address, read, wanted } from "./opening.js";
import { t } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Gathering {
  #welcome = null;

  /** `onChange()` is called when another room is to be entered, or this one left: a new conversation begins. */
  constructor({ onChange }) {
    this.onChange = onChange;
    const { room, user } = read(location.href);
    this.room = room; // as in `hello.room`: whoever comes back to a room that has ended opens it as it was
    this.user = user;
    const form = $("gather-form");
    $("open-gather").onclick = () => this.open();
    $("gather-close").onclick = () => $("gather").close();
    $("gather").onclick = (event) => {
      // Nothing is returned: false would keep the form from being sent.
      if (event.target === $("gather")) $("gather").close();
    };
    $("leave-room").onclick = () => this.#go(null);
    $("copy-room").onclick = () => this.#copy();
    form.elements.kind.onchange = () => this.#offer();
    form.onsubmit = (event) => {
      event.preventDefault();
      const { name, key, kind, items, user: called } = form.elements;
      const cast = [...form.querySelectorAll("[name=cast]:checked")].map(({ value }) => value);
      this.user = called.value.trim();
      this.#go(wanted({ name: name.value, key: key.value, kind: kind.value, cast, items: items.value }));
    };
  }

  /** This server has been met: whether it has rooms, and who may be asked into one. */
  meet(welcome) {
    this.#welcome = welcome;
    $("open-gather").hidden = !welcome.features.includes("rooms");
    $("open-gather").setAttribute("aria-pressed", String(Boolean(this.room)));
  }

  open() {
    const { elements } = $("gather-form");
    elements.user.value = this.user;
    elements.name.value = this.room?.name ?? "";
    elements.key.value = this.room?.key ?? "";
    $("gather-told").textContent = "";
    const inside = Boolean(this.room);
    $("gather-here").hidden = !inside;
    $("gather-here-text").textContent = inside ? t("gather_here", { name: this.room.name }) : "";
    this.#offer();
    $("gather").showModal();
    (this.user ? elements.name : elements.user).focus();
  }

  #offer() {
    const form = $("gather-form");
    const { kind } = form.elements;
    $("gather-items").hidden = kind.value !== "meeting";
    $("gather-kind-told").textContent = t(`gather_told_${kind.value}`);
    const people = this.#welcome?.identities ?? [];
    const chosen = new Set([...form.querySelectorAll("[name=cast]:checked")].map(({ value }) => value));
    if (!chosen.size && this.#welcome) chosen.add(this.#welcome.identity.id);
    $("gather-cast").hidden = people.length < 2;
    $("gather-who").replaceChildren(...people.map((each) => choice(each, chosen.has(each.id))));
  }

  async #copy() {
    // An invitation is for somebody else: without the name of who copies it.
    const link = address(location.href, this.room);
    try {
      await navigator.clipboard.writeText(link);
      $("gather-told").textContent = t("copied");
    } catch {
      $("gather-told").textContent = link;
    }
  }

  #go(room) {
    this.room = room;
    history.replaceState(null, "", address(location.href, room, room ? this.user : ""));
    $("gather").close();
    this.onChange();
  }
}

function choice({ id, name }, checked) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "cast", value: id, checked });
  const called = Object.assign(document.createElement("bdi"), { textContent: name });
  label.append(box, called);
  return label;
}
