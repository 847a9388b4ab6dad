// The session over a fake WebSocket and a clock that only the test moves: resume, backoff, nothing twice.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode } from "../../bridge/web/client/msgpack.js";
import { Session } from "../../bridge/web/client/session.js";

const WELCOME = { type: "welcome", version: 1, server: "s", session: "s-1", token: "secret", resumed: false, seq: 0, resume_s: 60, lead_ms: 300, features: [] };

class World {
  constructor(hello = {}) {
    this.time = 0;
    this.timers = new Map();
    this.sockets = [];
    this.messages = [];
    this.statuses = [];
    const world = this;
    class Socket {
      constructor(url, protocols) {
        Object.assign(this, { url, protocols, readyState: 0, sent: [] });
        world.sockets.push(this);
      }
      send(data) {
        this.sent.push(decode(data));
      }
      close() {
        this.readyState = 3;
      }
    }
    this.session = new Session("ws://here/", hello, {
      onMessage: (message) => this.messages.push(message),
      onStatus: (status, error) => this.statuses.push(error ? `${status} ${error.code}` : status),
      WebSocket: Socket,
      now: () => this.time,
      later: (act, ms) => (this.timers.set(act, this.time + ms), act),
      forget: (act) => this.timers.delete(act),
      random: () => 1,
    });
    this.session.open();
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** The connection stands and the server welcomes. */
  welcome(more = {}) {
    this.socket.readyState = 1;
    this.socket.onopen();
    this.say({ ...WELCOME, ...more });
    return this;
  }

  say(message) {
    this.socket.onmessage({ data: encode(message).buffer });
  }

  drop(code = 1006, reason = "") {
    this.socket.readyState = 3;
    this.socket.onclose({ code, reason });
  }

  /** Time passes; returns when the attempts to connect were made. */
  pass(ms) {
    const made = [];
    for (const until = this.time + ms; ; ) {
      const [next] = [...this.timers].sort((a, b) => a[1] - b[1]);
      if (!next || next[1] > until) {
        this.time = until;
        return made;
      }
      this.timers.delete(next[0]);
      this.time = next[1];
      const before = this.sockets.length;
      next[0]();
      if (this.sockets.length > before) {
        made.push(this.time);
        this.drop();
      }
    }
  }
}

const media = (seq, turn = 1) => ({ type: "media", turn, seq, pts: 0 });
const seen = (world) => world.messages.filter(({ type }) => type !== "welcome").map(({ type, seq }) => `${type} ${seq}`);

test("hello goes first, with what was asked for", () => {
  const world = new World({ user: "Ada", token: undefined }).welcome();
  assert.deepEqual(world.socket.sent, [{ type: "hello", version: 1, client: "companion.js", user: "Ada" }]);
  assert.deepEqual(world.socket.protocols, ["companion.v1.msgpack"]);
  assert.deepEqual(world.statuses, ["connecting", "open"]);
});

test("nothing is taken twice, and nothing of an interrupted reply", () => {
  const world = new World().welcome();
  for (const message of [media(1), media(2), media(2), media(1)]) world.say(message);
  world.say({ type: "interrupted", turn: 1, seq: 5, pts: 0 });
  world.say(media(6));
  world.say({ type: "reply_start", turn: 2, seq: 7 });
  assert.deepEqual(seen(world), ["media 1", "media 2", "interrupted 5", "reply_start 7"]);
});

test("a lost connection is taken up from the last seq", () => {
  const world = new World({ user: "Ada" }).welcome();
  world.say(media(41));
  world.drop();
  assert.equal(world.sockets.length, 2, "tried at once");
  world.welcome({ resumed: true, seq: 50 });
  assert.deepEqual(world.socket.sent[0].resume, { session: "s-1", token: "secret", seq: 41 });
  assert.equal(world.socket.sent[0].user, "Ada");
  world.say(media(41));
  world.say(media(42));
  assert.deepEqual(seen(world), ["media 41", "media 42"]);
  assert.deepEqual(world.statuses, ["connecting", "open", "lost", "open"]);
});

test("what was sent meanwhile waits, except what is worth nothing late", () => {
  const world = new World().welcome();
  world.drop();
  world.session.send("text", { text: "still here" });
  world.session.send("mic", { pts: 0, data: new Uint8Array(640) });
  world.session.send("playhead", { turn: 1, pts: 0, seq: 0 });
  world.welcome({ resumed: true });
  assert.deepEqual(world.socket.sent.map(({ type }) => type), ["hello", "text"]);
});

test("attempts back off and end when the session has", () => {
  const world = new World().welcome();
  world.drop();
  world.drop();
  assert.deepEqual(world.pass(12000), [250, 750, 1750, 3750, 7750, 11750]);
  world.pass(60000);
  assert.equal(world.statuses.at(-1), "over connection_lost");
  assert.equal(world.timers.size, 0);
});

test("a network that is back is used at once", () => {
  const world = new World().welcome();
  world.drop();
  world.drop();
  const before = world.sockets.length;
  world.session.hurry();
  assert.equal(world.sockets.length, before + 1);
  world.welcome({ resumed: true });
  world.session.hurry();
  assert.equal(world.sockets.length, before + 1);
});

test("a new session counts from the start", () => {
  const world = new World().welcome();
  world.say(media(90, 9));
  world.drop();
  world.welcome({ resumed: false, reason: "session_expired", session: "s-2" });
  world.say(media(1, 1));
  assert.deepEqual(seen(world), ["media 90", "media 1"]);
});

test("refusals and ends are told by their code", () => {
  const cases = [
    [{ type: "error", code: "server_full", message: "full", fatal: true, retry_after_s: 3 }, 4020, "server_full"],
    [{ type: "error", code: "unauthorized", message: "who?", fatal: true }, 4010, "unauthorized"],
    [null, 4032, "session_taken"],
    [{ type: "error", code: "going_away", message: "bye", fatal: true, retry_after_s: 5 }, 1001, "going_away"],
  ];
  for (const [error, close, code] of cases) {
    const world = new World().welcome();
    if (error) world.say(error);
    world.drop(close, code);
    assert.deepEqual(world.statuses.slice(2), [`over ${code}`]);
    assert.equal(world.sockets.length, 1, "no attempt to come back");
  }
});

test("a proxy that restarts is no end; a server that never answered is unreachable", () => {
  const world = new World().welcome();
  world.drop(1001, "");
  assert.equal(world.sockets.length, 2);
  const alone = new World();
  alone.drop(1006);
  assert.deepEqual(alone.statuses, ["connecting", "over unreachable"]);
});

test("a server that never welcomes is given up", () => {
  const world = new World();
  world.socket.readyState = 1;
  world.socket.onopen();
  world.pass(10000);
  assert.deepEqual(world.statuses, ["connecting", "over unreachable"]);
});

test("garbage ends it with a reason, unknown types do not", () => {
  const world = new World().welcome();
  world.say({ type: "x_new", seq: 1 });
  assert.equal(world.messages.length, 1);
  world.socket.onmessage({ data: new Uint8Array([0xc1]).buffer });
  assert.equal(world.statuses.at(-1), "over bad_message");
});

test("a viewer joins live again", () => {
  const world = new World({ role: "viewer", watch: { session: "s-9", token: "w", seq: 0 } }).welcome();
  world.say(media(7));
  world.drop();
  world.welcome();
  assert.deepEqual(world.socket.sent[0].watch, { session: "s-9", token: "w", seq: 0 });
  assert.equal(world.socket.sent[0].resume, undefined);
});

test("leaving says bye", () => {
  const world = new World().welcome();
  world.session.close();
  assert.equal(world.socket.sent.at(-1).type, "bye");
  assert.deepEqual(world.statuses.slice(2), ["over"]);
  world.session.send("text", { text: "nobody" });
  assert.equal(world.socket.sent.at(-1).type, "bye");
});
