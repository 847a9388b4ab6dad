/** The studio: from a sentence to somebody to talk to, each step seen, heard, changed and decided by people. */

import { Face, loadRig } from "../face/face.js";
import { Desk } from "./desk.js";
import { attributes, flags, node, reports, stages, voices } from "./shown.js";
import { place, t } from "./words.js";

const TOKEN = "companion-token";
const PORTRAIT = "assets/icon/images/main.png";
const PAGE = "reports/evaluation.html";
const $ = (id) => document.getElementById(id);

class Studio {
  #person = null;
  #known = [];
  #sounds = new Map(); // path -> object URL, of the person who is shown
  #face = null;
  #rig = null;

  constructor() {
    for (const idea of t("ideas")) $("ideas").append(node("button", { type: "button", textContent: idea, onclick: () => (($("sentence").value = idea), $("sentence").focus()) }));
    $("make").onsubmit = (event) => (event.preventDefault(), this.make());
    $("change").onsubmit = (event) => (event.preventDefault(), this.act("change", { sentence: $("wish").value.trim() }).then((ok) => ok && ($("wish").value = "")));
    $("review").onsubmit = (event) => (event.preventDefault(), this.act("review", { approve: event.submitter?.value !== "reject", by: $("by").value.trim(), note: $("note").value.trim() }));
    $("seal").onclick = () => this.act("run", { stage: "seal" });
    $("hear").onclick = () => this.act("voices", { hear: true });
    $("read").onclick = () => this.read();
    $("charx").onclick = () => this.save("charx");
    $("png").onclick = () => this.save("png");
    $("cancel").onclick = () => this.desk.cancel();
    $("fresh").onclick = () => this.fresh();
    $("held").onclick = $("decided").onchange = () => this.held();
    $("fault").querySelector("button").onclick = () => this.fault(null);
    $("sound").onended = () => this.#playing(null);
    addEventListener("pagehide", () => this.desk?.close());
    this.dress();
    this.begin();
  }

  // ---------------------------------------------------------------------------------------------------- the line

  async begin() {
    $("line").textContent = t("connecting");
    const address = new URL("socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const desk = new Desk(address.href, sessionStorage.getItem(TOKEN));
    this.desk = desk;
    desk.addEventListener("people", ({ detail }) => this.list(detail.people));
    desk.addEventListener("person", ({ detail }) => this.show(detail.person));
    desk.addEventListener("flags", ({ detail }) => this.flagged(detail.flags));
    desk.addEventListener("progress", ({ detail }) => this.step(detail));
    desk.addEventListener("lost", () => ($("line").textContent = t("lost")));
    try {
      const { stages: known, change } = await desk.open();
      this.#known = known;
      $("change").hidden = !change;
      $("seal").hidden = !known.includes("seal");
    } catch (error) {
      if (["unauthorized", "forbidden", "token_expired"].includes(error.code)) return this.ask(error);
      return this.fault(error);
    }
    $("line").textContent = t("ready");
    await this.people();
    const asked = new URLSearchParams(location.search).get("person");
    if (asked) await this.open(asked);
    return undefined;
  }

  ask(error) {
    this.fault(error);
    $("ask").onclose = () => {
      const token = $("token").value.trim();
      $("token").value = "";
      if (!token) return;
      sessionStorage.setItem(TOKEN, token);
      this.fault(null);
      this.begin();
    };
    $("ask").showModal();
  }

  /** Have something done, with everything that begins something else out of reach; whether it worked. */
  async act(type, fields = {}, { quiet = false } = {}) {
    this.fault(null);
    if (!quiet) this.#busy(true, type);
    try {
      const person = ["make", "people", "flags", "decide"].includes(type) ? {} : { person: fields.person ?? this.#person?.id };
      this.file = await this.desk.ask(type, { ...person, ...fields });
      if (!quiet) $("bar").value = 1;
      return true;
    } catch (error) {
      this.fault(error);
      return false;
    } finally {
      if (!quiet) this.#busy(false);
    }
  }

  #busy(on, type = "") {
    for (const button of document.querySelectorAll("main button:not(#cancel, .play), .people button")) button.disabled = on;
    $("work").setAttribute("aria-busy", String(on));
    if (on && !["people", "open", "file", "pack", "flags", "decide"].includes(type)) {
      $("steps").replaceChildren();
      $("bar").value = 0;
      $("doing").textContent = t("making");
      delete $("going").dataset.over;
      $("going").hidden = false;
      $("cancel").hidden = false;
    }
    if (!on) {
      $("cancel").hidden = true;
      $("going").dataset.over = "true";
    }
  }

  step({ done, doing }) {
    $("bar").value = done;
    $("doing").textContent = doing;
    if ($("steps").lastElementChild?.textContent !== doing) $("steps").append(node("li", { textContent: doing }));
  }

  // ------------------------------------------------------------------------------------------------------ people

  people() {
    return this.act("people", {}, { quiet: true });
  }

  list(people) {
    const faces = [];
    const entries = people.map(({ id, name, description, looks, mine, draft }) => {
      const canvas = node("canvas");
      canvas.setAttribute("aria-hidden", "true");
      const small = node("small", { textContent: mine ? description : `${t("shipped")} · ${description}`, dir: "auto" });
      const button = node("button", { type: "button", onclick: () => (mine ? this.open(id) : location.assign(this.#address(id))) }, canvas, node("span", {}, node("b", { textContent: name, dir: "auto" }), small));
      button.dataset.id = id;
      button.title = draft ? t("draft") : t("sealed");
      faces.push([canvas, looks]);
      return node("li", {}, button);
    });
    $("people").replaceChildren(...entries);
    // A face takes its size from where it stands.
    if (this.#rig) for (const [canvas, looks] of faces) new Face(canvas, this.#rig, looks).draw(0);
    this.#mark();
  }

  #mark() {
    for (const button of $("people").querySelectorAll("button")) button.setAttribute("aria-current", String(button.dataset.id === this.#person?.id));
  }

  fresh() {
    this.#person = null;
    history.replaceState(null, "", ".");
    $("person").hidden = $("going").hidden = $("flags").hidden = true;
    $("make").hidden = false;
    this.#mark();
    $("sentence").focus();
  }

  /** Show what the filter held back, for people to decide on. */
  async held() {
    if (!(await this.act("flags", { decided: $("decided").checked }))) return;
    this.#person = null;
    history.replaceState(null, "", ".");
    $("person").hidden = $("going").hidden = $("make").hidden = true;
    $("flags").hidden = false;
    this.#mark();
  }

  flagged(found) {
    const decide = (item, decision, phrase) => this.act("decide", { item, decision, phrase });
    $("flag-list").replaceChildren(...(found.length ? flags(found, decide) : [node("li", { className: "hint", textContent: t("nothing_held") })]));
  }

  async open(id) {
    if (await this.act("open", { person: id })) $("going").hidden = true;
  }

  async make() {
    const seed = Math.max(0, Math.trunc(Number($("seed").value) || 0));
    $("person").hidden = true;
    if (!(await this.act("make", { sentence: $("sentence").value.trim(), language: $("language").value, seed }))) return;
    $("doing").textContent = t("made", { name: this.#person.name });
    await this.people();
  }

  // ------------------------------------------------------------------------------------------------------ a person

  show(person) {
    if (person.id !== this.#person?.id || JSON.stringify(person.reports.voice?.candidates) !== JSON.stringify(this.#person.reports.voice?.candidates)) this.#forget();
    this.#person = person;
    $("name").textContent = person.name;
    $("description").textContent = person.description;
    $("greeting").textContent = person.greeting.replace(/\[[^\]]*\]|\*[^*]*\*/g, "").trim();
    $("mark").textContent = t(person.draft ? "draft" : "sealed");
    $("mark").dataset.draft = String(person.draft);
    $("talk").href = this.#address(person.id);
    $("attributes").replaceChildren(...attributes(person.attributes));
    $("stages").replaceChildren(...stages(person, this.#known, (stage) => (stage === "voice" ? this.act("voices") : this.act("run", { stage }))));
    const heard = person.files.some(({ path }) => path === "reports/voice/1.wav");
    $("voices").replaceChildren(...voices(person.reports.voice, heard, { play: (number, button) => this.play(number, button), take: (choose) => this.act("voices", { choose }) }));
    $("hear").hidden = heard;
    $("report").replaceChildren(...reports(person.reports));
    $("read").hidden = !person.files.some(({ path }) => path === PAGE);
    $("face").setAttribute("aria-label", t("face_of", { name: person.name }));
    $("person").hidden = false;
    $("make").hidden = $("flags").hidden = true;
    this.#draw();
    this.#portrait();
    this.#mark();
    history.replaceState(null, "", `?person=${encodeURIComponent(person.id)}`);
  }

  #address(id) {
    return `../?identity=${encodeURIComponent(id)}`;
  }

  async dress() {
    this.#rig = await loadRig("../face/rig.json").catch(() => null);
    if (this.#person) this.#draw();
    if ($("people").children.length) this.people();
  }

  #draw() {
    if (!this.#rig) return;
    this.#face ??= new Face($("face"), this.#rig, this.#person.looks);
    this.#face.setLooks(this.#person.looks);
    requestAnimationFrame(() => this.#face.draw(performance.now()));
  }

  async #portrait() {
    const has = this.#person.files.some(({ path }) => path === PORTRAIT);
    $("picture").hidden = !has;
    // What shows this person asks for it once that is answered.
    if (has) setTimeout(async () => ($("picture").src = (await this.#url(PORTRAIT)) ?? ""), 50);
  }

  /** The address of one of the person's files, fetched once. */
  async #url(path) {
    if (!this.#sounds.has(path) && (await this.act("file", { path }, { quiet: true }))) this.#sounds.set(path, URL.createObjectURL(this.file.blob));
    return this.#sounds.get(path);
  }

  #forget() {
    for (const url of this.#sounds.values()) URL.revokeObjectURL(url);
    this.#sounds.clear();
    $("sound").pause();
  }

  async play(number, button) {
    const sound = $("sound");
    const on = button.getAttribute("aria-pressed") === "true";
    this.#playing(null);
    if (on) return sound.pause();
    const url = await this.#url(`reports/voice/${number}.wav`);
    if (!url) return undefined;
    sound.src = url;
    this.#playing(button);
    return sound.play().catch((error) => this.fault({ code: error.name, message: error.message }));
  }

  #playing(button) {
    for (const each of $("voices").querySelectorAll(".play")) each.setAttribute("aria-pressed", String(each === button));
  }

  /** Show the page of the evaluation as it was written, in a world of its own. */
  async read() {
    if (!(await this.act("file", { path: PAGE }))) return;
    // Its styles go into a sheet of their own: the page's policy lets none stand in a document.
    let css = "";
    const text = (await this.file.blob.text()).replace(/<style>([\s\S]*?)<\/style>/g, (_, rules) => ((css += rules), ""));
    const page = new DOMParser().parseFromString(text, "text/html");
    const host = node("div", { className: "pages" });
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css.replaceAll(":root", ":host").replace(/(^|[\s,}])body(?=[\s,{.:])/g, "$1.body"));
    root.adoptedStyleSheets = [sheet];
    for (const active of page.querySelectorAll("script, iframe, object, embed, link, meta, style, base, form")) active.remove();
    root.append(node("div", { className: "body" }, ...page.body.childNodes));
    $("paper").replaceChildren(host);
    $("reading").showModal();
  }

  async save(form) {
    if (!(await this.act("pack", { form }))) return;
    const url = URL.createObjectURL(this.file.blob);
    node("a", { href: url, download: this.file.path }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  /** Say what went wrong in a sentence, or with null that all is well. */
  fault(error) {
    const box = $("fault");
    box.hidden = !error;
    if (!error) return;
    box.dataset.code = error.code ?? "";
    const own = t(`error_${error.code}`);
    box.querySelector("strong").textContent = error.code === "cancelled" ? "" : t("failed");
    box.querySelector("span").textContent = own !== `error_${error.code}` ? own : sentence(error.message || error.code);
    if (error.code === "cancelled") $("going").hidden = true;
    box.scrollIntoView({ block: "nearest" });
  }
}

function sentence(text) {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

place();
globalThis.studio = new Studio();
