/**
 * The page: one companion after another on one stage, and whatever goes wrong in a sentence.
 *
 * `?view=avatar` shows the avatar alone, `&background=transparent` (or a CSS colour) on nothing, `&subtitles` with its
 * words. `#watch=SESSION.SECRET` watches a conversation instead of having one; a fragment is never sent to a server.
 */

import { Companion } from "../companion.js";
import { Company } from "./company.js";
import { Controls } from "./controls.js";
import { Doors } from "./doors.js";
import { Drawer } from "./drawer.js";
import { Gathered } from "./gathered.js";
import { Gathering } from "./gathering.js";
import { Greeting } from "./greeting.js";
import { ASKS_FOR_TOKEN, COMES_BACK, FOR_THE_LOG, OUTLASTS_A_REPLY, describe } from "./faults.js";
import { Lines } from "./lines.js";
import { Look } from "./look.js";
import { Memories } from "./memories.js";
import { Preferences } from "./preferences.js";
import { Settings } from "./settings.js";
import { Sight } from "./sight.js";
import { Sound } from "./sound.js";
import { Stage } from "./stage.js";
import { Wardrobe } from "./wardrobe.js";
import { Watch, arrange } from "./watch.js";
import { place, t } from "./words.js";

const NOBODY = { identity: "", voice: "", language: "", model: "" };
const RETRY_S = [1, 2, 4, 8, 15];
const TOKEN = "companion-token"; // in sessionStorage: this tab, until it is closed
const $ = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.query = new URLSearchParams(location.search);
    this.enter();
    this.obs = /\/obs$/.test(location.pathname);
    this.watched = null; // {session, watch}: the conversation that is only looked at
    this.failed = 0;
    this.profile = "arkit52";
    this.wanted = { identity: this.query.get("identity") ?? "", voice: this.query.get("voice") ?? "", language: this.query.get("language") ?? "", model: this.query.get("model") ?? "" };
    this.preferences = new Preferences(storage());
    this.sound = new Sound();
    this.company = new Company({ choose: (wanted) => this.turn(wanted), picture: (path) => this.companion.picture(path) });
    this.stage = new Stage($("face"), { faded: this.query.get("view") !== "avatar" && !this.obs });
    this.gathering = new Gathering({ onChange: () => this.gather() });
    this.gathered = new Gathered({ onSpeaker: ({ id }) => this.face(id) });
    this.lines = new Lines({ whose: (turn) => this.gathered.name(turn), subtitle: $("subtitle"), you: $("you"), history: $("history") });
    this.controls = new Controls($("composer"), { onTyped: (text, alone) => this.typed(text, alone), onFault: (error) => this.fault(error), alone: () => this.gathered.alone });
    this.drawer = new Drawer($("drawer"), this.stage);
    const onFault = (error) => this.fault(error);
    this.greeting = new Greeting({ box: $("chips"), onAsked: (text) => this.say(text), onGreet: () => this.greet() });
    this.settings = new Settings($("settings"), {
      preferences: this.preferences,
      company: this.company,
      conversation: () => this.lines.conversation,
      audition: (voice) => this.audition(voice),
      onForget: () => this.forget(),
      onFault: (error) => this.fault(error),
      token: () => sessionStorage.getItem(TOKEN) ?? "",
    });
    this.memories = new Memories();
    this.sight = new Sight({ form: $("set-camera"), onFault, t });
    this.look = new Look({ onFault });
    this.preferences.watch((name, value) => this.prefer(name, value));
    for (const name of ["volume", "subtitles", "theme", "calm"]) this.prefer(name, this.preferences.get(name));
    this.doors = new Doors({
      buttons: [$("enter-vr"), $("enter-ar")],
      page: this,
      onFault: (error) => this.fault(error),
    });
    this.wardrobe = new Wardrobe({ stage: this.stage, button: $("own-head"), input: $("head-file"), onFault, onWorn: (profile) => this.worn(profile) });
    addEventListener("pagehide", (event) => event.persisted || this.companion?.close());
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => this.companion?.unlock(), { capture: true });
    this.view();
    const dressed = this.stage.dress(this.wanted.identity).catch((error) => console.warn("the drawn face is not there:", error.message));
    this.wardrobe.dress().catch((error) => console.warn("the head is not there:", error.message));
    if (this.obs) this.attend();
    else this.begin();
    // For whoever measures: the face is there and somebody is behind it.
    const met = new Promise((resolve) => this.companion?.on("welcome", resolve));
    Promise.all([dressed, met]).then(() => requestAnimationFrame(() => performance.mark("companion-ready")));
  }

  /** An invitation holds a token behind its address: it goes into this tab, and out of the address. */
  enter() {
    const given = /^#token=([\w.-]+)$/.exec(location.hash);
    if (!given || /\/obs$/.test(location.pathname)) return;
    sessionStorage.setItem(TOKEN, given[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }

  view() {
    const background = this.obs ? arrange(this.query) : this.query.get("background");
    document.body.dataset.view = this.obs ? "avatar" : (this.query.get("view") ?? "");
    // The name in the bar is not there then; whoever hears the page is told all the same.
    $("heading").hidden = document.body.dataset.view !== "avatar";
    if (this.obs) document.body.dataset.away = "true";
    document.body.dataset.subtitles = String(this.query.has("subtitles"));
    if (background) document.documentElement.style.setProperty("--ground", background);
    if (background) document.body.dataset.plain = "true";
  }

  /** For a stream: show the newest conversation, whichever it is. */
  attend() {
    this.show("connecting");
    const onFound = (found) => {
      this.watched = found;
      this.begin();
    };
    const onNone = (error) => (error ? this.fault(error) : this.fault(null, { only: "unauthorized" }));
    this.watch = new Watch({ query: this.query, hash: location.hash, onFound, onNone });
    this.watch.begin();
  }

  /** A new conversation; the one before is over. */
  begin() {
    clearTimeout(this.returning);
    const address = new URL(".", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = address.hash = "";
    const before = this.companion;
    const { preferences } = this;
    const microphone = { device: preferences.get("microphone"), echo: preferences.get("echo") };
    const companion = new Companion(address.href, this.hello(), { destination: this.sound.enter, microphone, rests: true });
    this.companion = companion;
    before?.close();
    globalThis.companion = companion; // for the console, and for whoever scripts this page
    companion.on("welcome", (welcome) => this.welcomed(welcome));
    companion.on("status", ({ status, error }) => companion === this.companion && this.status(status, error));
    companion.on("state", ({ state }) => this.show(state));
    companion.on("error", (error) => error.fatal || FOR_THE_LOG.has(error.code) || this.fault(error, { brief: true }));
    companion.on("ended", () => this.stage.refresh().catch(() => {}));
    companion.on("unlocked", () => this.fault(null, { only: "locked" }));
    companion.on("began", () => {
      if (!OUTLASTS_A_REPLY.has($("fault").dataset.code)) this.fault(null);
      $("notice").hidden = true;
    });
    companion.on("tap", ({ samples }) => document.body.style.setProperty("--voice", loudness(samples).toFixed(3)));
    companion.on("reply_start", () => companion.locked && this.fault({ code: "locked" }, { act: () => companion.unlock(), label: t("hear") }));
    for (const part of [this.gathered, this.stage, this.lines, this.controls, this.drawer, this.greeting, this.settings, this.memories, this.sight, this.look]) part.follow(companion);
    companion.open();
  }

  hello() {
    const named = /^#watch=([^.]+)\.(.+)$/.exec(location.hash);
    const watch = this.watched ?? (named && { session: named[1], watch: named[2] });
    const token = this.watch?.token || (sessionStorage.getItem(TOKEN) ?? undefined);
    const client = "companion-page";
    const face = { profile: this.profile, fps: 60 };
    const features = ["idle_face", "phones", "timings"];
    const { identity, voice, language, model } = this.wanted;
    const lead = this.preferences.get("lead");
    const greet = this.welcomes;
    this.welcomes = false;
    const audio = lead ? { lead_ms: lead } : undefined;
    const seen = this.sight.hello;
    const { room, user } = this.gathering;
    if (!watch) return { client, token, face, features, seen, identity, voice, language, model, audio, greet, room: room ?? undefined, user: user || undefined };
    return { client, token, role: "viewer", watch: { session: watch.session, token: watch.watch, seq: 0 } };
  }

  /** Into another room, or out of one: a conversation of its own. */
  gather() {
    this.fault(null);
    this.begin();
    // Whoever clicked wants to hear it.
    this.companion.unlock();
  }

  /** Where several companions are in a room, the drawn face is that of the one who speaks. */
  face(id) {
    if (id === this.faced) return;
    this.faced = id;
    this.stage.dress(id).catch((error) => console.warn("the drawn face is not there:", error.message));
  }

  /** The first click: whoever is here says hello. It is a new conversation, since only a new one begins with a greeting. */
  greet() {
    if (!this.preferences.get("greet") || !this.companion.session.ready || this.companion.session.turn) return;
    this.welcomes = true;
    this.begin();
  }

  say(text) {
    this.companion.unlock();
    this.companion.say(text);
    this.typed(text);
  }

  typed(text, alone) {
    this.greeting.take();
    this.lines.typed(text, alone);
  }

  /** Have `voice` say the greeting, in a short conversation beside this one; resolves when it is over. */
  async audition(voice) {
    await this.companion.unlock();
    const { url } = this.companion.session;
    const { identity, language } = this.wanted;
    const other = new Companion(url, { ...this.companion.session.hello, identity, language, voice, greet: true, role: "speaker", face: { profile: "none", fps: 60 } }, { destination: this.sound.enter });
    try {
      await new Promise((resolve, reject) => {
        other.on("ended", resolve);
        other.on("status", ({ status, error }) => status === "over" && (error ? reject(Object.assign(new Error(error.message), error)) : resolve()));
        other.open();
        other.unlock();
        this.hush = () => (other.stop(), resolve());
      });
    } finally {
      await other.close();
      // The next voice that is heard is this page's own again.
      if (this.companion.speaker) this.sound.adopt(this.companion.speaker);
    }
  }

  prefer(name, value) {
    const root = document.documentElement;
    if (name === "volume") this.sound.volume = value;
    else if (name === "subtitles") document.body.dataset.size = value;
    else if (name === "theme") value === "auto" ? delete root.dataset.theme : (root.dataset.theme = value);
    else if (name === "calm") {
      root.toggleAttribute("data-calm", value);
      this.stage.calm = value;
    }
  }

  /** Nothing of the user stays in this browser, and the conversation is over on the server. */
  forget() {
    sessionStorage.removeItem(TOKEN);
    this.preferences.forget();
    this.lines.forget();
    this.begin();
  }

  /** Talk to somebody else, or with another voice or in another language: one conversation ends, another begins. */
  turn(wanted) {
    this.wanted = wanted;
    const address = new URL(location.href);
    for (const [key, value] of Object.entries(wanted)) value ? address.searchParams.set(key, value) : address.searchParams.delete(key);
    history.replaceState(null, "", address);
    this.fault(null);
    this.stage.dress(wanted.identity).catch((error) => console.warn("the drawn face is not there:", error.message));
    this.begin();
  }

  welcomed(welcome) {
    const { identity, notice, resumed } = welcome;
    this.company.meet(welcome, this.wanted);
    this.gathering.meet(welcome);
    this.settings.meet(welcome, this.wanted);
    $("draft").hidden = !identity.draft;
    this.failed = 0;
    this.fault(null);
    delete document.body.dataset.away;
    $("name").textContent = $("heading").textContent = identity.name;
    $("name").title = identity.description ?? "";
    $("face").setAttribute("aria-label", t("face_of", { name: identity.name }));
    document.title = identity.name;
    // By law and by design: it stays in sight as long as the page shows the companion, in every view.
    $("disclosure").textContent = identity.disclosure;
    $("disclosure").lang = identity.locale;
    if (this.query.get("look") === "portrait") {
      this.wardrobe.portray(identity.id, (path) => this.companion.picture(path)).catch((error) => this.fault({ code: error.code ?? "bad_head" }));
    } else {
      this.wardrobe.meet(identity, (path) => this.companion.picture(path)).catch((error) => console.warn("the head is not there:", error.message));
    }
    if (resumed) return;
    $("notice").hidden = !notice;
    $("notice").textContent = notice;
    $("about").textContent = [identity.description, notice].filter(Boolean).join(" ");
    this.show("idle");
    // The server was restarted, or has kept the conversation no longer: what the page shows of it is over.
    if (welcome.reason) this.fault({ code: "new_conversation" }, { brief: true });
  }

  show(state) {
    document.body.dataset.state = state;
    $("state").textContent = t(`state_${state}`);
  }

  status(status, error) {
    if (status === "connecting") this.show("connecting");
    else if (status === "lost") this.lost();
    else if (status === "open") this.fault(null, { only: "lost" });
    else if (status === "over" && (error || this.obs)) this.over(error ?? {});
  }

  lost() {
    this.show("lost");
    // Most losses are mended before anybody could read about them.
    setTimeout(() => this.companion.session.ready || this.companion.session.ended || this.fault({ code: "lost" }), 700);
  }

  over(error) {
    const { companion } = this;
    this.show("over");
    if (this.obs) {
      // Who watches sees that nobody is there; the next conversation is found by itself.
      document.body.dataset.away = "true";
      companion.close();
      return this.watch.lost();
    }
    if (!companion.welcome) $("state").textContent = t("state_away");
    companion.close();
    // Of a room it is most likely the key that is wrong.
    if (error.code === "forbidden" && this.gathering.room) return this.fault({ code: "room_forbidden" }, { act: () => this.gathering.open(), label: t("gather") });
    if (ASKS_FOR_TOKEN.has(error.code)) this.ask(error);
    if (COMES_BACK.has(error.code)) {
      const seconds = error.retryAfter || RETRY_S[Math.min(this.failed, RETRY_S.length - 1)];
      this.failed += 1;
      this.returning = setTimeout(() => this.begin(), seconds * 1000);
      this.fault(error, { act: () => this.begin(), label: t("again"), more: t("wait", { seconds: Math.ceil(seconds) }) });
    } else if (error.code === "unknown_identity") this.fault(error, { act: () => this.turn({ ...NOBODY }), label: t("again") });
    // What the address asks for is gone: a voice, a language, a model.
    else if (error.code === "unsupported" && Object.values(this.wanted).some(Boolean)) this.fault(error, { act: () => this.turn({ ...NOBODY, identity: this.wanted.identity }), label: t("again") });
    else this.fault(error, { act: () => (ASKS_FOR_TOKEN.has(error.code) ? this.ask(error) : this.begin()), label: t("again") });
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
    this.doors.offer(this.wardrobe.worn);
    if (profile === this.profile || this.obs || location.hash.startsWith("#watch=")) return;
    this.profile = profile;
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

/** The browser's storage, where it lets a page have one. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** 0 for silence to about 1 for loud speech. */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.min(1, Math.sqrt(sum / samples.length) / 6000);
}

place();
// Kept on the device, so that it opens like a program; a view for a stream needs no such thing.
if (isSecureContext && !/\/obs$/.test(location.pathname)) navigator.serviceWorker?.register("sw.js").catch((error) => console.info("the page cannot be kept here:", error.message));
if (typeof AudioWorkletNode === "undefined" || typeof WebSocket === "undefined") {
  $("fault").hidden = false;
  [$("fault").querySelector("strong").textContent, $("fault").querySelector("span").textContent] = describe({ code: isSecureContext ? "old_browser" : "NotSupportedError" });
} else globalThis.page = new Page();
