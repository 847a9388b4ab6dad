/** What the companion wears: the drawn face, or a 3D head that the user brought or the server was configured with. */

import { t } from "./words.js";

const KINDS = /\.(glb|vrm|gltf)$/i;

export class Wardrobe {
  #head = null;
  #setup = null;

  /** `onWorn(profile)` is told the channels that what is worn takes. */
  constructor({ stage, button, input, onFault, onWorn }) {
    Object.assign(this, { stage, button, input, onFault, onWorn });
    button.onclick = () => (this.#head ? this.takeOff() : input.click());
    input.onchange = () => {
      const [file] = input.files;
      input.value = "";
      if (file) this.#bring(file);
    };
    const files = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => files(event) && (event.preventDefault(), this.#offer(true)));
    addEventListener("dragleave", (event) => event.relatedTarget || this.#offer(false));
    addEventListener("drop", (event) => {
      this.#offer(false);
      if (!files(event)) return;
      event.preventDefault();
      this.#bring(event.dataTransfer.files[0]);
    });
    this.#label();
  }

  /** The 3D head that is worn, or null. */
  get worn() {
    return this.#head;
  }

  /** Put on the head that the server was configured with, if there is one. */
  async dress() {
    const { head } = await this.setup();
    if (!head) return;
    const answer = await fetch("head");
    if (answer.ok) await this.#wear(head, await answer.arrayBuffer());
  }

  /** What this server adds to the page: `{three, head}`. */
  async setup() {
    this.#setup ??= fetch("setup.json").then((answer) => (answer.ok ? answer.json() : {}));
    return this.#setup;
  }

  /** Back to the drawn face. */
  takeOff() {
    const head = this.#head;
    this.#head = null;
    this.stage.undress();
    head?.dispose();
    this.#label();
    this.onWorn("arkit52");
  }

  async #bring(file) {
    if (!file || !KINDS.test(file.name)) return this.onFault({ code: "bad_head" });
    return this.#wear(file.name, await file.arrayBuffer());
  }

  async #wear(name, data) {
    const { three } = await this.setup();
    if (!three) return this.onFault({ code: "no_3d" });
    const canvas = document.createElement("canvas");
    try {
      const { Head } = await import("./heads/head.js");
      const head = await Head.open(canvas, data);
      this.#head?.dispose();
      this.#head = head;
      this.stage.wear(head, canvas);
    } catch (error) {
      console.info("the head cannot be worn:", error.message);
      return this.onFault({ code: error.code ?? "bad_head" });
    }
    this.#label(name);
    return this.onWorn(this.#head.profile);
  }

  #label(name = "") {
    const { button } = this;
    button.querySelector("span").textContent = t(this.#head ? "drawn_face" : "own_head");
    button.title = this.#head ? name : t("own_head_hint");
    button.setAttribute("aria-label", this.#head ? t("drawn_face") : t("own_head_hint"));
  }

  #offer(on) {
    document.body.toggleAttribute("data-drop", on);
  }
}
