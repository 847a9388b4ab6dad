/**
 * The companion protocol's messages as plain objects: both subprotocols, with the defaults that are left off the wire.
 *
 * It knows the types of version 1 and nothing of sockets. protocol/SPEC.md says what the fields mean.
 */

import { decode as unpack, encode as pack } from "./msgpack.js";

export const MSGPACK = "companion.v1.msgpack";
export const JSON_ = "companion.v1.json";
/** Ticks of the media clock in a second. */
export const TICKS = 48000;
/** Microphone samples in a second. */
export const MIC_RATE = 16000;

const EMPTY = new Uint8Array(0);
const DEFAULTS = {
  welcome: { reason: "", notice: "", watch: "", identities: [], model: "", models: [], memory: false },
  state: { turn: 0, timings: null },
  transcript: { seq: 0 },
  reply_start: { utterance: 0 },
  text: { gap: " " },
  media: { seq: 0, pcm: EMPTY, face_pts: 0, face: EMPTY, source: "", phones: [], at: 0 },
  cue: { intensity: 1 },
  tool_call: { arguments: {}, timeout_ms: 10000 },
  interrupted: {},
  reply_end: { reason: "complete", sources: [] },
  identity: {},
  memory: { facts: [], episodes: [], count: 0, blob: EMPTY },
  room: { kind: "talk", people: [], companions: [], agenda: [], item: 0, word: "", minutes: "" },
  said: { private: false },
  error: { fatal: false, turn: 0, retry_after_s: 0 },
  pong: {},
};
// Of welcome.identity, identity.identity and, as far as they have them, of welcome.identities.
const IDENTITY = { id: "", description: "", language: "", languages: [], voices: [], locale: "", disclosure: "", draft: false, portrait: "", head: "" };
// What a message must have, and the kinds of values by their names, wherever they stand.
const NEEDED = {
  welcome: ["resumed", "lead_ms"],
  state: ["state"],
  transcript: ["utterance", "text", "final"],
  reply_start: ["turn", "seq"],
  text: ["turn", "seq", "text", "pts", "end"],
  media: ["turn", "pts"],
  cue: ["turn", "seq", "pts", "kind", "name"],
  tool_call: ["turn", "seq", "call", "name"],
  interrupted: ["turn", "seq", "pts"],
  reply_end: ["turn", "seq", "pts", "text"],
  identity: ["identity"],
  memory: ["op", "on"],
  room: ["room", "you"],
  said: ["seq", "by", "text"],
  error: ["code", "message"],
  pong: ["stamp", "server"],
};
const COUNTS = new Set(["turn", "seq", "pts", "end", "face_pts", "call", "utterance"]);
const TEXTS = new Set(["text", "gap", "state", "kind", "name", "code", "message", "reason", "session", "token"]);
const BYTES = { media: ["pcm", "face"], mic: ["data"], camera: ["data"], memory: ["blob"] };
const BYTES_WITHIN = { seen: ["faces", "weights"] }; // a list of maps, and the bytes in each

/** A server's message from the data of a WebSocket event, defaults filled in; null for a type that is not known. */
export function read(data) {
  const message = typeof data === "string" ? fromJson(data) : unpack(new Uint8Array(data));
  if (message === null || typeof message !== "object" || typeof message.type !== "string") {
    throw new RangeError("not a message");
  }
  if (!Object.hasOwn(DEFAULTS, message.type)) return null;
  const whole = { companion: "main", ...DEFAULTS[message.type], ...message };
  check(whole);
  if (message.type === "welcome" || message.type === "identity") whole.identity = { ...IDENTITY, ...whole.identity };
  if (message.type === "welcome") {
    whole.identities = whole.identities.map((listed) => ({ ...IDENTITY, ...listed }));
  }
  return whole;
}

/** Throws for a message that lacks something or holds what it may not. */
function check(message) {
  for (const name of NEEDED[message.type] ?? []) if (!(name in message)) throw new RangeError(`${message.type} without ${name}`);
  for (const [name, value] of Object.entries(message)) {
    const counts = Number.isSafeInteger(value) && value >= 0;
    const bytes = message.type === "media" && (name === "pcm" || name === "face");
    if ((COUNTS.has(name) && !counts) || (TEXTS.has(name) && typeof value !== "string") || (bytes && !(value instanceof Uint8Array))) {
      throw new RangeError(`${message.type}.${name} is out of bounds`);
    }
  }
}

/** A message as what `WebSocket.send` takes; fields that are undefined are left out. */
export function write(message, subprotocol = MSGPACK) {
  return subprotocol === JSON_ ? toJson(message) : pack(message);
}

/** Samples from the bytes of `media.pcm` (s16le), as a copy that may be transferred. */
export function samples(bytes) {
  return new Int16Array(bytes.slice(0, bytes.length & ~1).buffer);
}

function fromJson(text) {
  const message = JSON.parse(text);
  for (const name of BYTES[message?.type] ?? []) {
    if (name in message) message[name] = Uint8Array.from(atob(message[name]), (letter) => letter.charCodeAt(0));
  }
  return message;
}

function toJson(message) {
  const plain = { ...message };
  for (const name of BYTES[message.type] ?? []) if (name in plain) plain[name] = base64(plain[name]);
  const [list, inner] = BYTES_WITHIN[message.type] ?? [];
  if (list) plain[list] = plain[list].map((item) => (inner in item ? { ...item, [inner]: base64(item[inner]) } : item));
  return JSON.stringify(plain);
}

function base64(bytes) {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}
