/**
 * The page: one companion after another on one stage, and whatever goes wrong in a sentence.
 *
 * `?view=avatar` shows the avatar alone, `&background=transparent` (or a CSS colour) on nothing, `&subtitles` with its
 * words. `#watch=SESSION.SECRET` watches a conversation instead of having one; a fragment is never sent to a server.
 */

import { Companion } from "../companion.js";
import { Controls } from "./controls.js";
import { Drawer } from "./drawer.js";
import { ASKS_FOR_TOKEN, COMES_BACK, FOR_THE_LOG, describe } from "./faults.js";
import { Lines } from "./lines.js";
import { Stage } from "./stage.js";
import { Wardrobe } from "./wardrobe.js";
import { place, t } from "./words.js";

const RETRY_S = [1, 2, 4, 8, 15];
const TOKEN = "companion-token"; // in sessionStorage: this tab, until it is closed
const $ = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.query = new URLSearchParams(location.search);
    this.failed = 0;
    this.profile = "arkit52";
    this.stage = new Stage($("face"), { faded: this.query.get("view") !== "avatar" });
    this.lines = new Lines({ subtitle: $("subtitle"), you: $("you"), history: $("history") });
    this.controls = new Controls($("composer"), { onTyped: (text) => this.lines.typed(text), onFault: (error) => this.fault(error) });
    this.drawer = new Drawer($("drawer"), this.stage);
    const onFault = (error) => this.fault(error);
    this.wardrobe = new Wardrobe({ stage: this.stage, button: $("own-head"), input: $("head-file"), onFault, onWorn: (profile) => this.worn(profile) });
    addEventListener("pagehide", (event) => event.persisted || this.companion?.close());
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => this.companion?.unlock(), { capture: true });
    this.view();
    const dressed = this.stage.dress().catch((error) => console.warn("the drawn face is not there:", error.message));
    this.wardrobe.dress().catch((error) => console.warn("the head is not there:", error.message));
    this.begin();
    // For whoever measures: the face is there and somebody is behind it.
    const met = new Promise((resolve) => this.companion.on("welcome", resolve));
    Promise.all([dressed, met]).then(() => requestAnimationFrame(() => performance.mark("companion-ready")));
  }

  view() {
    const background = this.query.get("background");
    document.body.dataset.view = this.query.get("view") ?? "";
    document.body.dataset.subtitles = String(this.query.has("subtitles"));
    if (background) document.documentElement.style.setProperty("--ground", background);
    if (background) document.body.dataset.plain = "true";
  }

  /** A new conversation; the one before is over. */
  begin() {
    clearTimeout(this.returning);
    const address = new URL(".", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = address.hash = "";
    const companion = new Companion(address.href, this.hello());
    this.companion = companion;
    globalThis.companion = companion; // for the console, and for whoever scripts this page
    companion.on("welcome", (welcome) => this.welcomed(welcome));
    companion.on("status", ({ status, error }) => this.status(status, error));
    companion.on("state", ({ state }) => this.show(state));
    companion.on("error", (error) => error.fatal || FOR_THE_LOG.has(error.code) || this.fault(error, { brief: true }));
    companion.on("unlocked", () => this.fault(null, { only: "locked" }));
    companion.on("began", () => {
      this.fault(null);
      $("notice").hidden = true;
    });
    companion.on("tap", ({ samples }) => document.body.style.setProperty("--voice", loudness(samples).toFixed(3)));
    companion.on("reply_start", () => companion.locked && this.fault({ code: "locked" }, { act: () => companion.unlock(), label: t("hear") }));
    for (const part of [this.stage, this.lines, this.controls, this.drawer]) part.follow(companion);
    companion.open();
  }

  hello() {
    const watch = /^#watch=([^.]+)\.(.+)$/.exec(location.hash);
    const token = sessionStorage.getItem(TOKEN) ?? undefined;
    const client = "companion-page";
    const face = { profile: this.profile, fps: 60 };
    const features = ["idle_face", "phones", "timings"];
    if (!watch) return { client, token, face, features, user: this.query.get("user") ?? undefined };
    return { client, token, role: "viewer", watch: { session: watch[1], token: watch[2], seq: 0 } };
  }

  welcomed({ identity, notice, resumed }) {
    this.failed = 0;
    this.fault(null);
    $("name").textContent = identity.name;
    $("name").title = identity.description ?? "";
    $("face").setAttribute("aria-label", t("face_of", { name: identity.name }));
    document.title = identity.name;
    if (resumed) return;
    $("notice").hidden = !notice;
    $("notice").textContent = notice;
    $("about").textContent = [identity.description, notice].filter(Boolean).join(" ");
    this.show("idle");
  }

  show(state) {
    document.body.dataset.state = state;
    $("state").textContent = t(`state_${state}`);
  }

  status(status, error) {
    if (status === "connecting") this.show("connecting");
    else if (status === "lost") this.lost();
    else if (status === "open") this.fault(null, { only: "lost" });
    else if (status === "over" && error) this.over(error);
  }

  lost() {
    this.show("lost");
    // Most losses are mended before anybody could read about them.
    setTimeout(() => this.companion.session.ready || this.companion.session.ended || this.fault({ code: "lost" }), 700);
  }

  over(error) {
    const { companion } = this;
    this.show("over");
    if (!companion.welcome) $("state").textContent = t("state_away");
    companion.close();
    if (ASKS_FOR_TOKEN.has(error.code)) this.ask(error);
    if (COMES_BACK.has(error.code)) {
      const seconds = error.retryAfter || RETRY_S[Math.min(this.failed, RETRY_S.length - 1)];
      this.failed += 1;
      this.returning = setTimeout(() => this.begin(), seconds * 1000);
      this.fault(error, { act: () => this.begin(), label: t("again"), more: t("wait", { seconds: Math.ceil(seconds) }) });
    } else this.fault(error, { act: () => (ASKS_FOR_TOKEN.has(error.code) ? this.ask(error) : this.begin()), label: t("again") });
  }

  ask() {
    const dialog = $("ask");
    if (dialog.open) return;
    dialog.onclose = () => {
      const token = $("token").value.trim();
      $("token").value = "";
      if (!token) return;
      sessionStorage.setItem(TOKEN, token);
      this.begin();
    };
    dialog.showModal();
  }

  /** What is worn takes the channels of `profile`; a session has one set of them, so that another set is a new one. */
  worn(profile) {
    this.fault(null);
    if (profile === this.profile || location.hash.startsWith("#watch=")) return;
    this.profile = profile;
    this.companion.close();
    this.begin();
  }

  /** Say what went wrong, or with null that all is well again (`only`: if it was this). `brief` goes away by itself. */
  fault(error, { act, label, more = "", brief = false, only } = {}) {
    const box = $("fault");
    if (only && box.dataset.code !== only) return;
    clearTimeout(this.clearing);
    box.hidden = !error;
    box.dataset.code = error?.code ?? "";
    if (!error) return;
    const [heading, sentence] = describe(error);
    const button = box.querySelector("button");
    box.querySelector("strong").textContent = heading;
    box.querySelector("span").textContent = `${sentence} ${more}`.trim();
    button.textContent = label ?? t("dismiss");
    button.onclick = () => (this.fault(null), act?.());
    if (brief) this.clearing = setTimeout(() => this.fault(null), 6000);
  }
}

/** 0 for silence to about 1 for loud speech. */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.min(1, Math.sqrt(sum / samples.length) / 6000);
}

place();
if (typeof AudioWorkletNode === "undefined" || typeof WebSocket === "undefined") {
  $("fault").hidden = false;
  [$("fault").querySelector("strong").textContent, $("fault").querySelector("span").textContent] = describe({ code: isSecureContext ? "old_browser" : "NotSupportedError" });
} else globalThis.page = new Page();
