/**
 * MessagePack for the companion protocol: nil, bool, int within ±2^53, float64, UTF-8 str, bin, array, map with str keys.
 *
 * Everything else (extension types, larger ints, other keys, bytes after the value) is refused with a RangeError, since
 * the protocol has no use for it. It knows nothing of messages. Source: github.com/msgpack/msgpack, spec.md.
 */

const MOST_DEPTH = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const toUtf8 = new TextEncoder();

/** One value from all of `bytes`; `bin` comes as a view of them, not as a copy. Throws RangeError or TypeError. */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes after the value`);
  return value;
}

/** `value` as bytes; object entries that are undefined are left out. Throws RangeError for what the wire cannot carry. */
export function encode(value) {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.bytes.slice(0, writer.at);
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  value(depth) {
    if (depth > MOST_DEPTH) throw new RangeError("nested too deep");
    const tag = this.uint(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.map(tag & 15, depth);
    if (tag < 0xa0) return this.list(tag & 15, depth);
    if (tag < 0xc0) return this.text(tag & 31);
    if (tag >= 0xe0) return tag - 256;
    switch (tag) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.raw(this.uint(1));
      case 0xc5: return this.raw(this.uint(2));
      case 0xc6: return this.raw(this.uint(4));
      case 0xca: return this.view.getFloat32(this.take(4));
      case 0xcb: return this.view.getFloat64(this.take(8));
      case 0xcc: return this.uint(1);
      case 0xcd: return this.uint(2);
      case 0xce: return this.uint(4);
      case 0xcf: return safe(this.view.getBigUint64(this.take(8)));
      case 0xd0: return this.view.getInt8(this.take(1));
      case 0xd1: return this.view.getInt16(this.take(2));
      case 0xd2: return this.view.getInt32(this.take(4));
      case 0xd3: return safe(this.view.getBigInt64(this.take(8)));
      case 0xd9: return this.text(this.uint(1));
      case 0xda: return this.text(this.uint(2));
      case 0xdb: return this.text(this.uint(4));
      case 0xdc: return this.list(this.uint(2), depth);
      case 0xdd: return this.list(this.uint(4), depth);
      case 0xde: return this.map(this.uint(2), depth);
      case 0xdf: return this.map(this.uint(4), depth);
      default: throw new RangeError(`byte 0x${tag.toString(16)} begins no value of this protocol`);
    }
  }

  take(count) {
    const at = this.at;
    if (at + count > this.bytes.length) throw new RangeError("the bytes end within a value");
    this.at = at + count;
    return at;
  }

  uint(width) {
    const at = this.take(width);
    return width === 1 ? this.view.getUint8(at) : width === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  raw(length) {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  text(length) {
    return utf8.decode(this.raw(length));
  }

  list(length, depth) {
    if (length > this.bytes.length - this.at) throw new RangeError("the bytes end within a list");
    return Array.from({ length }, () => this.value(depth + 1));
  }

  map(length, depth) {
    const map = {};
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") throw new RangeError("a map's key is not a string");
      const value = this.value(depth + 1);
      if (key !== "__proto__") map[key] = value;
    }
    return map;
  }
}

class Writer {
  constructor() {
    this.bytes = new Uint8Array(256);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
  }

  value(value, depth) {
    if (depth > MOST_DEPTH) throw new RangeError("nested too deep");
    if (value === null) this.uint(1, 0xc0);
    else if (typeof value === "boolean") this.uint(1, value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Uint8Array) this.raw(value);
    else if (Array.isArray(value)) {
      this.head(value.length, 0x90, 15, [0, 0xdc, 0xdd]);
      for (const item of value) this.value(item, depth + 1);
    } else if (typeof value === "object") {
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      this.head(entries.length, 0x80, 15, [0, 0xde, 0xdf]);
      for (const [key, item] of entries) {
        this.text(key);
        this.value(item, depth + 1);
      }
    } else throw new RangeError(`the wire cannot carry a ${typeof value}`);
  }

  number(value) {
    if (!Number.isFinite(value)) throw new RangeError(`the wire cannot carry ${value}`);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.uint(1, 0xcb);
      const at = this.room(8);
      this.view.setFloat64(at, value);
    } else if (value >= 0) {
      if (value < 0x80) this.uint(1, value);
      else if (value < 0x100) this.uint(1, 0xcc), this.uint(1, value);
      else if (value < 0x10000) this.uint(1, 0xcd), this.uint(2, value);
      else if (value < 0x100000000) this.uint(1, 0xce), this.uint(4, value);
      else {
        this.uint(1, 0xcf);
        const at = this.room(8);
        this.view.setBigUint64(at, BigInt(value));
      }
    } else if (value >= -32) this.uint(1, value + 256);
    else {
      this.uint(1, 0xd3);
      const at = this.room(8);
      this.view.setBigInt64(at, BigInt(value));
    }
  }

  text(value) {
    const bytes = toUtf8.encode(value);
    this.head(bytes.length, 0xa0, 31, [0xd9, 0xda, 0xdb]);
    this.put(bytes);
  }

  raw(value) {
    this.head(value.length, 0, -1, [0xc4, 0xc5, 0xc6]);
    this.put(value);
  }

  put(bytes) {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** A length in its shortest form: `fix` for up to `most`, else the tag for 8, 16 or 32 bits (0: there is none). */
  head(length, fix, most, [short, middle, long]) {
    if (length <= most) this.uint(1, fix | length);
    else if (short && length < 0x100) this.uint(1, short), this.uint(1, length);
    else if (length < 0x10000) this.uint(1, middle), this.uint(2, length);
    else this.uint(1, long), this.uint(4, length);
  }

  uint(width, value) {
    const at = this.room(width);
    if (width === 1) this.view.setUint8(at, value);
    else if (width === 2) this.view.setUint16(at, value);
    else this.view.setUint32(at, value);
  }

  room(count) {
    const at = this.at;
    this.at += count;
    if (this.at > this.bytes.length) {
      const wider = new Uint8Array(Math.max(this.at, 2 * this.bytes.length));
      wider.set(this.bytes);
      this.bytes = wider;
      this.view = new DataView(wider.buffer);
    }
    return at;
  }
}

function safe(big) {
  const value = Number(big);
  if (Math.abs(value) > 2 ** 53) throw new RangeError("an int beyond 2^53");
  return value;
}
