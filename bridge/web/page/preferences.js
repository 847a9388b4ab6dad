/** What somebody has set on this page: kept in this browser, read with defaults, refused where it is no known value. */

const KEY = "companion-preferences";

const oneOf = (...values) => (value) => (values.includes(value) ? value : undefined);
const flag = (value) => (typeof value === "boolean" ? value : undefined);
const within = (low, high) => (value) => (Number.isFinite(value) && value >= low && value <= high ? value : undefined);

/** Each setting: what it is by default, and what becomes of a value that was stored (undefined: it is no such value). */
const KNOWN = {
  volume: [1, within(0, 1)],
  subtitles: ["normal", oneOf("normal", "large", "none")],
  theme: ["auto", oneOf("auto", "light", "dark")],
  calm: [false, flag],
  greet: [true, flag],
  lead: [0, oneOf(0, 150, 300, 600, 1000, 2000)], // ms; 0: as the server does
  microphone: ["", (value) => (typeof value === "string" && value.length <= 256 ? value : undefined)],
  echo: [true, flag],
};

export const LEADS = [0, 150, 300, 600, 1000, 2000];

export class Preferences {
  #values;
  #watchers = new Set();

  /** `storage` is the browser's; without one, or with one that refuses, settings last as long as the page. */
  constructor(storage = null) {
    this.storage = storage;
    this.#values = read(storage);
  }

  get(name) {
    return this.#values[name];
  }

  /** Set one; a value that is none of its kind is a mistake of the page and throws a RangeError. */
  set(name, value) {
    const known = KNOWN[name]?.[1](value);
    if (known === undefined) throw new RangeError(`${name} cannot be ${value}`);
    this.#values = { ...this.#values, [name]: known };
    keep(this.storage, JSON.stringify(this.#values));
    for (const watcher of this.#watchers) watcher(name, known);
  }

  /** Call `watcher(name, value)` after each change. */
  watch(watcher) {
    this.#watchers.add(watcher);
  }

  /** Back to the defaults, and nothing is kept. */
  forget() {
    this.#values = defaults();
    try {
      this.storage?.removeItem(KEY);
    } catch {
      // Then there was nothing.
    }
    for (const [name, value] of Object.entries(this.#values)) for (const watcher of this.#watchers) watcher(name, value);
  }
}

function defaults() {
  return Object.fromEntries(Object.entries(KNOWN).map(([name, [value]]) => [name, value]));
}

function read(storage) {
  const values = defaults();
  let kept = {};
  try {
    kept = JSON.parse(storage?.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return values;
  }
  for (const [name, [, judge]] of Object.entries(KNOWN)) {
    const value = judge(kept[name]);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function keep(storage, text) {
  try {
    storage?.setItem(KEY, text);
  } catch {
    // A private window, or no room: it holds for this page.
  }
}
