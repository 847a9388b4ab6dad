/**
 * What the companion wears: the drawn face, the identity's own 3D head, or one that the user brought or the server was
 * configured with. Which of the identity's two faces somebody chose is remembered.
 */

import { t } from "./words.js";

const KINDS = /\.(glb|vrm|gltf)$/i;
const KEY = "companion-face"; // "drawn" or "head" once the user chose
const BY_CPU = /swiftshader|llvmpipe|software|basic render/i; // what draws without a graphics card, slowly

export class Wardrobe {
  #head = null;
  #portrayed = ""; // the puppet that is worn
  #setup = null;
  #own = null; // {path, name}: the head that the identity has
  #from = ""; // the path of the head that is worn; "" for what was brought or configured

  /** `onWorn(profile)` is told the channels that what is worn takes. */
  constructor({ stage, button, input, onFault, onWorn }) {
    Object.assign(this, { stage, button, input, onFault, onWorn });
    button.onclick = ({ shiftKey }) => (shiftKey && !this.#head ? input.click() : this.#toggle());
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

  /** Put on the portrait that moves, if whoever is shown has one: `fetched(path)` gives a file of theirs as a blob. */
  async portray(identity, fetched) {
    const looks = await (await fetch(`looks.json?${new URLSearchParams({ identity })}`)).json();
    if (!looks.puppet && this.#portrayed) this.takeOff();
    if (!looks.puppet || looks.puppet === this.#portrayed) return;
    const canvas = document.createElement("canvas");
    const { Puppet } = await import("./heads/puppet.js");
    const data = JSON.parse(await (await fetched(looks.puppet)).text());
    const puppet = await Puppet.open(canvas, data, { ground: !document.body.dataset.plain });
    this.#head?.dispose();
    this.#head = puppet;
    this.#portrayed = looks.puppet;
    this.#from = "";
    this.stage.wear(puppet, canvas);
    this.#label("portrait");
    this.onWorn(puppet.profile);
  }

  /**
   * Put on the head of the identity that was met, if it has one, this page can draw it well and the user wants it;
   * `fetch(path)` gives its blob. A head that somebody brought or configured stays.
   */
  async meet({ head: path = "", name = "" }, fetch) {
    const { three, head } = await this.setup();
    this.#own = path && three && !head ? { path, name, fetch } : null;
    if (!this.#head) this.#label();
    if (this.#head && this.#from && this.#from !== path) this.#undress();
    const chosen = remembered();
    if (this.#own && !this.#head && (chosen === "head" || (chosen !== "drawn" && drawsFast()))) await this.#wearOwn();
  }

  async #wearOwn() {
    const own = this.#own;
    const blob = await own.fetch(own.path);
    const data = await blob.arrayBuffer();
    if (this.#own === own && !this.#head) await this.#wear(own.name, data, own.path);
  }

  #toggle() {
    if (this.#head) {
      if (this.#from) remember("drawn");
      return this.takeOff();
    }
    if (!this.#own) return this.input.click();
    remember("head");
    return this.#wearOwn().catch((error) => this.onFault({ code: "bad_head", message: error.message }));
  }

  /** What this server adds to the page: `{three, head}`. */
  async setup() {
    this.#setup ??= fetch("setup.json").then((answer) => (answer.ok ? answer.json() : {}));
    return this.#setup;
  }

  /** Back to the drawn face. */
  takeOff() {
    this.#undress();
    this.onWorn("arkit52");
  }

  #undress() {
    const head = this.#head;
    this.#head = null;
    this.#portrayed = "";
    this.#from = "";
    this.stage.undress();
    head?.dispose();
    this.#label();
  }

  async #bring(file) {
    if (!file || !KINDS.test(file.name)) return this.onFault({ code: "bad_head" });
    return this.#wear(file.name, await file.arrayBuffer());
  }

  async #wear(name, data, from = "") {
    const { three } = await this.setup();
    if (!three) return this.onFault({ code: "no_3d" });
    const canvas = document.createElement("canvas");
    try {
      const { Head } = await import("./heads/head.js");
      const head = await Head.open(canvas, data);
      this.#head?.dispose();
      this.#head = head;
      this.#portrayed = "";
      this.#from = from;
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
    const hint = t(this.#own ? "own_head_also" : "own_head_hint");
    button.title = this.#head ? name : hint;
    button.setAttribute("aria-label", this.#head ? t("drawn_face") : hint);
  }

  #offer(on) {
    document.body.toggleAttribute("data-drop", on);
  }
}

/** Whether a graphics card draws here. A head on the processor alone is a slide show: the drawn face is kinder there. */
function drawsFast() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !BY_CPU.test(renderer);
}

function remembered() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // a page that may store nothing
  }
}

function remember(face) {
  try {
    localStorage.setItem(KEY, face);
  } catch {
    // it is only forgotten
  }
}
