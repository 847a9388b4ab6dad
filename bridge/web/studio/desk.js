/** The studio's socket: one thing is asked at a time, answered by what comes of it, and ends with `done` or an error. */

const CALLS = new Map([["people", "people"], ["person", "person"], ["progress", "progress"], ["flags", "flags"]]);

export class Desk extends EventTarget {
  #socket = null;
  #waiting = null; // {resolve, reject} of what is being done
  #file = null; // the description of the binary message that comes next

  constructor(url, token) {
    super();
    this.url = url;
    this.token = token;
  }

  /** Connect; resolves when the studio is ready, rejects with `{code, message}` when it will not have us. */
  open() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.url);
      socket.binaryType = "arraybuffer";
      this.#socket = socket;
      socket.onopen = () => this.#put({ type: "hello", token: this.token ?? "" });
      socket.onmessage = ({ data }) => (typeof data === "string" ? this.#take(JSON.parse(data), resolve, reject) : this.#given(data));
      socket.onclose = ({ reason }) => {
        const error = { code: reason || "lost", message: "" };
        reject(error);
        this.#waiting?.reject(error);
        this.#waiting = null;
        this.dispatchEvent(new CustomEvent("lost", { detail: error }));
      };
    });
  }

  /** Ask for something; resolves to the file that was asked for, if one was. */
  ask(type, fields = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject({ code: "lost", message: "" });
    if (this.#waiting) return Promise.reject({ code: "busy", message: "" });
    this.#put({ type, ...fields });
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject, file: null }));
  }

  /** Stop what is being done. */
  cancel() {
    this.#put({ type: "cancel" });
  }

  get busy() {
    return this.#waiting !== null;
  }

  close() {
    this.#socket?.close();
  }

  #put(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #take(message, ready, refused) {
    if (message.type === "ready") return ready(message);
    if (message.type === "file") return (this.#file = message);
    if (CALLS.has(message.type)) return this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    const waiting = this.#waiting;
    if (message.type === "error" && message.fatal) return refused(message);
    if (!waiting) return undefined;
    this.#waiting = null;
    return message.type === "done" ? waiting.resolve(waiting.file) : waiting.reject(message);
  }

  #given(data) {
    const { path, kind } = this.#file;
    if (this.#waiting) this.#waiting.file = { path, blob: new Blob([data], { type: kind }) };
  }
}
