/**
 * companion.js: the reference JavaScript client of a Companion Bridge. No dependency, no build step: copy this file and
 * the folder client/ beside it, and import it as a module.
 *
 *     import { Companion } from "./companion.js";
 *
 *     const companion = new Companion("ws://127.0.0.1:8765", { user: "Ada" });
 *     companion.on("word", ({ text }) => (subtitle.textContent += ` ${text}`));
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
 *     began {turn, frame}   word {turn, text, pts, end}   cue {turn, pts, kind, name, intensity}
 *     phone {turn, ipa, pts, end}      where `hello.features` asked for `phones`
 *     held {turn, pts}                 the buffer ran dry   ended {turn, pts, cut, reason}
 *     reply_start, reply_end, interrupted, tool_call, error, pong      the server's messages
 *     level {level, muted}             of the microphone, every 20 ms     unlocked {}   microphone_lost {}
 *     traffic {direction, bytes, message, at}   status_audio {buffered, prime, underruns}   tap {samples}
 *
 * It needs AudioWorklet, ES modules and WebSocket (Chrome 66, Firefox 76, Safari 15.4), and a page from https or
 * localhost. docs/WEB.md tells more.
 */

import { Ear } from "./client/ear.js";
import { Session } from "./client/session.js";
import { Speaker } from "./client/speaker.js";
import { Timeline } from "./client/timeline.js";

const REPORT_MS = 200;
const WATCH_MS = 250; // looks after what must go on where no sound is heard
const PING_MS = 2000;
const DEAD_MS = 8000; // without a word after a ping

export class Companion {
  #listeners = new Map();
  #timers = [];
  #speaker = null;
  #early = []; // came before the loudspeaker was ready
  #ear;
  #reported = { turn: 0, pts: -1, at: -Infinity };
  #waiting = new Map(); // turn -> whether it has begun; turns that came and have not ended
  #asked = NaN; // when the first ping was sent that nothing has followed
  #gesture = false;

  /**
   * `hello` holds fields of that message (`user`, `token`, `language`, `greet`, `watch`, ...), `destination` is that of
   * `Speaker.open`.
   */
  constructor(url, hello = {}, { destination, subprotocol } = {}) {
    const canCancel = Boolean(globalThis.navigator?.mediaDevices?.getSupportedConstraints?.().echoCancellation);
    const wanted = { audio: { aec: canCancel }, features: ["idle_face"], ...hello };
    this.session = new Session(url, wanted, {
      subprotocol,
      onMessage: (message) => this.#take(message),
      onStatus: (status, error) => this.#status(status, error),
      onTraffic: (direction, bytes, message) => this.#tell("traffic", { direction, bytes, message, at: performance.now() }),
    });
    this.#ear = new Ear({
      send: (type, fields) => this.session.send(type, fields),
      tell: (type, detail) => this.#tell(type, detail),
      speaking: () => this.timeline.now.running,
    });
    this.destination = destination;
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

  /** Call `listener` with each event `type`; returns what takes it off again. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Connect. The face lives from `welcome` on; sound waits for `unlock`. */
  open() {
    this.session.open();
    this.#timers = [setInterval(() => this.#watch(), WATCH_MS), setInterval(() => this.#ping(), PING_MS)];
    globalThis.addEventListener?.("online", this.#online);
  }

  /** Let sound out; call it in a click or a key press. */
  async unlock() {
    this.#gesture = true;
    if (!this.#speaker?.locked) return;
    await this.#speaker.unlock();
    this.#tell("unlocked", {});
  }

  /** Say `text` as if typed; it interrupts a running reply. */
  say(text) {
    this.session.send("text", { text });
  }

  /** Stop the reply: silent at once, and the floor is nobody's. */
  stop() {
    const turn = this.session.turn;
    const { turn: heard, pts } = this.timeline.now;
    if (!this.#waiting.has(turn)) return;
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
    this.#asked = NaN;
    if (status === "over") this.#reported.turn = 0;
    if (status === "open" && this.welcome.resumed) this.#report(true);
    this.#tell("status", { status, error });
  }

  #take(message) {
    this.#asked = NaN;
    const { type, turn = 0 } = message;
    if (type === "welcome") this.#welcomed(message);
    else if (type === "pong") this.roundTrip = performance.now() - message.stamp;
    else if (type === "state") this.state = message.state;
    else if (type === "interrupted") this.#cut(turn);
    if (type === "reply_start" || (type === "media" && turn && !this.#waiting.has(turn))) this.#waiting.set(turn, false);
    this.timeline.push(message, performance.now());
    if (this.#speaker) this.#speaker.push(message);
    else if (type !== "welcome") this.#early.push(message);
    if (!["text", "cue", "media"].includes(type)) this.#tell(type, message);
  }

  #welcomed(welcome) {
    if (welcome.resumed) return;
    const { rate } = welcome.audio;
    const lead = welcome.lead_ms / 1000;
    this.#waiting.clear();
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
    for (const event of this.timeline.advance(this.#frame(performance.now()))) {
      const { type, turn } = event;
      if (type === "began") this.#waiting.set(turn, true);
      if (type === "ended") {
        for (const each of this.#waiting.keys()) if (each <= turn) this.#waiting.delete(each);
        this.session.send("playhead", { turn, pts: event.pts, seq: this.session.seq });
      }
      this.#tell(type, event);
    }
    this.#report(false);
  }

  /** Tell the server what is being heard; a turn that cannot begin yet stands at its start. */
  #report(at_once) {
    const now = performance.now();
    const { turn, pts } = this.timeline.now;
    const place = turn ? { turn, pts: Math.floor(pts) } : { turn: [...this.#waiting.keys()][0] ?? 0, pts: 0 };
    if (!place.turn || (!at_once && now - this.#reported.at < REPORT_MS)) return;
    this.#reported = { ...place, at: now };
    this.session.send("playhead", { ...place, seq: this.session.seq });
  }

  #watch() {
    this.#advance();
    if (performance.now() - this.#asked > DEAD_MS) this.session.sever();
  }

  #ping() {
    if (this.session.ready && Number.isNaN(this.#asked)) this.#asked = performance.now();
    this.session.send("ping", { stamp: performance.now() });
  }

  #tell(type, detail) {
    for (const listener of this.#listeners.get(type) ?? []) listener(detail);
  }
}
