/**
 * One conversation over one WebSocket after another: hello, resume with backoff, nothing twice, nothing of a cut reply.
 *
 * It plays nothing and knows no clock but the one it is given. What browsers hide it cannot tell: why a first connection
 * failed (`unreachable` covers a server that is down and one that refuses this page's origin).
 */

import { MSGPACK, read, write } from "./wire.js";

const OPEN_MS = 10000;
const BACKOFF_MS = [250, 4000]; // the first attempt is made at once, then these bounds, doubling
const QUEUE = 64; // messages that wait for a lost connection
const OF_A_REPLY = new Set(["reply_start", "text", "media", "cue", "tool_call", "reply_end"]);
const PERISHABLE = new Set(["mic", "playhead", "seen", "ping"]);
// Closes that end a session, or refuse one; after every other the session is kept for a while.
const OVER = new Set([1000, 4000, 4001, 4002, 4003, 4005, 4006, 4007, 4010, 4011, 4012, 4013, 4020, 4021, 4030, 4032, 4090]);

export class Session {
  /**
   * `hello` holds the fields of that message. `onMessage(message)` gets what the server says, `onStatus(status, error)`
   * gets `connecting`, `open`, `lost` (being mended) and `over` with `{code, message, retryAfter}` of why, null after
   * `close`. The rest stands in for the browser's in tests.
   */
  constructor(url, hello, { onMessage, onStatus, onTraffic = () => {}, subprotocol = MSGPACK, ...world }) {
    this.url = url;
    this.hello = { version: 1, client: "companion.js", ...hello };
    this.onMessage = onMessage;
    this.onStatus = onStatus;
    this.onTraffic = onTraffic;
    this.subprotocol = subprotocol;
    this.world = {
      WebSocket: globalThis.WebSocket,
      now: () => performance.now(),
      later: (act, ms) => setTimeout(act, ms),
      forget: (timer) => clearTimeout(timer),
      random: Math.random,
      ...world,
    };
    this.welcome = null;
    this.seq = 0;
    this.turn = 0;
    this.cut = 0;
    this.ended = false;
    this.fatal = null;
    this.queue = [];
    this.socket = null;
  }

  /** Connect. */
  open() {
    this.onStatus("connecting", null);
    this.connect(null);
  }

  /** Whether messages go out at once. */
  get ready() {
    return this.welcomed === true && this.socket?.readyState === 1;
  }

  /** Send a message; while the connection is being mended it waits, unless it is worth nothing late. */
  send(type, fields = {}) {
    if (this.ended) return;
    const message = { type, ...fields };
    if (this.ready) this.put(message);
    else if (!PERISHABLE.has(type) && this.queue.length < QUEUE) this.queue.push(message);
  }

  /** Nothing more of turns up to `turn` is passed on. */
  forget(turn) {
    this.cut = Math.max(this.cut, turn);
  }

  /** End the session for good. */
  close() {
    if (this.ready) this.put({ type: "bye" });
    this.finish(null);
  }

  /** Take the socket for lost: the line is dead, though nobody has said so. */
  sever() {
    const { socket } = this;
    if (!socket || this.ended) return;
    socket.onclose = socket.onmessage = null;
    socket.close();
    this.closed(1006, "");
  }

  /** Try again at once instead of after the pause, if the connection is being mended. */
  hurry() {
    if (!this.retry) return;
    this.world.forget(this.retry);
    this.attempt();
  }

  put(message) {
    const data = write(message, this.subprotocol);
    this.onTraffic("out", data.byteLength ?? data.length, message);
    this.socket.send(data);
  }

  connect(again) {
    const { WebSocket, later } = this.world;
    this.welcomed = false;
    const socket = new WebSocket(this.url, [this.subprotocol]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.patience = later(() => this.sever(), OPEN_MS);
    socket.onopen = () => this.put({ type: "hello", ...this.hello, ...again });
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  receive(data) {
    let message;
    try {
      message = read(data);
    } catch (error) {
      return this.finish({ code: "bad_message", message: `${this.url} sent something that is not a message: ${error.message}` });
    }
    if (!message) return;
    this.onTraffic("in", data.byteLength ?? data.length, message);
    if (message.type === "welcome") this.greeted(message);
    if (message.type === "error" && message.fatal) this.fatal = message;
    if (this.admit(message)) this.onMessage(message);
    if (message.type === "welcome") this.settle();
  }

  greeted(welcome) {
    this.world.forget(this.patience);
    if (!welcome.resumed) this.seq = this.turn = this.cut = 0;
    this.welcome = welcome;
    this.welcomed = true;
    this.lostAt = undefined;
  }

  settle() {
    this.onStatus("open", null);
    for (const message of this.queue.splice(0)) this.put(message);
  }

  admit({ type, seq = 0, turn = 0 }) {
    // A welcome's seq says where the session stands, not that what came before it has arrived.
    if (type === "welcome") return true;
    if (seq && seq <= this.seq) return false;
    this.seq = Math.max(this.seq, seq);
    if (type === "interrupted") this.cut = Math.max(this.cut, turn);
    else if (OF_A_REPLY.has(type) && turn) {
      this.turn = Math.max(this.turn, turn);
      return turn > this.cut;
    }
    return true;
  }

  closed(code, reason) {
    this.world.forget(this.patience);
    this.welcomed = false;
    if (this.ended) return;
    const { fatal } = this;
    const kept = !OVER.has(code) && !(code === 1001 && (fatal || reason === "going_away"));
    if (this.welcome && kept) this.mend();
    else if (fatal) this.finish({ code: fatal.code, message: fatal.message, retryAfter: fatal.retry_after_s });
    else if (code === 1000) this.finish(null);
    else if (kept) this.finish({ code: "unreachable", message: `nothing answers at ${this.url}` });
    else this.finish({ code: reason || String(code), message: `the server closed the conversation: ${reason || code}` });
  }

  /** Come back to the session for as long as the server keeps it. */
  mend() {
    const { now, later, random } = this.world;
    this.fatal = null;
    if (this.lostAt === undefined) {
      this.lostAt = now();
      this.pause = BACKOFF_MS[0];
      this.onStatus("lost", null);
      return this.attempt();
    }
    if (now() + this.pause - this.lostAt > this.welcome.resume_s * 1000) {
      return this.finish({ code: "connection_lost", message: `lost ${this.url} and could not mend the connection in time` });
    }
    this.retry = later(() => this.attempt(), this.pause * (0.5 + random() / 2));
    this.pause = Math.min(2 * this.pause, BACKOFF_MS[1]);
    return undefined;
  }

  attempt() {
    this.retry = null;
    const viewer = this.hello.role === "viewer";
    const { session, token } = viewer ? this.hello.watch : this.welcome;
    this.connect({ [viewer ? "watch" : "resume"]: { session, token, seq: viewer ? 0 : this.seq } });
  }

  finish(error) {
    if (this.ended) return;
    this.ended = true;
    this.world.forget(this.patience);
    if (this.retry) this.world.forget(this.retry);
    this.socket?.close();
    this.onStatus("over", error && { retryAfter: 0, ...error });
  }
}
