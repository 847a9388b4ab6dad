/**
 * The view for a stream at `/obs`: it finds the newest conversation of an identity, and the next one when that is over.
 *
 * Its options stand in the address: `identity`, `subtitles`, `scale` (0.3 to 3), `side` (left, right), `background` (a
 * CSS colour or `transparent`), `chroma` (green, blue, magenta). The token that only views stands behind `#token=`,
 * which no browser sends to a server.
 */

const EVERY_MS = 2000;
const CHROMA = { green: "#00b140", blue: "#0047bb", magenta: "#ff00ff" };

export class Watch {
  #timer = null;
  #session = "";
  #asking = false;

  /** `onFound({session, watch})` is told of each conversation that is the newest; `onNone()` when there is none. */
  constructor({ query, hash, onFound, onNone }) {
    Object.assign(this, { query, onFound, onNone });
    this.token = new URLSearchParams(hash.slice(1)).get("token") ?? "";
  }

  begin() {
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** The conversation that was shown is over: look for another from now on. */
  lost() {
    this.#session = "";
  }

  async #look() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
      const answer = await fetch(`newest.json?${new URLSearchParams({ identity: this.query.get("identity") ?? "" })}`, { headers });
      if (answer.status === 401) return this.onNone({ code: "unauthorized" });
      const { session = "", watch } = answer.ok ? await answer.json() : {};
      if (session && session !== this.#session) {
        this.#session = session;
        this.onFound({ session, watch });
      } else if (!session && !this.#session) this.onNone(null);
    } catch {
      this.onNone(null); // the server is away: asked again soon
    } finally {
      this.#asking = false;
    }
    return undefined;
  }
}

/** Put what the address asks of the view onto `body`. */
export function arrange(query, body = document.body) {
  const scale = Number(query.get("scale") ?? 1);
  if (scale >= 0.3 && scale <= 3) body.style.setProperty("--scale", scale);
  const side = query.get("side");
  if (side === "left" || side === "right") body.dataset.side = side;
  return CHROMA[query.get("chroma")] ?? query.get("background") ?? "transparent";
}
