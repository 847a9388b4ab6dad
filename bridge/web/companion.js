/**
 * companion.js: the reference JavaScript client of a Companion Bridge. No dependency, no build step: copy this file and
 * the folder client/ beside it, and import it as a module.
 *
 *     import { Companion } from "./companion.js";
 *
 *     const companion = new Companion("ws://127.0.0.1:8765", { user: "Ada" });
 *     companion.on("word", ({ text, gap }) => (subtitle.textContent += gap + text));
 *     companion.open();
 *     button.onclick = () => companion.unlock().then(() => companion.say("Who are you?"));
 *
 *     // In the render loop of three.js, Babylon or PlayCanvas:
 *     const weights = new Float32Array(companion.names.length);
 *     companion.faceAt(performance.now(), weights);
 *     companion.names.forEach((name, index) => {
 *       const target = mesh.morphTargetDictionary[name];
 *       if (target !== undefined) mesh.morphTargetInfluences[target] = weights[index];
 *     });
 *
 * Everything that is told is told when it is heard, on the clock of the loudspeaker. Events, each with one object:
 *
 *     status {status, error}           connecting, open, lost (being mended), over (error: {code, message, retryAfter})
 *     welcome                          the server's message; `names` is set from now on
 *     state {state, turn}              idle, listening, thinking, speaking, overlap
 *     transcript {utterance, text, final}
 *     began {turn, frame}   word {turn, text, gap, pts, end}   cue {turn, pts, kind, name, intensity}
 *     phone {turn, ipa, pts, end}      where `hello.features` asked for `phones`
 *     held {turn, pts}                 the buffer ran dry   ended {turn, pts, cut, reason}
 *     reply_start, reply_end, interrupted, tool_call, identity, memory, room, said, error, pong      the server's messages
 *     level {level, muted}             of the microphone, every 20 ms     unlocked {}   microphone_lost {}
 *     traffic {direction, bytes, message, at}   status_audio {buffered, prime, underruns}   tap {samples}
 *
 * It needs AudioWorklet, ES modules and WebSocket (Chrome 66, Firefox 76, Safari 15.4), and a page from https or
 * localhost. docs/WEB.md tells more.
 */

import { Ear } from "./client/ear.js";
import { Reporter } from "./client/reporter.js";
import { Pulse } from "./client/pulse.js";
import { Session } from "./client/session.js";
import { Speaker } from "./client/speaker.js";
import { Timeline } from "./client/timeline.js";
import { Together } from "./client/together.js";

const REST_MS = 8000; // without a sound, after which the loudspeaker may rest
const STIRS = new Set(["state", "reply_start", "transcript", "media"]);
const WATCH_MS = 250; // looks after what must go on where no sound is heard

export class Companion {
  #listeners = new Map();
  #timers = [];
  #speaker = null;
  #early = []; // came before the loudspeaker was ready
  #ear;
  #reporter = new Reporter();
  #pulse = new Pulse();
  #together;
  #gesture = false;

  /**
   * `hello` holds fields of that message (`user`, `token`, `language`, `greet`, `watch`, ...), `destination` is that of
   * `Speaker.open`, `microphone` `{device, echo}` as `Microphone.open` takes them. With `rests` the AudioContext is
   * suspended while nothing is to be heard: not where other sounds go through it.
   */
  constructor(url, hello = {}, { destination, subprotocol, microphone = {}, rests = false } = {}) {
    const canCancel = Boolean(globalThis.navigator?.mediaDevices?.getSupportedConstraints?.().echoCancellation);
    const audio = { aec: canCancel && microphone.echo !== false, ...hello.audio };
    const wanted = { features: ["idle_face"], ...hello, audio };
    this.session = new Session(url, wanted, {
      subprotocol,
      onMessage: (message) => this.#take(message),
      onStatus: (status, error) => this.#status(status, error),
      onTraffic: (direction, bytes, message) => this.#tell("traffic", { direction, bytes, message, at: performance.now() }),
    });
    this.#together = new Together(Boolean(wanted.room));
    this.#ear = new Ear({
      send: (type, fields) => this.session.send(type, fields),
      tell: (type, detail) => this.#tell(type, detail),
      speaking: () => this.timeline.now.running,
      microphone: () => microphone,
    });
    this.destination = destination;
    this.rests = rests;
    this.stirred = performance.now();
    this.timeline = new Timeline();
    this.state = "idle";
    this.roundTrip = NaN;
  }

  /** The channels of the face, in the order of `faceAt`; empty before `welcome`. */
  get names() {
    return this.timeline.names;
  }

  get welcome() {
    return this.session.welcome;
  }

  /** Whether a gesture of the user is still needed before anything can be heard. */
  get locked() {
    return this.#speaker?.locked ?? true;
  }

  /** The AudioContext and the node of the voice, once there are any: `{context, node, clock}`. */
  get speaker() {
    return this.#speaker;
  }

  /** How far the server's clock is ahead of this page's in a room, ms; NaN while that is not known. */
  get ahead() {
    return this.#together.step.known ? this.#together.step.offset : NaN;
  }

  /** Call `listener` with each event `type`; returns what takes it off again. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Connect. The face lives from `welcome` on; sound waits for `unlock`. */
  open() {
    this.session.open();
    this.#timers = [setInterval(() => this.#watch(), WATCH_MS)];
    globalThis.addEventListener?.("online", this.#online);
  }

  /** Let sound out; call it in a click or a key press. */
  async unlock() {
    this.#gesture = true;
    this.#stir();
    if (!this.#speaker?.locked) return;
    await this.#speaker.unlock();
    this.#tell("unlocked", {});
  }

  /** Say `text` as if typed; it interrupts a running reply. */
  say(text) {
    this.#stir();
    this.session.send("text", { text });
  }

  /** In a room: ask in private. The companion answers with a `said` that is `private`, in writing; nobody else is told. */
  ask(text) {
    this.session.send("text", { text, private: true });
  }

  /** Stop the reply: silent at once, and the floor is nobody's. */
  stop() {
    const turn = this.session.turn;
    const { turn: heard, pts } = this.timeline.now;
    if (!this.#reporter.waits(turn)) return;
    this.#cut(turn);
    this.session.forget(turn);
    this.session.send("interrupt", { turn, pts: heard === turn ? Math.floor(pts) : undefined });
  }

  /** Open or close the ear for free speech. Throws what `Microphone.open` throws. */
  async listen(on) {
    await this.#ear.listen(on);
  }

  /** Get the microphone ready, so that the first press of the key loses nothing. */
  async warm() {
    await this.#ear.open();
  }

  /** Push-to-talk: the key went down or up. Throws what `Microphone.open` throws. */
  async talk(on) {
    if (await this.#ear.talk(on)) this.#cut(this.session.turn);
  }

  /** What is (`states` replace by key, "" removes) and what happens; `respond`: silent, auto, must. */
  context(states = {}, { events = [], respond = "silent" } = {}) {
    this.session.send("context", { states, events, respond });
  }

  /** Offer all tools of the scene; answer each `tool_call` with `toolResult`. */
  tools(tools) {
    this.session.send("tools", { tools });
  }

  /** The faces that are seen now, as numbers; `hello.seen.names` names their weights. At most 30 times a second. */
  seen(faces) {
    if (this.welcome?.features.includes("seen")) this.session.send("seen", { faces });
  }

  /** Send a picture of the user (JPEG, PNG or WebP, at most 262144 bytes); `call` is the tool call that asked for it. */
  camera(data, { format = "jpeg", call = 0 } = {}) {
    this.session.send("camera", { data, format, call });
  }

  toolResult(call, value = "", status = "ok") {
    this.session.send("tool_result", { call, value, status });
  }

  /**
   * Write the weights of the face that belongs to the sound at `now` (ms of performance.now; may lie a frame ahead) into
   * `out`. Returns `{turn, pts, source}`; turn 0 is rest or idle life.
   */
  faceAt(now, out) {
    this.#advance();
    return this.timeline.sample(this.#frame(now), now, out);
  }

  /** The media position that is audible now, unsmoothed: `{turn, pts, running}`. */
  heardNow(now = performance.now()) {
    if (!this.#speaker) return { turn: 0, pts: 0, running: false };
    return this.timeline.at(this.#speaker.clock.raw(now) * this.timeline.rate);
  }

  /**
   * Fetch a picture of `welcome` by its path (`identity.portrait`, `identity.head`); resolves to a blob. The page's own
   * origin, or one that the server allows, may do so.
   */
  async picture(path) {
    const address = new URL(path, this.session.url);
    address.protocol = address.protocol === "wss:" ? "https:" : "http:";
    const { token } = this.session.hello;
    const answer = await fetch(address, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
    return answer.blob();
  }

  /** Leave for good. */
  async close() {
    for (const timer of this.#timers) clearInterval(timer);
    globalThis.removeEventListener?.("online", this.#online);
    this.session.close();
    await this.#ear.close();
    const speaker = this.#speaker;
    this.#speaker = null;
    await speaker?.close();
  }

  // ------------------------------------------------------------------------------------------------- what comes

  #online = () => this.session.hurry();

  #status(status, error) {
    this.#pulse.begin(performance.now());
    if (status === "open" && this.welcome.resumed) {
      this.#reporter.resumed();
      this.#report([]);
    }
    this.#tell("status", { status, error });
  }

  #take(message) {
    this.#pulse.take(message, performance.now());
    const { type, turn = 0 } = message;
    if (STIRS.has(type) && (type !== "media" || turn)) this.#stir();
    if (type === "welcome") this.#welcomed(message);
    else if (type === "pong") this.#answered(message, performance.now());
    else if (type === "state") this.state = message.state;
    else if (type === "identity") this.welcome.identity = message.identity;
    else if (type === "interrupted") this.#cut(turn);
    else if (type === "media" && this.#speaker) message.due = this.#together.place(message, (ms) => this.#speaker.frame(ms));
    this.#reporter.take(message);
    this.timeline.push(message, performance.now());
    if (this.#speaker) this.#speaker.push(message);
    else if (type !== "welcome") this.#early.push(message);
    if (!["text", "cue", "media"].includes(type)) this.#tell(type, message);
  }

  #answered(pong, now) {
    this.roundTrip = now - pong.stamp;
    this.#together.pong(pong, now);
  }

  #welcomed(welcome) {
    if (welcome.resumed) return;
    this.#together.reset();
    const { rate } = welcome.audio;
    const lead = welcome.lead_ms / 1000;
    this.#reporter.reset();
    this.timeline = new Timeline({ rate, face: welcome.face });
    this.#early = [];
    this.state = "idle";
    if (this.#speaker) return this.#speaker.reset({ rate, lead });
    this.#hear(rate, lead).catch((error) => this.#tell("error", { code: "no_sound", message: error.message, fatal: false }));
  }

  async #hear(rate, lead) {
    const onEvents = (points) => this.#turning(points);
    const onStatus = ({ status, tap }) => {
      this.#advance();
      this.#speaker?.pace(this.#together.speed(this.timeline.now, performance.now()));
      this.#tell("status_audio", status);
      this.#tell("tap", { samples: tap });
    };
    this.#speaker = await Speaker.open({ rate, lead, onEvents, onStatus, destination: this.destination });
    for (const message of this.#early.splice(0)) this.#speaker.push(message);
    if (this.#gesture) await this.unlock();
    else if (!this.#speaker.locked) this.#tell("unlocked", {});
  }

  #turning(points) {
    for (const point of points) this.timeline.point(point);
    this.#tell("points", { points, at: performance.now() });
    this.#advance();
  }

  #cut(turn) {
    this.timeline.drop(turn);
    this.#speaker?.cut(turn);
  }

  // ------------------------------------------------------------------------------------------------ what is heard

  #frame(now) {
    return this.#speaker ? this.#speaker.frame(now) : 0;
  }

  #advance() {
    if (!this.#speaker) return;
    const events = this.timeline.advance(this.#frame(performance.now()));
    this.#report(events);
    for (const event of events) this.#tell(event.type, event);
  }

  #report(events) {
    const { seq } = this.session;
    for (const place of this.#reporter.due(events, this.timeline.now, performance.now())) this.session.send("playhead", { ...place, seq });
  }

  /** Something will be heard soon: the loudspeaker is ready by then. */
  #stir() {
    this.stirred = performance.now();
    this.#speaker?.wake();
  }

  #watch() {
    this.#advance();
    if (this.timeline.now.running || this.state !== "idle") this.stirred = performance.now();
    else if (this.rests && !this.#together.room && performance.now() - this.stirred > REST_MS) this.#speaker?.rest();
    if (!this.session.ready) return;
    const now = performance.now();
    const due = this.#pulse.check(now, !this.timeline.now.running);
    if (due === "ask" || this.#together.due(now)) this.session.send("ping", { stamp: now });
    else if (due === "lost") this.session.sever();
  }

  #tell(type, detail) {
    for (const listener of this.#listeners.get(type) ?? []) listener(detail);
  }
}
